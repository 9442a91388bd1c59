"""Tasks that end when they are asked to, whatever a driver makes of a cancellation and however silent a database is."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Coroutine
from typing import Any, TypeVar

logger = logging.getLogger("indelible.outbox")

T = TypeVar("T")


def cancellations() -> int:
    """Return how often the current task was asked to end."""
    task = asyncio.current_task()
    return 0 if task is None else task.cancelling()


def raise_if_cancelled(since: int = 0) -> None:
    """Raise CancelledError if this task was asked to end, more often than `since`, and has heard of it otherwise.

    A driver that is cancelled within a statement, or in the rollback that follows, may raise an error of its own. Who
    catches those to try again asks here whether to.
    """
    if cancellations() > since:
        raise asyncio.CancelledError


async def whole(work: Coroutine[Any, Any, T]) -> T:
    """Return what the work gives although this task is asked to end meanwhile; `raise_if_cancelled` must come soon.

    For what must not be done without being known, such as taking jobs. Asked twice, the task ends here.
    """
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        if task.cancelled():
            raise
        return await task


async def end(tasks: Collection[asyncio.Task[Any]], seconds: float) -> None:
    """Cancel tasks and wait for their ends, so many seconds at most: a dead connection may hold one up for ever."""
    for task in tasks:
        task.cancel()
    await wait(tasks, seconds)
    for task in tasks:
        if not task.done():
            logger.warning("%s does not end, and is left", task.get_name())
            task.cancel()
        elif not task.cancelled():
            task.exception()  # whoever watched the task has it


async def wait(tasks: Collection[asyncio.Task[Any]], seconds: float) -> None:
    """Wait until tasks have ended, so many seconds at most."""
    if tasks and seconds > 0:
        await asyncio.wait(tasks, timeout=seconds)
