"""Commits of this process wake its workers."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable

Waker = Callable[[float], None]

_wakers: set[Waker] = set()
_lock = threading.Lock()

# SQLAlchemy has no event after the commit of a connection, only one just before. The commit takes a moment.
_SOON = (0.002, 0.01, 0.05, 0.25)


def add_waker(waker: Waker) -> None:
    """Call this from any thread, with a number of seconds to wait before looking, when jobs may be there."""
    with _lock:
        _wakers.add(waker)


def remove_waker(waker: Waker) -> None:
    """Call this no more."""
    with _lock:
        _wakers.discard(waker)


def wake_workers() -> None:
    """Let the workers of this process look for jobs now."""
    _wake(0.0)


def wake_workers_soon() -> None:
    """Let the workers of this process look for jobs when a commit that begins now may be over."""
    for seconds in _SOON:
        _wake(seconds)


async def wait_for_news(news: asyncio.Event, seconds: float) -> None:
    """Wait until there is news, or for so many seconds; not at all if they are none."""
    if seconds <= 0:
        return
    # Not `asyncio.wait_for`: on Python 3.11 that takes no notice of a cancellation that comes together with the news.
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await news.wait()


def _wake(seconds: float) -> None:
    if not _wakers:
        return
    with _lock:
        wakers = list(_wakers)
    for waker in wakers:
        waker(seconds)
