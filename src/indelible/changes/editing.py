"""One change of a tracked container: what is put in is copied or moved, what is taken out is set free."""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType
from typing import Any, Self

from indelible.changes.journal import Journal
from indelible.changes.ownership import (
    Container,
    Elsewhere,
    Holder,
    Owner,
    Removed,
    Replaced,
    Superseded,
    containers_in,
    holder_of,
    members,
    path_of,
    set_member,
    top_of,
    upwards,
)
from indelible.changes.paths import Step, format_path
from indelible.changes.values import ANYTHING, ATOMS, Rules, same
from indelible.errors import NotJSON


class Placing:
    """Gives values their place in a document, all of them or, after an error, none.

    A plain container is copied in. A tracked one that is in no document moves in and keeps its identity; one that is
    in a document is copied.
    """

    __slots__ = (
        "_claims",
        "_copies",
        "_displaced",
        "_holder",
        "_path",
        "_place",
        "_robbed",
        "_sources",
        "_taken",
    )

    def __init__(self, place: Owner, holder: Holder | None) -> None:
        self._place = place
        self._holder = holder
        self._displaced: dict[int, Container] = {}
        self._claims: list[tuple[Container, Owner]] = []
        self._taken: set[int] = set()
        self._robbed = False
        self._copies: list[tuple[Container, Container]] = []
        self._sources: list[tuple[Any, Container]] = []
        self._path: list[Step] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._note()
            return
        for container, owner in reversed(self._claims):
            container._owner = owner

    def displace(self, *values: Any) -> None:
        """Tell which values the change takes out."""
        # A removed container may still list one that has gone on in its copy's place: that one is not taken out.
        for value in values:
            if isinstance(value, Container) and value._owner is self._place:
                self._displaced[id(value)] = value

    def place(self, value: Any, *path: Step) -> Any:
        """Return what to put in for a given value.

        Raises:
            NotJSON: the value cannot be kept.
        """
        self._path[:] = path
        try:
            placed = self._place_in(value, self._place)
        except RecursionError:
            del self._path[len(path) :]
            raise self._refusal("the value contains itself, or is nested too deeply") from None
        if isinstance(placed, Container) and not isinstance(value, Container):
            self._sources.append((value, placed))
        return placed

    @property
    def _rules(self) -> Rules:
        return ANYTHING if self._holder is None else self._holder.rules

    @property
    def _journal(self) -> Journal | None:
        return None if self._holder is None else self._holder.journal

    def _place_in(self, value: Any, owner: Owner) -> Any:
        if isinstance(value, Container):
            return self._move(value, owner) if self._may_move(value, owner) else self._copy(value, owner)
        if isinstance(value, dict | list) or (isinstance(value, tuple) and self._rules.tuples_are_lists):
            return self._build(value, owner)
        self._refuse(self._rules.atom_problem(value))
        return value

    def _build(self, value: Any, owner: Owner) -> Any:
        is_dict = isinstance(value, dict)
        node = Container.empty(dict if is_dict else list, owner)
        for step, item in members(value):
            self._path.append(step)
            if is_dict:
                self._refuse(self._rules.key_problem(step))
                dict.__setitem__(node, step, self._place_in(item, node))
            else:
                list.append(node, self._place_in(item, node))
            self._path.pop()
        return node

    def _copy(self, value: Container, owner: Owner) -> Container:
        known = len(self._copies)
        twin: Container = self._build(value, owner)
        # Its parts were not put in for themselves: the copies made of them are nobody's second place.
        self._copies[known:] = [(value, twin)]
        return twin

    def _may_move(self, value: Container, owner: Owner) -> bool:
        """Tell whether the container has no place in a document but the one that this change gives it."""
        if id(value) in self._taken or any(above is value for above in upwards(owner)):
            return False
        return self._is_free(value) or self._is_leaving(value)

    def _is_free(self, value: Container) -> bool:
        """Tell whether the value is, or is part of, what belongs to the program, and not to the place's own tree."""
        top, holder = top_of(value)
        return (holder is None or isinstance(holder, Removed)) and not any(
            above is top for above in upwards(self._place)
        )

    def _is_leaving(self, value: Container) -> bool:
        """Tell whether the value is, or is part of, what the change takes out."""
        for above in upwards(value):
            if id(above) in self._taken:
                return False
            if id(above) in self._displaced:
                return True
        return False

    def _move(self, value: Container, owner: Owner) -> Container:
        former, holder = value._owner, top_of(value)[1]
        self._claims.append((value, former))
        self._taken.add(id(value))
        value._owner = owner
        if isinstance(former, Container) and former is not self._place:
            self._robbed = True  # its former parent, displaced or free, still lists it
        if self._robbed or not isinstance(former, Container):
            self._settle(value, holder)
        return value

    def _settle(self, node: Container, former: Holder | None) -> None:
        """Make a moved container's content its own: check values, copy children that have another place by now."""
        past = former.document if isinstance(former, Removed) else None
        present = None if self._holder is None else self._holder.document
        journal = self._journal if past is None else past.journal
        if past is not None and past is not present:
            past.journal.keep(node, node.shallow())
        for step, item in list(members(node)):
            self._path.append(step)
            if isinstance(item, Container) and item._owner is node:
                self._settle(item, former)
            else:
                placed = self._place_in(item, node)
                if placed is not item:
                    if journal is not None:
                        journal.keep(node, node.shallow())
                    set_member(node, step, placed)
            self._path.pop()

    def _note(self) -> None:
        """Take note of a change that was made."""
        for original, twin in self._copies:
            if isinstance(twin._owner, Container):  # nobody takes one whole document for another
                original._twin = twin if _document(original) is _document(twin) else Elsewhere(twin)

    def _refuse(self, problem: str | None) -> None:
        if problem is not None:
            raise self._refusal(problem)

    def _refusal(self, problem: str) -> NotJSON:
        above = path_of(self._place) if isinstance(self._place, Container) else ()
        document = "" if self._holder is None else self._holder.describe()
        return NotJSON(problem, document=document, path=format_path((*above, *self._path)))


class Edit(Placing):
    """One change of one container: all of it happens and is noted, or none of it.

    Raises:
        StaleContainer: the change could not be saved, because the row holds another document by now.
    """

    __slots__ = ("_before", "_container", "_sets")

    def __init__(self, container: Container, *, sets: bool = False) -> None:
        """Begin a change; with `sets` it assigns, and what it takes out is replaced rather than handed out."""
        super().__init__(container, holder_of(container))
        self._sets = sets
        self._container = container
        journal = self._journal
        # The copy is made before the change and kept after it: a change that raises leaves no trace.
        self._before = None if journal is None or journal.knows(container) else container.shallow()

    def key(self, key: Any) -> Any:
        """Return an object key that may be put in.

        Raises:
            NotJSON: it may not.
        """
        self._path[:] = (key,)
        self._refuse(self._rules.key_problem(key))
        return key

    def place_all(self, values: Iterable[Any], start: int) -> list[Any]:
        """Return what to put in for values at successive positions."""
        return [self.place(value, position) for position, value in enumerate(list(values), start)]

    def substitute(self, twin: Container, original: Container) -> None:
        """Put a free container where an equal copy of it is."""
        step = next(step for step, item in members(self._container) if item is twin)
        set_member(self._container, step, self._move(original, self._container))
        twin._owner = None if self._holder is None else Removed(self._holder.document)

    def _note(self) -> None:
        super()._note()
        holder = self._holder
        if holder is not None:
            holder.journal.sources += self._sources
            _note_change(holder, self._container, self._before)
        if self._displaced:
            self._release()

    def _release(self) -> None:
        """Set free what the change took out; only then look for copies, which it may have taken out too."""
        document = None if self._holder is None else self._holder.document
        freed = [container for container in self._displaced.values() if id(container) not in self._taken]
        fate = Replaced if self._sets else Removed
        for container in freed:
            container._owner = None if document is None else fate(document)
        if document is None:
            return
        for container in freed:
            # Changes inside a replaced container are refused; inside a removed one they would be lost for its copies.
            for inside in [container] if self._sets else containers_in(container):
                # What took its copy's place is in the document again, and so is all in it.
                if hasattr(inside, "_twin") and isinstance(top_of(inside)[1], Removed):
                    _take_place_of_twin(inside, document)


def set_atom(container: Container, key: Any, value: Any) -> bool:
    """Set an object's member that neither is nor was a container; return `False` where that takes an `Edit`.

    Most changes are such, and this is a third of the work.

    Raises:
        StaleContainer: the change could not be saved, because the row holds another document by now.
    """
    if value.__class__ not in ATOMS or isinstance(dict.get(container, key), Container):  # type: ignore[call-overload]
        return False
    holder = holder_of(container)
    if holder is None:
        set_member(container, key, value)
        return True
    rules = holder.rules
    if rules.key_problem(key) is not None or rules.atom_problem(value) is not None:
        return False
    before = None if holder.journal.knows(container) else container.shallow()
    set_member(container, key, value)
    _note_change(holder, container, before)
    return True


def _note_change(holder: Holder, container: Container, before: Any) -> None:
    """Note that a container was changed, and what it was before if that is not known."""
    journal = holder.journal
    if before is not None:
        journal.keep(container, before)
    for above in upwards(container._owner):
        if journal.open(above):
            break
    holder.changed()


class Replacement(Placing):
    """The assignment of a whole document, whose containers may go on in the new one."""

    __slots__ = ()

    def __init__(self, holder: Holder, current: Any) -> None:
        super().__init__(holder, holder)
        self.displace(current)

    def _note(self) -> None:
        super()._note()
        if self._holder is None:
            return
        self._holder.journal.sources += self._sources
        for container in self._displaced.values():
            if id(container) not in self._taken:
                container._owner = Replaced(self._holder)


def _take_place_of_twin(container: Container, document: Holder) -> None:
    """Let a container that lost its first place go on in the second, where it was copied to.

    So `a[i], a[j] = a[j], a[i]` and `d["new"] = d["old"]; del d["old"]` keep the identity. A copy that differs by
    now, or is in another document, stays; then the container can be taken for its copy no more.
    """
    twin = container._twin
    del container._twin
    if isinstance(twin, Elsewhere):
        container._owner = Superseded(document, twin.document)
        return
    place = twin._owner
    top, holder = top_of(twin)
    if not isinstance(place, Container) or holder is None or not holder.holds(top):
        return  # the copy has no place any more either
    if holder is document and same(twin, container):
        with Edit(place) as edit:
            edit.substitute(twin, container)
    else:
        container._owner = Superseded(document, holder.describe())


def _document(container: Container) -> Holder | None:
    holder = top_of(container)[1]
    return None if holder is None else holder.document
