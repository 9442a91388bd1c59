"""Jobs followed: one by `watch_job`, all by `indelible jobs tail`."""

from __future__ import annotations

import asyncio
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import IO, Any

import pytest
from sqlalchemy import URL, event, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import Session

from indelible.outbox import JobStatus, cancel_job, enqueue, purge_jobs, retry_job, watch_job
from indelible.outbox.claiming import claim_one, prolong
from indelible.outbox.finishing import fail, hand_back
from indelible.outbox.following import Following
from indelible.outbox.tables import jobs
from tests.database.outbox.handlers.threaded import compute, record
from tests.database.outbox.systems import ASYNC_DRIVERS, PATIENCE_SECONDS, System, embedded, options

ROOT = Path(__file__).parents[3]

both_databases = pytest.mark.parametrize(
    "embedded_system", ["embedded-sqlite", "embedded-postgresql-async"], indirect=True
)


# One job, by `watch_job`.


@asynccontextmanager
async def async_engine(system: System) -> AsyncIterator[AsyncEngine]:
    """Open an asynchronous engine on the system's database."""
    url = system.url.set(drivername=ASYNC_DRIVERS[system.url.get_backend_name()])
    engine = create_async_engine(url, connect_args=options(url, system.schema))
    yield engine
    await engine.dispose()


@both_databases
async def test_watching_a_job_to_its_end(embedded_system: System) -> None:
    """A watched job is told as it waits, as it runs, with its progress, and as it is done with its result; no more."""
    with embedded_system.transaction() as session:
        ticket = enqueue(session, embedded_system.handlers.progressing, "g")
    seen: list[JobStatus] = []
    async with async_engine(embedded_system) as engine:
        async for status in watch_job(engine, ticket.id, interval=0.01):
            seen.append(status)
            if status.state == "waiting":
                embedded_system.serve()
            if status.progress:
                embedded_system.open_gate("g")
    assert list(dict.fromkeys(status.state for status in seen)) == ["waiting", "running", "done"]
    assert {"done": 5, "total": 10, "note": "half"} in [status.progress for status in seen]
    assert all(later.differs_from(earlier) for earlier, later in pairwise(seen))
    assert seen[-1].is_ended


@both_databases
async def test_a_longer_lease_is_no_news(embedded_system: System) -> None:
    """A heartbeat of its worker is no change of a watched job; being handed back is."""
    with embedded_system.transaction() as session:
        ticket = enqueue(session, record, "a")
    with embedded_system.engine.begin() as connection:
        claim = claim_one(connection, "me", 30, ticket.id, 0)
    assert claim is not None
    async with async_engine(embedded_system) as engine:
        looks: list[str] = []
        event.listen(engine.sync_engine, "before_cursor_execute", lambda *call: looks.append(call[2]))
        watching = watch_job(engine, ticket.id, interval=0.01)
        assert (await anext(watching)).state == "running"
        news = asyncio.ensure_future(anext(watching))
        with embedded_system.engine.begin() as connection:
            prolong(connection, "me", 300)
        async with asyncio.timeout(PATIENCE_SECONDS):
            enough = len(looks) + 3
            while len(looks) < enough:
                await asyncio.sleep(0.01)
        assert not news.done()
        with embedded_system.engine.begin() as connection:
            hand_back(connection, claim)
        assert (await news).state == "waiting"
        await watching.aclose()  # type: ignore[attr-defined]


@both_databases
async def test_watching_what_is_not_there(embedded_system: System) -> None:
    """Watching ends at once for a job that is not there, with its end for one cancelled, and when one is deleted."""
    with embedded_system.transaction() as session:
        ticket = enqueue(session, record, "a")
    async with async_engine(embedded_system) as engine:
        assert [status async for status in watch_job(engine, ticket.id + 1)] == []
        watching = watch_job(engine, ticket.id, interval=0.01)
        assert (await anext(watching)).state == "waiting"
        with embedded_system.transaction() as session:
            cancel_job(session, ticket.id)
        assert [status.state async for status in watching] == ["cancelled"]
        with embedded_system.transaction() as session:
            retry_job(session, ticket.id)
        watching = watch_job(engine, ticket.id, interval=0.01)
        assert (await anext(watching)).state == "waiting"
        with embedded_system.engine.begin() as connection:
            connection.execute(jobs.delete())
        assert [status async for status in watching] == []


# All jobs, as `indelible jobs tail` finds what has changed.


class Looks:
    """What has changed since the last look, in words."""

    def __init__(self, system: System, **wanted: Any) -> None:
        self._system = system
        self._following = Following(wanted)

    def __call__(self) -> list[str]:
        """Look."""
        with self._system.engine.begin() as connection:
            return [f"{status.id} {status.state}" for status in self._following.look(connection)]


@both_databases
def test_every_change_is_seen_once(embedded_system: System) -> None:
    """Of a job each step is found at the next look, once: enqueued, claimed, retried, handed back, dead, by hand."""
    with embedded_system.transaction() as session:
        enqueue(session, record, "before the first look")
    changes = Looks(embedded_system)
    assert changes() == []
    with embedded_system.transaction() as session:
        ticket = enqueue(session, record, "a", key="k")
    found = [changes(), changes()]
    for step in ("hand back", "retry", "die"):
        token = embedded_system.job(ticket).token
        with embedded_system.engine.begin() as connection:
            claim = claim_one(connection, "me", 30, ticket.id, token)
        assert claim is not None
        found += [changes(), changes()]
        with embedded_system.engine.begin() as connection:
            prolong(connection, "me", 300)
        found.append(changes())
        with embedded_system.engine.begin() as connection:
            if step == "hand back":
                hand_back(connection, claim)
            else:
                fail(connection, claim, "it fails", "waiting" if step == "retry" else "dead", 0.0)
        found += [changes(), changes()]
    with embedded_system.transaction() as session:
        assert retry_job(session, ticket.id)
    found += [changes(), changes()]
    with embedded_system.transaction() as session:
        assert cancel_job(session, ticket.id)
    found += [changes(), changes()]
    with embedded_system.transaction() as session:
        assert purge_jobs(session)
    found.append(changes())
    run = [["2 running"], [], []]
    assert found == [
        *[["2 waiting"], []],
        *[*run, ["2 waiting"], []],
        *[*run, ["2 waiting"], []],
        *[*run, ["2 dead"], []],
        *[["2 waiting"], []],
        *[["2 cancelled"], []],
        [],
    ]


@both_databases
def test_an_old_row_enqueued_again_is_seen(embedded_system: System) -> None:
    """A job that ended long ago is found when its key is enqueued again, though hundreds of newer ones are there."""
    with embedded_system.transaction() as session:
        ticket = enqueue(session, record, "a", key="k")
    with embedded_system.engine.begin() as connection:
        row = connection.execute(select(jobs)).one()._mapping
        long_ago = {name: row["enqueued_at"] - timedelta(days=400) for name in ("enqueued_at", "finished_at")}
        connection.execute(jobs.update().values(state="done", **long_ago))
        done = {**row, "state": "done", **long_ago, "key": None}
        connection.execute(insert(jobs), [{**done, "id": row["id"] + n} for n in range(1, 301)])
    changes = Looks(embedded_system)
    assert changes() == []
    with embedded_system.transaction() as session:
        enqueue(session, record, "b", key="k")
    assert changes() == [f"{ticket.id} waiting"]


@both_databases
def test_changes_of_some(embedded_system: System) -> None:
    """Only changes of the queue, handler and key that were asked for are found."""
    looks = [
        Looks(embedded_system, queue="urgent"),
        Looks(embedded_system, handler=compute.name),
        Looks(embedded_system, key="k"),
        Looks(embedded_system, queue="low", key="k"),
        Looks(embedded_system, queue=None),
    ]
    assert [changes() for changes in looks] == [[]] * 5
    with embedded_system.transaction() as session:
        urgent = enqueue(session, record, "a", queue="urgent")
        computed = enqueue(session, compute, 1)
        keyed = enqueue(session, record, "b", key="k")
    expected = [{urgent.id}, {computed.id}, {keyed.id}, set(), {urgent.id, computed.id, keyed.id}]
    assert [changes() for changes in looks] == [[f"{one} waiting" for one in sorted(ids)] for ids in expected]


# The command.


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    """A SQLite database without workers."""
    system = embedded(
        "tail", URL.create("sqlite", database=str(tmp_path / "tail.sqlite3")), "", is_async=False
    )
    yield system
    system.close()


@contextmanager
def tail(system: System, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], queue.Queue[str]]]:
    """Start `indelible jobs tail`, wait until it has begun, and give its process and lines."""
    # Who runs the tests in the background may have told them to ignore Ctrl+C.
    code = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)"
    code += "; from indelible.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", code, "jobs", "--url", str(system.url), "tail", *arguments]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        assert "Ctrl+C" in process.stderr.readline()
        lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=_pass_on, args=(process.stdout, lines), daemon=True).start()
        yield process, lines
    finally:
        process.kill()
        process.wait()


def _pass_on(output: IO[str], lines: queue.Queue[str]) -> None:
    for line in output:
        lines.put(line)


def next_line(lines: queue.Queue[str]) -> list[str]:
    """Wait for a line and return its words."""
    return lines.get(timeout=PATIENCE_SECONDS).split()


def test_tail(system: System) -> None:
    """The command writes a line for each change, with queue, attempts, handler, key and error, until Ctrl+C."""
    with tail(system) as (process, lines):
        with Session(system.engine) as session:
            ticket = enqueue(session, record, "a", key="scene:1", queue="urgent")
            session.commit()
        first = [str(ticket.id), "waiting", "urgent", "0/6", record.name, "[scene:1]"]
        assert next_line(lines) == first
        with system.engine.begin() as connection:
            claim = claim_one(connection, "me", 30, ticket.id, 0)
        assert claim is not None
        assert next_line(lines) == [str(ticket.id), "running", "urgent", "1/6", record.name, "[scene:1]"]
        with system.engine.begin() as connection:
            fail(connection, claim, "Traceback\nValueError: no such scene", "dead", 0.0)
        assert next_line(lines)[-4:] == ["ValueError:", "no", "such", "scene"]
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_SECONDS) == 130
    assert lines.empty()


def test_tail_of_some(system: System) -> None:
    """With a state and a queue given, only jobs that come into that state in that queue are told."""
    with tail(system, "--queue", "urgent", "--state", "cancelled") as (_, lines):
        with Session(system.engine) as session:
            tickets = [enqueue(session, record, "a", queue=name) for name in ("low", "urgent")]
            session.commit()
        for ticket in tickets:
            with system.transaction() as session:
                cancel_job(session, ticket.id)
        assert next_line(lines)[:3] == [str(tickets[1].id), "cancelled", "urgent"]
    assert lines.empty()


def test_a_reader_that_goes(system: System) -> None:
    """When its reader has seen enough, as `head` does, the command ends without an error."""
    with Session(system.engine) as session:
        enqueue(session, record, "a")
        session.commit()
    reading, writing = os.pipe()
    os.close(reading)
    listing = [sys.executable, "-m", "indelible.cli", "jobs", "--url", str(system.url), "list"]
    done = subprocess.run(
        listing, cwd=ROOT, stdout=writing, stderr=subprocess.PIPE, text=True, timeout=60, check=False
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")
