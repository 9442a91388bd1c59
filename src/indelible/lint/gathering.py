"""Containers that are filled with the elements of a stored document, so that they may end up equal to it."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from indelible.lint.frame import Frame
from indelible.lint.values import Fresh, Inner, Part, Value, each

_LEAVING = (ast.Continue, ast.Break, ast.Return)


def gathered(body: list[ast.stmt]) -> frozenset[str]:
    """Return the names of the containers that each turn of a loop puts something into."""
    found: set[str] = set()
    for node in body:
        match node:
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append"))):
                found.add(name)
            case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=name))]):
                found.add(name)
    if found and any(isinstance(one, _LEAVING) for node in body for one in ast.walk(node)):
        return frozenset()
    return frozenset(found)


def takes_all(frame: Frame, fresh: Fresh, receiver: ast.expr, value: Value) -> bool:
    """Say whether a container gets, in each turn of a loop, the very element of a stored one."""
    return (
        isinstance(receiver, ast.Name)
        and receiver.id in frame.gathering
        and fresh.source is None
        and fresh not in frame.now.differs
        and shares(value)
    )


def shares(value: Value, copy: Fresh | None = None) -> bool:
    """Say whether a value is a part of a stored document itself, perhaps reached through a copy of it."""
    found = _without_stand_ins(value)
    return bool(found) and all(
        isinstance(one, Part) and (one.via is None or one.via is copy) for one in found
    )


def is_made_of_parts(frame: Frame, value: Value, copy: Fresh | None = None, steps: int = 4) -> bool:
    """Say whether a value is a container made here that holds parts of a stored document, and nothing else."""
    found = _without_stand_ins(value)
    return bool(found) and all(
        isinstance(one, Fresh) and _is_again(frame, one, copy, steps - 1) for one in found
    )


def differ_already(frame: Frame, copied: Sequence[Value]) -> bool:
    """Say whether what is copied differs from what is stored: where something is, not what stands in for nothing."""
    stored = [one for one in copied if not _is_stand_in(one)] or copied
    return any(isinstance(one, Fresh) and one in frame.now.differs for one in stored)


def _without_stand_ins(value: Value) -> list[Value]:
    """Return what a value may be where something is stored."""
    return [one for one in each(value) if not _is_stand_in(one)]


def _is_stand_in(value: Value) -> bool:
    fresh = value.fresh if isinstance(value, Inner) else value
    return isinstance(fresh, Fresh) and fresh.stand_in


def _is_again(frame: Frame, fresh: Fresh, copy: Fresh | None, steps: int) -> bool:
    if fresh in frame.now.differs or fresh.deep or not steps:
        return False
    if fresh.chosen_from is not None and not frame.is_changed(fresh.chosen_from):
        return False
    if fresh.source is not None:
        return shares(fresh.source, copy) or is_made_of_parts(frame, fresh.source, copy, steps)
    held = [inner for kept in frame.now.contents.get(fresh, {}).values() for inner in each(kept)]
    return bool(held) and all(shares(inner, copy) for inner in held)
