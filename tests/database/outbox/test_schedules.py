"""Periodic jobs: exactly one at each tick, however many workers look."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from indelible.errors import OutboxError
from indelible.outbox import Cron, Every, Schedule
from indelible.outbox.scheduling import tick
from tests.database.outbox.systems import System


def test_every_ticks_at_multiples_of_its_period() -> None:
    """All workers agree on the ticks, whenever they started."""
    rhythm = Every(timedelta(minutes=5))
    moment = datetime(2030, 1, 1, 12, 3, 20, tzinfo=UTC)
    assert rhythm.next_after(moment) == datetime(2030, 1, 1, 12, 5, tzinfo=UTC)
    assert rhythm.next_after(datetime(2030, 1, 1, 12, 5, tzinfo=UTC)) == datetime(
        2030, 1, 1, 12, 10, tzinfo=UTC
    )


def test_cron_ticks_by_the_clock_on_the_wall() -> None:
    """A crontab line is read in its time zone, before and after the clock is changed."""
    rhythm = Cron("0 3 * * *", "Europe/Berlin")
    assert rhythm.next_after(datetime(2030, 1, 1, tzinfo=UTC)) == datetime(2030, 1, 1, 2, tzinfo=UTC)
    assert rhythm.next_after(datetime(2030, 7, 1, tzinfo=UTC)) == datetime(2030, 7, 1, 1, tzinfo=UTC)
    with pytest.raises(OutboxError, match="no crontab line"):
        Cron("every day")


def test_one_job_at_each_tick(embedded_system: System) -> None:
    """Three workers that see every tick enqueue as many jobs as there were ticks."""
    schedule = Schedule(embedded_system.handlers.record.bind("tick"), Every(timedelta(seconds=0.3)))

    def look(times: int) -> None:
        for _ in range(times):
            with embedded_system.engine.begin() as connection:
                seconds = tick(connection, schedule)
            ended.wait(min(seconds, 0.05))

    ended = threading.Event()
    began = datetime.now(UTC)
    threads = [threading.Thread(target=look, args=(40,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    possible = (datetime.now(UTC) - began) // timedelta(seconds=0.3) + 1
    [status] = embedded_system.jobs()
    assert 1 <= status.wanted <= possible


def test_a_tick_that_nobody_saw_is_caught_up_once(embedded_system: System) -> None:
    """After a long time without workers there is one job, not one for each missed tick."""
    schedule = Schedule(embedded_system.handlers.record.bind("tick"), Every(timedelta(milliseconds=50)))
    with embedded_system.engine.begin() as connection:
        tick(connection, schedule)
    assert embedded_system.jobs() == []
    threading.Event().wait(0.5)
    with embedded_system.engine.begin() as connection:
        tick(connection, schedule)
    [status] = embedded_system.jobs()
    assert (status.wanted, status.key) == (1, f"schedule:{embedded_system.handlers.record.name}")


def test_a_worker_runs_its_schedule(embedded_system: System) -> None:
    """A worker with a schedule enqueues and runs its job."""
    handler = embedded_system.handlers.record.bind("tick")
    embedded_system.serve(schedules=[Schedule(handler, Every(timedelta(seconds=0.2)))])
    embedded_system.wait(lambda: len(embedded_system.effects()) >= 2, "it does not run twice")
