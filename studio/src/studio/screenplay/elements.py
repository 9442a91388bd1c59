"""What kind of screenplay element a line is, by the Fountain 1.1 syntax.

Where the syntax leaves room, or its letter would hide a scene, this is what we do:

- A heading or a cue needs an empty line before it; a section, synopsis, page break, transition, centred line
  or boneyard before it will do as well. A note in between changes nothing.
- A heading needs no empty line after it, nor does `CUT TO:`.
- Only an empty line, `!` or a page break ends a speech; in it, `#`, `=`, `.`, `>` and `@` are said.
- Scripts without upper and lower case (Chinese, Arabic, …) mark their cues with `@`.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Literal

from studio.screenplay.lines import Line

BlockType = Literal[
    "title_page",
    "scene_heading",
    "action",
    "character",
    "parenthetical",
    "dialogue",
    "lyrics",
    "transition",
    "centered",
    "section",
    "synopsis",
    "note",
    "boneyard",
    "page_break",
    "blank",
]

_HEADING = re.compile(r"(?:INT|EXT|EST|INT\.?/EXT|EXT\.?/INT|I/E|E/I)[. \t]", re.IGNORECASE | re.ASCII)
_CUE = re.compile(r"([^()]*)(?:\([^()]*\)\s*)*")
_CONTINUE_SPEECH = frozenset({"character", "parenthetical", "dialogue"})
_STAND_ALONE = frozenset({"blank", "section", "synopsis", "page_break", "transition", "centered"})


def classified(lines: Iterable[Line]) -> Iterator[tuple[BlockType, Line]]:
    """Yield each line with the element it belongs to, as at the start of a script or of a scene."""
    apart, speaking = True, False
    for line, following in _with_next(lines):
        kind = _kind(line, following, apart, speaking)
        yield kind, line
        if kind == "boneyard":
            apart = apart or not speaking
        elif kind == "lyrics":
            apart = False
        elif kind != "note":
            apart = kind in _STAND_ALONE
            speaking = kind in _CONTINUE_SPEECH


def _with_next(lines: Iterable[Line]) -> Iterator[tuple[Line, Line | None]]:
    ahead = iter(lines)
    line = next(ahead, None)
    while line is not None:
        following = next(ahead, None)
        yield line, following
        line = following


def _kind(line: Line, following: Line | None, apart: bool, speaking: bool) -> BlockType:
    bare = line.visible.strip()
    if not bare:
        return _kind_of_nothing_visible(line, speaking)
    if bare[0] == "!":
        return "action"
    if bare[0] == "~":
        return "lyrics"
    if is_page_break(bare):
        return "page_break"
    if speaking:
        return "parenthetical" if bare[0] == "(" and bare[-1] == ")" else "dialogue"
    forced = _forced(bare)
    if forced is not None:
        return forced
    if apart:
        return _kind_after_a_gap(line.visible, bare, following)
    return "action"


def _kind_of_nothing_visible(line: Line, speaking: bool) -> BlockType:
    if line.conceals is not None:
        return line.conceals
    # Two spaces on an otherwise empty line keep a speech going.
    return "dialogue" if speaking and len(line.visible) >= 2 else "blank"


def _forced(bare: str) -> BlockType | None:
    mark = bare[0]
    if mark == "#":
        return "section"
    if mark == "=" and not bare.startswith("=="):
        return "synopsis"
    if len(bare) == 1:
        return None
    if mark == "@":
        return "character"
    if mark == ">":
        return "centered" if bare[-1] == "<" else "transition"
    return None


def _kind_after_a_gap(visible: str, bare: str, following: Line | None) -> BlockType:
    if is_heading(bare):
        return "scene_heading"
    # The syntax lets a writer add a space after the colon to say that this is no transition.
    if visible.endswith("TO:") and bare.isupper():
        return "transition"
    if following is not None and (following.conceals or following.visible.strip()) and is_cue(bare):
        return "character"
    return "action"


def is_page_break(bare: str) -> bool:
    return len(bare) >= 3 and not bare.strip("=")


def is_heading(bare: str) -> bool:
    """Tell whether a line, stripped of spaces, reads as a scene heading, natural or forced with a period."""
    if bare.startswith("."):
        # An ellipsis is no heading.
        return bare[1:2].isalnum()
    return _HEADING.match(bare) is not None


def is_cue(bare: str) -> bool:
    """Tell whether a line, stripped of spaces, is upper case, extensions like `(on the radio)` aside."""
    cue = bare.removesuffix("^").rstrip()
    match = _CUE.fullmatch(cue)
    name = match[1] if match is not None else cue
    return name.isupper()


def split_heading(bare: str) -> tuple[str, str | None]:
    """Return a heading's display form and its scene number: `.ROOM #4A#` is `("ROOM", "4A")`."""
    slugline = bare.removeprefix(".") if bare[1:2].isalnum() else bare
    if not slugline.endswith("#"):
        return slugline, None
    before, _, number = slugline[:-1].rpartition("#")
    if not before or not number or not number.replace("-", "").replace(".", "").isalnum():
        return slugline, None
    return before.rstrip(), number


def cue_name(bare: str) -> str:
    """Return who speaks: the cue without `@`, extensions and the `^` of dual dialogue."""
    return bare.removeprefix("@").removesuffix("^").partition("(")[0].strip()


def is_dual(bare: str) -> bool:
    return bare.endswith("^")
