"""Puts recording containers in the place of plain ones, where no code can tell."""

from __future__ import annotations

import sys
from typing import Any

from sqlalchemy.ext.mutable import Mutable

from indelible.sentinel.recording import (
    Recording,
    below,
    forget_log,
    put,
    recording_class_of,
    recording_copy,
)


def adopt_loaded(values: dict[str, Any], key: str) -> bool:
    """Let a value that was just loaded, and that nobody else can hold, record; return whether all of it does."""
    root = values[key]
    if type(root) in (dict, list):
        values[key] = root = recording_copy(root)
    return _adopt_below(_recording_itself(root), {})


def adopt_kept(values: dict[str, Any], key: str) -> bool:
    """Let a value record as far as nothing but the row holds it; return whether all of it does.

    Also the lines are forgotten that changed it: it has been saved.
    """
    _forget_logs(values[key])
    return adopt_more(values, key)


def adopt_more(values: dict[str, Any], key: str) -> bool:
    """Let those parts record that nothing but the row holds any more; return whether all of it does."""
    if type(values[key]) in (dict, list) and _held_once(values, key):
        values[key] = recording_copy(values[key])
    return _adopt_below(_recording_itself(values[key]), None)


def _forget_logs(root: Any) -> None:
    todo = [root]
    seen = {id(root)}
    while todo:
        container = todo.pop()
        if isinstance(container, Recording):
            forget_log(container)
        for _, child in below(container):
            if isinstance(child, dict | list) and id(child) not in seen:
                seen.add(id(child))
                todo.append(child)


def is_watchable(value: Any) -> bool:
    """Say whether a column's value is a container that the sentinel watches."""
    return type(value) in (dict, list) or (
        isinstance(value, dict | list) and isinstance(value, Recording | Mutable)
    )


def _recording_itself(container: Any) -> Any:
    if (
        isinstance(container, Mutable)
        and not isinstance(container, Recording)
        and (cls := recording_class_of(type(container)))
    ):
        try:
            container.__class__ = cls
        except TypeError:  # a layout of its own; it is compared all the same
            return container
    return container


def _adopt_below(root: Any, copies: dict[int, Any] | None) -> bool:
    """Adopt all containers below; `copies` are made without asking who holds the originals, and only then."""
    complete = isinstance(root, Recording)
    todo = [root]
    seen = {id(root)}
    while todo:
        container = todo.pop()
        for step in [step for step, item in below(container) if isinstance(item, dict | list)]:
            if copies is not None:
                _copy(container, step, copies)
            elif _is_plain(container, step) and _held_once(container, step):
                put(container, step, recording_copy(_get(container, step)))
            child = _recording_itself(_get(container, step))
            complete = complete and isinstance(child, Recording)
            if id(child) not in seen:
                seen.add(id(child))
                todo.append(child)
    return complete


def _copy(container: Any, step: Any, copies: dict[int, Any]) -> None:
    """Put a recording copy of a child in its place, the same one wherever the same child is."""
    child = _get(container, step)
    if type(child) not in (dict, list):
        return
    known = copies.get(id(child))
    if known is None:
        # The original is kept beside it: another object could have its id otherwise.
        known = copies[id(child)] = (recording_copy(child), child)
    put(container, step, known[0])


def _get(container: Any, step: Any) -> Any:
    kind: Any = dict if isinstance(container, dict) else list
    return kind.__getitem__(container, step)


def _is_plain(container: Any, step: Any) -> bool:
    return type(_get(container, step)) in (dict, list)


def _references(container: Any, step: Any) -> int:
    child = (
        dict.__getitem__(container, step)
        if isinstance(container, dict)
        else list.__getitem__(container, step)
    )
    return sys.getrefcount(child)


def _held_once(container: Any, step: Any) -> bool:
    return _references(container, step) == _ONE


def _measured() -> int:
    holder: dict[str, Any] = {}
    holder["child"] = list[Any]()
    return _references(holder, "child")


_ONE = _measured()


def is_unheld(root: Any) -> bool:
    """Say whether nothing but a container itself holds what is inside it."""
    todo = [root]
    while todo:
        container = todo.pop()
        for step in [step for step, item in below(container) if isinstance(item, dict | list)]:
            if not _held_once(container, step):
                return False
            todo.append(_get(container, step))
    return True
