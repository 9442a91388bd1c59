"""Counts flushes, so that it is known of a change whether one came after it."""

from __future__ import annotations


class _Clock:
    time = 0


def now() -> int:
    """Return how many flushes there were."""
    return _Clock.time


def tick() -> int:
    """Count a flush, or another event that later changes are to be told from, and return the new time."""
    _Clock.time += 1
    return _Clock.time
