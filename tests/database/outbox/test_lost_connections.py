"""A server that goes away for a moment ends no worker."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from indelible.outbox import Worker, enqueue, listening
from tests.database.outbox.handlers import asynchronous, threaded
from tests.database.outbox.systems import DRIVERS, System, opened

ROUNDS = 3

each_driver = pytest.mark.parametrize(
    ("embedded_system", "driver"),
    [("embedded-postgresql", driver) for driver in DRIVERS["embedded-postgresql"]],
    indirect=["embedded_system"],
)


@each_driver
def test_a_worker_outlives_its_connections(
    embedded_system: System, driver: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All connections are ended, as by a restart: the worker listens anew, and runs what is saved later at once."""
    monkeypatch.setattr(listening, "_RETRY_SECONDS", 0.05)
    is_async = embedded_system.url.set(drivername=driver).get_dialect().is_async
    handler = (asynchronous if is_async else threaded).record

    def rounds() -> None:
        for number in range(ROUNDS):
            embedded_system.wait(lambda: _listeners(embedded_system) == 1, "nobody listens")
            with embedded_system.transaction() as session:
                ticket = enqueue(session, handler, f"{number}")
            embedded_system.wait_for(ticket)
            _end_connections(embedded_system)

    async def serve() -> None:
        # It would take a minute to find a job that it is not told of.
        async with opened(embedded_system, driver) as engine, Worker(engine, poll=60.0):
            await asyncio.to_thread(rounds)

    asyncio.run(serve())
    assert embedded_system.effects() == ["0", "1", "2"]


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
