"""The relay: hands due jobs to a broker as wake-ups, and sends again what went missing there."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Coroutine, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, null, select, update

from indelible.errors import BrokerDown, UnknownHandler
from indelible.outbox import waking
from indelible.outbox.claiming import as_utc, due, now, once, rescue
from indelible.outbox.databases import DATABASE_ERRORS, Target, databases
from indelible.outbox.dialects import dialect_named, dialect_of
from indelible.outbox.ending import end, raise_if_cancelled, whole
from indelible.outbox.handlers import find_handler
from indelible.outbox.keeping import repeat
from indelible.outbox.listening import listen
from indelible.outbox.purging import purge_finished
from indelible.outbox.scheduling import Schedule, tick
from indelible.outbox.sweeping import Sweeper
from indelible.outbox.tables import jobs
from indelible.outbox.threads import in_thread
from indelible.outbox.transports import Transport, WakeUp
from indelible.outbox.writing import WAITING

logger = logging.getLogger("indelible.outbox")

_SENT_AT_ONCE = 200
_LONGEST_PAUSE = 5.0
_LONGEST_END = 5.0
_SWEEPS_A_PATIENCE = 6
_RESCUE_SECONDS = 5.0
_PURGE_SECONDS = 300.0


class Relay:
    """Sends wake-ups for due jobs through a transport; the table stays the truth.

    `poll` is how many seconds pass between looks at the table without being woken, `patience` how long a wake-up that
    has left the broker's queue may take to become a running job; after that, and a third more at most, it is sent
    again. Any number of relays may run. Jobs that are done or cancelled are deleted after `keep`.
    """

    def __init__(
        self,
        *targets: Target,
        transport: Transport,
        poll: float = 0.5,
        patience: float = 30.0,
        keep: timedelta | None = timedelta(days=7),
        schedules: Iterable[Schedule] = (),
    ) -> None:
        databases(targets)
        self._targets = targets
        self._transport = transport
        self._poll = poll
        self._patience = patience
        self._keep = keep
        self._schedules = tuple(schedules)
        self._sending: list[WakeUp] = []

    def run(self) -> None:
        """Relay until SIGTERM or SIGINT."""
        asyncio.run(self._run())

    async def serve(self) -> None:
        """Relay until cancelled."""
        threaded, asynchronous = databases(self._targets)
        database = asynchronous or threaded
        assert database is not None
        self._database = database
        self._sweeper = Sweeper(database, self._transport, self._patience, sending_since=self._sending_since)
        self._news = asyncio.Event()
        loop = asyncio.get_running_loop()

        def wake(seconds: float) -> None:
            with contextlib.suppress(RuntimeError):  # the loop was closed just now
                loop.call_soon_threadsafe(loop.call_later, seconds, self._news.set)

        waking.add_waker(wake)
        duties = [
            asyncio.create_task(duty, name="indelible relay")
            for duty in [*self._duties(), listen(threaded, asynchronous, self._news.set)]
        ]
        try:
            ended, _ = await asyncio.wait(duties, return_when=asyncio.FIRST_EXCEPTION)
            for duty in ended:
                duty.result()
        finally:
            waking.remove_waker(wake)
            try:
                await end(duties, _LONGEST_END)
            finally:
                if threaded is not None:
                    threaded.close()

    async def _run(self) -> None:
        serving = asyncio.create_task(self.serve())
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, serving.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await serving

    def _duties(self) -> Iterator[Coroutine[Any, Any, None]]:
        yield self._send_forever()
        yield repeat(self._patience / _SWEEPS_A_PATIENCE, self._sweep)
        yield repeat(_RESCUE_SECONDS, self._rescue)
        if self._keep is not None:
            yield repeat(_PURGE_SECONDS, self._purge)
        for schedule in self._schedules:
            yield self._tick(schedule)

    async def _send_forever(self) -> None:
        pause = 0.0
        while True:
            await waking.wait_for_news(self._news, min(pause, self._poll))
            self._news.clear()
            try:
                pause = 0.0 if await self._send_some() == _SENT_AT_ONCE else self._poll
            except (BrokerDown, *DATABASE_ERRORS) as error:
                raise_if_cancelled()
                logger.warning("Jobs wait, no wake-ups can be sent: %s", error)
                pause = min(_LONGEST_PAUSE, max(2 * pause, self._poll))
                await asyncio.sleep(pause)

    async def _send_some(self) -> int:
        # Marks that nobody knows of would keep their jobs waiting for the sweep.
        wake_ups = await whole(self._database.run(reserve, _SENT_AT_ONCE))
        if not wake_ups:
            raise_if_cancelled()
            return 0
        self._sending = wake_ups
        try:
            raise_if_cancelled()
            # Not in a thread that the loop waits for: a relay that is asked to end shall not wait for a silent broker.
            await in_thread(lambda: self._transport.send(wake_ups), "indelible relay")
        except BaseException:
            # The mark says that a wake-up is on its way; without one, the job is sent at the next try.
            await whole(self._database.run(unmark, wake_ups))
            raise
        finally:
            self._sending = []
        return len(wake_ups)

    def _sending_since(self) -> datetime | None:
        return min((wake_up.sent_at for wake_up in self._sending), default=None)

    async def _sweep(self) -> None:
        if await self._sweeper.sweep():
            self._news.set()

    async def _rescue(self) -> None:
        if await self._database.run(rescue):
            self._news.set()

    async def _purge(self) -> None:
        assert self._keep is not None
        await self._database.run(purge_finished, self._keep)

    async def _tick(self, schedule: Schedule) -> None:
        while True:
            try:
                seconds = await self._database.run(tick, schedule)
                self._news.set()
            except DATABASE_ERRORS as error:
                raise_if_cancelled()
                logger.warning("The schedule %s has to wait for the database: %s", schedule.name, error)
                seconds = self._poll
            await asyncio.sleep(seconds)


def reserve(connection: Connection, most: int) -> list[WakeUp]:
    """Mark due jobs that have no wake-up on its way, and return wake-ups for them, first in line first."""
    dialect_of(connection).begin_writing(connection)
    rows = connection.execute(_reserve(connection.dialect.name), {"most": most}).all()
    return [
        WakeUp(row.id, row.token, row.queue, as_utc(row.sent_at), _timeout(row.handler))
        for row in sorted(rows, key=lambda row: (row.rank_at, row.id))
    ]


def unmark(connection: Connection, wake_ups: Sequence[WakeUp]) -> None:
    """Take back the marks of wake-ups that were not sent."""
    dialect_of(connection).begin_writing(connection)
    # Only these marks: another relay may have lost patience meanwhile, and sent the job.
    own = (jobs.c.id == bindparam("marked_id")) & (jobs.c.sent_at == bindparam("marked_at"))
    statement = update(jobs).where(own, jobs.c.state == WAITING).values(sent_at=null())
    marked = sorted(wake_ups, key=lambda one: one.job_id)
    connection.execute(statement, [{"marked_id": one.job_id, "marked_at": one.sent_at} for one in marked])


def _timeout(handler: str) -> float | None:
    try:
        return find_handler(handler).timeout
    except UnknownHandler:
        return None


@cache
def _reserve(dialect: str) -> Any:
    unsent = select(jobs.c.id).where(due(dialect), jobs.c.sent_at.is_(None))
    first = dialect_named(dialect).free_only(
        unsent.order_by(jobs.c.rank_at, jobs.c.id).limit(bindparam("most"))
    )
    chosen = jobs.c.id.in_(once(dialect, first))
    columns = (jobs.c.id, jobs.c.token, jobs.c.queue, jobs.c.sent_at, jobs.c.handler, jobs.c.rank_at)
    return update(jobs).where(chosen).values(sent_at=now(dialect)).returning(*columns)
