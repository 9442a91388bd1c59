"""Lines of a script: where they end, and which of their characters are notes or boneyard.

Everything here keeps the raw text and takes linear time for any text whatever.
"""

import io
import re
from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

Concealment = Literal["note", "boneyard"]


class Span(NamedTuple):
    """A stretch of text that does not print: `[[a note]]` or `/* boneyard */`."""

    start: int
    end: int
    kind: Concealment


class Line(NamedTuple):
    """A line as a reader sees it: a note or boneyard that runs over line ends does not end its line."""

    text: str
    """The raw text, with its line end (and those inside notes and boneyard)."""
    visible: str
    """What is left without the line end, notes and boneyard."""
    conceals: Concealment | None
    """What the line's first hidden stretch is, if it has one."""


_OPENER = re.compile(r"/\*|\[\[")
# A note may hold a line of two or more spaces, but not an empty line. `\r(?!\n)` keeps "\r\n" one line end.
_EMPTY_LINE = re.compile(r"(?:\r\n|\r(?!\n)|\n)[^\S\r\n]?(?=[\r\n])")


def physical_lines(text: str) -> Iterator[str]:
    """Yield the lines of `text` with their ends; only CRLF, CR and LF end a line.

    `str.splitlines` would also cut at form feeds, U+2028 and others, which a script may hold inside a line.
    """
    yield from io.StringIO(text, newline="")


def line_end(line: str) -> str:
    """Return the line end that `line` closes with: CRLF, CR, LF or nothing."""
    if line.endswith("\r\n"):
        return "\r\n"
    return line[-1:] if line[-1:] in ("\r", "\n") else ""


def lines(text: str) -> Iterator[Line]:
    """Yield the lines of `text` in order; their `text`s joined are `text`."""
    spans = concealed(text)
    start = end = taken = seen = 0
    for raw in physical_lines(text):
        end += len(raw)
        while seen < len(spans) and spans[seen].start < end:
            seen += 1
        if seen == taken:
            yield Line(raw, raw.rstrip("\r\n"), None)
        elif spans[seen - 1].end > end:
            continue
        else:
            yield _line(text, start, end, spans[taken:seen])
        start, taken = end, seen


def _line(text: str, start: int, end: int, spans: list[Span]) -> Line:
    pieces = []
    at = start
    for span in spans:
        pieces.append(text[at : span.start])
        at = span.end
    pieces.append(text[at:end].rstrip("\r\n"))
    return Line(text[start:end], "".join(pieces), spans[0].kind)


def concealed(text: str) -> list[Span]:
    """Return the notes and boneyards of `text`, in order; what is opened and never closed is plain text."""
    spans: list[Span] = []
    nowhere = len(text)
    boneyard_end = _Ahead(lambda at: text.find("*/", at), nowhere)
    note_end = _Ahead(lambda at: text.find("]]", at), nowhere)
    empty_line = _Ahead(lambda at: _start(_EMPTY_LINE.search(text, at)), nowhere)
    at = 0
    while (opener := _OPENER.search(text, at)) is not None:
        start, at = opener.span()
        kind: Concealment = "boneyard" if opener[0] == "/*" else "note"
        end = (boneyard_end if kind == "boneyard" else note_end).after(at)
        if boneyard_end.after(at) == note_end.after(at) == nowhere:
            break
        if end == nowhere or (kind == "note" and empty_line.after(at) < end):
            continue
        at = end + 2
        spans.append(Span(start, at, kind))
    return spans


class _Ahead:
    """The next place of something after a position that only grows: no part of the text is searched twice."""

    def __init__(self, find: Callable[[int], int], nowhere: int) -> None:
        self._find = find
        self._nowhere = nowhere
        self._at = -1

    def after(self, position: int) -> int:
        if self._at < position:
            found = self._find(position)
            self._at = self._nowhere if found < 0 else found
        return self._at


def _start(match: re.Match[str] | None) -> int:
    return -1 if match is None else match.start()
