"""Containers that only watch: `dict` and `list` that remember which lines changed them.

They behave as the plain ones do. What changed is found by comparing values (`comparing`); a container is only asked
where it was changed.
"""

from __future__ import annotations

import copyreg
import sys
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from types import CodeType, FrameType
from typing import Any, ClassVar, NamedTuple, cast

from indelible.sentinel import clock
from indelible.sentinel.places import Place, calling_place, is_program

ANY_STEP = object()
_LOG = "_indelible_log"
_MOST_ENTRIES = 200
_MOST_COMPARED = 64


class Entry(NamedTuple):
    """A line that changed a container, at one step of it or at any.

    `time` counts flushes (see `clock`), `order` counts changes.
    """

    place: Place
    step: Any
    time: int
    order: int


_orders = count()


def entry_of(place: Place, step: Any = ANY_STEP) -> Entry:
    """Return an entry for a change that was made just now."""
    return Entry(place, step, clock.now(), next(_orders))


class Log:
    """The lines that changed a container since it was last saved."""

    __slots__ = ("_near", "before", "entries")

    def __init__(self, before: Any) -> None:
        self.before = before
        self.entries: dict[tuple[Place, Any], Entry] = {}
        self._near: set[tuple[CodeType, int, Any]] = set()

    def add(self, step: Any, frame: FrameType) -> None:
        """Note that the line which the program is at, in this frame or above, changed the container."""
        step = step if isinstance(step, str | int) else ANY_STEP
        near = frame.f_code, frame.f_lineno, step
        if near in self._near or len(self.entries) >= _MOST_ENTRIES:
            return
        if is_program(frame.f_code):
            self._near.add(near)
        entry = entry_of(calling_place(), step)
        self.entries.setdefault((entry.place, step), entry)


class Recording:
    """What is common to containers that record."""

    __slots__ = ()
    _indelible_plain: ClassVar[type]


def log_of(container: Any) -> Log | None:
    """Return the log of a container; None if it has none."""
    return getattr(container, _LOG, None) if isinstance(container, Recording) else None


def forget_log(container: Recording) -> None:
    """Begin anew: what the container holds now is saved."""
    setattr(container, _LOG, None)


def _shallow(container: Any) -> Any:
    return list.copy(container) if isinstance(container, list) else dict.copy(container)


def _same(before: Any, container: Any) -> bool:
    """Say whether a container holds the very objects of a shallow copy, in the same order."""
    if len(before) != len(container):
        return False
    if isinstance(container, list):
        return all(map(_is, before, list.__iter__(container)))
    return all(map(_is, before, dict.__iter__(container))) and all(
        map(_is, before.values(), dict.values(container))
    )


def _is(one: object, other: object) -> bool:
    return one is other


def _step(container: Any, name: str, arguments: tuple[Any, ...]) -> Any:
    if (
        isinstance(container, dict)
        and name in ("__setitem__", "__delitem__", "pop", "setdefault")
        and arguments
    ):
        return arguments[0]
    return ANY_STEP


def _recorder(name: str) -> Callable[..., Any]:
    """Return a method that does what the class behind does, and notes the line if that changed the container."""
    grows = name in (
        "append",
        "insert",
        "extend",
        "pop",
        "popitem",
        "remove",
        "__delitem__",
        "clear",
        "setdefault",
    )
    by_length = grows or name in ("__iadd__", "__imul__")

    def method(self: Any, *arguments: Any, **named: Any) -> Any:
        log = getattr(self, _LOG, None)
        before = _shallow(self) if log is None or not by_length else None
        length = len(self)
        try:
            return getattr(super(self._indelible_type, self), name)(*arguments, **named)
        finally:
            changed = len(self) != length if by_length else not _same(before, self)
            if changed:
                _note(self, log, before, _step(self, name, arguments), sys._getframe(1))

    method.__name__ = name
    return method


def _note(container: Any, log: Log | None, before: Any, step: Any, frame: FrameType) -> None:
    if log is None:
        container._indelible_log = log = Log(before)
    elif len(log.before) <= _MOST_COMPARED and _same(log.before, container):
        container._indelible_log = None  # taken back
        return
    log.add(step, frame)


def _mutators(names: tuple[str, ...]) -> dict[str, Any]:
    return {name: _recorder(name) for name in names}


DICT_MUTATORS = (
    "__setitem__", "__delitem__", "__ior__", "__init__", "clear", "pop", "popitem", "setdefault", "update",
)  # fmt: skip
LIST_MUTATORS = (
    "__setitem__", "__delitem__", "__iadd__", "__imul__", "__init__", "append", "clear", "extend", "insert", "pop",
    "remove", "reverse", "sort",
)  # fmt: skip


def _reduced_dict(self: Any, _protocol: int) -> Any:
    return dict, (), None, None, iter(dict.items(self))


def _reduced_list(self: Any, _protocol: int) -> Any:
    return list, (), None, iter(list(self))


def _reduced_tracker(self: Any, protocol: int) -> Any:
    """Pickle as the class behind does, which is the one that another process can import."""
    plain = self._indelible_plain
    reduced = list(super(self._indelible_type, self).__reduce_ex__(protocol))
    arguments = [plain if argument is type(self) else argument for argument in reduced[1]]
    if reduced[0] is copyreg.__newobj__:  # type: ignore[attr-defined]
        # By its name, pickle would insist on the object's own class.
        reduced[:2] = partial(reduced[0], *arguments), ()
    else:
        reduced[:2] = plain if reduced[0] is type(self) else reduced[0], tuple(arguments)
    if len(reduced) > 2 and isinstance(reduced[2], dict):
        reduced[2] = {name: value for name, value in reduced[2].items() if name != _LOG} or None
    return tuple(reduced)


def _class_for(plain: type, name: str, members: dict[str, Any]) -> type:
    kind = dict if issubclass(plain, dict) else list
    names = DICT_MUTATORS if kind is dict else LIST_MUTATORS
    made: Any = type(
        name,
        (Recording, plain),
        {
            "__module__": __name__ if plain is kind else plain.__module__,
            "__doc__": plain.__doc__,
            "_indelible_plain": plain,
            **_mutators(names),
            **members,
        },
    )
    made._indelible_type = made
    return cast(type, made)


WatchedDict: Any = _class_for(dict, "WatchedDict", {"__slots__": (_LOG,), "__reduce_ex__": _reduced_dict})
WatchedList: Any = _class_for(list, "WatchedList", {"__slots__": (_LOG,), "__reduce_ex__": _reduced_list})
_trackers: dict[type, type | None] = {}


def recording_class_of(plain: type) -> type | None:
    """Return the recording subclass of a class that tracks by itself, such as `MutableDict`.

    An object can be given that class and stay the object that it is; None where Python would not let it.
    """
    if plain not in _trackers:
        members = {"__slots__": (), "__reduce_ex__": _reduced_tracker, _LOG: None}
        try:
            _trackers[plain] = _class_for(plain, plain.__qualname__, members)
        except TypeError:
            _trackers[plain] = None
    return _trackers[plain]


def recording_copy(container: Any) -> Any:
    """Return a recording container that holds what a plain one does."""
    if type(container) is dict:
        copied = _new_dict(WatchedDict)
        _fill_dict(copied, container)
    else:
        copied = _new_list(WatchedList)
        _fill_list(copied, container)
    return copied


def recording_tree(value: Any) -> tuple[Any, bool]:
    """Return a recording copy of a plain value, and whether all containers in it are copied.

    Runs for each value that is loaded, so it is one loop. What is in two places is one copy in two places.
    """
    root = recording_copy(value)
    copies = {id(value): root}
    nodes = [root]
    complete = True
    for node in nodes:
        for step, item in node.items() if type(node) is WatchedDict else enumerate(node):
            kind = type(item)
            if kind is dict or kind is list:
                child = copies.get(id(item))
                if child is None:
                    child = copies[id(item)] = recording_copy(item)
                    nodes.append(child)
                put(node, step, child)
            elif kind is not str and isinstance(item, dict | list):
                complete = False
    return root, complete


_new_dict, _fill_dict = dict.__new__, dict.update
_new_list, _fill_list = list.__new__, list.extend


def below(container: Any) -> Iterator[tuple[Any, Any]]:
    """Yield the steps of a container and what is there."""
    return iter(dict.items(container)) if isinstance(container, dict) else enumerate(list.__iter__(container))


def put(container: Any, step: Any, value: Any) -> None:
    """Put a value in without anyone noticing."""
    kind: Any = dict if isinstance(container, dict) else list
    kind.__setitem__(container, step, value)
