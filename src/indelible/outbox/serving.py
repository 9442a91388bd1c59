"""What a worker does while it serves: one task for each of its duties."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
from collections import Counter
from collections.abc import Coroutine, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from indelible.outbox import waking
from indelible.outbox.claiming import Claim, claim, rescue, seconds_to_next
from indelible.outbox.databases import DATABASE_ERRORS, Target, databases
from indelible.outbox.ending import end, raise_if_cancelled, wait, whole
from indelible.outbox.keeping import WATCH_SECONDS, Keeping, repeat
from indelible.outbox.listening import listen
from indelible.outbox.purging import purge_finished
from indelible.outbox.running import Observer, Outcome, Run, Runner
from indelible.outbox.scheduling import Schedule, tick

logger = logging.getLogger("indelible.outbox")

_PURGE_SECONDS = 300.0
# Each step of the end takes no longer, though the database be silent.
_STEP_SECONDS = 3.0
_LONGEST_WAIT = 3600.0


@dataclass(frozen=True)
class Settings:
    """How a worker serves; see `Worker`."""

    name: str
    queues: tuple[str, ...] | None
    limits: Mapping[str, int]
    concurrency: int
    lease: float
    poll: float
    grace: float
    keep: timedelta | None
    schedules: tuple[Schedule, ...]
    observers: tuple[Observer, ...]


class Service:
    """A worker that serves, in the event loop that it was made in."""

    def __init__(self, targets: tuple[Target, ...], settings: Settings) -> None:
        self._settings = settings
        self._threaded, self._asynchronous = databases(targets)
        self._runs: dict[asyncio.Task[Outcome], Run] = {}
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        self._stopping = asyncio.Event()
        self._ending = asyncio.Event()
        self._deadline = math.inf
        self._runner = Runner(
            self._threaded,
            self._asynchronous,
            lease=settings.lease,
            observers=settings.observers,
        )
        self._database = self._runner.database
        self._keeping = Keeping(
            self._database, settings.name, settings.lease, lambda: list(self._runs.values())
        )

    def stop(self, grace: float) -> None:
        """Claim no more, and end when running jobs have ended or so many seconds are over."""
        self._deadline = self._loop.time() + grace
        self._stopping.set()
        self._news.set()
        self._ending.set()

    async def serve(self) -> None:
        """Serve until stopped. Raises what a duty raises that must not: then running jobs are handed back."""
        waking.add_waker(self._wake)
        claiming = asyncio.create_task(self._claim_jobs(), name="indelible claims")
        duties = [asyncio.create_task(duty, name="indelible duty") for duty in self._duties()]
        for task in (claiming, *duties):
            task.add_done_callback(lambda _: self._ending.set())
        try:
            await self._until_ended(claiming, duties)
        finally:
            waking.remove_waker(self._wake)
            # A program that is told to stop may be cancelled while it does; asked once more, it leaves all as it is.
            await whole(self._finish(claiming, duties))
            raise_if_cancelled()

    async def _finish(self, claiming: asyncio.Task[None], duties: list[asyncio.Task[None]]) -> None:
        try:
            await end([claiming], _STEP_SECONDS)
            await self._hand_back()
            await end(duties, _STEP_SECONDS)
        finally:
            for left in (claiming, *duties, *self._runs):
                left.cancel()
            self._runner.close()
            if self._threaded is not None:
                self._threaded.close()

    async def _until_ended(self, claiming: asyncio.Task[None], duties: list[asyncio.Task[None]]) -> None:
        # Not by waiting for the claims alone: a silent database may hold them up for ever.
        while not (self._stopping.is_set() and self._is_over(claiming)):
            for task in (claiming, *duties):
                if task.done():
                    task.result()
            await waking.wait_for_news(self._ending, min(self._deadline - self._loop.time(), _LONGEST_WAIT))
            self._ending.clear()

    def _is_over(self, claiming: asyncio.Task[None]) -> bool:
        return self._loop.time() >= self._deadline or (claiming.done() and not self._runs)

    def _duties(self) -> Iterator[Coroutine[Any, Any, None]]:
        third = self._settings.lease / 3
        yield repeat(third, self._keeping.prolong)
        yield repeat(third, self._rescue)
        yield repeat(WATCH_SECONDS, self._keeping.watch)
        yield listen(self._threaded, self._asynchronous, self._news.set)
        if self._settings.keep is not None:
            yield repeat(_PURGE_SECONDS, self._purge)
        for schedule in self._settings.schedules:
            yield self._tick(schedule)

    # Claiming

    def _wake(self, seconds: float) -> None:
        with contextlib.suppress(RuntimeError):  # the loop was closed just now
            if seconds:
                self._loop.call_soon_threadsafe(self._loop.call_later, seconds, self._news.set)
            else:
                self._loop.call_soon_threadsafe(self._news.set)

    async def _claim_jobs(self) -> None:
        pause = 0.0
        while not self._stopping.is_set():
            await waking.wait_for_news(self._news, pause)
            self._news.clear()
            try:
                pause = await self._claim_some()
            except DATABASE_ERRORS as error:
                raise_if_cancelled()
                logger.warning("No jobs can be claimed: %s", error)
                pause = self._settings.poll

    async def _claim_some(self) -> float:
        """Claim what there is room for, and return for how long to look no more unless there is news."""
        queues, room = self._room()
        if not room or self._stopping.is_set():
            return self._settings.poll
        # Jobs that were taken and are not known of would wait for their leases to run out.
        claims, next_due = await whole(self._database.run(self._claim, queues, room))
        for claimed in claims:
            self._begin(claimed)
        raise_if_cancelled()
        if len(claims) == room:
            return 0.0
        return self._settings.poll if next_due is None else next_due

    def _claim(
        self, connection: Connection, queues: list[str] | None, room: int
    ) -> tuple[list[Claim], float | None]:
        claims = claim(connection, self._settings.name, self._settings.lease, room, queues)
        return claims, None if claims else seconds_to_next(connection, self._settings.poll)

    def _room(self) -> tuple[list[str] | None, int]:
        """Return the queues that have room, `None` for all, and how many jobs any of them can take."""
        room = self._settings.concurrency - len(self._runs)
        if self._settings.queues is None:
            return None, room
        running = Counter(run.claim.queue for run in self._runs.values())
        rooms = {queue: self._limit(queue) - running[queue] for queue in self._settings.queues}
        open_queues = [queue for queue, free in rooms.items() if free > 0]
        # No more than the fullest can take: which of them the jobs will come from is decided by their order.
        return open_queues, min([room, *(rooms[queue] for queue in open_queues)]) if open_queues else 0

    def _limit(self, queue: str) -> int:
        return self._settings.limits.get(queue, self._settings.concurrency)

    def _begin(self, claimed: Claim) -> None:
        run = Run(claimed)
        task = asyncio.create_task(self._runner.run(run), name=f"indelible job {claimed.id}")
        self._runs[task] = run
        task.add_done_callback(self._end)

    def _end(self, task: asyncio.Task[Outcome]) -> None:
        run = self._runs.pop(task)
        self._news.set()
        if self._stopping.is_set():
            self._ending.set()
        if not task.cancelled() and task.exception() is not None:
            logger.error("The end of job %s could not be written", run.claim.id, exc_info=task.exception())

    # Ending

    async def _hand_back(self) -> None:
        for task, run in list(self._runs.items()):
            if run.is_async or run.is_ending:
                run.stop()
            else:
                task.cancel()  # the thread cannot be stopped; without its token it can commit nothing
        await wait(list(self._runs), _STEP_SECONDS)
        await end(list(self._runs), _STEP_SECONDS)

    # Duties

    async def _rescue(self) -> None:
        rescued = await self._database.run(rescue)
        if rescued:
            logger.warning("Rescued jobs whose worker was lost: %s", rescued)
            self._news.set()

    async def _purge(self) -> None:
        assert self._settings.keep is not None
        await self._database.run(purge_finished, self._settings.keep)

    async def _tick(self, schedule: Schedule) -> None:
        while True:
            try:
                seconds = await self._database.run(tick, schedule)
                self._news.set()
            except DATABASE_ERRORS as error:
                raise_if_cancelled()
                logger.warning("The schedule %s has to wait for the database: %s", schedule.name, error)
                seconds = self._settings.poll
            await asyncio.sleep(seconds)
