"""A delta as edits that a database can carry out alone, with guards: what must hold in the stored document for that.

Where all guards hold, the edits give what `merging.merge` gives. Where one does not, the document is read and merged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from indelible.changes import differencing
from indelible.changes.deltas import ABSENT, Add, Change, Delta, Move, Put, Remove, Splice, Union, missing
from indelible.changes.journal import Journal
from indelible.changes.paths import By, Path, format_path
from indelible.changes.policies import Policies, key_step, repeated_key
from indelible.changes.values import plain, same
from indelible.errors import DuplicateKey

MOST_EDITS = 24
"""A delta with more edits than this is sent as a whole document."""

DEEPEST = 64
"""A delta with a longer path is sent as a whole document: guards name each list on the way, all with their paths."""


@dataclass(frozen=True, slots=True)
class Same:
    """At `path` is exactly this value."""

    path: Path
    value: Any


@dataclass(frozen=True, slots=True)
class Missing:
    """At `path` is nothing, in an object that is there."""

    path: Path


@dataclass(frozen=True, slots=True)
class IsList:
    """At `path` is a list."""

    path: Path


@dataclass(frozen=True, slots=True)
class IsInteger:
    """At `path` is an integer that the database adds to exactly."""

    path: Path


@dataclass(frozen=True, slots=True)
class NoElement:
    """In the list at `path` is no element with this key."""

    path: Path
    step: By


@dataclass(frozen=True, slots=True)
class OnlyOne:
    """No other element of its list equals the one at `path`."""

    path: Path


@dataclass(frozen=True, slots=True)
class NotIn:
    """The list at `path` does not have this string or integer among its elements."""

    path: Path
    value: str | int


Guard: TypeAlias = Same | Missing | IsList | IsInteger | NoElement | NotIn | OnlyOne


@dataclass(frozen=True, slots=True)
class Append:
    """Put values at the end of the list at `path`."""

    path: Path
    values: tuple[Any, ...]


Edit: TypeAlias = Put | Remove | Append | Add


@dataclass(frozen=True, slots=True)
class Plan:
    """Edits, and when a database may carry them out. Paths hold keys and positions, all in the stored document.

    Appends come first, those to outer lists before those to inner ones.
    """

    guards: tuple[Guard, ...]
    edits: tuple[Edit, ...]


def plan(journal: Journal, now: Any, delta: Delta, policies: Policies, *, document: str = "") -> Plan | None:
    """Return how a database can write a delta between the journal's baseline and now; `None` when only a merge can.

    Raises:
        DuplicateKey: two elements of a list that was changed have one declared key.
    """
    planner = _Planner(journal, now, policies, document)
    planner.check_keys(delta)
    if len(delta) > MOST_EDITS or any(len(change.path) > DEEPEST for change in delta):
        return _whole(journal, now)
    return planner.plan(delta)


def _whole(journal: Journal, now: Any) -> Plan:
    return Plan((Same((), differencing.Past(journal).value(journal.root)),), (Put((), plain(now)),))


class _Planner:
    """Finds the guards of one delta's changes."""

    def __init__(self, journal: Journal, now: Any, policies: Policies, document: str) -> None:
        self._past = differencing.Past(journal)
        self._root = journal.root
        self._now = now
        self._policies = policies
        self._document = document
        self._guards: dict[Guard | tuple[str, Path], Guard] = {}
        self._appended: defaultdict[Path, list[Any]] = defaultdict(list)
        self._keys: dict[Path, str | None] = {}

    def check_keys(self, delta: Delta) -> None:
        """Raise `DuplicateKey` for a list on the way to a change in which two elements have one declared key."""
        if not self._policies.declares_keys:
            return
        for path in {change.path[:length] for change in delta for length in range(len(change.path) + 1)}:
            key = self._policies.declared_key(path)
            if key is not None:
                self._check_list(path, key)

    def _check_list(self, path: Path, key: str) -> None:
        elements = self._now
        for step in path:
            # What was removed is on the way to no other change.
            elements = elements.get(step) if isinstance(elements, dict) else elements[step]
        found = repeated_key(elements if isinstance(elements, list) else (), key)
        if found is not None:
            raise DuplicateKey(document=self._document, path=format_path((*path, found)))

    def plan(self, delta: Delta) -> Plan | None:
        rewritten = self._rewritten_lists(delta)
        edits: list[Edit] = [self._rewrite(path) for path in rewritten]
        for change in delta:
            if any(_is_in(change.path, path) for path in rewritten):
                continue
            edit = self._edit(change)
            if edit is None:
                return None
            if isinstance(edit, Append):
                self._appended[edit.path] += edit.values
            else:
                edits.append(edit)
        edits += (Append(path, tuple(values)) for path, values in self._appended.items() if values)
        edits.sort(key=lambda edit: (not isinstance(edit, Append), len(edit.path)))
        return Plan(tuple(self._guards.values()), tuple(edits))

    def _rewritten_lists(self, delta: Delta) -> list[Path]:
        """Return the outermost lists whose elements came, went or moved, appended ones excepted."""
        found: list[Path] = []
        # Lists come before what is in them. The positions in a path count in the baseline as long as no list above
        # is to be rewritten.
        for change in sorted(delta, key=lambda change: len(change.path)):
            if not any(_is_in(change.path, path) for path in found):
                found += self._lists_to_rewrite(change)
        return [path for path in found if not any(path != other and _is_in(path, other) for other in found)]

    def _lists_to_rewrite(self, change: Change) -> Iterator[Path]:
        if isinstance(change, Move) or (isinstance(change, Splice) and not self._is_append(change)):
            yield change.path
        # A new key makes a new element.
        if isinstance(change, Put | Remove) and len(change.path) > 1 and isinstance(change.path[-2], int):
            above = change.path[:-2]
            if self._key_of(above) == change.path[-1]:
                yield above

    def _is_append(self, splice: Splice) -> bool:
        return not splice.old and splice.index == len(self._content_at(splice.path))

    def _rewrite(self, path: Path) -> Put:
        """Write a whole list, if it still is what it was."""
        self._guard_way(path)
        self._guard(Same(path, self._past.value(self._at(path))))
        value = self._now
        for step in path:
            value = value[step]
        return Put(path, plain(value))

    def _edit(self, change: Change) -> Edit | None:
        self._guard_way(change.path)
        if isinstance(change, Put | Remove):
            if change.old is ABSENT:
                self._guard(Missing(change.path))
            else:
                self._guard(Same(change.path, change.old))
            return change
        if isinstance(change, Splice):
            return self._append(change)
        if isinstance(change, Add):
            is_there = change.path[-1] in self._content_at(change.path[:-1])
            self._guard(IsInteger(change.path) if is_there else Missing(change.path))
            return change if isinstance(change.amount, int) else None
        assert isinstance(change, Union)
        return self._union(change)

    def _union(self, union: Union) -> Append | None:
        if not all(value.__class__ in (str, int) for value in union.values):
            return None
        self._guard(IsList(union.path))
        for value in union.values:
            self._guard(NotIn(union.path, value))
        return Append(union.path, tuple(missing(union.values, self._appended[union.path])))

    def _append(self, splice: Splice) -> Append:
        self._guard(IsList(splice.path))
        key = self._key_of(splice.path)
        for step in (key_step(value, key) for value in splice.new) if key else ():
            if step is not None:
                self._guard(NoElement(splice.path, step))
        return Append(splice.path, splice.new)

    def _guard_way(self, path: Path) -> None:
        """Guard that the positions in a path still mean the same elements."""
        for length, step in enumerate(path):
            if isinstance(step, int):
                self._guard_element(path[:length], step)

    def _guard_element(self, above: Path, index: int) -> None:
        key = self._key_of(above)
        elements = self._content_at(above)
        step = key_step(self._past.content(elements[index]), key) if key else None
        if step is not None:
            self._guard(Same((*above, index, step.key), step.value))
            return
        listed = [self._past.sharing_value(each) for each in elements]
        element = plain(listed[index])
        if sum(same(each, element) for each in listed) == 1:
            self._guard(Same((*above, index), element))
            self._guard(OnlyOne((*above, index)))
        else:
            self._guard(Same(above, self._past.value(self._at(above))))

    def _guard(self, guard: Guard) -> None:
        self._guards.setdefault((guard.__class__.__name__, _place(guard)), guard)

    def _at(self, path: Path) -> Any:
        """Return what was at a path."""
        value = self._root
        for step in path:
            value = self._past.content(value)[step]
        return value

    def _content_at(self, path: Path) -> Any:
        """Return the shallow content of the container that was at a path."""
        return self._past.content(self._at(path))

    def _key_of(self, path: Path) -> str | None:
        """Return the member that told the elements of a list apart; found once, as it takes a look at all of them."""
        if path not in self._keys:
            self._keys[path] = self._policies.key_of(path, self._past.contents(self._content_at(path)))
        return self._keys[path]


def _place(guard: Guard) -> Path:
    if isinstance(guard, NoElement):
        return (*guard.path, guard.step)
    return (*guard.path, guard.value) if isinstance(guard, NotIn) else guard.path


def _is_in(path: Path, above: Path) -> bool:
    return path[: len(above)] == above
