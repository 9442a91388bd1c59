"""Deltas: the changes a writer made to a document since it read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from indelible.changes.paths import Path, Step, format_path
from indelible.changes.values import plain


class Absent:
    """No value, where `None` would be one."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent()


@dataclass(frozen=True, slots=True)
class Put:
    """Set the object member at `path`, or with the empty path the whole document."""

    path: Path
    value: Any
    old: Any = ABSENT


@dataclass(frozen=True, slots=True)
class Remove:
    """Take away the object member at `path`."""

    path: Path
    old: Any


@dataclass(frozen=True, slots=True)
class Splice:
    """In the list at `path`, replace the values `old`, which start at `index`, by `new`."""

    path: Path
    index: int
    old: tuple[Any, ...]
    new: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """In the list at `path`, take the element at `source` out and put it in at `target`."""

    path: Path
    source: int
    target: int


Change: TypeAlias = Put | Remove | Splice | Move
Delta: TypeAlias = tuple[Change, ...]
"""Changes to carry out in their order; positions in a path are those that earlier changes have left."""


def apply(delta: Delta, document: Any) -> Any:
    """Return what a document becomes by a delta; the given one stays as it is.

    Raises:
        LookupError: a path of the delta is not in the document.
    """
    holder: dict[Step, Any] = {"": plain(document)}
    for change in delta:
        _apply_change(change, holder)
    return holder[""]


def _apply_change(change: Change, holder: dict[Step, Any]) -> None:
    path: Path = ("", *change.path)
    if isinstance(change, Put):
        parent = _at(holder, path[:-1], change)
        parent[path[-1]] = plain(change.value)
    elif isinstance(change, Remove):
        del _at(holder, path[:-1], change)[path[-1]]
    elif isinstance(change, Splice):
        elements = _at(holder, path, change)
        elements[change.index : change.index + len(change.old)] = map(plain, change.new)
    else:
        elements = _at(holder, path, change)
        elements.insert(change.target, elements.pop(change.source))


def _at(holder: Any, path: Path, change: Change) -> Any:
    value = holder
    for step in path:
        try:
            value = value[step]
        except (LookupError, TypeError):
            raise LookupError(f"nothing at {format_path(change.path)} for {change!r}") from None
    return value
