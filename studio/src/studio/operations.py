"""The saves that were applied, so that one that is sent again is answered and not applied again."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from indelible import OperationLog
from studio.database import Base, Database
from studio.problems import Problem

logger = logging.getLogger(__name__)

# Longer than a browser that was closed over the holidays keeps a save that it could not send.
LIFE = timedelta(days=30)
DAY_SECONDS = 86_400.0

operations = OperationLog(Base.metadata)


async def forget_old(database: Database, *, older_than: timedelta = LIFE) -> None:
    """Forget the saves that nobody sends again any more."""
    async with database.writing() as session:
        await operations.purge(session, older_than)


@asynccontextmanager
async def forgetting_old(database: Database, *, every: float = DAY_SECONDS) -> AsyncIterator[None]:
    """Forget old saves now and then (`every` so many seconds) while the block runs."""
    task = asyncio.create_task(_forget_again_and_again(database, every))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _forget_again_and_again(database: Database, every: float) -> None:
    while True:
        try:
            await forget_old(database)
        except Problem as problem:
            logger.warning("Old saves were not forgotten: %s", problem)
        await asyncio.sleep(every)
