"""Merging two edits of one text, line by line; pure.

As diff3 does it (Khanna, Kunal and Pierce, "A Formal Investigation of Diff3", 2007): lines that both edits left alone
divide the text; between them, what only one of the two changed is taken, and what both changed is for a person to
choose. Changes that touch, with no line left alone between them, are one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from studio.screenplay.lines import physical_lines
from studio.script.line_matching import Block, matching_blocks

Kind = Literal["same", "mine", "theirs", "conflict"]


@dataclass(frozen=True)
class Hunk:
    """A stretch of the text before both edits (`base`) and after each; line ends are LF.

    `kind` says who changed it: `same` nobody, or both alike; `conflict` both, differently.
    """

    kind: Kind
    base: str
    mine: str
    theirs: str

    @property
    def text(self) -> str:
        """Return what a merge takes where nobody has to choose."""
        return self.theirs if self.kind == "theirs" else self.mine


def merge(base: str | None, mine: str, theirs: str) -> list[Hunk]:
    """Merge two edits of `base`; the hunks' texts joined are, for each side, that side with LF line ends.

    Without a base nobody knows who changed what, so each difference is a conflict. Never raises; takes about linear
    time for texts with lines of their own.
    """
    ours, other = _lines(mine), _lines(theirs)
    if base is None:
        blocks = matching_blocks(ours, other)
        shared = [line for block in blocks for line in ours[block.one : block.one + block.length]]
        return [_unknown(hunk) for hunk in _hunks(shared, ours, other)]
    return list(_hunks(_lines(base), ours, other))


def merged_text(hunks: Sequence[Hunk]) -> str | None:
    """Return the merged text, or None when a person has to choose."""
    if any(hunk.kind == "conflict" for hunk in hunks):
        return None
    return "".join(hunk.text for hunk in hunks)


def _unknown(hunk: Hunk) -> Hunk:
    return hunk if hunk.kind == "same" else Hunk("conflict", "", hunk.mine, hunk.theirs)


def _lines(text: str) -> list[str]:
    # Editors in browsers make all line ends alike: a difference in them is nobody's edit.
    return list(physical_lines(text.replace("\r\n", "\n").replace("\r", "\n")))


class _Shared(NamedTuple):
    """Lines that all three texts have: where they begin in each, and how many."""

    base: int
    mine: int
    theirs: int
    length: int


def _shared(mine: Sequence[Block], theirs: Sequence[Block]) -> Iterator[_Shared]:
    """Yield where the matches of both edits with the base meet, the end of all three texts last."""
    at = other_at = 0
    while at < len(mine) - 1 and other_at < len(theirs) - 1:
        one, other = mine[at], theirs[other_at]
        start = max(one.one, other.one)
        stop = min(one.one + one.length, other.one + other.length)
        if start < stop:
            yield _Shared(start, one.other + start - one.one, other.other + start - other.one, stop - start)
        if one.one + one.length < other.one + other.length:
            at += 1
        else:
            other_at += 1
    yield _Shared(mine[-1].one, mine[-1].other, theirs[-1].other, 0)


def _hunks(base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]) -> Iterator[Hunk]:
    in_base = in_mine = in_theirs = 0
    for shared in _shared(matching_blocks(base, mine), matching_blocks(base, theirs)):
        yield from _changed(
            base[in_base : shared.base], mine[in_mine : shared.mine], theirs[in_theirs : shared.theirs]
        )
        in_base, in_mine, in_theirs = (place + shared.length for place in shared[:3])
        if shared.length:
            yield _hunk("same", *[base[shared.base : in_base]] * 3)


def _changed(base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]) -> Iterator[Hunk]:
    if mine == theirs:
        if base or mine:
            yield _hunk("same", base, mine, theirs)
    elif mine == base:
        yield _hunk("theirs", base, mine, theirs)
    elif theirs == base:
        yield _hunk("mine", base, mine, theirs)
    else:
        yield from _conflict(base, mine, theirs)


def _conflict(base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]) -> Iterator[Hunk]:
    """Yield a conflict without the lines at its ends that both sides wrote alike: there is nothing to choose."""
    head = tail = 0
    room = min(len(mine), len(theirs))
    while head < room and mine[head] == theirs[head]:
        head += 1
    while tail < room - head and mine[-1 - tail] == theirs[-1 - tail]:
        tail += 1
    if head:
        yield _hunk("same", [], mine[:head], theirs[:head])
    yield _hunk("conflict", base, mine[head : len(mine) - tail], theirs[head : len(theirs) - tail])
    if tail:
        yield _hunk("same", [], mine[len(mine) - tail :], theirs[len(theirs) - tail :])


def _hunk(kind: Kind, base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]) -> Hunk:
    return Hunk(kind, "".join(base), "".join(mine), "".join(theirs))
