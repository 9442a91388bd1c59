"""Deltas: the changes a writer made to a document since it read it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from indelible.changes.paths import By, Path, Step, format_path
from indelible.changes.values import plain, same


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


@dataclass(frozen=True, slots=True)
class Add:
    """Add `amount` to the number at `path`, an object member; where there is none, to 0."""

    path: Path
    amount: int | float


@dataclass(frozen=True, slots=True)
class Union:
    """Append to the list at `path` those of the values that are not in it."""

    path: Path
    values: tuple[Any, ...]


Change: TypeAlias = Put | Remove | Splice | Move | Add | Union
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
    elif isinstance(change, Add):
        parent = _at(holder, path[:-1], change)
        parent[path[-1]] = parent.get(path[-1], 0) + change.amount
    else:
        _apply_to_list(change, _at(holder, path, change))


def _apply_to_list(change: Splice | Move | Union, elements: list[Any]) -> None:
    if isinstance(change, Splice):
        elements[change.index : change.index + len(change.old)] = map(plain, change.new)
    elif isinstance(change, Move):
        elements.insert(change.target, elements.pop(change.source))
    else:
        elements += missing(change.values, elements)


def missing(values: Iterable[Any], elements: Iterable[Any]) -> list[Any]:
    """Return copies of the values that are not among the elements, each once."""
    present = list(elements)
    new: list[Any] = []
    for value in values:
        if not any(same(value, each) for each in present):
            present.append(value)
            new.append(plain(value))
    return new


def _at(holder: Any, path: Path, change: Change) -> Any:
    value = holder
    for step in path:
        try:
            value = next(filter(step.finds, value)) if isinstance(step, By) else value[step]
        except (LookupError, TypeError, StopIteration):
            raise LookupError(f"nothing at {format_path(change.path)} for {change!r}") from None
    return value
