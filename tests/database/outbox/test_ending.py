"""Ends that come soon: of workers whose database or handlers do not answer, and of waits that a driver would spoil."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import create_async_engine

from indelible.errors import OutboxError
from indelible.outbox import AsyncJobContext, Ticket, Worker, cancel_job, enqueue, job
from indelible.outbox.claiming import Claim, claim
from indelible.outbox.completing import Completing
from indelible.outbox.databases import ThreadedDatabase
from indelible.outbox.ending import end, raise_if_cancelled, whole
from indelible.outbox.finishing import Completion, hand_back
from indelible.outbox.keeping import WATCH_SECONDS, repeat
from indelible.outbox.patience import persist
from indelible.outbox.relay import Relay, reserve
from indelible.outbox.threads import DaemonThreads
from indelible.outbox.transports import WakeUp
from tests.database.outbox.handlers import asynchronous, threaded
from tests.database.outbox.proxies import Proxy, StartingServer
from tests.database.outbox.systems import PATIENCE_SECONDS, System, options
from tests.database.outbox.test_brokers import Recorder

LIMIT_SECONDS = 60.0

# All of them in the long run of test_starts_and_stops.py.
DRIVERS = ["psycopg", "asyncpg"]
if "INDELIBLE_STRESS_EPISODES" in os.environ:
    DRIVERS += ["psycopg2", "psycopg_async"]

on_postgresql = pytest.mark.parametrize("embedded_system", ["embedded-postgresql"], indirect=True)
on_sqlite_async = pytest.mark.parametrize("embedded_system", ["embedded-sqlite-async"], indirect=True)
on_sqlite = pytest.mark.parametrize("embedded_system", ["embedded-sqlite"], indirect=True)


@pytest.fixture
def proxy(embedded_system: System) -> Iterator[Proxy]:
    """A way to the system's database that can fall silent."""
    proxy = Proxy(embedded_system.url)
    yield proxy
    proxy.close()


# A database that is silent.


def _start(command: str, url: str, system: System) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.database.outbox.ending_app", command],
        cwd=Path(__file__).parents[3],
        env={**os.environ, "ENDING_URL": url, "ENDING_SCHEMA": system.schema},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@on_postgresql
@pytest.mark.parametrize("command", ["worker", "relay"])
@pytest.mark.parametrize("driver", DRIVERS)
def test_a_process_whose_database_is_silent_ends(
    embedded_system: System, proxy: Proxy, driver: str, command: str
) -> None:
    """Told to end while the database answers nothing and a job runs, the process ends; another takes the job over."""
    url = proxy.url(f"postgresql+{driver}").render_as_string(hide_password=False)
    handlers = threaded if driver in ("psycopg", "psycopg2") else asynchronous
    process = _start(command, url, embedded_system)
    try:
        with embedded_system.transaction() as session:
            ticket = enqueue(session, handlers.record_at_gate, "g", "a")
        if command == "worker":
            embedded_system.wait_at_gate("g")
        else:
            embedded_system.wait(lambda: embedded_system.is_marked(ticket.id), "the relay sends nothing")
        proxy.freeze()
        process.send_signal(signal.SIGTERM)
        assert process.wait(LIMIT_SECONDS) == 0
    finally:
        process.kill()
        process.wait()
        proxy.mend()
    assert embedded_system.job(ticket).state in ("waiting", "running")


@on_postgresql
@pytest.mark.parametrize("driver", ["psycopg", "asyncpg"])
def test_a_worker_outlives_connections_that_fall_silent(
    embedded_system: System, proxy: Proxy, driver: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker all of whose connections fall silent, as when the server's machine vanishes, goes on with new ones."""
    monkeypatch.setattr("indelible.outbox.databases._LONGEST_SECONDS", 0.5)
    url = proxy.url(f"postgresql+{driver}")
    handlers = asynchronous if driver == "asyncpg" else threaded
    jobs: list[Ticket] = []

    def enqueue_and_wait(text: str) -> None:
        with embedded_system.transaction() as session:
            jobs.append(enqueue(session, handlers.compute, len(text)))
        embedded_system.wait_for(jobs[-1])

    async def main() -> None:
        more = options(url, embedded_system.schema)
        engine: Any = (create_async_engine if driver == "asyncpg" else create_engine)(url, connect_args=more)
        async with Worker(engine, lease=1.0, poll=0.05, grace=0.1):
            await asyncio.to_thread(enqueue_and_wait, "before")
            proxy.strand()
            await asyncio.to_thread(enqueue_and_wait, "after")

    asyncio.run(main())


@on_postgresql
def test_a_worker_outlives_a_database_that_starts(embedded_system: System) -> None:
    """What a driver raises while the server says that it is just starting is a reason to wait, not to end."""
    server = StartingServer()

    async def main() -> str:
        engine = create_async_engine(server.url("postgresql+asyncpg"))
        async with Worker(engine, poll=0.01) as worker:
            await asyncio.to_thread(server.wait_for_refusals, 5)
            task = worker._task
            assert task is not None
            return "serves" if not task.done() else repr(task)

    try:
        assert asyncio.run(main()) == "serves"
    finally:
        server.close()


# A cancellation that a driver turns into an error of its own.


def _spoiled() -> OperationalError:
    return OperationalError("SELECT 1", None, Exception("the connection is in another operation"))


async def _spoiling() -> None:
    try:
        await asyncio.sleep(3600)
    except asyncio.CancelledError:
        raise _spoiled() from None


async def _cancelled(work: Callable[[], Awaitable[object]]) -> bool:
    task = asyncio.ensure_future(work())
    await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait({task}, timeout=5)
    is_over = task.cancelled()
    task.cancel()
    return is_over


@pytest.mark.parametrize(
    "work", [lambda: repeat(0.01, _spoiling), lambda: persist(_spoiling)], ids=["repeat", "persist"]
)
async def test_a_spoiled_cancellation_ends_a_duty(work: Callable[[], Awaitable[object]]) -> None:
    """A duty whose driver answers a cancellation with an error of the database ends, instead of trying again."""
    assert await _cancelled(work)


async def test_a_cancelled_task_may_still_persist() -> None:
    """A task that was cancelled may write what must be written after that; the next cancellation ends it."""
    tries: list[int] = []

    async def attempt() -> None:
        tries.append(1)
        if len(tries) < 3:
            raise _spoiled()
        await _spoiling()

    async def work() -> None:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            await persist(attempt)

    task = asyncio.create_task(work())
    await asyncio.sleep(0.01)
    task.cancel()
    for _ in range(500):
        if len(tries) == 3:
            break
        await asyncio.sleep(0.01)
    assert len(tries) == 3
    task.cancel()
    await asyncio.wait({task}, timeout=5)
    assert task.cancelled()


@on_sqlite
@pytest.mark.parametrize("kind", ["worker", "relay"])
def test_a_spoiled_cancellation_ends_a_service(
    embedded_system: System, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker or relay that is cancelled within statements, which fail by that, ends."""
    monkeypatch.setattr("indelible.outbox.serving._STEP_SECONDS", 0.2)
    monkeypatch.setattr("indelible.outbox.relay._LONGEST_END", 0.2)

    async def run(self: ThreadedDatabase, work: Callable[..., object], /, *args: object) -> object:
        await _spoiling()
        return None

    monkeypatch.setattr(ThreadedDatabase, "run", run)

    async def main() -> None:
        if kind == "relay":
            task = asyncio.create_task(Relay(embedded_system.engine, transport=Recorder()).serve())
            await asyncio.sleep(0.05)
            task.cancel()
        else:
            worker = Worker(embedded_system.engine)
            await worker.start()
            await asyncio.sleep(0.05)
            task = asyncio.create_task(worker.stop(grace=0.0))
        done, _ = await asyncio.wait({task}, timeout=LIMIT_SECONDS)
        assert done, asyncio.all_tasks()
        left = [one.get_name() for one in asyncio.all_tasks() if one is not asyncio.current_task()]
        await asyncio.sleep(0)
        assert not [name for name in left if name.startswith("indelible")], left

    asyncio.run(main())


# What was taken when the end came.


@pytest.mark.parametrize(
    "embedded_system",
    ["embedded-sqlite", "embedded-sqlite-async", "embedded-postgresql-async"],
    indirect=True,
)
@pytest.mark.parametrize("is_relay", [False, True], ids=["worker", "relay"])
def test_what_is_taken_when_the_end_comes_is_given_back(
    embedded_system: System, is_relay: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker, or relay, that is cancelled while it takes jobs gives them back: none waits for a lease or a sweep."""
    handlers = asynchronous if embedded_system.name.endswith("async") else threaded
    taking, going_on = threading.Event(), threading.Event()

    def held_up() -> None:
        taking.set()
        # An async engine holds its loop up as well: nobody can be cancelled before it goes on.
        going_on.wait(PATIENCE_SECONDS if handlers is threaded else 0.2)

    def slow_claim(connection: Connection, *args: Any) -> list[Claim]:
        claims = claim(connection, *args)
        held_up()
        return claims

    def slow_reserve(connection: Connection, most: int) -> list[WakeUp]:
        wake_ups = reserve(connection, most)
        held_up()
        return wake_ups

    monkeypatch.setattr("indelible.outbox.serving.claim", slow_claim)
    monkeypatch.setattr("indelible.outbox.relay.reserve", slow_reserve)
    with embedded_system.transaction() as session:
        ticket = enqueue(session, handlers.record_at_gate, "g", "a")

    async def main() -> None:
        transport = Recorder()
        async with _engine_of(embedded_system) as engine:
            if is_relay:
                task = asyncio.create_task(Relay(engine, transport=transport).serve())
            else:
                worker = Worker(engine, grace=0.0)
                await worker.start()
                assert worker._task is not None
                task = worker._task
            while not taking.is_set():
                await asyncio.sleep(0.001)
            task.cancel()
            await asyncio.sleep(0.01)
            going_on.set()
            await asyncio.wait({task}, timeout=LIMIT_SECONDS)
            assert task.cancelled()
        assert transport.sent == []

    asyncio.run(main())
    status = embedded_system.job(ticket)
    assert (status.state, status.attempts) == ("waiting", 0)
    assert not embedded_system.is_marked(ticket.id)


@asynccontextmanager
async def _engine_of(system: System) -> AsyncIterator[Any]:
    if not system.name.endswith("async"):
        yield system.engine
        return
    engine = system.async_engine()
    yield engine
    await engine.dispose()


# Handlers that do not listen.

released, went_on, began, cleaned = (threading.Event() for _ in range(4))


@job(retries=0, timeout=0.2)
async def deaf(context: AsyncJobContext) -> None:
    """Take no notice of cancellations until released, and write then."""
    while not released.is_set():
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(0.01)
    try:
        await asynchronous.keep(context, "late")
    finally:
        went_on.set()


@job(retries=0)
async def cleaning(context: AsyncJobContext) -> None:
    """Take a while to clean up."""
    began.set()
    try:
        await asyncio.sleep(3600)
    finally:
        await asyncio.sleep(3 * WATCH_SECONDS)
        cleaned.set()


@on_sqlite_async
def test_an_async_handler_that_ignores_its_timeout_is_given_up(
    embedded_system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A handler that swallows its cancellation ends as overdue, and can commit nothing afterwards."""
    monkeypatch.setattr("indelible.outbox.running._CLEANUP_SECONDS", 0.1)
    embedded_system.serve()
    with embedded_system.transaction() as session:
        ticket = enqueue(session, deaf)
    assert "IND-E405" in str(embedded_system.wait_for(ticket, "dead").error)
    released.set()
    assert went_on.wait(PATIENCE_SECONDS)
    embedded_system.close()
    assert embedded_system.effects() == []


@job(retries=0)
async def exiting(context: AsyncJobContext) -> None:
    """End the program, as it thinks."""
    sys.exit(3)


@on_sqlite_async
def test_a_handler_that_exits_ends_no_worker(embedded_system: System) -> None:
    """An async handler that calls `sys.exit` is a job that failed; the worker goes on."""
    embedded_system.serve()
    with embedded_system.transaction() as session:
        ticket = enqueue(session, exiting)
        other = enqueue(session, asynchronous.record, "a", delay=0.2)
    assert "SystemExit(3)" in str(embedded_system.wait_for(ticket, "dead").error)
    embedded_system.wait_for(other)


@pytest.mark.parametrize("is_newer", [False, True])
def test_what_was_cancelled_is_not_handed_back(embedded_system: System, is_newer: bool) -> None:
    """A job that someone cancelled while its worker was ending is cancelled; a version enqueued after that runs."""
    with embedded_system.transaction() as session:
        ticket = enqueue(session, threaded.record, "a", key="k")
    with embedded_system.engine.begin() as connection:
        [claimed] = claim(connection, "ending", 30.0, 1)
    with embedded_system.transaction() as session:
        assert cancel_job(session, ticket.id)
    if is_newer:
        with embedded_system.transaction() as session:
            enqueue(session, threaded.record, "b", key="k")
    with embedded_system.engine.begin() as connection:
        assert hand_back(connection, claimed)
    status = embedded_system.job(ticket)
    assert (status.state, status.is_ended) == (("waiting", False) if is_newer else ("cancelled", True))
    assert (status.finished_at is None) == is_newer
    assert not status.cancel_requested


@on_sqlite_async
def test_a_cancelled_handler_may_clean_up(embedded_system: System) -> None:
    """A handler that takes longer to clean up than the worker looks for cancellations is not struck again in it."""
    embedded_system.serve()
    with embedded_system.transaction() as session:
        ticket = enqueue(session, cleaning)
    assert began.wait(PATIENCE_SECONDS)
    with embedded_system.transaction() as session:
        assert cancel_job(session, ticket.id)
    embedded_system.wait_for(ticket, "cancelled")
    assert cleaned.is_set()


# Completions.


class Picky:
    """A database that refuses a result for good."""

    def __init__(self) -> None:
        self.written: list[int] = []

    async def run(self, work: object, completions: list[Completion]) -> None:
        """Write completions. Raises OutboxError."""
        await asyncio.sleep(0.01)
        if any(one.result == "bad" for one in completions):
            raise OutboxError("no such result")
        self.written += [one.result for one in completions]


async def test_a_completion_that_fails_fails_alone() -> None:
    """Of completions that are written together, the one that the database refuses fails, and nobody waits for ever."""
    database = Picky()
    completing = Completing(database)  # type: ignore[arg-type]
    results = [0, 1, "bad", 2, 3]
    ends = [completing.complete(Completion(None, result)) for result in results]  # type: ignore[arg-type]
    outcomes = await asyncio.wait_for(asyncio.gather(*ends, return_exceptions=True), 10)
    assert [type(outcome) for outcome in outcomes] == [type(None)] * 2 + [OutboxError] + [type(None)] * 2
    assert sorted(database.written) == [0, 1, 2, 3]


# The parts.


async def test_whole_work_is_known_though_cancelled() -> None:
    """What is awaited whole gives its result to a task that was cancelled meanwhile, which hears of that next."""
    seen: list[str] = []

    async def work() -> str:
        await asyncio.sleep(0.05)
        return "done"

    async def main() -> None:
        seen.append(await whole(work()))
        raise_if_cancelled()
        seen.append("not cancelled")

    task = asyncio.create_task(main())
    await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled()
    assert seen == ["done"]


async def test_a_task_that_does_not_end_is_left(caplog: pytest.LogCaptureFixture) -> None:
    """A task that takes no notice of its end is waited for as long as said, and named in the log."""
    released = asyncio.Event()

    async def deaf() -> None:
        while not released.is_set():
            try:
                await released.wait()
            except asyncio.CancelledError:
                continue

    task = asyncio.create_task(deaf(), name="the deaf one")
    await asyncio.sleep(0)
    with caplog.at_level(logging.WARNING, "indelible.outbox"):
        await end([task], 0.05)
    assert "the deaf one" in caplog.text
    released.set()
    await task


def test_threads_do_not_keep_the_process() -> None:
    """A program ends though a thread of a worker's database never does."""
    code = """
import asyncio, threading
from indelible.outbox.threads import DaemonThreads

async def main():
    threads = DaemonThreads(1, "stuck")
    threads.run(threading.Event().wait)

asyncio.run(main())
"""
    assert subprocess.run([sys.executable, "-c", code], timeout=LIMIT_SECONDS, check=False).returncode == 0


async def test_a_thread_that_is_stuck_is_replaced() -> None:
    """Work that nobody waits for any more keeps no other from being run, and a thread that comes back ends."""
    threads = DaemonThreads(1, "stuck")
    going_on = threading.Event()
    stuck = threads.run(lambda: going_on.wait(PATIENCE_SECONDS))
    behind = threads.run(threading.get_ident)
    await asyncio.sleep(0.05)
    assert not behind.done()
    stuck.cancel()
    first = await asyncio.wait_for(behind, PATIENCE_SECONDS)
    going_on.set()
    assert {await threads.run(threading.get_ident) for _ in range(20)} == {first}
    threads.close()


async def test_threads_run_what_they_are_given() -> None:
    """So many functions run at once; what was cancelled before its turn is not run; closed, they still serve."""
    threads = DaemonThreads(2, "some")
    going_on, ran = threading.Event(), []
    first = [threads.run(lambda: going_on.wait(PATIENCE_SECONDS)) for _ in range(2)]
    cancelled = threads.run(lambda: ran.append("cancelled"))
    third = threads.run(lambda: ran.append("third"))
    await asyncio.sleep(0.05)
    assert ran == []
    cancelled.cancel()
    going_on.set()
    await asyncio.gather(*first, third)
    threads.close()
    await threads.run(lambda: ran.append("after"))
    assert ran == ["third", "after"]
