"""From a file's bytes to text, and back to the same bytes."""

import codecs
import re
from dataclasses import dataclass
from math import ceil

SIZE_LIMIT = 20 * 1024 * 1024

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    # The UTF-32 mark begins with the UTF-16 one, so it is tried first.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MARK_OF = {codec: mark for mark, codec in _MARKS}
_OTHER_FORMATS = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a Word, Celtx or other zipped document"),
    (b"\xd0\xcf\x11\xe0", "an old Word document"),
    (b"{\\rtf", "a Rich Text document"),
)
_FINAL_DRAFT = re.compile(rb"\s*(?:<\?xml[^>]*>\s*)?<FinalDraft\b")
_CONTROLS = re.compile(r"[\x01-\x08\x0e-\x19\x1b-\x1f\x7f-\x84\x86-\x9f]")
_SAMPLE = 4096


class UnreadableScript(ValueError):
    """This file cannot be read as a script. Export it as a Fountain or plain text file and import that."""


class NotText(UnreadableScript):
    """This file is not text. Export the screenplay as a Fountain or plain text file and import that."""


class TooLarge(UnreadableScript):
    """This file is larger than Studio reads. Cut it into several files and import each."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file's text, and what is needed to write the same bytes again."""

    text: str
    """The text without its byte order mark."""
    encoding: str = "utf-8"
    """A Python codec: utf-8, utf-16-le, utf-16-be, utf-32-le, utf-32-be, cp1252 or latin-1."""
    bom: bool = False
    """Whether the file starts with a byte order mark."""


def decode(data: bytes, limit: int = SIZE_LIMIT) -> Decoded:
    """Read a file's bytes as text; `encode` of the answer gives the same bytes.

    Raises `TooLarge` for more than `limit` bytes, and `NotText` for PDF, Word, Final Draft and binary files.
    """
    if len(data) > limit:
        raise TooLarge(
            f"This file has {_megabytes(len(data))}; Studio reads scripts of up to {_megabytes(limit)}. "
            "Cut it into several files and import each."
        )
    _refuse_other_formats(data)
    decoded = _marked(data) or _unmarked(data)
    if _looks_binary(decoded.text):
        raise NotText(
            "This file is not text: it holds characters that no script has. "
            "Export the screenplay as a Fountain (.fountain) or plain text file and import that."
        )
    return decoded


def encode(decoded: Decoded) -> bytes:
    """Write a text in its encoding, or in UTF-8 where that encoding cannot hold what the writer added."""
    if decoded.encoding not in _MARK_OF:
        return _single_byte(decoded) or decoded.text.encode("utf-8", "surrogatepass")
    mark = _MARK_OF[decoded.encoding] if decoded.bom else b""
    return mark + decoded.text.encode(decoded.encoding, "surrogatepass")


def _single_byte(decoded: Decoded) -> bytes | None:
    try:
        data = decoded.text.encode(decoded.encoding)
    except UnicodeEncodeError:
        return None
    # An edit may leave bytes that read as another encoding: they would come back as other characters.
    return data if _unmarked(data).text == decoded.text else None


def _refuse_other_formats(data: bytes) -> None:
    found = next((name for magic, name in _OTHER_FORMATS if data.startswith(magic)), None)
    if found is None and _FINAL_DRAFT.match(data):
        found = "a Final Draft document"
    if found is not None:
        raise NotText(
            f"This file is {found}, not a Fountain script. "
            "Export the screenplay as a Fountain (.fountain) or plain text file and import that."
        )


def _marked(data: bytes) -> Decoded | None:
    for mark, codec in _MARKS:
        if data.startswith(mark):
            text = _strictly(data[len(mark) :], codec)
            if text is None:
                raise NotText(
                    f"This file says that it is {codec.upper()} text, but it is damaged or cut short. "
                    "Open it in a text editor, save it as UTF-8 and import that."
                )
            return Decoded(text, codec, bom=True)
    return None


def _unmarked(data: bytes) -> Decoded:
    codecs_to_try = ["utf-8", "cp1252"]
    wide = _utf16_without_mark(data[:_SAMPLE])
    if wide is not None:
        codecs_to_try.insert(0, wide)
    for codec in codecs_to_try:
        text = _strictly(data, codec)
        if text is not None:
            return Decoded(text, codec)
    return Decoded(data.decode("latin-1"), "latin-1")


def _utf16_without_mark(sample: bytes) -> str | None:
    """Guess by the zero bytes: in UTF-16, most Western letters have one, and always on the same side."""
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if odd > len(sample) // 8 and not even:
        return "utf-16-le"
    if even > len(sample) // 8 and not odd:
        return "utf-16-be"
    return None


def _strictly(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        return None


def _looks_binary(text: str) -> bool:
    if "\x00" in text:
        return True
    return len(_CONTROLS.findall(text, 0, _SAMPLE * 16)) * 50 > min(len(text), _SAMPLE * 16)


def _megabytes(size: int) -> str:
    # Rounded up, so that a file just above the limit is not said to be at it.
    return f"{ceil(size * 10 / 2**20) / 10:g} MB"
