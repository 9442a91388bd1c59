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
    recording_tree,
)


def adopt_loaded(values: dict[str, Any], key: str) -> bool:
    """Let a value that was just loaded, and that nobody else can hold, record; return whether all of it does."""
    if type(values[key]) in (dict, list):
        values[key], complete = recording_tree(values[key])
        return complete
    root = _recording_itself(values[key])
    complete = isinstance(root, Recording)
    for step, item in list(below(root)):
        if type(item) in (dict, list):
            tree, whole = recording_tree(item)
            put(root, step, tree)
            complete = complete and whole
        elif isinstance(item, dict | list):
            complete = _adopt_below(_recording_itself(item)) and complete
    return complete


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
    return _adopt_below(_recording_itself(values[key]))


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


def _adopt_below(root: Any) -> bool:
    """Let containers below record that nothing else holds; return whether all do."""
    complete = isinstance(root, Recording)
    todo = [root]
    seen = {id(root)}
    while todo:
        container = todo.pop()
        for step in [step for step, item in below(container) if isinstance(item, dict | list)]:
            if _is_plain(container, step) and _held_once(container, step):
                put(container, step, recording_copy(_get(container, step)))
            child = _recording_itself(_get(container, step))
            complete = complete and isinstance(child, Recording)
            if id(child) not in seen:
                seen.add(id(child))
                todo.append(child)
    return complete


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
