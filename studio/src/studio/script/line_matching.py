"""Which lines of two texts belong together; pure.

Patience diff (Bram Cohen): lines that are unique in both texts are matched first, then what lies between them. Blank
lines, of which a screenplay is full, are so never taken for landmarks.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

# Between landmarks, difflib compares up to so many pairs of lines: its worst case takes the cube of the time.
MOST_PAIRS = 40_000


class Block(NamedTuple):
    """`length` lines that are alike, from line `one` of the first text and from line `other` of the second."""

    one: int
    other: int
    length: int


class _Area(NamedTuple):
    one: range
    other: range


def matching_blocks(one: Sequence[str], other: Sequence[str]) -> list[Block]:
    """Return the blocks of lines that two texts share, in order; the last has no lines and stands at both ends."""
    found = []
    areas = [_Area(range(len(one)), range(len(other)))]
    while areas:
        area = areas.pop()
        ends, inner = _trim(one, other, area)
        found += ends
        if inner.one and inner.other:
            landmarks = _landmarks(one, other, inner)
            if landmarks:
                found += [Block(*landmark, 1) for landmark in landmarks]
                areas += _between(inner, landmarks)
            elif len(inner.one) * len(inner.other) <= MOST_PAIRS:
                found += _compared(one, other, inner)
    return [*_joined(sorted(found)), Block(len(one), len(other), 0)]


def _trim(one: Sequence[str], other: Sequence[str], area: _Area) -> tuple[list[Block], _Area]:
    """Return the blocks at both ends of an area, and what is left between them."""
    (start, stop), (other_start, other_stop) = _bounds(area.one), _bounds(area.other)
    room = min(stop - start, other_stop - other_start)
    head = 0
    while head < room and one[start + head] == other[other_start + head]:
        head += 1
    tail = 0
    while tail < room - head and one[stop - 1 - tail] == other[other_stop - 1 - tail]:
        tail += 1
    ends = [Block(start, other_start, head), Block(stop - tail, other_stop - tail, tail)]
    inner = _Area(range(start + head, stop - tail), range(other_start + head, other_stop - tail))
    return [block for block in ends if block.length], inner


def _bounds(lines: range) -> tuple[int, int]:
    return lines.start, lines.stop


def _landmarks(one: Sequence[str], other: Sequence[str], area: _Area) -> list[tuple[int, int]]:
    """Return the longest run, in order in both, of lines that each text has once."""
    counts = Counter(one[at] for at in area.one)
    other_counts = Counter(other[at] for at in area.other)
    places = {other[at]: at for at in area.other if other_counts[other[at]] == 1}
    pairs = [(at, places[one[at]]) for at in area.one if counts[one[at]] == 1 and one[at] in places]
    return _longest_rising(pairs)


def _longest_rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return a longest part of the pairs in which the second numbers rise too (patience sorting)."""
    tops: list[int] = []
    ends: list[int] = []  # which pair ends the best run of each length
    before: list[int | None] = []
    for at, (_, place) in enumerate(pairs):
        pile = bisect_left(tops, place)
        before.append(ends[pile - 1] if pile else None)
        tops[pile : pile + 1] = [place]
        ends[pile : pile + 1] = [at]
    run = []
    last = ends[-1] if ends else None
    while last is not None:
        run.append(pairs[last])
        last = before[last]
    return run[::-1]


def _between(area: _Area, landmarks: Sequence[tuple[int, int]]) -> Iterator[_Area]:
    one, other = area.one.start, area.other.start
    for place, other_place in [*landmarks, (area.one.stop, area.other.stop)]:
        yield _Area(range(one, place), range(other, other_place))
        one, other = place + 1, other_place + 1


def _compared(one: Sequence[str], other: Sequence[str], area: _Area) -> list[Block]:
    (start, stop), (other_start, other_stop) = _bounds(area.one), _bounds(area.other)
    matcher = SequenceMatcher(None, one[start:stop], other[other_start:other_stop], autojunk=False)
    return [Block(start + i, other_start + j, n) for i, j, n in matcher.get_matching_blocks() if n]


def _joined(blocks: Sequence[Block]) -> list[Block]:
    joined: list[Block] = []
    for block in blocks:
        last = joined[-1] if joined else None
        if last and (last.one + last.length, last.other + last.length) == (block.one, block.other):
            joined[-1] = last._replace(length=last.length + block.length)
        else:
            joined.append(block)
    return joined
