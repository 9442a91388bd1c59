"""Changes that ordinary code cannot say: adding to a number, and adding to a set, whatever others do meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from indelible.changes.deltas import ABSENT, missing
from indelible.changes.editing import Edit
from indelible.changes.journal import Journal
from indelible.changes.ownership import Container, holder_of
from indelible.changes.tracking import TrackedDict, TrackedList
from indelible.changes.values import same


def add(container: Any, key: str, amount: int | float = 1) -> int | float:
    """Add to a number in a document, and return the sum; a member that is not there counts as 0.

    `doc["n"] += 1` reads and writes: when two writers do so, one of them conflicts. This adds both.

    Raises:
        TypeError: the container is no object of a document, or the member no number.
    """
    if not isinstance(container, TrackedDict):
        raise TypeError(f"add() takes an object of a document, not {container.__class__.__name__}")
    present = container.get(key, 0)
    for number in (present, amount):
        if not isinstance(number, int | float) or isinstance(number, bool):
            raise TypeError(f"add() adds numbers, not {number!r}")
    start = container.get(key, ABSENT)
    total: int | float = present + amount
    container[key] = total
    holder = holder_of(container)
    if holder is not None:
        _note(holder.journal, container, key, start, amount)
    return total


def _note(journal: Journal, container: Container, key: str, start: Any, amount: int | float) -> None:
    """Note an addition, together with one before it if nothing came between."""
    place = id(container), key
    if place in journal.additions and start is not ABSENT:
        first, so_far = journal.additions[place]
        if same((0 if first is ABSENT else first) + so_far, start):
            journal.additions[place] = first, so_far + amount
            return
    journal.additions[place] = start, amount


def union(container: Any, values: Iterable[Any]) -> None:
    """Append to a list of a document those of the values that are not in it, each once.

    When two writers add one value, it is there once.

    Raises:
        TypeError: the container is no list of a document, or a value is a container itself.
    """
    if not isinstance(container, TrackedList):
        raise TypeError(f"union() takes a list of a document, not {container.__class__.__name__}")
    given = list(values)
    for value in given:
        if isinstance(value, dict | list | tuple):
            raise TypeError(f"union() adds strings, numbers, booleans and None, not {value!r}")
    new = missing(given, container)
    if not new:
        return
    with Edit(container) as edit:
        list.extend(container, edit.place_all(new, len(container)))
    holder = holder_of(container)
    if holder is not None:
        holder.journal.unions.setdefault(id(container), []).extend(new)
