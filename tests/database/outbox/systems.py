"""A program with a database and workers, in each way that the outbox can be run."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import URL, Engine, create_engine, event, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import Session

from indelible.outbox import JobStatus, Ticket, Worker, find_jobs, get_job
from indelible.outbox.databases import Target
from indelible.outbox.relay import Relay
from indelible.outbox.rq import RQTransport
from indelible.outbox.tables import jobs as outbox_jobs
from tests.database.outbox.tables import effects, gates, metadata

PATIENCE_SECONDS = 30.0
DRIVERS = {
    "embedded-sqlite": ["sqlite", "sqlite+aiosqlite"],
    "embedded-postgresql": [
        "postgresql+psycopg",
        "postgresql+psycopg2",
        "postgresql+asyncpg",
        "postgresql+psycopg_async",
    ],
}
"""By the name of the system, what may run its jobs."""


def options(url: URL, schema: str = "") -> dict[str, Any]:
    """Return how to connect: SQLite waits, PostgreSQL looks into the test's own schema, and is told it as a name."""
    if url.get_backend_name() == "sqlite":
        return {"timeout": 10}
    if url.get_driver_name() == "asyncpg":
        return {"server_settings": {"search_path": schema, "application_name": schema}}
    return {"options": f"-csearch_path={schema}", "application_name": schema}


def open_engine(url: URL, schema: str = "", **more: Any) -> Engine:
    """Open an engine; SQLite does without waiting for the disk."""
    engine = create_engine(url, connect_args=options(url, schema), **more)
    if url.get_backend_name() == "sqlite":
        event.listen(engine, "connect", fast_sqlite)
    return engine


def open_async_engine(url: URL, schema: str = "") -> AsyncEngine:
    """The same for an async engine."""
    engine = create_async_engine(url, connect_args=options(url, schema))
    if url.get_backend_name() == "sqlite":
        event.listen(engine.sync_engine, "connect", fast_sqlite)
    return engine


def fast_sqlite(connection: Any, _record: object) -> None:
    """Let readers and a writer work side by side, and do not wait for the disk."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = OFF")
    cursor.close()


@asynccontextmanager
async def opened(system: System, driver: str) -> AsyncIterator[Target]:
    """Open an engine with this driver, sync or async."""
    url = system.url.set(drivername=driver)
    if not url.get_dialect().is_async:
        engine = open_engine(url, system.schema)
        yield engine
        engine.dispose()
        return
    async_engine = open_async_engine(url, system.schema)
    yield async_engine
    await async_engine.dispose()


class Serving(Protocol):
    """Something that runs jobs."""

    def stop(self) -> None:
        """End it, and let running jobs end."""


@dataclass
class System:
    """What a test uses: a database, handlers, and a way to start workers."""

    name: str
    url: URL
    schema: str
    handlers: Any
    start: Callable[[System, Mapping[str, Any]], Serving]
    engine: Engine = field(init=False)
    _serving: list[Serving] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.engine = open_engine(self.url, self.schema)
        metadata.create_all(self.engine)

    def serve(self, **settings: Any) -> Serving:
        """Start a worker."""
        serving = self.start(self, settings)
        self._serving.append(serving)
        return serving

    def close(self) -> None:
        """End all workers."""
        for serving in self._serving:
            serving.stop()
        self.engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open a session and commit it."""
        with Session(self.engine) as session:
            yield session
            session.commit()

    def job(self, ticket: Ticket | int) -> JobStatus:
        """Read one job."""
        with Session(self.engine) as session:
            status = get_job(session, ticket if isinstance(ticket, int) else ticket.id)
        assert status is not None
        return status

    def is_marked(self, job_id: int) -> bool:
        """Return whether a relay has marked this job's wake-up as sent."""
        with self.engine.connect() as connection:
            marked = select(outbox_jobs.c.sent_at).where(outbox_jobs.c.id == job_id)
            return connection.execute(marked).scalar_one() is not None

    def async_engine(self) -> AsyncEngine:
        """Open an async engine on the same database."""
        url = self.url.set(drivername=ASYNC_DRIVERS[self.url.get_backend_name()])
        return open_async_engine(url, self.schema)

    def jobs(self) -> list[JobStatus]:
        """Read all jobs."""
        with Session(self.engine) as session:
            return find_jobs(session)

    def effects(self) -> list[str]:
        """Read what jobs have written, in order."""
        with self.engine.connect() as connection:
            return list(connection.execute(select(effects.c.text).order_by(effects.c.id)).scalars())

    def reached(self, gate: str) -> int:
        """Return how often a gate was reached."""
        with self.engine.connect() as connection:
            rows = connection.execute(
                select(gates.c.id).where(gates.c.name == gate, gates.c.state == "reached")
            )
            return len(rows.all())

    def wait_at_gate(self, gate: str, times: int = 1) -> None:
        """Wait until jobs stand at a gate."""
        self.wait(lambda: self.reached(gate) >= times, f"nobody at gate {gate}")

    def open_gate(self, gate: str) -> None:
        """Let the jobs at a gate go on."""
        with self.engine.begin() as connection:
            connection.execute(insert(gates).values(name=gate, state="open"))

    def wait_for(self, ticket: Ticket, state: str = "done") -> JobStatus:
        """Wait until a job is in a state."""
        self.wait(lambda: self.job(ticket).state == state, lambda: f"no {state}: {self.job(ticket)}")
        return self.job(ticket)

    def wait_until_idle(self) -> None:
        """Wait until no job waits or runs."""
        self.wait(lambda: all(job.is_ended for job in self.jobs()), lambda: f"not idle: {self.jobs()}")

    def wait(self, condition: Callable[[], bool], what: str | Callable[[], str]) -> None:
        """Wait for a condition, with a limit."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            if time.monotonic() > end:
                raise AssertionError(what if isinstance(what, str) else what())
            time.sleep(0.01)


class WorkerThread:
    """A worker in a thread of this process, with an event loop of its own."""

    def __init__(self, system: System, is_async: bool, settings: Mapping[str, Any]) -> None:
        self._system = system
        self._is_async = is_async
        self._settings = settings
        self._started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="worker", daemon=True)
        self._thread.start()
        assert self._started.wait(PATIENCE_SECONDS)

    def stop(self) -> None:
        """End the worker, and let running jobs end."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._ended.set)
            self._thread.join(PATIENCE_SECONDS)
            assert not self._thread.is_alive(), "the worker does not end"

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        settings = {"lease": 5.0, "poll": 0.5, "grace": 5.0, **self._settings}
        if not self._is_async:
            engine = open_engine(self._system.url, self._system.schema)
            async with Worker(engine, **settings):
                await self._wait()
            engine.dispose()
            return
        async_engine = self._system.async_engine()
        async with Worker(async_engine, **settings):
            await self._wait()
        await async_engine.dispose()

    async def _wait(self) -> None:
        self._started.set()
        await self._ended.wait()


class RelayThread:
    """A relay in a thread of this process; RQ workers in others run the jobs."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="relay", daemon=True)
        self._thread.start()
        assert self._started.wait(PATIENCE_SECONDS)

    def stop(self) -> None:
        """End the relay."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._task.cancel)
            self._thread.join(PATIENCE_SECONDS)
            assert not self._thread.is_alive(), "the relay does not end"

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.create_task(self._relay.serve())
        self._started.set()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task


ASYNC_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}


def embedded(name: str, url: URL, schema: str, *, is_async: bool) -> System:
    """Return a system whose worker is in this process."""
    module = "asynchronous" if is_async else "threaded"
    return System(
        name,
        url,
        schema,
        import_module(f"tests.database.outbox.handlers.{module}"),
        lambda system, settings: WorkerThread(system, is_async, settings),
    )


def on_rq(url: URL, schema: str, redis_url: str, places: Path) -> System:
    """Return a system whose jobs are run by RQ workers, which find its database by a file."""
    place = {"url": url.render_as_string(hide_password=False), "schema": schema}
    (places / schema).write_text(json.dumps(place))
    app = f"tests.database.outbox.rq_app:{schema}"

    def start(system: System, settings: Mapping[str, Any]) -> RelayThread:
        transport = RQTransport.from_url(redis_url, app=app)
        engine = open_engine(url, schema)
        return RelayThread(Relay(engine, transport=transport, **{"poll": 0.5, "patience": 3.0, **settings}))

    return System("rq", url, schema, import_module("tests.database.outbox.handlers.threaded"), start)
