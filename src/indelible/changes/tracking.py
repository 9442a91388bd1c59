"""Tracked containers: `dict` and `list` whose first change goes into the journal of their document.

A container knows what is above it and nothing else, so an unchanged document costs one pointer a container. Every
value put in is copied into containers of the document, except containers that have no other place: those move.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Any, Self, SupportsIndex, TypeAlias, cast

from indelible.changes.ownership import Holder, Removed, Superseded
from indelible.changes.paths import Path, Step, format_path
from indelible.changes.values import ANYTHING, ATOMS, plain, same
from indelible.errors import NotJSON


class TrackedDict(dict[Any, Any]):
    """A `dict` inside a document."""

    __slots__ = ("_owner", "_twin")
    _owner: Owner
    _twin: Container

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if not hasattr(self, "_owner"):
            self._owner = None
        self.update(*args, **kwargs)

    def __setitem__(self, key: Any, value: Any) -> None:
        with Edit(self) as edit:
            edit.displace(dict.get(self, key))
            dict.__setitem__(self, edit.key(key), edit.adopt(value, key))

    def __delitem__(self, key: Any) -> None:
        with Edit(self) as edit:
            edit.displace(dict.get(self, key))
            dict.__delitem__(self, key)

    def __ior__(self, other: Any) -> Self:  # type: ignore[override, misc]
        self.update(other)
        return self

    def clear(self) -> None:
        with Edit(self) as edit:
            edit.displace(*dict.values(self))
            dict.clear(self)

    def pop(self, *args: Any) -> Any:
        if len(args) == 2 and args[0] not in self:
            return args[1]
        with Edit(self) as edit:
            value = dict.pop(self, *args)
            edit.displace(value)
        return value

    def popitem(self) -> tuple[Any, Any]:
        with Edit(self) as edit:
            item = dict.popitem(self)
            edit.displace(item[1])
        return item

    def setdefault(self, key: Any, default: Any = None) -> Any:
        if key not in self:
            self[key] = default
        return self[key]

    def update(self, *args: Any, **kwargs: Any) -> None:
        given = dict[Any, Any](*args, **kwargs)
        with Edit(self) as edit:
            edit.displace(*(dict.get(self, key) for key in given))
            dict.update(self, {edit.key(key): edit.adopt(value, key) for key, value in given.items()})

    @classmethod
    def fromkeys(cls, iterable: Iterable[Any], value: Any = None, /) -> dict[Any, Any]:  # type: ignore[override]
        return dict.fromkeys(iterable, value)

    def __copy__(self) -> dict[Any, Any]:
        return dict(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[Any, Any]:
        return cast("dict[Any, Any]", _deepcopy(self, memo))

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        return load, (dict(self), None)


class TrackedList(list[Any]):
    """A `list` inside a document."""

    __slots__ = ("_owner", "_twin")
    _owner: Owner
    _twin: Container

    def __init__(self, iterable: Iterable[Any] = (), /) -> None:
        if not hasattr(self, "_owner"):
            self._owner = None
        self[:] = iterable

    def __setitem__(self, index: Any, value: Any) -> None:
        with Edit(self) as edit:
            if isinstance(index, slice):
                edit.displace(*list.__getitem__(self, index))
                list.__setitem__(self, index, edit.adopt_all(value, index.indices(len(self))[0]))
            else:
                edit.displace(list.__getitem__(self, index))
                list.__setitem__(self, index, edit.adopt(value, index))

    def __delitem__(self, index: SupportsIndex | slice) -> None:
        with Edit(self) as edit:
            old = list.__getitem__(self, index)
            list.__delitem__(self, index)
            edit.displace(*old if isinstance(index, slice) else (old,))

    def __iadd__(self, other: Iterable[Any]) -> Self:  # type: ignore[misc]
        self.extend(other)
        return self

    def __imul__(self, times: SupportsIndex) -> Self:
        with Edit(self) as edit:
            items = list(self)
            repeated = items * times  # before any change: it may raise
            if not repeated:
                edit.displace(*items)
            new = edit.adopt_all(repeated[len(items) :], len(items))
            list.__setitem__(self, slice(None), repeated[: len(items)] + new)
        return self

    def append(self, value: Any) -> None:
        with Edit(self) as edit:
            list.append(self, edit.adopt(value, len(self)))

    def clear(self) -> None:
        del self[:]

    def extend(self, iterable: Iterable[Any]) -> None:
        items = list(iterable)
        with Edit(self) as edit:
            list.extend(self, edit.adopt_all(items, len(self)))

    def insert(self, index: SupportsIndex, value: Any) -> None:
        with Edit(self) as edit:
            list.insert(self, index, edit.adopt(value, index.__index__()))

    def pop(self, index: SupportsIndex = -1) -> Any:
        with Edit(self) as edit:
            value = list.pop(self, index)
            edit.displace(value)
        return value

    def remove(self, value: Any) -> None:
        del self[self.index(value)]

    def reverse(self) -> None:
        with Edit(self):
            list.reverse(self)

    def sort(self, *, key: Callable[[Any], Any] | None = None, reverse: bool = False) -> None:
        # `list.sort` that raises in the middle leaves the list half sorted; `sorted` leaves it alone.
        ordered: list[Any] = sorted(self, key=key, reverse=reverse)
        with Edit(self):
            list.__setitem__(self, slice(None), ordered)

    def __copy__(self) -> list[Any]:
        return list(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> list[Any]:
        return cast("list[Any]", _deepcopy(self, memo))

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        return load, (list(self), None)


Container: TypeAlias = TrackedDict | TrackedList
Owner: TypeAlias = Container | Holder | None
CONTAINERS = frozenset({TrackedDict, TrackedList})


def load(value: dict[Any, Any] | list[Any], owner: Owner) -> Container:
    """Copy a value of plain containers into tracked ones, all of them at once.

    Lazy wrapping would leak plain children through C code that copies (`{**d}`, `a + b`). It runs for each document
    loaded, so it is a loop with no call that is not needed.
    """
    root = _new(value, owner)
    pending: list[Any] = [root]
    while pending:
        node = pending.pop()
        for step, item in dict.items(node) if node.__class__ is TrackedDict else enumerate(node):
            cls = item.__class__
            if cls is str or cls in ATOMS:
                continue
            if cls is dict or isinstance(item, dict):
                child: Any = _new_dict(TrackedDict)
                _fill_dict(child, item)
                child._owner = node
                _set_member(node, step, child)
            elif isinstance(item, list):
                child = _new_list(TrackedList)
                _fill_list(child, item)
                child._owner = node
                _set_member(node, step, child)
            else:
                continue
            pending.append(child)
    return root


_new_dict, _new_list = dict.__new__, list.__new__
_fill_dict, _fill_list = dict.update, list.extend


def _new(value: dict[Any, Any] | list[Any] | tuple[Any, ...], owner: Owner) -> Container:
    node: Any
    if isinstance(value, dict):
        node = _new_dict(TrackedDict)
        _fill_dict(node, value)
    else:
        node = _new_list(TrackedList)
        _fill_list(node, value)
    node._owner = owner
    return cast("Container", node)


def _set_member(node: Any, step: Step, value: Any) -> None:
    if node.__class__ is TrackedDict:
        dict.__setitem__(node, step, value)
    else:
        list.__setitem__(node, step, value)


def members(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield the steps and values directly in a container."""
    return iter(dict.items(value)) if isinstance(value, dict) else enumerate(list.__iter__(value))


def _deepcopy(node: Container, memo: dict[int, Any]) -> Any:
    copied = memo[id(node)] = plain(node)
    return copied


class Edit:
    """One change of one container: all of it happens and is noted, or none of it.

    Raises:
        StaleContainer: the change could not be saved, because the row holds another document by now.
        NotJSON: the value cannot be kept.
    """

    __slots__ = (
        "_before",
        "_claims",
        "_container",
        "_displaced",
        "_holder",
        "_path",
        "_robbed",
        "_sources",
        "_taken",
    )

    def __init__(self, container: Container) -> None:
        self._begin(container, holder_of(container))
        if self._holder is not None and not self._holder.journal.knows(container):
            self._before = container.copy()

    def _begin(self, container: Any, holder: Holder | None) -> None:
        self._container = container
        self._holder = holder
        self._before: Any = None
        self._displaced: list[Container] = []
        self._claims: list[tuple[Container, Owner]] = []
        self._taken: set[int] = set()
        self._robbed = False
        self._sources: list[tuple[Any, Container]] = []
        self._path: list[Step] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._note()
        else:
            self._undo()

    def displace(self, *values: Any) -> None:
        """Tell which values the change takes out of the container."""
        self._displaced += [value for value in values if value.__class__ in CONTAINERS]

    def key(self, key: Any) -> Any:
        """Return a key that may be put in."""
        problem = self._rules.key_problem(key)
        if problem:
            raise self._refusal(problem, (*self._path, key))
        return key

    def adopt(self, value: Any, step: Any) -> Any:
        """Return what to put at a step for a given value."""
        self._path.append(step)
        try:
            adopted = self._adopt(value, self._container)
        except RecursionError:
            raise self._refusal("the value contains itself, or is nested too deeply", (step,)) from None
        if adopted.__class__ in CONTAINERS and value.__class__ not in CONTAINERS:
            self._sources.append((value, adopted))
        self._path.pop()
        return adopted

    def adopt_all(self, values: Iterable[Any], start: int) -> list[Any]:
        """Return what to put for values at successive positions."""
        return [self.adopt(value, position) for position, value in enumerate(list(values), start)]

    def substitute(self, twin: Container, original: Container) -> None:
        """Put a free container where an equal copy of it is."""
        step = next(step for step, item in members(self._container) if item is twin)
        _set_member(self._container, step, self._move(original, self._container))
        twin._owner = None if self._holder is None else Removed(self._holder.document)

    @property
    def _rules(self) -> Any:
        return ANYTHING if self._holder is None else self._holder.rules

    def _adopt(self, value: Any, owner: Owner) -> Any:
        cls = value.__class__
        if cls in CONTAINERS:
            return self._move(value, owner) if self._may_move(value, owner) else self._copy(value, owner)
        if isinstance(value, dict | list) or (isinstance(value, tuple) and self._rules.tuples_are_lists):
            return self._build(value, owner)
        problem = self._rules.atom_problem(value)
        if problem:
            raise self._refusal(problem, tuple(self._path))
        return value

    def _build(self, value: Any, owner: Owner) -> Container:
        """Copy a container, level by level."""
        node = _new((), owner) if not isinstance(value, dict) else _new({}, owner)
        for step, item in members(value) if not isinstance(value, tuple) else enumerate(value):
            if isinstance(node, dict):
                self.key(step)
            self._path.append(step)
            item = self._adopt(item, node)
            self._path.pop()
            if isinstance(node, dict):
                dict.__setitem__(node, step, item)
            else:
                list.append(node, item)
        return node

    def _copy(self, value: Container, owner: Owner) -> Container:
        value._twin = twin = self._build(value, owner)
        return twin

    def _may_move(self, value: Container, owner: Owner) -> bool:
        """Tell whether the container has no place but the one that this change gives it."""
        if id(value) in self._taken:
            return False
        if any(above is value for above in _upwards(owner)):
            return False
        if not isinstance(value._owner, TrackedDict | TrackedList):
            return value._owner is None or isinstance(value._owner, Removed)
        leaving = {id(container) for container in self._displaced}
        for above in _upwards(value):
            if id(above) in self._taken:
                return False
            if id(above) in leaving:
                return True
        return False

    def _move(self, value: Container, owner: Owner) -> Container:
        former = value._owner
        self._claims.append((value, former))
        self._taken.add(id(value))
        if isinstance(former, TrackedDict | TrackedList) and former is not self._container:
            self._robbed = True
        value._owner = owner
        if self._robbed or not isinstance(former, TrackedDict | TrackedList):
            self._settle(value, former)
        return value

    def _settle(self, node: Container, former: Owner) -> None:
        """Make a moved container's content its own: check values, copy children that have another place by now."""
        past = former.document if isinstance(former, Removed) else None
        present = None if self._holder is None else self._holder.document
        journal = getattr(past or present, "journal", None)
        if past is not present and journal is not None:
            journal.keep(node, node.copy())
        for step, item in list(members(node)):
            self._path.append(step)
            if item.__class__ in CONTAINERS and item._owner is node:
                self._settle(item, former)
            else:
                adopted = self._adopt(item, node)
                if adopted is not item:
                    if journal is not None:
                        journal.keep(node, node.copy())
                    _set_member(node, step, adopted)
            self._path.pop()

    def _note(self) -> None:
        holder = self._holder
        if holder is not None:
            journal = holder.journal
            if self._before is not None:
                journal.keep(self._container, self._before)
            for above in _upwards(self._container._owner):
                if journal.open(above):
                    break
            journal.sources += self._sources
            holder.changed()
        self._release()

    def _release(self) -> None:
        """Set free what the change took out; only then look for copies, which it may have taken out too."""
        document = None if self._holder is None else self._holder.document
        freed = [
            container
            for container in self._displaced
            if id(container) not in self._taken and container._owner is self._container
        ]
        for container in freed:
            container._owner = None if document is None else Removed(document)
        for container in freed:
            if document is not None and hasattr(container, "_twin"):
                _take_place_of_twin(container, document)

    def _undo(self) -> None:
        for container, owner in reversed(self._claims):
            container._owner = owner

    def _refusal(self, problem: str, path: tuple[Any, ...]) -> NotJSON:
        holder = self._holder
        whole = (*path_of(self._container), *path)
        return NotJSON(problem, document="" if holder is None else holder.describe(), path=format_path(whole))


class Replacement(Edit):
    """The assignment of a whole document, whose containers may go on in the new one."""

    __slots__ = ()

    def __init__(self, holder: Holder, old: Any) -> None:
        self._begin(holder, holder)
        self.displace(old)

    def root(self, value: Any) -> Any:
        """Return what the row shall hold for a given value."""
        try:
            adopted = self._adopt(value, self._holder)
        except RecursionError:
            raise self._refusal("the value contains itself, or is nested too deeply", ()) from None
        if adopted.__class__ in CONTAINERS and value.__class__ not in CONTAINERS:
            self._sources.append((value, adopted))
        return adopted

    def _note(self) -> None:
        holder = cast("Holder", self._holder)
        holder.journal.sources += self._sources
        for container in self._displaced:
            if id(container) not in self._taken:
                container._owner = Removed(holder)


def holder_of(container: Container) -> Holder | None:
    """Return what holds the topmost container, which must be the row's present document.

    Raises:
        StaleContainer: it is not.
    """
    top, owner = container, container._owner
    while owner.__class__ in CONTAINERS:
        top = cast("Container", owner)
        owner = top._owner
    holder = cast("Holder | None", owner)
    if holder is not None:
        holder.admit(top)
    return holder


def _upwards(owner: Owner) -> Iterator[Container]:
    while owner.__class__ in CONTAINERS:
        container = cast("Container", owner)
        yield container
        owner = container._owner


def _take_place_of_twin(container: Container, document: Holder) -> None:
    """Let a container that lost its first place go on in the second, where it was copied to.

    So `a[i], a[j] = a[j], a[i]` and `d["new"] = d["old"]; del d["old"]` keep the identity. A copy that differs by
    now, or is in another document, stays; then the container can be taken for its copy no more.
    """
    twin = container._twin
    del container._twin
    place = twin._owner
    if not isinstance(place, TrackedDict | TrackedList):
        return
    if _document_of(place) is document and same(twin, container):
        with Edit(place) as edit:
            edit.substitute(twin, container)
    else:
        container._owner = Superseded(document)


def _document_of(container: Container) -> Holder | None:
    owner: Owner = container
    while owner.__class__ in CONTAINERS:
        owner = cast("Container", owner)._owner
    return None if owner is None else cast("Holder", owner).document


def path_of(container: Container) -> Path:
    """Return where a container is in its document."""
    steps: list[Step] = []
    for above in _upwards(container):
        parent = above._owner
        if parent.__class__ in CONTAINERS:
            steps.append(next((step for step, item in members(parent) if item is above), "?"))
    return tuple(reversed(steps))
