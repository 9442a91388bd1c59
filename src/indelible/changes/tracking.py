"""Tracked containers: `dict` and `list` whose first change goes into the journal of their document.

Every method of the built-in types that changes them is here; which those are is found by enumeration in the tests.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from gc import is_tracked as may_hold_containers
from typing import Any, Self, SupportsIndex, TypeAlias

from indelible.changes.editing import Edit, set_atom
from indelible.changes.ownership import Container, Owner
from indelible.changes.values import ATOMS, plain


class TrackedDict(Container, dict[Any, Any], of=dict):
    """A `dict` inside a document."""

    __slots__ = ("_owner", "_twin")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if not hasattr(self, "_owner"):
            self._owner = None
        self.update(*args, **kwargs)

    def __setitem__(self, key: Any, value: Any) -> None:
        if set_atom(self, key, value):
            return
        with Edit(self, sets=True) as edit:
            edit.displace(dict.get(self, key))
            dict.__setitem__(self, edit.key(key), edit.place(value, key))

    def __delitem__(self, key: Any) -> None:
        with Edit(self) as edit:
            edit.displace(dict.get(self, key))
            dict.__delitem__(self, key)

    def __ior__(self, other: Any) -> Self:  # type: ignore[misc]
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
        with Edit(self, sets=True) as edit:
            edit.displace(*(dict.get(self, key) for key in given))
            dict.update(self, {edit.key(key): edit.place(value, key) for key, value in given.items()})

    @classmethod
    def fromkeys(cls, iterable: Iterable[Any], value: Any = None, /) -> dict[Any, Any]:
        return dict.fromkeys(iterable, value)

    def shallow(self) -> dict[Any, Any]:
        """Return a plain copy that holds the same children."""
        return dict(self)

    def __copy__(self) -> dict[Any, Any]:
        return dict(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[Any, Any]:
        copied: dict[Any, Any] = plain(self)
        memo[id(self)] = copied
        return copied

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        return load, (dict(self), None)


class TrackedList(Container, list[Any], of=list):
    """A `list` inside a document."""

    __slots__ = ("_owner", "_twin")

    def __init__(self, iterable: Iterable[Any] = (), /) -> None:
        if not hasattr(self, "_owner"):
            self._owner = None
        self[:] = iterable

    def __setitem__(self, index: Any, value: Any) -> None:
        with Edit(self, sets=True) as edit:
            if isinstance(index, slice):
                edit.displace(*list.__getitem__(self, index))
                list.__setitem__(self, index, edit.place_all(value, index.indices(len(self))[0]))
            else:
                edit.displace(list.__getitem__(self, index))
                list.__setitem__(self, index, edit.place(value, index))

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
            new = edit.place_all(repeated[len(items) :], len(items))
            list.__setitem__(self, slice(None), repeated[: len(items)] + new)
        return self

    def append(self, value: Any) -> None:
        with Edit(self) as edit:
            list.append(self, edit.place(value, len(self)))

    def clear(self) -> None:
        del self[:]

    def extend(self, iterable: Iterable[Any]) -> None:
        items = list(iterable)
        with Edit(self) as edit:
            list.extend(self, edit.place_all(items, len(self)))

    def insert(self, index: SupportsIndex, value: Any) -> None:
        with Edit(self) as edit:
            list.insert(self, index, edit.place(value, operator.index(index)))

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

    def shallow(self) -> list[Any]:
        """Return a plain copy that holds the same children."""
        return list(self)

    def __copy__(self) -> list[Any]:
        return list(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> list[Any]:
        copied: list[Any] = plain(self)
        memo[id(self)] = copied
        return copied

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        return load, (list(self), None)


Document: TypeAlias = TrackedDict | TrackedList
"""A tracked container, as the root of a document or inside it."""


def load(value: Any, owner: Owner) -> Document:
    """Copy a value of plain containers into tracked ones, all of them at once.

    Lazy wrapping would leak plain children through C code that copies (`{**d}`, `a + b`). It runs for each document
    loaded, so it is one loop with no call that is not needed.
    """
    root: Document = Container.empty(dict if isinstance(value, dict) else list, owner)
    root_fill: Any = _fill_dict if isinstance(value, dict) else _fill_list
    root_fill(root, value)
    nodes: list[Any] = [root]
    found = nodes.append
    child: Any
    for node in nodes:
        entries: Any = node.items() if type(node) is TrackedDict else enumerate(node)
        put: Any = _set_item if type(node) is TrackedDict else _set_position
        for step, item in entries:
            kind = type(item)
            if kind is str or kind in ATOMS:
                continue
            if kind is dict or isinstance(item, dict):
                child = _new_dict(TrackedDict)
                _fill_dict(child, item)
                # Until 3.14 CPython's collector leaves out dictionaries with nothing but atoms, as most are.
                if may_hold_containers(item):
                    found(child)
            elif kind is list or isinstance(item, list):
                child = _new_list(TrackedList)
                _fill_list(child, item)
                found(child)
            else:
                continue
            child._owner = node
            put(node, step, child)
    return root


_new_dict, _fill_dict, _set_item = dict.__new__, dict.update, dict.__setitem__
_new_list, _fill_list, _set_position = list.__new__, list.extend, list.__setitem__
