"""Carries out plans in Python, as a database would: what guards hold, and what the edits make."""

from __future__ import annotations

from typing import Any, assert_never

from indelible.changes.deltas import ABSENT, Add, Put, Remove
from indelible.changes.guarding import (
    Append,
    Edit,
    Guard,
    IsInteger,
    IsList,
    Missing,
    NoElement,
    NotIn,
    OnlyOne,
    Plan,
    Same,
)
from indelible.changes.paths import Path
from indelible.changes.values import plain, same


def holds(guard: Guard, document: Any) -> bool:
    """Tell whether a guard holds in a document."""
    there = _at(document, guard.path)
    match guard:
        case Same(_, value):
            return there is not ABSENT and same(there, value)
        case Missing(path):
            return isinstance(_at(document, path[:-1]), dict) and there is ABSENT
        case IsList():
            return isinstance(there, list)
        case IsInteger():
            return isinstance(there, int) and not isinstance(there, bool)
        case NoElement(_, step):
            return not any(map(step.finds, there))
        case NotIn(_, value):
            return not any(same(value, each) for each in there)
        case OnlyOne(path):
            return sum(same(there, each) for each in _at(document, path[:-1])) == 1
    assert_never(guard)


def all_hold(plan: Plan, document: Any) -> bool:
    """Tell whether a database would carry the plan out."""
    return all(holds(guard, document) for guard in plan.guards)


def carried_out(plan: Plan, document: Any) -> Any:
    """Return what a plan makes of a document in which its guards hold."""
    holder = {"": plain(document)}
    for edit in plan.edits:
        _carry_out(edit, holder)
    return holder[""]


def _carry_out(edit: Edit, holder: dict[Any, Any]) -> None:
    path = ("", *edit.path)
    if isinstance(edit, Append):
        elements = _at(holder, path)
        assert isinstance(elements, list)
        elements += plain(edit.values)
        return
    above = _at(holder, path[:-1])
    match edit:
        case Put(_, value):
            # At a position there is an element already; only a list that is rewritten as a whole is put there.
            assert isinstance(above, dict) or _at(above, path[-1:]) is not ABSENT
            above[path[-1]] = plain(value)
        case Remove():
            del above[path[-1]]
        case Add(_, amount):
            above[path[-1]] = above.get(path[-1], 0) + amount


def _at(value: Any, path: Path) -> Any:
    for step in path:
        fits = isinstance(value, dict if isinstance(step, str) else list)
        if not fits or (
            step not in value if isinstance(value, dict) else not 0 <= int(str(step)) < len(value)
        ):
            return ABSENT
        value = value[step]
    return value
