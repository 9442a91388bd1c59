"""Wake-ups that went missing at the broker, found by looks at its queues that are old enough."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection, DateTime, select, type_coerce, update

from indelible.errors import BrokerDown
from indelible.outbox.claiming import as_utc, now, once
from indelible.outbox.databases import Database
from indelible.outbox.dialects import dialect_of
from indelible.outbox.tables import jobs
from indelible.outbox.threads import in_thread
from indelible.outbox.transports import Transport
from indelible.outbox.writing import WAITING

logger = logging.getLogger("indelible.outbox")

# Of `patience`: how long a relay's send may take, from the mark in the table until the broker has the wake-up. Other
# relays' sends cannot be seen.
_SEND_SHARE = 1 / 3


class Looks:
    """What was seen of the broker's queues, and what follows from it; knows no clock, broker or database.

    A look that finds the oldest wake-up of a queue shows that those sent before it have left, but for what other relays
    were still sending. One that has left may be with a worker that is about to take its job. So a look counts when it
    is `patience` old, and only if no look since then found something older in the queue.
    """

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._margin = timedelta(seconds=patience * _SEND_SHARE)
        self._looks: dict[str, list[tuple[float, datetime]]] = {}

    def keep_only(self, queues: list[str]) -> None:
        """Forget all other queues, in which nothing is awaited."""
        self._looks = {queue: looks for queue, looks in self._looks.items() if queue in queues}

    def add(self, queue: str, seconds: float, oldest: datetime) -> datetime | None:
        """Keep a look that ended at `seconds`, and return before which moment a wake-up that still waits was lost.

        `oldest` is when the oldest wake-up in the queue was sent, or when an empty queue was looked at. The result is
        `None` while no look is old enough.
        """
        looks = [*self._looks.get(queue, ()), (seconds, oldest)]
        old_enough = sum(seconds - looked_at >= self._patience for looked_at, _ in looks)
        self._looks[queue] = looks = looks[max(0, old_enough - 1) :]
        return min(moment for _, moment in looks) - self._margin if old_enough else None


class Sweeper:
    """Takes back the marks of wake-ups that were lost, so that a relay sends them again.

    A wake-up that is in the broker's queue, or left it less than `patience` seconds ago, keeps its mark.
    `sending_since` tells when the oldest wake-up was marked that this relay is just sending, if any.
    """

    def __init__(
        self,
        database: Database,
        transport: Transport,
        patience: float,
        *,
        sending_since: Callable[[], datetime | None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._transport = transport
        self._sending_since = sending_since
        self._clock = clock
        self._looks = Looks(patience)

    async def sweep(self) -> int:
        """Look at each queue from which wake-ups are awaited; return how many were lost. Raises DATABASE_ERRORS."""
        moment, queues = await self._database.run(awaited)
        self._looks.keep_only(queues)
        return sum([await self._sweep_queue(queue, moment) for queue in queues])

    async def _sweep_queue(self, queue: str, moment: datetime) -> int:
        try:
            ask = partial(self._transport.oldest_sent_at, queue)
            # Not in a thread that the loop waits for: a relay that is asked to end shall not wait for a silent broker.
            found = await in_thread(ask, "indelible relay")
        except BrokerDown as error:
            logger.warning("Lost wake-ups of %s cannot be found now: %s", queue, error)
            return 0
        oldest = min(filter(None, (found or moment, self._sending_since())))
        sent_before = self._looks.add(queue, self._clock(), oldest)
        if sent_before is None:
            return 0
        lost = await self._database.run(unmark_lost, queue, sent_before)
        if lost:
            logger.warning("%s wake-ups of %s went missing and are sent again", lost, queue)
        return lost


def awaited(connection: Connection) -> tuple[datetime, list[str]]:
    """Return the database's time, and the queues of jobs that wait for their wake-ups."""
    clock = select(type_coerce(now(connection.dialect.name), DateTime(timezone=True)))
    moment = as_utc(connection.execute(clock).scalar_one())
    marked = select(jobs.c.queue).where(jobs.c.state == WAITING, jobs.c.sent_at.is_not(None)).distinct()
    return moment, list(connection.execute(marked).scalars())


def unmark_lost(connection: Connection, queue: str, sent_before: datetime) -> int:
    """Take back the marks of wake-ups that were sent before this moment and became no run; return how many."""
    dialect = dialect_of(connection)
    dialect.begin_writing(connection)
    lost = select(jobs.c.id).where(
        jobs.c.state == WAITING, jobs.c.queue == queue, jobs.c.sent_at < sent_before
    )
    chosen = once(connection.dialect.name, dialect.free_only(lost))
    return connection.execute(update(jobs).where(jobs.c.id.in_(chosen)).values(sent_at=None)).rowcount
