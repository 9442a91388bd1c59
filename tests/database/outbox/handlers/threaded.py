"""Handlers for an `Engine`."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import insert, select

from indelible.errors import GiveUp, RetryLater
from indelible.outbox import Backoff, JobContext, enqueue, job
from tests.database.outbox.tables import effects, gates

SOON = Backoff(first=0.01, most=0.02)


def pass_gate(context: JobContext, name: str) -> None:
    """Say that the gate is reached, and wait until the test opens it or the job is cancelled."""
    with context.transaction() as session:
        session.execute(insert(gates).values(name=name, state="reached"))
    is_open = False
    while not is_open:
        context.check()
        time.sleep(0.01)
        with context.transaction() as session:
            query = select(gates.c.id).where(gates.c.name == name, gates.c.state == "open")
            is_open = session.execute(query).first() is not None


def keep(context: JobContext, text: str) -> None:
    """Write an effect with the job's own session."""
    context.session.execute(insert(effects).values(text=text, attempt=context.attempt))


@job
def record(context: JobContext, text: str) -> dict[str, Any]:
    """Write one effect."""
    keep(context, text)
    return {"text": text}


@job
def compute(context: JobContext, number: int, *, factor: int = 2) -> int:
    """Write nothing."""
    return number * factor


@job(retries=3, backoff=SOON)
def record_at_gate(context: JobContext, gate: str, text: str) -> None:
    """Wait at a gate before the effect."""
    pass_gate(context, gate)
    keep(context, text)


@job(retries=3, backoff=SOON)
def fail_at_first(context: JobContext, text: str, failures: int) -> None:
    """Write an effect and fail, so many times."""
    keep(context, text)
    if context.attempt <= failures:
        raise RuntimeError(f"failure {context.attempt} of {text}")


@job(retries=3, backoff=SOON)
def fail_at_gate(context: JobContext, gate: str, text: str) -> None:
    """Fail at the first attempt, after a gate."""
    if context.attempt == 1:
        pass_gate(context, gate)
        raise RuntimeError("the first attempt fails")
    keep(context, text)


@job
def give_up(context: JobContext) -> None:
    """Say that trying again is of no use."""
    raise GiveUp("the scene is gone")


@job
def retry_later(context: JobContext, seconds: float) -> None:
    """Ask for a retry after a time."""
    if context.attempt == 1:
        raise RetryLater(seconds)


@job
def commit_inside(context: JobContext) -> None:
    """Do what a handler must not."""
    keep(context, "committed inside")
    context.session.commit()


@job(retries=0, timeout=0.2)
def overdue(context: JobContext, gate: str) -> None:
    """Wait for longer than the timeout."""
    pass_gate(context, gate)


@job
def progressing(context: JobContext, gate: str) -> None:
    """Report half of the work, and wait at a gate."""
    context.progress(5, 10, "half")
    pass_gate(context, gate)


@job
def follow_up(context: JobContext, text: str, failures: int) -> None:
    """Enqueue another job with the job's own session."""
    enqueue(context.session, record, text, key=text)
    if context.attempt <= failures:
        raise RetryLater(0)


@job
def again(context: JobContext, text: str) -> None:
    """Enqueue itself under its own key, until it has run three times."""
    keep(context, text)
    if context.version < 3:
        enqueue(context.session, again, text, key=context.key)
