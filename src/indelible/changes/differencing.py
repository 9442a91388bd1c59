"""The delta between a document's baseline and its present, walked only where the journal has a change."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence, Set
from typing import Any

from indelible.changes.deltas import ABSENT, Add, Change, Delta, Move, Put, Remove, Splice, Union
from indelible.changes.journal import UNKNOWN, Journal
from indelible.changes.paths import Path
from indelible.changes.values import ATOMS, plain, same_atom


class Past:
    """A document's baseline, as its journals tell it."""

    __slots__ = ("_journals", "touched")

    def __init__(self, journal: Journal) -> None:
        self._journals = tuple(journal.chain())
        self.touched: Set[int] = journal.touched()
        for later in self._journals[1:]:
            self.touched |= later.touched()

    def content(self, container: Any) -> Any:
        """Return the shallow content that a container had."""
        if id(container) in self.touched:
            for journal in self._journals:
                kept = journal.kept(container)
                if kept is not None:
                    return kept
        return container

    def contents(self, values: Iterable[Any]) -> list[Any]:
        """Return the shallow content that each of these values had."""
        touched = self.touched
        return [self.content(value) if id(value) in touched else value for value in values]

    def value(self, value: Any) -> Any:
        """Return a deep, plain copy of what a value was."""
        if isinstance(value, dict):
            return {key: self.value(item) for key, item in self.content(value).items()}
        if isinstance(value, list | tuple):
            return [self.value(item) for item in self.content(value)]
        return value

    def sharing_value(self, value: Any) -> Any:
        """Return what a value was, made of the very containers that are as they were."""
        touched = self.touched
        if id(value) not in touched:
            return value
        content = self.content(value)
        if isinstance(content, dict):
            return {
                key: self.sharing_value(item) if id(item) in touched else item
                for key, item in content.items()
            }
        return [self.sharing_value(item) if id(item) in touched else item for item in content]


def delta(journal: Journal, now: Any) -> Delta:
    """Return the changes that make `now` of the journal's baseline; none when they are the same JSON value."""
    changes = tuple(_document(journal, now))
    if not journal.additions and not journal.unions:
        return changes
    return tuple(said for change in changes for said in _as_said(journal, now, change))


def _as_said(journal: Journal, now: Any, change: Change) -> Iterator[Change]:
    """Yield a change as the additions that the program asked for, where it is what they come to."""
    if isinstance(change, Put) and change.path:
        start, amount = journal.additions.get(_place(now, change.path), (UNKNOWN, 0))
        before = 0 if start is ABSENT else start
        is_sum = (
            start is not UNKNOWN and _same(start, change.old) and same_atom(before + amount, change.value)
        )
        yield Add(change.path, amount) if is_sum else change
    elif isinstance(change, Splice) and not change.old:
        elements = _at(now, change.path)
        united = journal.unions.get(id(elements), [])
        end = change.index + len(change.new)
        count = len(change.new)
        while end == len(elements) and count and _is_united(change.new[count - 1], united, elements):
            count -= 1
        if count:
            yield Splice(change.path, change.index, (), change.new[:count])
        if count < len(change.new):
            yield Union(change.path, change.new[count:])
    else:
        yield change


def _is_united(value: Any, united: Sequence[Any], elements: Sequence[Any]) -> bool:
    """Tell whether only `union` put a value into a list; one that is there twice was appended too."""
    return (
        any(same_atom(value, each) for each in united)
        and sum(same_atom(value, each) for each in elements) == 1
    )


def _place(now: Any, path: Path) -> tuple[int, Any]:
    return id(_at(now, path[:-1])), path[-1]


def _at(now: Any, path: Path) -> Any:
    for step in path:
        now = now[step]
    return now


def _same(one: Any, other: Any) -> bool:
    return one is other or (one is not ABSENT and other is not ABSENT and same_atom(one, other))


def differs(journal: Journal, now: Any) -> bool:
    """Tell whether the delta has any change, without computing it: a flush asks more than once."""
    if journal.root is now and journal.is_blank:
        return False
    return journal.root is UNKNOWN or not _is_still(Past(journal), journal.root, now)


def _is_still(past: Past, old: Any, now: Any) -> bool:
    """Tell whether a value is the one JSON value that another was."""
    if not _alike(old, now):
        return same_atom(old, now)
    content, touched = past.content(old), past.touched
    if len(content) != len(now):
        return False
    pairs: Any = zip(content, now, strict=True)
    if isinstance(now, dict):
        if content.keys() != now.keys():
            return False
        pairs = [(content[key], value) for key, value in now.items()]
    for before, value in pairs:
        if (before is not value or id(value) in touched) and not _is_still(past, before, value):
            return False
    return True


def _document(journal: Journal, now: Any) -> Iterator[Change]:
    if journal.root is UNKNOWN:
        yield Put((), plain(now))
    else:
        yield from _value(Past(journal), (), journal.root, now)


def _value(past: Past, path: Path, old: Any, now: Any) -> Iterator[Change]:
    """Yield the changes of one object member or of the root."""
    if _alike(old, now):
        yield from _content(past, path, old, now)
    elif not same_atom(old, now):
        yield Put(path, plain(now), past.value(old))


def _alike(old: Any, now: Any) -> bool:
    return (isinstance(old, dict) and isinstance(now, dict)) or (
        isinstance(old, list | tuple) and isinstance(now, list | tuple)
    )


def _content(past: Past, path: Path, old: Any, now: Any) -> Iterator[Change]:
    """Yield the changes inside two containers of one kind."""
    if old is now and id(now) not in past.touched:
        return
    content = past.content(old)
    if isinstance(now, dict):
        yield from _members(past, path, content, now)
    else:
        yield from _elements(past, path, content, now)


def _members(past: Past, path: Path, old: Any, now: Any) -> Iterator[Change]:
    touched = past.touched
    if old is now:
        for key, value in now.items():
            if id(value) in touched:
                yield from _content(past, (*path, key), value, value)
        return
    for key, value in old.items():
        if key not in now:
            yield Remove((*path, key), past.value(value))
    for key, value in now.items():
        if key not in old:
            yield Put((*path, key), plain(value))
        elif value is not old[key] or id(value) in touched:
            yield from _value(past, (*path, key), old[key], value)


def _elements(past: Past, path: Path, old: Sequence[Any], now: Sequence[Any]) -> Iterator[Change]:
    if old is now:
        touched = past.touched
        for index, value in enumerate(now):
            if id(value) in touched:
                yield from _content(past, (*path, index), value, value)
        return
    alignment = _Alignment(past, path, old, now)
    yield from alignment.changes()
    for before, after in alignment.pairs():
        yield from _content(past, (*path, after), old[before], now[after])


class _Alignment:
    """Which elements of a list are which: by identity, else by value, else by place between those that are known."""

    def __init__(self, past: Past, path: Path, old: Sequence[Any], now: Sequence[Any]) -> None:
        self._past = past
        self._path = path
        self._old = old
        self._now = now
        self._source: list[int | None] = self._match()
        self._pair_rest()

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Yield the old and new positions of containers that may have changed inside."""
        old, touched = self._old, self._past.touched
        for after, (before, value) in enumerate(zip(self._source, self._now, strict=True)):
            if before is None or value.__class__ in ATOMS:
                continue
            if old[before] is not value or id(value) in touched:
                yield before, after

    def changes(self) -> Iterator[Change]:
        """Yield removals, moves and insertions, in the order in which they are to be done."""
        kept = {before for before in self._source if before is not None}
        order = [before for before in self._source if before is not None]
        if order == sorted(order):
            yield from self._splices()
            return
        left = sorted(kept)
        yield from self._removals(kept)
        yield from self._moves(left, order)
        yield from self._insertions()

    def _match(self) -> list[int | None]:
        """Match equal elements, the common start and end first, so that the usual small change costs little."""
        old, now = self._old, self._now
        shortest = min(len(old), len(now))
        start = 0
        while start < shortest and (old[start] is now[start] or self._matches(old[start], now[start])):
            start += 1
        end = 0
        while end < shortest - start and (
            old[-1 - end] is now[-1 - end] or self._matches(old[-1 - end], now[-1 - end])
        ):
            end += 1
        shift = len(old) - len(now)
        source: list[int | None] = [
            i if i < start else i + shift if i >= len(now) - end else None for i in range(len(now))
        ]
        middle = range(start, len(now) - end)
        places: defaultdict[Any, deque[int]] = defaultdict(deque)
        present = {id(now[i]) for i in middle}
        for i in range(start, len(old) - end):
            places[self._token(old[i], present, past=True)].append(i)
        former = {id(old[i]) for i in range(start, len(old) - end)}
        for i in middle:
            candidates = places.get(self._token(now[i], former, past=False))
            source[i] = candidates.popleft() if candidates else None
        return source

    def _matches(self, old: Any, now: Any) -> bool:
        if old.__class__ in ATOMS or now.__class__ in ATOMS:
            return same_atom(old, now)
        return _is_still(self._past, old, now)

    def _token(self, value: Any, others: set[int], *, past: bool) -> Any:
        """Return a hashable stand-in: two elements that match have the same."""
        if isinstance(value, dict | list | tuple):
            if id(value) in others:
                return id(value)
            content = self._past.value(value) if past else value
            return json.dumps(content, sort_keys=True, default=repr)
        return value.__class__, repr(value)

    def _pair_rest(self) -> None:
        """Take an unmatched container for the changed form of the unmatched one in the same gap, kind and place."""
        used = {before for before in self._source if before is not None}
        last = -1
        for after, before in enumerate(self._source):
            if before is not None:
                last = before
                continue
            candidate = last + 1
            if (
                candidate < len(self._old)
                and candidate not in used
                and _alike(self._old[candidate], self._now[after])
                and self._same_gap(after, candidate, used)
            ):
                self._source[after] = last = candidate
                used.add(candidate)

    def _same_gap(self, after: int, candidate: int, used: set[int]) -> bool:
        """Tell whether as many elements are unmatched on both sides from here to the next match."""
        news = 0
        while after + news < len(self._now) and self._source[after + news] is None:
            news += 1
        olds = 0
        while candidate + olds < len(self._old) and candidate + olds not in used:
            olds += 1
        return news == olds

    def _splices(self) -> Iterator[Change]:
        before = after = 0
        while before < len(self._old) or after < len(self._now):
            if after < len(self._now) and self._source[after] == before:
                before, after = before + 1, after + 1
                continue
            start = after
            while after < len(self._now) and self._source[after] is None:
                after += 1
            upto = next((s for s in self._source[after:] if s is not None), len(self._old))
            yield self._splice(start, self._old[before:upto], self._now[start:after])
            before = upto

    def _splice(self, index: int, old: Sequence[Any], new: Sequence[Any]) -> Splice:
        removed = tuple(self._past.value(value) for value in old)
        return Splice(self._path, index, removed, tuple(map(plain, new)))

    def _removals(self, kept: set[int]) -> Iterator[Change]:
        end = len(self._old)
        while end > 0:
            if end - 1 in kept:
                end -= 1
                continue
            start = end
            while start > 0 and start - 1 not in kept:
                start -= 1
            yield self._splice(start, self._old[start:end], ())
            end = start

    def _moves(self, current: list[int], wanted: list[int]) -> Iterator[Change]:
        resting = _longest_increasing(wanted)
        for target, element in enumerate(wanted):
            if element in resting:
                continue
            source = current.index(element)
            del current[source]
            # Right behind its predecessor, which may not have its final position yet.
            goal = current.index(wanted[target - 1]) + 1 if target else 0
            current.insert(goal, element)
            if source != goal:
                yield Move(self._path, source, goal)

    def _insertions(self) -> Iterator[Change]:
        after = 0
        while after < len(self._now):
            if self._source[after] is not None:
                after += 1
                continue
            start = after
            while after < len(self._now) and self._source[after] is None:
                after += 1
            yield self._splice(start, (), self._now[start:after])


def _longest_increasing(values: Sequence[int]) -> set[int]:
    """Return the members of one longest increasing subsequence (patience sorting, O(n log n))."""
    tails: list[int] = []
    previous: dict[int, int | None] = {}
    for value in values:
        place = bisect_left(tails, value)
        previous[value] = tails[place - 1] if place else None
        tails[place : place + 1] = [value]
    chain: set[int] = set()
    value_or_none = tails[-1] if tails else None
    while value_or_none is not None:
        chain.add(value_or_none)
        value_or_none = previous[value_or_none]
    return chain
