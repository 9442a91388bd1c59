"""The contract of the outbox, on each engine; every test names the line that it shows."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from indelible.errors import OutboxError
from indelible.outbox import cancel_job, enqueue, retry_job
from tests.database.outbox.systems import System

# 1. A job exists if and only if the transaction that enqueued it committed.


def test_line_1_commit_makes_the_job(system: System) -> None:
    """A job enqueued in a transaction that commits is run, with its arguments."""
    system.serve()
    with system.transaction() as session:
        ticket = enqueue(session, system.handlers.record, "a")
    assert system.wait_for(ticket).result == {"text": "a"}
    assert system.effects() == ["a"]


def test_line_1_rollback_takes_the_job_away(system: System) -> None:
    """A job enqueued in a transaction that rolls back never exists."""
    with Session(system.engine) as session:
        ticket = enqueue(session, system.handlers.record, "a")
        session.rollback()
        session.commit()
    assert system.jobs() == []
    with pytest.raises(OutboxError, match="no id"):
        _ = ticket.id


def test_line_1_savepoint_rollback_takes_the_job_away(system: System) -> None:
    """Of jobs enqueued around and in a savepoint that rolls back, those around it stay."""
    with system.transaction() as session:
        enqueue(session, system.handlers.record, "before")
        savepoint = session.begin_nested()
        enqueue(session, system.handlers.record, "inside")
        savepoint.rollback()
        enqueue(session, system.handlers.record, "after")
    assert sorted(job.arguments["args"][0] for job in system.jobs()) == ["after", "before"]


# 2. A job only ever sees committed state, and starts soon after the commit.


def test_line_2_nothing_starts_before_the_commit(system: System) -> None:
    """A job that was enqueued is not in the table before the commit, and starts after it without waiting for a poll."""
    system.serve(poll=20.0)
    with Session(system.engine) as session:
        ticket = enqueue(session, system.handlers.record, "a")
        session.flush()
        assert system.jobs() == []
        session.commit()
        committed = time.monotonic()
    system.wait_for(ticket)
    assert time.monotonic() - committed < 15  # a poll would take 20 s


def test_line_2_delayed_job_waits(system: System) -> None:
    """A delayed job does not start before its time."""
    system.serve()
    with system.transaction() as session:
        ticket = enqueue(session, system.handlers.record, "later", delay=timedelta(seconds=0.6))
    status = system.wait_for(ticket)
    assert status.started_at is not None
    assert status.started_at >= status.due_at
    assert status.started_at - status.enqueued_at >= timedelta(seconds=0.59)


# 3. At least once; what a job writes through its session happens once.


def test_line_3_effects_of_failed_attempts_are_rolled_back(system: System) -> None:
    """A job that writes and fails twice leaves the effect of its third attempt only."""
    system.serve()
    with system.transaction() as session:
        ticket = enqueue(session, system.handlers.fail_at_first, "a", 2)
    assert system.wait_for(ticket).attempts == 3
    assert system.effects() == ["a"]


def test_line_3_jobs_enqueued_by_a_job_exist_once(system: System) -> None:
    """A job that enqueues another and fails once has enqueued it once in the end."""
    system.serve()
    with system.transaction() as session:
        ticket = enqueue(session, system.handlers.follow_up, "child", 1)
    system.wait_for(ticket)
    system.wait_until_idle()
    assert system.effects() == ["child"]


def test_line_3_handler_may_not_commit_its_session(system: System) -> None:
    """A handler that commits the job's session fails, and nothing that it wrote is kept."""
    system.serve()
    with system.transaction() as session:
        ticket = enqueue(session, system.handlers.commit_inside)
    system.wait(lambda: bool(system.job(ticket).error), "no error")
    assert "IND-E404" in str(system.job(ticket).error)
    assert system.effects() == []


# 4. One row per key, with the version wanted and the version running.


def test_line_4_enqueued_again_while_waiting_is_one_run(system: System) -> None:
    """Jobs with one key that wait are one row, which runs once, with the newest arguments."""
    tickets = []
    for text in "abc":
        with system.transaction() as session:
            tickets.append(enqueue(session, system.handlers.record, text, key="k"))
    assert len({ticket.id for ticket in tickets}) == 1
    assert system.job(tickets[0]).wanted == 3
    system.serve()
    system.wait_until_idle()
    assert system.effects() == ["c"]


def test_line_4_enqueued_again_while_running_runs_once_more(system: System) -> None:
    """Three edits that come while the job runs make it run once more afterwards, with the newest arguments."""
    system.serve()
    with system.transaction() as session:
        ticket = enqueue(session, system.handlers.record_at_gate, "first", "a", key="k")
    system.wait_at_gate("first")
    for text in "bcd":
        with system.transaction() as session:
            enqueue(session, system.handlers.record_at_gate, "second", text, key="k")
    assert system.job(ticket).state == "running"
    system.open_gate("second")
    system.open_gate("first")
    status = system.wait_for(ticket)
    assert (system.effects(), status.wanted, status.running) == (["a", "d"], 4, 4)


def test_line_4_retry_does_not_collide_with_its_key(system: System) -> None:
    """A job that fails after its key was enqueued again runs the newer version, and no edit is lost."""
    system.serve()
    with system.transaction() as session:
        ticket = enqueue(session, system.handlers.fail_at_gate, "g", "a", key="k")
    system.wait_at_gate("g")
    with system.transaction() as session:
        enqueue(session, system.handlers.fail_at_gate, "h", "b", key="k")
    system.open_gate("h")
    system.open_gate("g")
    system.wait_for(ticket)
    assert system.effects() == ["b"]
    assert len(system.jobs()) == 1


def test_line_4_job_enqueues_its_own_key(system: System) -> None:
    """A job that enqueues its own key while it runs is run again after its commit."""
    system.serve()
    with system.transaction() as session:
        ticket = enqueue(session, system.handlers.again, "a", key="k")
    system.wait(lambda: len(system.effects()) == 3, "it did not run three times")
    assert system.wait_for(ticket).wanted == 3


def test_line_4_a_key_belongs_to_its_handler(system: System) -> None:
    """Two handlers under one key are two jobs, so that neither takes the other's work away."""
    with system.transaction() as session:
        enqueue(session, system.handlers.record, "a", key="k")
        enqueue(session, system.handlers.compute, 1, key="k")
    assert len(system.jobs()) == 2


# 5 is shown by test_brokers.py; for engines without a broker there is nothing to touch.

# 6. A crashed, killed or paused worker loses nothing. Kills are in tests/acceptance.


def test_line_6_stopped_worker_hands_its_job_back(embedded_system: System) -> None:
    """A worker that stops without grace hands its job back with its attempt, and another runs it."""
    first = embedded_system.serve(grace=0.0)
    with embedded_system.transaction() as session:
        ticket = enqueue(session, embedded_system.handlers.record_at_gate, "g", "a")
    embedded_system.wait_at_gate("g")
    first.stop()
    status = embedded_system.job(ticket)
    assert (status.state, status.attempts) == ("waiting", 0)
    embedded_system.serve()
    embedded_system.wait_at_gate("g", times=2)
    embedded_system.open_gate("g")
    embedded_system.wait_for(ticket)
    assert embedded_system.effects() == ["a"]


# 7. Retries, dead jobs, and what people can do by hand.


def test_line_7_a_job_that_always_fails_is_dead_with_its_error(system: System) -> None:
    """After its last attempt a job is dead, its error is kept, and it runs again when someone says so."""
    system.serve()
    with system.transaction() as session:
        ticket = enqueue(session, system.handlers.fail_at_first, "a", 4)
    status = system.wait_for(ticket, "dead")
    assert status.attempts == 4
    assert "failure 4 of a" in str(status.error)
    assert system.effects() == []
    with system.transaction() as session:
        assert retry_job(session, ticket.id)
    assert "failure 4 of a" in str(system.wait_for(ticket, "dead").error)


def test_line_7_a_job_can_give_up(system: System) -> None:
    """A job that gives up is dead at once."""
    system.serve()
    with system.transaction() as session:
        ticket = enqueue(session, system.handlers.give_up)
    assert system.wait_for(ticket, "dead").attempts == 1


def test_line_7_a_job_can_choose_its_retry(system: System) -> None:
    """A job that asks for a retry after a time waits for that long."""
    system.serve()
    with system.transaction() as session:
        ticket = enqueue(session, system.handlers.retry_later, 0.3)
    status = system.wait_for(ticket)
    assert status.attempts == 2


def test_line_7_timeout(system: System) -> None:
    """A job that is over its time ends as a failure."""
    system.serve()
    with system.transaction() as session:
        ticket = enqueue(session, system.handlers.overdue, "never")
    assert "IND-E405" in str(system.wait_for(ticket, "dead").error)


def test_line_7_cancel_waiting(system: System) -> None:
    """A waiting job that is cancelled never runs."""
    with system.transaction() as session:
        ticket = enqueue(session, system.handlers.record, "a")
    with system.transaction() as session:
        assert cancel_job(session, ticket.id)
    system.serve()
    with system.transaction() as session:
        other = enqueue(session, system.handlers.record, "b")
    system.wait_for(other)
    assert system.job(ticket).state == "cancelled"
    assert system.effects() == ["b"]


def test_line_7_cancel_running(system: System) -> None:
    """A running job that is cancelled stops, and what it wrote is not kept."""
    system.serve()
    with system.transaction() as session:
        ticket = enqueue(session, system.handlers.record_at_gate, "g", "a")
    system.wait_at_gate("g")
    with system.transaction() as session:
        assert cancel_job(session, ticket.id)
    system.wait_for(ticket, "cancelled")
    assert system.effects() == []


def test_line_7_progress(system: System) -> None:
    """What a running job reports can be read while it runs."""
    system.serve()
    with system.transaction() as session:
        ticket = enqueue(session, system.handlers.progressing, "g")
    system.wait(lambda: system.job(ticket).progress is not None, "no progress")
    assert system.job(ticket).progress == {"done": 5, "total": 10, "note": "half"}
    system.open_gate("g")
    system.wait_for(ticket)


def test_line_7_results(system: System) -> None:
    """A job's result can be read; keyword arguments are bound with `bind`."""
    system.serve()
    with system.transaction() as session:
        ticket = enqueue(session, system.handlers.compute.bind(7, factor=3))
    assert system.wait_for(ticket).result == 21
