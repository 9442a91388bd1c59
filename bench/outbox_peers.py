"""What is measured beside each other: our embedded worker and RQ engine, plain RQ, Procrastinate, huey."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import huey  # type: ignore[import-untyped]
import procrastinate
from redis import Redis
from rq import Queue
from sqlalchemy import URL, Column, Integer, MetaData, Table, Text, insert
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from indelible.outbox import AsyncJobContext, Worker, add_outbox_tables, enqueue, job

CONCURRENCY = 10
_PATIENCE_SECONDS = 300.0

# When each job started, in this process, by `time.time`.
started: list[float] = []


def note_start() -> None:
    """Do what each job does: next to nothing."""
    started.append(time.time())


def push_start(url: str) -> None:
    """Do the same in a process of RQ's: leave the time in Redis."""
    Redis.from_url(url).rpush("started", time.time())


@job
async def nothing(_context: AsyncJobContext) -> None:
    """Note when it started."""
    note_start()


METADATA = MetaData()
add_outbox_tables(METADATA)
scenes = Table("scenes", METADATA, Column("id", Integer, primary_key=True), Column("text", Text))


class Peer(Protocol):
    """A queue that a save puts one job into, and whose worker can be started."""

    @property
    def name(self) -> str:
        """What it is called."""

    async def prepare(self) -> None:
        """Make tables."""

    async def save(self) -> None:
        """Save a row, and put a job into the queue: in the same transaction if the peer can, or else after it."""

    async def close(self) -> None:
        """Close connections."""

    def started(self) -> list[float]:
        """Return when jobs started."""

    def working(self) -> AbstractAsyncContextManager[None]:
        """Run the worker."""


class Scenes:
    """The program's own table, which each save writes."""

    def __init__(self, url: URL) -> None:
        self.engine = create_async_engine(url)

    async def prepare(self) -> None:
        """Make the tables, ours among them."""
        async with self.engine.begin() as connection:
            await connection.run_sync(METADATA.create_all)

    @asynccontextmanager
    async def saving(self) -> AsyncIterator[AsyncSession]:
        """Save a row, in a transaction that commits at the end."""
        async with AsyncSession(self.engine) as session:
            await session.execute(insert(scenes).values(text="A street. Night."))
            yield session
            await session.commit()


async def wait_for(peer: Peer, number: int) -> None:
    """Wait until so many jobs have started."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while len(peer.started()) < number:
        if time.monotonic() > end:
            raise TimeoutError(f"{peer.name} ran {len(peer.started())} of {number} jobs")
        await asyncio.sleep(0.002)


@dataclass
class Indelible:
    """Ours: the job is written by the save's transaction, the worker is in the program."""

    scenes: Scenes
    name: str

    async def prepare(self) -> None:
        """Make the tables."""
        await self.scenes.prepare()

    async def save(self) -> None:
        """Save a row with its job."""
        async with self.scenes.saving() as session:
            enqueue(session, nothing)

    def started(self) -> list[float]:
        """Return when jobs started."""
        return started

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Run the worker."""
        async with Worker(self.scenes.engine, concurrency=CONCURRENCY):
            yield

    async def close(self) -> None:
        """Close the connections."""
        await self.scenes.engine.dispose()


@dataclass
class Procrastinate:
    """Procrastinate: the job is a row that is written by itself, the worker is in the program."""

    scenes: Scenes
    name: str = "procrastinate"

    def __post_init__(self) -> None:
        address = self.scenes.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=address))

        @self._app.task(name="nothing")
        async def nothing_here() -> None:
            note_start()

        self._task = nothing_here

    async def prepare(self) -> None:
        """Make the tables."""
        await self._app.open_async()
        await self._app.schema_manager.apply_schema_async()

    async def save(self) -> None:
        """Save a row, then write a job."""
        async with self.scenes.saving():
            pass
        await self._task.defer_async()

    def started(self) -> list[float]:
        """Return when jobs started."""
        return started

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Run the worker."""
        worker = asyncio.create_task(
            self._app.run_worker_async(concurrency=CONCURRENCY, install_signal_handlers=False, wait=True)
        )
        try:
            yield
        finally:
            worker.cancel()
            await asyncio.wait({worker})

    async def close(self) -> None:
        """Close the connections."""
        await self._app.close_async()


@dataclass
class Huey:
    """huey on Redis: the job is a list's element, the worker's threads are in the program."""

    scenes: Scenes
    url: str
    name: str = "huey"

    def __post_init__(self) -> None:
        self._huey = huey.RedisHuey(f"bench{uuid4().hex}", url=self.url, results=False)
        self._task: Callable[[], Any] = self._huey.task(name="nothing")(note_start)

    async def prepare(self) -> None:
        """Do nothing."""

    async def save(self) -> None:
        """Save a row, then push a job."""
        async with self.scenes.saving():
            pass
        self._task()

    def started(self) -> list[float]:
        """Return when jobs started."""
        return started

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Run the worker."""
        consumer = self._huey.create_consumer(workers=CONCURRENCY, periodic=False, initial_delay=0.01)
        consumer.start()
        try:
            yield
        finally:
            await asyncio.to_thread(consumer.stop, graceful=True)

    async def close(self) -> None:
        """Do nothing."""


@dataclass
class PlainRQ:
    """RQ on Redis: plain `rq worker`, which forks for each job."""

    scenes: Scenes
    url: str
    name: str = "rq"

    def __post_init__(self) -> None:
        self._redis = Redis.from_url(self.url)
        self._queue = Queue("bench", connection=self._redis)

    async def prepare(self) -> None:
        """Do nothing."""

    async def save(self) -> None:
        """Save a row, then push a job."""
        async with self.scenes.saving():
            pass
        self._queue.enqueue(push_start, self.url, result_ttl=0)

    def started(self) -> list[float]:
        """Return when jobs started."""
        return [float(moment) for moment in self._redis.lrange("started", 0, -1)]

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Run the worker, with this module loaded before it forks."""
        code = (
            "import sys; sys.path.insert(0, ''); import bench.outbox_peers; from rq.cli import main; main()"
        )
        command = [sys.executable, "-c", code, "worker", "bench", "--url", self.url, "--quiet"]
        worker = subprocess.Popen(command, cwd=Path(__file__).parents[1], stderr=subprocess.DEVNULL)
        try:
            while not self._redis.smembers("rq:workers"):
                await asyncio.sleep(0.05)
            yield
        finally:
            worker.terminate()
            await asyncio.to_thread(worker.wait)

    async def close(self) -> None:
        """Forget the jobs."""
        self._redis.delete("started")
