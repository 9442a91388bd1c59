"""From bytes to text and back to the same bytes."""

import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.screenplay import SIZE_LIMIT, Decoded, NotText, TooLarge, UnreadableScript, decode, encode

SCRIPT = "INT. CAFÉ – NIGHT\r\n\r\nRain.\n"
prose = st.text(st.characters(blacklist_categories=["Cc", "Cs"]) | st.sampled_from("\n\r\t"))
thorough = settings(max_examples=500, deadline=None)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", Decoded("", "utf-8")),
        (SCRIPT.encode(), Decoded(SCRIPT, "utf-8")),
        (codecs.BOM_UTF8 + SCRIPT.encode(), Decoded(SCRIPT, "utf-8", bom=True)),
        (codecs.BOM_UTF16_LE + SCRIPT.encode("utf-16-le"), Decoded(SCRIPT, "utf-16-le", bom=True)),
        (codecs.BOM_UTF16_BE + SCRIPT.encode("utf-16-be"), Decoded(SCRIPT, "utf-16-be", bom=True)),
        (codecs.BOM_UTF32_LE + SCRIPT.encode("utf-32-le"), Decoded(SCRIPT, "utf-32-le", bom=True)),
        (SCRIPT.encode("utf-16-le"), Decoded(SCRIPT, "utf-16-le")),
        (SCRIPT.encode("utf-16-be"), Decoded(SCRIPT, "utf-16-be")),
        (SCRIPT.encode("cp1252"), Decoded(SCRIPT, "cp1252")),
        (b"caf\xe9 " * 60 + b"\x81", Decoded("café " * 60 + "\x81", "latin-1")),
    ],
    ids=[
        "empty",
        "utf-8",
        "utf-8 mark",
        "utf-16 le",
        "utf-16 be",
        "utf-32",
        "bare le",
        "bare be",
        "cp1252",
        "latin-1",
    ],
)
def test_every_encoding_is_recognised_and_written_back(data: bytes, expected: Decoded) -> None:
    """Text in any of these encodings is read, and written as the same bytes."""
    assert decode(data) == expected
    assert encode(decode(data)) == data


@given(st.binary() | st.binary().map(lambda data: data.replace(b"\x00", b"a")))
@thorough
def test_any_bytes_are_refused_or_written_back(data: bytes) -> None:
    """Whatever `decode` accepts, `encode` writes back byte for byte."""
    try:
        decoded = decode(data)
    except UnreadableScript as refusal:
        written, message = data, str(refusal)
    else:
        written, message = encode(decoded), "import that."
    assert written == data
    assert message.endswith("import that.")


@given(prose, st.sampled_from(["utf-8", "utf-16-le", "utf-16-be", "utf-32-le"]))
@thorough
def test_text_with_a_mark_is_read_as_written(text: str, encoding: str) -> None:
    """With a byte order mark no guess is needed: every text comes back."""
    written = Decoded(text, encoding, bom=True)
    assert decode(encode(written)) == written


@given(prose, st.sampled_from(["utf-8", "cp1252", "latin-1"]))
@thorough
def test_an_edited_text_survives_its_file(text: str, encoding: str) -> None:
    """Text that the file's encoding cannot hold, or that would read as another, is written as UTF-8."""
    if not text.startswith("\ufeff"):
        assert decode(encode(Decoded(text, encoding))).text == text


def test_a_new_character_turns_an_old_file_into_utf_8() -> None:
    """A Windows-1252 script that gets a Japanese line is exported as UTF-8, not refused."""
    assert encode(Decoded("café 東京", "cp1252")) == "café 東京".encode()


def test_a_lone_surrogate_does_not_stop_an_export() -> None:
    """A character that no encoding holds is written all the same."""
    assert encode(Decoded("a\ud800")) == b"a\xed\xa0\x80"
    assert encode(Decoded("a\ud800", "cp1252")) == b"a\xed\xa0\x80"


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF"),
        (b"PK\x03\x04\x14\x00", "a Word"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "an old Word document"),
        (b"{\\rtf1\\ansi INT. HOUSE}", "a Rich Text document"),
        (
            b'<?xml version="1.0" encoding="UTF-8"?>\n<FinalDraft DocumentType="Script">',
            "a Final Draft document",
        ),
    ],
)
def test_other_formats_are_named(data: bytes, name: str) -> None:
    """A file of another program is refused by name, with what to do instead."""
    with pytest.raises(NotText, match=f"This file is {name}.* Export the screenplay as a Fountain"):
        decode(data)


@pytest.mark.parametrize(
    "data", [b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", b"INT. A\x00", bytes(range(1, 32)) * 9]
)
def test_binary_files_are_refused(data: bytes) -> None:
    """Zero bytes and control characters are no script; the message says what to do."""
    with pytest.raises(NotText, match=r"not text: .* Export the screenplay"):
        decode(data)


@pytest.mark.parametrize(
    "data", [codecs.BOM_UTF16_LE + b"a", codecs.BOM_UTF16_LE + b"\x00\xd8", codecs.BOM_UTF8 + b"\xff"]
)
def test_damaged_files_are_refused(data: bytes) -> None:
    """A file whose mark promises an encoding that it does not keep is refused, not read as nonsense."""
    with pytest.raises(NotText, match=r"damaged or cut short\. .* save it as UTF-8"):
        decode(data)


def test_too_large_files_are_refused() -> None:
    """The message has both sizes; a file at the limit is read."""
    with pytest.raises(TooLarge, match=r"has 2 MB; Studio reads scripts of up to 1 MB\. Cut it"):
        decode(b"a" * 2**21, limit=2**20)
    assert len(decode(b"a" * 2**20, limit=2**20).text) == 2**20
    assert SIZE_LIMIT >= 20_000_000


def test_a_file_just_above_the_limit_is_not_said_to_be_at_it() -> None:
    """One byte too many does not read as "20 MB; up to 20 MB"."""
    with pytest.raises(TooLarge) as refusal:
        decode(b"a" * (2**20 + 1), limit=2**20)
    assert "has 1.1 MB" in str(refusal.value)
