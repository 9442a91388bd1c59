"""Completions of jobs that wrote nothing themselves, many in one transaction."""

from __future__ import annotations

import asyncio

from indelible.outbox.databases import Database
from indelible.outbox.finishing import Completion, complete_all
from indelible.outbox.patience import persist

Batch = list[tuple[Completion, asyncio.Future[None]]]


class Completing:
    """Gathers completions while the last ones are being written, and writes them together next."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: Batch = []
        self._writing: asyncio.Task[None] | None = None

    async def complete(self, completion: Completion) -> None:
        """Write a completion, however long the database is away, and return when it is committed."""
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((completion, written))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write(), name="indelible completions")
        await written

    def close(self) -> None:
        """Write no more."""
        if self._writing is not None:
            self._writing.cancel()

    async def _write(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                await self._write_batch(batch)
        finally:
            self._writing = None
            _cancel(self._waiting)

    async def _write_batch(self, batch: Batch) -> None:
        completions = [completion for completion, _ in batch]
        try:
            await persist(lambda: self._database.run(complete_all, completions))
        except Exception as error:  # noqa: BLE001 - whoever waits for it would wait for ever
            if len(batch) == 1:
                _tell(batch, error)
                return
            # The others shall not fail for what one of them returned.
            for one in batch:
                await self._write_batch([one])
        except asyncio.CancelledError:
            _cancel(batch)
            raise
        else:
            _tell(batch, None)


def _tell(batch: Batch, error: Exception | None) -> None:
    for _, written in batch:
        if not written.done():
            written.set_result(None) if error is None else written.set_exception(error)


def _cancel(batch: Batch) -> None:
    for _, written in batch:
        written.cancel()
