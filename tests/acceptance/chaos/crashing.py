"""Programs that are killed at a chosen point: before or after any statement, any commit, and any send."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    URL,
    Column,
    Engine,
    Integer,
    MetaData,
    Table,
    Text,
    event,
    insert,
    select,
    text,
)
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import Session

from indelible.errors import BrokerDown, RunFailed
from indelible.outbox import (
    AsyncJobContext,
    Backoff,
    Every,
    JobContext,
    Schedule,
    Worker,
    add_outbox_tables,
    enqueue,
    job,
    relay,
    rq,
)
from indelible.outbox.scheduling import tick
from indelible.outbox.tables import jobs
from indelible.outbox.transports import WakeUp
from tests.database.outbox.systems import fast_sqlite, open_engine, options

metadata = MetaData()
add_outbox_tables(metadata)
saves = Table("saves", metadata, Column("label", Text, primary_key=True))
effects = Table("effects", metadata, Column("id", Integer, primary_key=True), Column("label", Text))
steps = Table("steps", metadata, Column("id", Integer, primary_key=True), Column("label", Text))

LEASE_SECONDS = 1.0
_SOON = Backoff(first=0.01, most=0.02)


# What the jobs do, for sync and for async workers.


@job(retries=1000, backoff=_SOON)
def take_effect(context: JobContext, label: str) -> None:
    """Write once."""
    context.session.execute(insert(effects).values(label=label))


@job(retries=1000, backoff=_SOON)
def take_steps(context: JobContext, label: str) -> None:
    """Keep a step, fail at first, write, and enqueue another job."""
    with context.transaction() as session:
        session.execute(insert(steps).values(label=label))
    context.session.execute(insert(effects).values(label=label))
    enqueue(context.session, take_effect, f"{label} child")
    if context.attempt == 1:
        raise RuntimeError("the first attempt fails")


@job(retries=1000, backoff=_SOON)
def do_nothing(context: JobContext, label: str) -> str:
    """Write nothing."""
    return label


@job(retries=1000, backoff=_SOON)
async def take_effect_async(context: AsyncJobContext, label: str) -> None:
    """Write once."""
    await context.session.execute(insert(effects).values(label=label))


@job(retries=1000, backoff=_SOON)
async def take_steps_async(context: AsyncJobContext, label: str) -> None:
    """Keep a step, fail at first, write, and enqueue another job."""
    async with context.transaction() as session:
        await session.execute(insert(steps).values(label=label))
    await context.session.execute(insert(effects).values(label=label))
    enqueue(context.session, take_effect_async, f"{label} child")
    if context.attempt == 1:
        raise RuntimeError("the first attempt fails")


@job(retries=1000, backoff=_SOON)
async def do_nothing_async(context: AsyncJobContext, label: str) -> str:
    """Write nothing."""
    return label


# Being killed.


class Doom:
    """Kills this process when it has come to its last point."""

    def __init__(self, points: int) -> None:
        self._left = points

    def point(self, *_: Any) -> None:
        """Come to a point; the last one is the end."""
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def strike(self, engine: Engine) -> None:
        """Make points of all that this engine does: before and after each statement, commit and rollback."""
        event.listen(engine, "before_cursor_execute", self.point)
        event.listen(engine, "after_cursor_execute", self.point)
        dialect: Any = engine.dialect
        for name in ("do_commit", "do_rollback"):
            setattr(dialect, name, self._around(getattr(dialect, name)))

    def _around(self, function: Callable[..., None]) -> Callable[..., None]:
        def call(*args: Any) -> None:
            self.point()
            function(*args)
            self.point()

        return call


class Place:
    """A database, by its address and schema; `doom` strikes what is opened."""

    def __init__(self, url: URL, schema: str, doom: Doom | None = None) -> None:
        self._url = url
        self._schema = schema
        self._doom = doom
        self.is_async = url.get_dialect().is_async

    def engine(self) -> Engine:
        """Open a sync engine, on which nobody is killed."""
        name = {"postgresql": "postgresql+psycopg", "sqlite": "sqlite"}[self._url.get_backend_name()]
        return open_engine(self._url.set(drivername=name), self._schema)

    def engine_of_the_driver(self) -> Engine | AsyncEngine:
        """Open an engine with the scenario's driver."""
        if not self.is_async:
            engine = open_engine(self._url, self._schema)
            self._strike(engine)
            return engine
        async_engine = create_async_engine(self._url, connect_args=options(self._url, self._schema))
        if self._url.get_backend_name() == "sqlite":
            event.listen(async_engine.sync_engine, "connect", fast_sqlite)
        self._strike(async_engine.sync_engine)
        return async_engine

    def point(self) -> None:
        """Come to a point that is no statement."""
        if self._doom is not None:
            self._doom.point()

    def _strike(self, engine: Engine) -> None:
        if self._doom is not None:
            self._doom.strike(engine)


# What is done before, in, and after the process that is killed.


def save(engine: Engine, label: str, *, is_async: bool) -> None:
    """Save a label with its jobs, in one transaction."""
    with Session(engine) as session:
        session.execute(insert(saves).values(label=label))
        for handler in HANDLERS[is_async]:
            enqueue(session, handler, label, key=None if "nothing" in handler.name else label)
        session.commit()


HANDLERS: dict[bool, Sequence[Any]] = {
    False: (take_effect, take_steps, do_nothing),
    True: (take_effect_async, take_steps_async, do_nothing_async),
}


def abandon(engine: Engine, label: str, *, is_async: bool) -> None:
    """Leave a job as a worker does that died in its midst."""
    with Session(engine) as session:
        session.execute(insert(saves).values(label=f"{label} left"))
        ticket = enqueue(session, HANDLERS[is_async][0], f"{label} left", key=f"{label} left")
        session.commit()
    with engine.begin() as connection:
        taken = jobs.update().where(jobs.c.id == ticket.id)
        long_ago = connection.execute(select(jobs.c.enqueued_at)).scalars().first()
        assert long_ago is not None
        values = {"state": "running", "token": 1, "attempts": 1, "running": 1, "worker": "a dead one"}
        connection.execute(taken.values(leased_until=long_ago - timedelta(days=1), **values))


def work(place: Place) -> None:
    """Run a worker until nothing is left to do."""

    async def main() -> None:
        engine = place.engine_of_the_driver()
        async with Worker(engine, lease=LEASE_SECONDS, poll=0.05, keep=None):
            await asyncio.to_thread(wait_until_idle, place)

    asyncio.run(main())


class Inline:
    """A transport that runs jobs at once as RQ would, or loses their wake-ups."""

    def __init__(self, place: Place, *, loses: bool) -> None:
        self._place = place
        self._loses = loses
        self._sends = 0

    def send(self, wake_ups: Sequence[WakeUp]) -> None:
        """Run them. Raises BrokerDown at first."""
        self._place.point()
        self._sends += 1
        if self._sends == 1:
            raise BrokerDown
        for wake_up in wake_ups:
            self._place.point()
            if not self._loses:
                with contextlib.suppress(RunFailed):
                    rq.run(wake_up.job_id, wake_up.token, "tests.acceptance.chaos.crashing:rq_worker")
        self._place.point()

    def oldest_sent_at(self, queue: str) -> datetime | None:
        """Say that nothing waits."""
        self._place.point()
        return None


_rq_place: list[Place] = []


def rq_worker() -> Worker:
    """Return what RQ's jobs are run with."""
    return Worker(_rq_place[0].engine_of_the_driver(), lease=LEASE_SECONDS)


def hand_over(place: Place, *, loses: bool = False, seconds: float = 60.0) -> None:
    """Run a relay until nothing is left to do, or for so long."""
    relay._RESCUE_SECONDS = 0.2
    _rq_place[:] = [place]

    async def main() -> None:
        serving = asyncio.create_task(
            relay.Relay(
                place.engine_of_the_driver(),
                transport=Inline(place, loses=loses),
                poll=0.05,
                patience=0.4,
                keep=None,
            ).serve()
        )
        await asyncio.to_thread(wait_until_idle, place, seconds)
        serving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await serving

    asyncio.run(main())


def wait_until_idle(place: Place, seconds: float = 60.0) -> None:
    """Wait until no job waits or runs, with a limit."""
    engine = place.engine()

    async def wait() -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while _undone(engine):
                    await asyncio.sleep(0.02)

    asyncio.run(wait())
    engine.dispose()


def _undone(engine: Engine) -> bool:
    with engine.connect() as connection:
        query = select(jobs.c.id).where(jobs.c.state.in_(["waiting", "running"])).limit(1)
        return connection.execute(query).first() is not None


def _tick(place: Place, label: str) -> None:
    engine = place.engine_of_the_driver()
    assert isinstance(engine, Engine)
    schedule = Schedule(do_nothing.bind(label), Every(timedelta(milliseconds=50)), name="ticking")
    for _ in range(2):
        with engine.begin() as connection:
            tick(connection, schedule)
        time.sleep(0.06)


def _tick_and_work(place: Place, label: str) -> None:
    _tick(place, label)
    work(place)


def _enqueue(place: Place, label: str) -> None:
    engine = place.engine_of_the_driver()
    assert isinstance(engine, Engine)
    save(engine, label, is_async=False)


def _before(place: Place, label: str) -> None:
    engine = place.engine()
    save(engine, label, is_async=place.is_async)
    abandon(engine, label, is_async=place.is_async)
    engine.dispose()


def _nothing(_place: Place, _label: str) -> None:
    pass


Part = Callable[[Place, str], None]

# What is done before, what is killed, what comes after.
SCENARIOS: dict[str, tuple[Part, Part, Part]] = {
    "enqueue": (_nothing, _enqueue, lambda place, _: work(place)),
    "tick": (_nothing, _tick, _tick_and_work),
    "work": (_before, lambda place, _: work(place), lambda place, _: work(place)),
    "relay": (
        _before,
        lambda place, _: hand_over(place, loses=True, seconds=1.5),
        lambda place, _: hand_over(place),
    ),
    "rq": (_before, lambda place, _: hand_over(place), lambda place, _: hand_over(place)),
}

_AUDIT = {
    # A save without its jobs, or jobs without their save.
    "jobs_lost": "SELECT count(*) FROM saves WHERE label NOT IN (SELECT key FROM indelible_jobs WHERE key IS NOT NULL)",
    "jobs_made_up": "SELECT count(*) FROM indelible_jobs WHERE key IS NOT NULL AND key NOT LIKE 'schedule:%'"
    " AND key NOT IN (SELECT label FROM saves)",
    "lost": "SELECT count(*) FROM saves WHERE label NOT IN (SELECT label FROM effects)",
    "effects_wrong": "SELECT count(*) FROM (SELECT label FROM effects GROUP BY label HAVING count(*) <> CASE"
    " WHEN label LIKE '% left' OR label LIKE '% child' THEN 1 ELSE 2 END) AS wrong",
    "children_lost": "SELECT count(*) FROM saves WHERE label NOT LIKE '% left'"
    " AND label || ' child' NOT IN (SELECT label FROM effects)",
    "steps_lost": "SELECT count(*) FROM saves WHERE label NOT LIKE '% left' AND label NOT IN (SELECT label FROM steps)",
    "ticks_lost": "SELECT count(*) FROM indelible_schedules"
    " WHERE NOT EXISTS (SELECT 1 FROM indelible_jobs WHERE key = 'schedule:ticking')",
    "undone": "SELECT count(*) FROM indelible_jobs WHERE state <> 'done'",
}


def audit(engine: Engine) -> dict[str, int]:
    """Return what is wrong, in plain SQL; all 0 when all is well."""
    with engine.connect() as connection:
        return {name: connection.execute(text(query)).scalar_one() for name, query in _AUDIT.items()}


def _in_child(part: Callable[[], None]) -> int:
    """Run this in a process of its own, and return how that ended: -9 when it was killed."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            part()
            code = 0
        except BaseException:  # noqa: BLE001 - the parent reads the code
            traceback.print_exc()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def play(url: URL, schema: str, scenario: str, points: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Play the scenario once for each point, and give what came of it."""
    before, killed, after = SCENARIOS[scenario]
    place = Place(url, schema)
    for point in points:
        label = f"{scenario} {point}"
        doomed = Place(url, schema, Doom(point))
        codes = [
            _in_child(lambda: before(place, label)),  # noqa: B023 - called at once
            _in_child(lambda: killed(doomed, label)),  # noqa: B023
            _in_child(lambda: after(place, label)),  # noqa: B023
        ]
        engine = place.engine()
        yield {"point": point, "codes": codes, "audit": audit(engine)}
        engine.dispose()
