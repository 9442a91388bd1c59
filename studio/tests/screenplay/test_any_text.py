"""What holds for every text whatever, checked with random ones."""

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.screenplay import assemble, parse, restore_line_ends, split_scene, to_html

_LINES = [
    "INT. KITCHEN - NIGHT",
    "EXT. YARD #1A#",
    ".FLASHBACK",
    "JOHN",
    "@McCoy",
    "ANN (V.O.) ^",
    "Hello there.",
    "(beat)",
    "",
    " ",
    "  ",
    "\t",
    "/*",
    "*/",
    "[[",
    "]]",
    "[[a note]]",
    "/* cut */",
    "a /* b",
    "c ]] d",
    "# Act",
    "= synopsis",
    "===",
    "> CENTRED <",
    "> FADE OUT.",
    "CUT TO:",
    "~la la",
    "!BANG",
    "Title: *Any* Text",
    "Key: value",
    "    indented",
    "***mixed** marks_ \\* *here_",
    "<script>alert('&\"')</script>",
    "\ufeff",
    "a\x0bb\x0cc\u2028d\x00e\ud800f\x85g",
]
_LINE_ENDS = ["\n", "\n\n", "\r\n", "\r\n\r\n", "\r", "\r\r", "\n\r", ""]

any_text = st.text() | st.text(st.sampled_from("INT. \n\r/*[]#=>!@~JOHNa:\ufeff(^"))
script_like = st.lists(
    st.tuples(st.sampled_from(_LINES) | st.text(max_size=8), st.sampled_from(_LINE_ENDS)), max_size=24
).map(lambda pairs: "".join(line + end for line, end in pairs))
texts = any_text | script_like
thorough = settings(max_examples=1000, deadline=None)


@given(texts)
@thorough
def test_parsing_loses_nothing(text: str) -> None:
    """A parsed script gives back its text, and so do its scenes and their blocks."""
    screenplay = parse(text)
    assert screenplay.text() == text
    assert "".join(block.text for block in screenplay.preamble_blocks) == screenplay.preamble
    for scene in screenplay.scenes:
        assert "".join(block.text for block in scene.blocks) == scene.text
        assert scene.blocks[0].type == "scene_heading"


@given(texts)
@thorough
def test_parsing_twice_gives_the_same(text: str) -> None:
    """Parsing depends on the text alone."""
    assert parse(text) == parse(text)


@given(texts)
@thorough
def test_a_scene_reads_the_same_alone_as_in_its_script(text: str) -> None:
    """The text of any scene parses alone to that very scene."""
    for scene in parse(text).scenes:
        alone = parse(scene.text)
        assert (alone.preamble, alone.title_page, alone.scenes) == ("", {}, (scene,))
        assert split_scene(scene.text) == (scene,)


@given(texts)
@thorough
def test_splitting_loses_nothing(text: str) -> None:
    """The scenes that an edited text holds are all of its text; only the first may be without a heading."""
    first, *others = split_scene(text)
    assert first.text + "".join(scene.text for scene in others) == text
    assert all(scene.blocks[0].type == "scene_heading" for scene in others)


@given(texts)
@thorough
def test_an_untouched_script_is_assembled_as_it_was(text: str) -> None:
    """Joining a script's own scenes in their order adds nothing."""
    screenplay = parse(text)
    assert assemble(screenplay.preamble, [scene.text for scene in screenplay.scenes]) == text


@given(
    script_like.filter(lambda text: "/*" not in text and "*/" not in text and "[[" not in text), st.randoms()
)
@thorough
def test_reordered_scenes_stay_scenes(text: str, random: object) -> None:
    """In any order, scenes without dangling boneyard are found again, with nothing but line ends added."""
    screenplay = parse(text)
    scenes = [scene.text for scene in screenplay.scenes]
    random.shuffle(scenes)  # type: ignore[attr-defined]
    found = parse(assemble(screenplay.preamble, scenes)).scenes
    assert [scene.text.rstrip("\r\n") for scene in found] == [scene.rstrip("\r\n") for scene in scenes]


@given(texts)
@thorough
def test_line_ends_survive_an_editor(text: str) -> None:
    """A text whose line ends an editor made LF comes back with its own."""
    assert restore_line_ends(text.replace("\r\n", "\n").replace("\r", "\n"), text) == text


@given(texts, texts)
@thorough
def test_restoring_line_ends_keeps_what_was_typed(edited: str, original: str) -> None:
    """But for line ends, the edited text is what comes back."""
    restored = restore_line_ends(edited, original)
    assert restored.replace("\r\n", "\n").replace("\r", "\n") == edited.replace("\r\n", "\n").replace(
        "\r", "\n"
    )


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attributes}
        if tag not in ("meta", "br", "hr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


_OUR_TAGS = {
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "header",
    "main",
    "div",
    "h1",
    "h2",
    "p",
    "span",
}
_OUR_TAGS |= {"br", "hr", "em", "strong", "u"}


@given(texts, texts)
@thorough
def test_nothing_in_a_script_becomes_markup(text: str, title: str) -> None:
    """The page has our elements alone, all closed in order, and can be written as UTF-8."""
    page = to_html(parse(text), title)
    page.encode("utf-8")
    tags = _Tags()
    tags.feed(page)
    tags.close()
    assert tags.seen <= _OUR_TAGS
    assert tags.attributes <= {"charset", "http-equiv", "content", "name", "class"}
    assert tags.open == []


_FLOODS = [
    "/*",
    "[[",
    "]]",
    "*/",
    "/*\n",
    "[[\n",
    "[[\n\n",
    "[[ \n",
    "[[]]",
    "/**/",
    "[[ a\n  \n",
    "/*[[\n",
    "[[\n\n]]",
]
_FLOODS += [
    "(",
    ")",
    "()",
    "#",
    "_",
    "*",
    "***",
    "* a",
    "\\",
    "<",
    "=",
    ">",
    " ",
    "\t",
    "\n",
    "\r",
    "\r\n",
    "\x00",
]
_FLOODS += ["JOHN (", "JOHN\nhi\n\n", "@a ^\n\n", "INT. #", "INT. A\n\n", "Key: b\n", "~\n", "  \n", "\ufeff"]


@pytest.mark.parametrize("flood", _FLOODS, ids=repr)
def test_a_flood_of_marks_ends(flood: str) -> None:
    """A hundred thousand of any mark are parsed and laid out like any other text."""
    text = flood * 100_000
    screenplay = parse(text)
    assert screenplay.text() == text
    assert to_html(screenplay, "Flood").endswith("</html>\n")


@pytest.mark.parametrize("tail", ["*/", "]]", "[[ /*", " "])
def test_a_long_line_ends(tail: str) -> None:
    """A megabyte without a line end, full of openings and spaces, is parsed like any other text."""
    text = "INT. " + "/*[[ ( " * 150_000 + tail
    assert parse(text).text() == text


def test_a_script_of_20_mb_is_read() -> None:
    """A script as large as Studio takes is parsed whole."""
    heading, action = (
        "INT. KITCHEN - NIGHT #4#\r\n\r\n",
        "She waits for the kettle, as on every night.\r\n\r\n",
    )
    speech = "INES (V.O.)\r\n(low)\r\nIt is a *long* story. [[cut?]]\r\n\r\n"
    scene = heading + action + speech + action
    count = 20_000_000 // len(scene)
    screenplay = parse(scene * count)
    assert len(screenplay.scenes) == count
    assert screenplay.text() == scene * count
