"""Fountain's emphasis as HTML: `*italic*`, `**bold**`, `***both***`, `_underlined_`."""

import re
from html import escape, unescape

_MARK = re.compile(r"\\[*_]|\*+|_+")
_TAGS = {
    "*": ("<em>", "</em>"),
    "**": ("<strong>", "</strong>"),
    "***": ("<strong><em>", "</em></strong>"),
    "_": ("<u>", "</u>"),
}
_OUR_TAGS = re.compile(r"</?(?:em|strong|u)>")
# Characters that HTML cannot hold, or that no UTF-8 file can.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def emphasised(line: str) -> str:
    """Return one line as HTML: its text escaped, its emphasis as elements that are always closed.

    A mark opens before a character that is no space, and closes after one. A mark without its other half, a
    run such as `____` and a mark after a backslash are text. Takes time in proportion to the line's length.
    """
    pieces: list[str] = []
    opened: list[tuple[str, int]] = []
    at = 0
    for found in _MARK.finditer(line):
        pieces.append(escaped(line[at : found.start()]))
        at = found.end()
        if found[0].startswith("\\"):
            pieces.append(found[0][1])
            continue
        for mark in _split(found[0], opened):
            _place(mark, pieces, opened, closes=_solid(line, found.start() - 1), opens=_solid(line, at))
    pieces.append(escaped(line[at:]))
    return "".join(pieces)


def plain(line: str) -> str:
    """Return one line without its emphasis marks, for places that hold text only."""
    return unescape(_OUR_TAGS.sub("", emphasised(line)))


def escaped(text: str) -> str:
    """Return text that is inert in HTML; a character that HTML cannot hold becomes U+FFFD."""
    return escape(_UNPRINTABLE.sub("\ufffd", text))


def _split(mark: str, opened: list[tuple[str, int]]) -> list[str]:
    marks = [kind for kind, _ in opened]
    if mark != "***" or "***" in marks or not {"*", "**"} & set(marks):
        return [mark]
    # "**bold *both***" closes both; the one opened last is closed first.
    return ["*", "**"] if marks[-1] == "*" or "**" not in marks else ["**", "*"]


def _place(mark: str, pieces: list[str], opened: list[tuple[str, int]], *, closes: bool, opens: bool) -> None:
    same = next((level for level, (kind, _) in enumerate(opened) if kind == mark), None)
    if same is not None and closes:
        start, end = _TAGS[mark]
        pieces[opened[same][1]] = start
        pieces.append(end)
        del opened[same:]
        return
    if opens and mark in _TAGS:
        if same is not None:
            del opened[same]
        opened.append((mark, len(pieces)))
    pieces.append(mark)


def _solid(line: str, at: int) -> bool:
    return 0 <= at < len(line) and not line[at].isspace()
