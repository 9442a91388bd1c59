"""Workers and relays started and stopped at random moments, under a stream of commits.

`INDELIBLE_STRESS_EPISODES=300 pytest tests/database/outbox/test_starts_and_stops.py` is the long run;
`INDELIBLE_STRESS_SEED` repeats one.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from indelible.errors import BrokerDown
from indelible.outbox import Worker, enqueue
from indelible.outbox.claiming import as_utc
from indelible.outbox.relay import Relay
from indelible.outbox.tables import jobs
from indelible.outbox.transports import WakeUp
from tests.database.outbox.handlers import asynchronous, threaded
from tests.database.outbox.systems import DRIVERS, System, opened

EPISODES = int(os.environ.get("INDELIBLE_STRESS_EPISODES", "6"))
LIMIT_SECONDS = 40.0

each_driver = pytest.mark.parametrize(
    ("embedded_system", "driver"),
    [(system, driver) for system, drivers in DRIVERS.items() for driver in drivers],
    indirect=["embedded_system"],
)


@pytest.fixture
def dice() -> random.Random:
    """What decides; its seed is shown with a failure."""
    seed = int(os.environ.get("INDELIBLE_STRESS_SEED", random.randrange(10**6)))
    print(f"INDELIBLE_STRESS_SEED={seed}")  # noqa: T201 - pytest shows it with a failure
    return random.Random(seed)


class Commits:
    """A thread that saves numbers with their jobs, at random moments."""

    def __init__(self, system: System, handler: object, seed: int) -> None:
        self.saved: list[str] = []
        self._system = system
        self._handler = handler
        self._dice = random.Random(seed)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._save, daemon=True)

    @contextmanager
    def flowing(self) -> Iterator[None]:
        """Save while the block runs."""
        self._thread.start()
        try:
            yield
        finally:
            self._ended.set()
            self._thread.join()

    def _save(self) -> None:
        while not self._ended.is_set():
            texts = [f"{len(self.saved) + more}" for more in range(self._dice.randrange(1, 4))]
            # SQLite's writers take no turns: on a busy machine one may find the lock taken for too long.
            with contextlib.suppress(OperationalError), self._system.transaction() as session:
                for text in texts:
                    enqueue(session, self._handler, text)  # type: ignore[arg-type]
                session.commit()
                self.saved += texts
            self._ended.wait(self._dice.choice((0.0, 0.002, 0.01, 0.05)))


async def within_the_limit(ending: Awaitable[object], dice: random.Random, *, strikes: bool) -> None:
    """Await an end, which may be cancelled meanwhile, and fail if it takes too long."""
    task = asyncio.ensure_future(ending)
    if strikes:
        await asyncio.sleep(dice.choice((0.0, 0.001, 0.02)))
        task.cancel()
    done, _ = await asyncio.wait({task}, timeout=LIMIT_SECONDS)
    assert done, f"it does not end; tasks: {asyncio.all_tasks()}"
    with contextlib.suppress(asyncio.CancelledError):
        task.result()


def wait_while_jobs_end(system: System) -> None:
    """Wait until all jobs are done; fail when none is done any more."""
    undone = -1
    while undone:
        before, end = undone, time.monotonic() + LIMIT_SECONDS
        while undone == before:
            assert time.monotonic() < end, f"{undone} jobs are left"
            time.sleep(0.05)
            with system.engine.connect() as connection:
                undone = connection.execute(
                    select(func.count()).select_from(jobs).where(jobs.c.state != "done")
                ).scalar_one()


def running(system: System) -> list[int]:
    """Return the jobs that run, as the table has it."""
    with system.engine.connect() as connection:
        return list(connection.execute(select(jobs.c.id).where(jobs.c.state == "running")).scalars())


@each_driver
def test_workers(embedded_system: System, driver: str, dice: random.Random) -> None:
    """Each stop ends soon and leaves no job running; in the end each job has had its effect once."""
    is_async = embedded_system.url.set(drivername=driver).get_dialect().is_async
    handler = (asynchronous if is_async else threaded).record

    async def episode() -> None:
        async with opened(embedded_system, driver) as engine:
            worker = Worker(engine, lease=20.0, poll=0.1, grace=dice.choice((0.0, 0.02, 5.0)))
            await worker.start()
            await asyncio.sleep(dice.choice((0.0, 0.001, 0.01, 0.1, 0.3)) * dice.random())
            await within_the_limit(worker.stop(), dice, strikes=dice.random() < 0.3)
            assert running(embedded_system) == []

    async def rest() -> None:
        async with opened(embedded_system, driver) as engine, Worker(engine, lease=20.0, poll=0.1):
            await asyncio.to_thread(wait_while_jobs_end, embedded_system)

    commits = Commits(embedded_system, handler, dice.randrange(10**6))
    with commits.flowing():
        for _ in range(EPISODES):
            asyncio.run(episode())
    asyncio.run(rest())
    assert Counter(embedded_system.effects()) == Counter(commits.saved)


class Moody:
    """A transport that is slow, or refuses, as the dice say; it knows what it was given."""

    def __init__(self, dice: random.Random) -> None:
        self.given: set[tuple[int, datetime]] = set()
        self._dice = dice

    def send(self, wake_ups: Sequence[WakeUp]) -> None:
        """Take wake-ups. Raises BrokerDown."""
        time.sleep(self._dice.choice((0.0, 0.0, 0.02)))
        if self._dice.random() < 0.2:
            raise BrokerDown
        self.given.update((one.job_id, one.sent_at) for one in wake_ups)

    def oldest_sent_at(self, queue: str) -> datetime | None:
        """Say that nothing waits."""
        return None


@each_driver
def test_relays(embedded_system: System, driver: str, dice: random.Random) -> None:
    """Each end comes soon, and leaves no mark of a wake-up that was not sent."""
    transport = Moody(random.Random(dice.randrange(10**6)))

    async def episode() -> None:
        async with opened(embedded_system, driver) as engine:
            serving = asyncio.create_task(Relay(engine, transport=transport, poll=0.05).serve())
            await asyncio.sleep(dice.choice((0.0, 0.001, 0.01, 0.1, 0.3)) * dice.random())
            serving.cancel()
            await within_the_limit(serving, dice, strikes=False)
            assert marked(embedded_system) <= transport.given

    commits = Commits(embedded_system, threaded.record, dice.randrange(10**6))
    with commits.flowing():
        for _ in range(EPISODES):
            asyncio.run(episode())
    assert commits.saved


def marked(system: System) -> set[tuple[int, datetime]]:
    """Return the jobs whose wake-ups are on their way, as the table has it, with the time of the mark."""
    with system.engine.connect() as connection:
        rows = connection.execute(select(jobs.c.id, jobs.c.sent_at).where(jobs.c.sent_at.is_not(None)))
        return {(row.id, as_utc(row.sent_at)) for row in rows}
