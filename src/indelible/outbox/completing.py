"""Completions of jobs that wrote nothing themselves, many in one transaction."""

from __future__ import annotations

import asyncio

from indelible.outbox.databases import PERMANENT_ERRORS, Database
from indelible.outbox.finishing import Completion, complete_all
from indelible.outbox.patience import persist


class Completing:
    """Gathers completions while the last ones are being written, and writes them together next."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[tuple[Completion, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def complete(self, completion: Completion) -> None:
        """Write a completion, however long the database is away, and return when it is committed."""
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((completion, written))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write(), name="indelible completions")
        await written

    async def _write(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                await self._write_batch(batch)
        finally:
            self._writing = None

    async def _write_batch(self, batch: list[tuple[Completion, asyncio.Future[None]]]) -> None:
        completions = [completion for completion, _ in batch]
        error: BaseException | None = None
        try:
            await persist(lambda: self._database.run(complete_all, completions))
        except PERMANENT_ERRORS as permanent:
            error = permanent
        for _, written in batch:
            if not written.done():
                written.set_result(None) if error is None else written.set_exception(error)
