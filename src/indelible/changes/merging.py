"""Three-way merge: a writer's delta into a document that others have changed since the writer read it.

Members of objects are places of their own. Elements of lists are told by key or value (`aligning`); which there are,
what is in each, and their order are merged apart. The result does not depend on which of two writers came first,
except for the order of elements that both put in at one place, where the later one's come after (at the end of a
list) or before (elsewhere), as they would without a merge.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from indelible.changes import differencing
from indelible.changes.aligning import AMBIGUOUS, Alignment
from indelible.changes.deltas import ABSENT, Delta, missing
from indelible.changes.journal import Journal
from indelible.changes.overlay import Changed, ChangedDict, ChangedList, Item, changed, lay_over, present
from indelible.changes.paths import Path, Step, format_path
from indelible.changes.policies import Policies, key_step, repeated_key
from indelible.changes.values import plain, same
from indelible.errors import Clash, Conflict, DuplicateKey


@dataclass(frozen=True, slots=True)
class Merged:
    """A merged document, what it was before, and the conflicts that a policy settled in it."""

    document: Any
    theirs: Any
    settled: tuple[Clash, ...]


def merge(
    base: Any, delta: Delta, theirs: Any, policies: Policies | None = None, *, document: str = ""
) -> Merged:
    """Return what a stored document becomes by a delta that a writer made to `base`, an earlier state of it.

    All values are plain and none is changed; the result may share parts with them. `document` names the document in
    errors.

    Raises:
        Conflict: both changed one place differently, and the policy there is to raise; it has every such place.
        DuplicateKey: an element that was changed cannot be told from another.
        LookupError: the delta does not fit the base.
    """
    merger = _Merger(policies or Policies(), document)
    merged = merger.member((), base, lay_over(base, delta), theirs)
    if merger.unsettled:
        raise _conflict(merger.unsettled, document)
    return Merged(merged, theirs, tuple(merger.settled))


def _conflict(clashes: list[Clash], document: str) -> Conflict:
    paths = [format_path(clash.path) for clash in clashes]
    others = f" (and at {', '.join(paths[1:4])}{' …' if len(paths) > 4 else ''})" if len(paths) > 1 else ""
    return Conflict(
        f"another writer changed the same place differently since the document was read{others}. Roll back, read it "
        "again and make the change anew, or give the column a policy with Document(on_conflict=…, policies=…).",
        document=document,
        path=paths[0],
        clashes=tuple(clashes),
    )


class _Merger:
    """Merges one document, and gathers where it cannot."""

    def __init__(self, policies: Policies, document: str) -> None:
        self.policies = policies
        self.document = document
        self.unsettled: list[Clash] = []
        self.settled: list[Clash] = []

    def member(self, path: Path, base: Any, mine: Any, theirs: Any) -> Any:
        """Merge a value that has a place of its own; each may be `ABSENT`."""
        if mine is base:
            return theirs
        if not isinstance(mine, Changed):
            if _alike(base, theirs):
                return mine
            if _alike(mine, theirs):
                return theirs
            mine = _finer(base, mine, theirs)
        if isinstance(mine, ChangedDict) and isinstance(theirs, dict):
            return self._object(path, mine, theirs)
        if isinstance(mine, ChangedList) and isinstance(theirs, list):
            return _ListMerge(self, path, mine, theirs).merged()
        return self.clash(path, base, present(mine), theirs)

    def clash(self, path: Path, base: Any, mine: Any, theirs: Any) -> Any:
        """Settle by policy what both changed, or take note that it cannot be; return what is to be there."""
        if _alike(mine, theirs):
            return theirs
        if _alike(base, theirs):
            return mine
        clash = Clash(path, plain(base), plain(mine), plain(theirs))
        policy = self.policies.at(path)
        if policy == "raise":
            self.unsettled.append(clash)
            return theirs
        self.settled.append(clash)
        if callable(policy):
            return plain(policy(path, clash.base, clash.mine, clash.theirs))
        return clash.mine if policy == "mine" else theirs

    def _object(self, path: Path, mine: ChangedDict, theirs: dict[str, Any]) -> dict[str, Any]:
        merged = dict(theirs)
        for key, value in mine.now.items():
            base, there = (each.get(key, ABSENT) for each in (mine.base, theirs))
            if key in mine.amounts:
                result = self._sum((*path, key), base, mine.amounts[key], there)
            else:
                result = self.member((*path, key), base, value, there)
            if result is not ABSENT:
                merged[key] = result
            else:
                merged.pop(key, None)
        return merged

    def _sum(self, path: Path, base: Any, amount: int | float, theirs: Any) -> Any:
        counted = 0 if theirs is ABSENT and base is ABSENT else theirs
        if isinstance(counted, int | float) and not isinstance(counted, bool):
            return counted + amount
        return self.clash(path, base, (0 if base is ABSENT else base) + amount, theirs)


def _finer(base: Any, mine: Any, theirs: Any) -> Any:
    """Return what was put in place of a container as changes inside it, where all three are of one kind."""
    if isinstance(mine, dict) and isinstance(theirs, dict) and (isinstance(base, dict) or base is ABSENT):
        base = {} if base is ABSENT else base
    elif not (isinstance(mine, list) and isinstance(theirs, list) and isinstance(base, list)):
        return mine
    over = lay_over(base, differencing.delta(Journal(base), mine))
    return over if isinstance(over, Changed) else changed(over)


def _alike(one: Any, other: Any) -> bool:
    return one is other or (one is not ABSENT and other is not ABSENT and same(one, other))


class Unasked:
    """Stands for the answer of a function that was not asked."""


UNASKED: Final = Unasked()


class _ListMerge:
    """Merges one list. `None` in a place means that the element is gone, `AMBIGUOUS` that it cannot be told."""

    def __init__(self, merger: _Merger, path: Path, mine: ChangedList, theirs: list[Any]) -> None:
        self._merger = merger
        self._path = path
        self._mine = mine
        # Copies: what a clash tells of mine is to stay as it was.
        self._items = [Item(item.origin, item.value) for item in mine.items]
        self._theirs = theirs
        self._key = merger.policies.key_of(path, mine.base)
        self._alignment = Alignment(mine.base, theirs, self._key)
        self._values: dict[int, Any] = dict(enumerate(theirs))
        """What is to be at the places of theirs that stay."""
        self._ambiguous = False
        self._answer: Any = UNASKED

    def merged(self) -> Any:
        """Return the merged list, or what a policy puts in its place."""
        self._tell_duplicates()
        self._split_replaced()
        self._remove()
        inserted = [item for item in self._items if not self._has_place(item)]
        if self._ambiguous:
            return self._whole()
        order = self._order(inserted)
        if self._answer is not UNASKED:
            return self._answer
        merged = [self._values[entry] if isinstance(entry, int) else entry.value for entry in order]
        return merged + missing(self._mine.united, merged)

    def _tell_duplicates(self) -> None:
        """Refuse two elements of mine with one declared key."""
        key = self._merger.policies.declared_key(self._path)
        if key is None:
            return
        step = repeated_key((present(item.value) for item in self._items), key)
        if step is not None:
            raise self._duplicate(step)

    def _duplicate(self, step: Step) -> DuplicateKey:
        return DuplicateKey(document=self._merger.document, path=format_path((*self._path, step)))

    def _split_replaced(self) -> None:
        """Take an element that got another key for a new one in place of one that was removed."""
        for item in self._items:
            if item.origin is None or self._key is None:
                continue
            base = self._mine.base[item.origin]
            if item.value is not base and key_step(base, self._key) != key_step(
                present(item.value), self._key
            ):
                item.origin, item.value = None, present(item.value)

    def _remove(self) -> None:
        kept = {item.origin for item in self._items}
        for index, base in enumerate(self._mine.base):
            if index in kept:
                continue
            place = self._place(index)
            if place is None:
                place = self._alignment.replacement(index)
            if place is AMBIGUOUS:
                self._ambiguous = True
            elif isinstance(place, int):
                self._keep(
                    place,
                    self._merger.member((*self._path, self._step(index)), base, ABSENT, self._theirs[place]),
                )

    def _has_place(self, item: Item) -> bool:
        """Merge what is in an element into its place in theirs; tell whether it has one, or else is to be put in."""
        if item.origin is None:
            return self._joins_added(item)
        base = self._mine.base[item.origin]
        if item.value is base:
            return True
        path = (*self._path, self._step(item.origin))
        place = self._place(item.origin)
        if place is AMBIGUOUS:
            self._ambiguous = True
            return True
        if place is None:
            place = self._alignment.replacement(item.origin)
            there = self._theirs[place] if isinstance(place, int) else ABSENT
            result = self._merger.clash(path, base, present(item.value), there)
        else:
            assert isinstance(place, int)
            result = self._merger.member(path, base, item.value, self._theirs[place])
        if isinstance(place, int):
            self._keep(place, result)
            return True
        item.origin, item.value = None, result
        return result is ABSENT

    def _joins_added(self, item: Item) -> bool:
        """Merge a new element with one of the same key that theirs has."""
        item.value = present(item.value)
        step = None if self._key is None else key_step(item.value, self._key)
        if step is None:
            return False
        twins = [
            place for place, value in enumerate(self._theirs) if step.finds(value) and place in self._values
        ]
        if not twins:
            return False
        if len(twins) > 1:
            raise self._duplicate(step)
        self._keep(
            twins[0], self._merger.member((*self._path, step), ABSENT, item.value, self._theirs[twins[0]])
        )
        return True

    def _place(self, index: int) -> Any:
        place = self._alignment.place(index)
        step = key_step(self._mine.base[index], self._key) if self._key else None
        if step is not None and place is AMBIGUOUS:
            raise self._duplicate(step)
        return place

    def _keep(self, place: int, value: Any) -> None:
        if value is ABSENT:
            self._values.pop(place, None)
        else:
            self._values[place] = value

    def _whole(self) -> Any:
        """Take a list in which a place is uncertain for one place."""
        return self._merger.clash(self._path, self._mine.base, present(self._mine), self._theirs)

    def _order(self, inserted: list[Item]) -> list[Entry]:
        """Return the places of theirs that stay, and the elements to be put in, in their order."""
        places = [self._alignment.neighbour(index) for index in range(len(self._mine.base))]
        mine = self._my_sequence(inserted)
        kept = [entry for entry in mine if isinstance(entry, int)]
        common = set(kept)
        added = set(self._alignment.added)
        theirs = [place if place in common or place in added else None for place in range(len(self._theirs))]
        staying: list[Entry] = [place for place in range(len(self._theirs)) if place in self._values]
        base = [place for place in places if place in common]
        if kept in (base, sorted(kept)):
            return _put_in(staying, mine, common)
        mine_only: list[Entry] = [entry for entry in mine if entry is not None]
        if base != sorted(kept):
            settled = self._whole()
            if _alike(settled, self._theirs):
                return _put_in(staying, mine, common)
            if not _alike(settled, present(self._mine)):
                self._answer = settled
        return _put_in(mine_only, theirs, common, later=False)

    def _my_sequence(self, inserted: list[Item]) -> list[Entry | None]:
        """Return mine as places of theirs that stay, elements to be put in, and `None` for what theirs removed."""
        new = {id(item) for item in inserted if item.value is not ABSENT}
        sequence: list[Entry | None] = []
        for item in self._items:
            if id(item) in new:
                sequence.append(item)
            elif item.origin is not None:
                place = self._alignment.neighbour(item.origin)
                sequence.append(place if place in self._values else None)
        return sequence

    def _step(self, index: int) -> Step:
        step = key_step(self._mine.base[index], self._key) if self._key else None
        return index if step is None else step


Entry: TypeAlias = int | Item
"""An element of a merged list: its place in theirs, or one to be put in."""


def _put_in(
    into: list[Entry], sequence: Sequence[Entry | None], common: set[int], *, later: bool = True
) -> list[Entry]:
    """Put what is in one sequence only into the other, behind the same neighbour; at the end what was last there.

    What the later writer put in at the same place goes before, except at the end.
    """
    result = list(into)
    for run, neighbour, is_last in _runs(sequence, common):
        if is_last:
            position = len(result) if later else _behind_last(result, common)
        else:
            position = 0 if neighbour is None else result.index(neighbour) + 1
            while not later and position < len(result) and result[position] not in common:
                position += 1
        result[position:position] = run
    return result


def _runs(
    sequence: Sequence[Entry | None], common: set[int]
) -> Iterator[tuple[list[Entry], Entry | None, bool]]:
    """Yield what lies between the common elements, with the one before it, and whether it is at the list's end.

    It is not at the end when an element of the base comes after it, be it one (`None`) that the other removed.
    """
    neighbour: Entry | None = None
    run: list[Entry] = []
    tail: list[Entry] = []
    for entry in sequence:
        if entry in common:
            if run or tail:
                yield run + tail, neighbour, False
            neighbour, run, tail = entry, [], []
        elif entry is None:
            run, tail = run + tail, []
        else:
            tail.append(entry)
    if run:
        yield run, neighbour, False
    if tail:
        yield tail, neighbour, True


def _behind_last(result: list[Entry], common: set[int]) -> int:
    return max((index + 1 for index, entry in enumerate(result) if entry in common), default=0)
