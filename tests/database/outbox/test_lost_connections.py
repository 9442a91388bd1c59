"""A server that goes away for a moment ends no worker and no relay."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from sqlalchemy import text

from indelible.outbox import Ticket, Worker, enqueue, listening
from indelible.outbox.relay import Relay
from tests.database.outbox.handlers import asynchronous, threaded
from tests.database.outbox.systems import DRIVERS, System, opened
from tests.database.outbox.test_brokers import Recorder

ROUNDS = 3

each_driver = pytest.mark.parametrize(
    ("embedded_system", "driver"),
    [("embedded-postgresql", driver) for driver in DRIVERS["embedded-postgresql"]],
    indirect=["embedded_system"],
)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Listen anew without waiting."""
    monkeypatch.setattr(listening, "_RETRY_SECONDS", 0.05)


@each_driver
def test_a_worker_outlives_its_connections(embedded_system: System, driver: str) -> None:
    """All connections are ended, as by a restart: the worker listens anew, and runs what is saved later at once."""
    system = embedded_system
    is_async = system.url.set(drivername=driver).get_dialect().is_async
    handler = (asynchronous if is_async else threaded).record

    async def serve() -> None:
        # It would take a minute to find a job that it is not told of.
        async with opened(system, driver) as engine, Worker(engine, poll=60.0):
            await asyncio.to_thread(_save_and_end_connections, system, handler, system.wait_for)

    asyncio.run(serve())
    assert system.effects() == ["0", "1", "2"]


@each_driver
def test_a_relay_outlives_its_connections(embedded_system: System, driver: str) -> None:
    """The same for a relay: it listens anew, and hands on what is saved later."""
    bell = Recorder()

    def wait_for(ticket: Ticket) -> None:
        embedded_system.wait(
            lambda: ticket.id in {one.job_id for one in bell.sent}, "the job is not handed on"
        )

    async def serve() -> None:
        async with opened(embedded_system, driver) as engine:
            serving = asyncio.create_task(Relay(engine, transport=bell, poll=0.2).serve())
            await asyncio.to_thread(_save_and_end_connections, embedded_system, threaded.record, wait_for)
            assert not serving.done()
            serving.cancel()
            await asyncio.wait({serving})

    asyncio.run(serve())


def _save_and_end_connections(
    system: System, handler: Callable[..., object], wait_for: Callable[[Ticket], object]
) -> None:
    """Save a job, wait for what comes of it, and end all connections; a few times."""
    for number in range(ROUNDS):
        system.wait(lambda: _listeners(system) == 1, "nobody listens")
        with system.transaction() as session:
            ticket = enqueue(session, handler, f"{number}")  # type: ignore[arg-type]  # one of the handlers
        wait_for(ticket)
        _end_connections(system)


def _listeners(system: System) -> int:
    """Return how many connections of this test listen."""
    listening_now = (
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = :name AND query LIKE 'LISTEN%'"
    )
    with system.engine.connect() as connection:
        return int(connection.execute(text(listening_now), {"name": system.schema}).scalar_one())


def _end_connections(system: System) -> None:
    """End all connections of this test but the one that asks for it."""
    others = "FROM pg_stat_activity WHERE application_name = :name AND pid <> pg_backend_pid()"
    with system.engine.connect() as connection:
        connection.execute(text(f"SELECT pg_terminate_backend(pid) {others}"), {"name": system.schema})
    system.engine.dispose()
