"""Waiting for a database that is away."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from indelible.outbox.databases import DATABASE_ERRORS, PERMANENT_ERRORS
from indelible.outbox.ending import cancellations, raise_if_cancelled

logger = logging.getLogger("indelible.outbox")

T = TypeVar("T")

_LONGEST_PAUSE = 2.0


async def persist(attempt: Callable[[], Awaitable[T]]) -> T:
    """Try until the database takes it. Raises PERMANENT_ERRORS."""
    pause, cancelled_before = 0.05, cancellations()
    while True:
        try:
            return await attempt()
        except DATABASE_ERRORS as error:
            raise_if_cancelled(cancelled_before)
            if isinstance(error, PERMANENT_ERRORS):
                raise
            logger.warning("The database did not answer, trying again in %.2f s: %s", pause, error)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
