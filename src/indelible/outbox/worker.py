"""`Worker`: a place where jobs run, inside an asyncio program or as a process of its own."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import signal
import socket
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from types import TracebackType
from typing import Self

from indelible.errors import OutboxError
from indelible.outbox.databases import Target, databases
from indelible.outbox.running import Observer
from indelible.outbox.scheduling import Schedule
from indelible.outbox.serving import Service, Settings

logger = logging.getLogger("indelible.outbox")


class Worker:
    """Runs jobs in this process, straight from the table.

    `targets` are an `Engine` for sync handlers, an `AsyncEngine` for async ones, or one of each; session makers that
    are bound to one do too. `queues` are the queues to serve, with how many jobs of each may run at once if it is a
    mapping; all by default. `concurrency` is how many jobs run at once, `lease` after how many seconds without a sign
    of life another worker takes a job over, `poll` how many seconds pass before the table is looked at without being
    woken, `grace` how many seconds running jobs get when the worker stops. Jobs that are done or cancelled are
    deleted after `keep`; dead ones stay. Raises WrongEngine.

    In an asyncio program: `async with Worker(engine): …`. As a process: `indelible worker module:name`.
    """

    def __init__(
        self,
        *targets: Target,
        queues: Sequence[str] | Mapping[str, int] | None = None,
        concurrency: int = 10,
        lease: float = 30.0,
        poll: float = 1.0,
        grace: float = 30.0,
        keep: timedelta | None = timedelta(days=7),
        schedules: Iterable[Schedule] = (),
        observers: Sequence[Observer] = (),
    ) -> None:
        if concurrency < 1 or lease <= 0 or poll <= 0:
            raise OutboxError(
                "A worker needs at least one place, and a lease and a poll of more than no time."
            )
        databases(targets)  # an engine that will not do fails here, not when the worker starts
        self.targets = targets
        self.settings = Settings(
            name=f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}",
            queues=None if queues is None else tuple(queues),
            limits=dict(queues) if isinstance(queues, Mapping) else {},
            concurrency=concurrency,
            lease=lease,
            poll=poll,
            grace=grace,
            keep=keep,
            schedules=tuple(schedules),
            observers=tuple(observers),
        )
        self._service: Service | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Begin to serve, in a task of this event loop. Raises OutboxError if it serves already."""
        if self._task is not None:
            raise OutboxError("This worker serves already.")
        self._service = Service(self.targets, self.settings)
        self._task = asyncio.create_task(self._service.serve(), name="indelible worker")
        self._task.add_done_callback(_report)

    async def stop(self, grace: float | None = None) -> None:
        """Claim no more, let running jobs end for `grace` seconds, hand the others back, and return."""
        if self._service is None or self._task is None:
            return
        self._service.stop(self.settings.grace if grace is None else grace)
        task, self._task = self._task, None
        await task

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT, then let running jobs end; a second signal hands them back at once."""
        asyncio.run(self._run())

    async def _run(self) -> None:
        service = Service(self.targets, self.settings)
        graces = [self.settings.grace, 0.0]

        def end() -> None:
            service.stop(graces.pop(0) if graces else 0.0)

        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, end)
        await service.serve()


def _report(task: asyncio.Task[None]) -> None:
    # Nobody may ask for it before the program ends.
    if not task.cancelled() and task.exception() is not None:
        logger.error("This worker has ended, and runs no more jobs", exc_info=task.exception())
