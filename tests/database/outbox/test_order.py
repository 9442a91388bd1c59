"""Line 7 of the contract: which jobs go first, and how many of a queue run at once."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Literal

import pytest
from sqlalchemy import select, update

from indelible.outbox import Ticket, enqueue
from indelible.outbox.claiming import Claim
from indelible.outbox.relay import reserve
from indelible.outbox.tables import jobs
from tests.database.outbox.systems import System

# The order is made by each kind of database, the limits by sync and by async workers.
pytestmark = pytest.mark.parametrize(
    "embedded_system", ["embedded-sqlite", "embedded-postgresql-async"], indirect=True
)


class Peaks:
    """An observer that keeps how many jobs of each queue, and of all, ran at once at most."""

    def __init__(self) -> None:
        self.most: Counter[str] = Counter()
        self._now: Counter[str] = Counter()

    def started(self, claim: Claim) -> None:
        """One more runs."""
        for name in (claim.queue, "all"):
            self._now[name] += 1
            self.most[name] = max(self.most[name], self._now[name])

    def ended(self, claim: Claim, outcome: str, seconds: float) -> None:
        """One less runs."""
        for name in (claim.queue, "all"):
            self._now[name] -= 1


def add(
    system: System,
    text: str,
    queue: str,
    gate: str = "",
    priority: Literal["urgent", "normal", "low"] | None = None,
) -> Ticket:
    """Enqueue a job in a transaction of its own, that waits at a gate if one is given."""
    with system.transaction() as session:
        if gate:
            return enqueue(
                session, system.handlers.record_at_gate, gate, text, queue=queue, priority=priority
            )
        return enqueue(session, system.handlers.record, text, queue=queue, priority=priority)


def running(system: System) -> Counter[str]:
    """Return how many jobs of each queue run, by the table."""
    return Counter(job.queue for job in system.jobs() if job.state == "running")


def age(system: System, ticket: Ticket, seconds: float) -> None:
    """Let a job have waited for so long."""
    with system.engine.begin() as connection:
        this = jobs.c.id == ticket.id
        row = connection.execute(select(jobs.c.due_at, jobs.c.rank_at).where(this)).one()
        earlier = {name: moment - timedelta(seconds=seconds) for name, moment in row._mapping.items()}
        connection.execute(update(jobs).where(this).values(earlier))


def run_one_by_one(system: System) -> list[str]:
    """Run all that waits in a worker with one place, and return what it did, in order."""
    system.serve(concurrency=1)
    system.wait_until_idle()
    return system.effects()


def test_urgent_goes_before_normal_before_low(embedded_system: System) -> None:
    """Urgent goes first and low last, whatever came first; within each, first come, first served."""
    for queue in ("low", "normal", "urgent"):
        for number in (1, 2):
            add(embedded_system, f"{queue} {number}", queue)
    assert run_one_by_one(embedded_system) == [
        f"{queue} {number}" for queue in ("urgent", "normal", "low") for number in (1, 2)
    ]


def test_priorities_within_a_queue(embedded_system: System) -> None:
    """In a queue of the program's own, too, urgent jobs go first and low ones last."""
    for priority in ("low", None, "urgent", "normal"):
        add(embedded_system, str(priority), "images", priority=priority)
    assert run_one_by_one(embedded_system) == ["urgent", "None", "normal", "low"]


def test_no_priority_waits_for_ever(embedded_system: System) -> None:
    """A low job of five minutes ago goes before an urgent one of now; a normal one of ten seconds ago does not."""
    low, normal = add(embedded_system, "low", "low"), add(embedded_system, "normal", "normal")
    age(embedded_system, low, 301)
    age(embedded_system, normal, 10)
    add(embedded_system, "urgent", "urgent")
    assert run_one_by_one(embedded_system) == ["low", "urgent", "normal"]


def test_wake_ups_go_out_first_in_line_first(embedded_system: System) -> None:
    """A relay sends wake-ups in the order in which an embedded worker would take the jobs."""
    tickets = {queue: add(embedded_system, queue, queue) for queue in ("low", "normal", "urgent")}
    with embedded_system.engine.begin() as connection:
        sent = [
            one.job_id for wake_ups in (reserve(connection, 2), reserve(connection, 2)) for one in wake_ups
        ]
    assert sent == [tickets[queue].id for queue in ("urgent", "normal", "low")]


def test_a_full_queue_keeps_to_its_limit_and_keeps_nobody_waiting(embedded_system: System) -> None:
    """More jobs of a queue than it may run at once do not run, and jobs of others behind them in line do."""
    peaks = Peaks()
    embedded_system.serve(queues={"urgent": 2, "low": 3}, concurrency=10, observers=[peaks])
    for number in range(5):
        add(embedded_system, f"urgent {number}", "urgent", gate="urgent")
    embedded_system.wait_at_gate("urgent", 2)
    for number in range(4):
        add(embedded_system, f"low {number}", "low", gate="low")
    embedded_system.wait_at_gate("low", 3)
    assert running(embedded_system) == {"urgent": 2, "low": 3}
    embedded_system.open_gate("low")
    embedded_system.wait(lambda: len(embedded_system.effects()) == 4, "a low job waits for urgent ones")
    assert running(embedded_system) == {"urgent": 2}
    embedded_system.open_gate("urgent")
    embedded_system.wait_until_idle()
    assert len(embedded_system.effects()) == 9
    assert peaks.most == {"urgent": 2, "low": 3, "all": 5}


def test_a_place_that_is_free_again_is_taken(embedded_system: System) -> None:
    """With room for one, jobs of a limited queue run one after the other, each as soon as the last has ended."""
    peaks = Peaks()
    # A poll would come too late: the end of one job must let the next begin.
    embedded_system.serve(queues={"images": 1, "normal": 2}, poll=60.0, observers=[peaks])
    with embedded_system.transaction() as session:
        for number in range(6):
            enqueue(session, embedded_system.handlers.record, str(number), queue="images")
    embedded_system.wait_until_idle()
    assert embedded_system.effects() == [str(number) for number in range(6)]
    assert peaks.most == {"images": 1, "all": 1}


def test_concurrency_is_for_all_queues_together(embedded_system: System) -> None:
    """Queues whose limits are more than the worker's places share these, in order of the line."""
    peaks = Peaks()
    embedded_system.serve(queues={"urgent": 5, "low": 5}, concurrency=3, observers=[peaks])
    for number in range(2):
        add(embedded_system, f"low {number}", "low", gate="g")
    embedded_system.wait_at_gate("g", 2)
    for number in range(3):
        add(embedded_system, f"urgent {number}", "urgent", gate="g")
    embedded_system.wait_at_gate("g", 3)
    assert running(embedded_system) == {"low": 2, "urgent": 1}
    embedded_system.open_gate("g")
    embedded_system.wait_until_idle()
    assert len(embedded_system.effects()) == 5
    assert peaks.most["all"] == 3


def test_a_worker_leaves_other_queues_alone(embedded_system: System) -> None:
    """Jobs of queues that the worker was not given wait, though they are first in line."""
    other = add(embedded_system, "other", "urgent")
    mine = add(embedded_system, "mine", "images")
    embedded_system.serve(queues=["images"])
    embedded_system.wait_for(mine)
    assert embedded_system.job(other).state == "waiting"
    assert embedded_system.effects() == ["mine"]


def test_two_workers_share_the_line(embedded_system: System) -> None:
    """A limit is each worker's own: two workers with one place for a queue run two of its jobs at once."""
    first, second = Peaks(), Peaks()
    for peaks in (first, second):
        embedded_system.serve(queues={"images": 1}, observers=[peaks])
    for number in range(3):
        add(embedded_system, str(number), "images", gate="g")
    embedded_system.wait_at_gate("g", 2)
    assert running(embedded_system) == {"images": 2}
    embedded_system.open_gate("g")
    embedded_system.wait_until_idle()
    assert (first.most["images"], second.most["images"]) == (1, 1)
    assert sorted(embedded_system.effects()) == ["0", "1", "2"]
