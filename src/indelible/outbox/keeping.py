"""Runs kept alive: their leases prolonged, their progress written, cancellations passed on."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable

from sqlalchemy import Connection

from indelible.outbox.claiming import cancelled_runs, prolong
from indelible.outbox.databases import DATABASE_ERRORS, Database
from indelible.outbox.ending import raise_if_cancelled
from indelible.outbox.finishing import report_progress
from indelible.outbox.messages import place
from indelible.outbox.running import Run

logger = logging.getLogger("indelible.outbox")

WATCH_SECONDS = 0.5


class Keeping:
    """Keeps the runs of one worker."""

    def __init__(self, database: Database, worker: str, lease: float, runs: Callable[[], list[Run]]) -> None:
        self._database = database
        self._worker = worker
        self._lease = lease
        self._runs = runs

    async def prolong(self) -> None:
        """Prolong all leases; runs that have none any more, or are to be cancelled, are told."""
        before = self._runs()
        if not before:
            return
        leases = await self._database.run(prolong, self._worker, self._lease)
        for run in before:
            lease = leases.get(run.claim.id)
            if run.is_ending:
                continue
            if lease is None or lease.token != run.claim.token:
                run.lose()
            elif lease.cancel_requested:
                run.cancel()

    async def watch(self) -> None:
        """Write what runs report, and pass on cancellations."""
        runs = self._runs()
        if runs:
            cancelled = await self._database.run(self._report, runs)
            for run in runs:
                if cancelled.get(run.claim.id) == run.claim.token:
                    run.cancel()

    def _report(self, connection: Connection, runs: list[Run]) -> dict[int, int]:
        for run in sorted(runs, key=lambda run: place(run.claim.handler, run.claim.key)):
            progress = run.signals.take_progress()
            if progress is not None:
                report_progress(connection, run.claim, progress)
        return cancelled_runs(connection, self._worker)


async def repeat(seconds: float, duty: Callable[[], Awaitable[None]]) -> None:
    """Do something again and again, also when the database is away."""
    while True:
        try:
            await duty()
        except DATABASE_ERRORS as error:
            raise_if_cancelled()
            logger.warning("A duty has to wait for the database: %s", error)
        # Workers that were started together shall not come together.
        await asyncio.sleep(seconds * random.uniform(0.8, 1.0))
