"""The order of a list's elements when one of them has moved."""

from __future__ import annotations


def order_after_move(source: str, target: str) -> str:
    """Return the order of elements by their positions, `n`, in which one has gone from a position to another."""
    others = f"CASE WHEN n > {source} THEN n - 1 ELSE n END"
    return (
        f"CASE WHEN n = {source} THEN {target} WHEN {others} >= {target} THEN {others} + 1 ELSE {others} END"
    )
