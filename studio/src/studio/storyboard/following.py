"""Follow a storyboard as it changes, whoever changes it."""

import asyncio
import time
from collections.abc import AsyncIterator

from studio.database import Database
from studio.problems import DatabaseBusy, DatabaseUnavailable
from studio.storyboard.progress import get_progress
from studio.storyboard.views import ProgressView

# Another process may change it: looking is the one way that works on every database.
LOOK_SECONDS = 0.4
IDLE_LOOK_SECONDS = 1.0
SECONDS_BETWEEN_SIGNS = 15.0


async def follow(
    database: Database, project_id: str, *, seconds: float
) -> AsyncIterator[ProgressView | None]:
    """Yield the progress now and after each change, for `seconds`; None is a sign of life in between.

    Raises NotFound, before the first progress.
    """
    shown = await get_progress(database, project_id)
    yield shown
    start = told = time.monotonic()
    while (now := time.monotonic()) - start < seconds:
        await asyncio.sleep(
            LOOK_SECONDS if any(run.state == "running" for run in shown.runs) else IDLE_LOOK_SECONDS
        )
        try:
            progress = await get_progress(database, project_id)
        except (DatabaseBusy, DatabaseUnavailable):
            continue
        if progress != shown:
            shown, told = progress, now
            yield progress
        elif now - told > SECONDS_BETWEEN_SIGNS:
            told = now
            yield None
