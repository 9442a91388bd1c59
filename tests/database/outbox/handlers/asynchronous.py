"""Handlers for an `AsyncEngine`."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import insert, select

from indelible.errors import GiveUp, RetryLater
from indelible.outbox import AsyncJobContext, Backoff, enqueue, job
from tests.database.outbox.tables import effects, gates

SOON = Backoff(first=0.01, most=0.02)


async def pass_gate(context: AsyncJobContext, name: str) -> None:
    """Say that the gate is reached, and wait until the test opens it or the job is cancelled."""
    async with context.transaction() as session:
        await session.execute(insert(gates).values(name=name, state="reached"))
    is_open = False
    while not is_open:
        context.check()
        await asyncio.sleep(0.01)
        async with context.transaction() as session:
            query = select(gates.c.id).where(gates.c.name == name, gates.c.state == "open")
            is_open = (await session.execute(query)).first() is not None


async def keep(context: AsyncJobContext, text: str) -> None:
    """Write an effect with the job's own session."""
    await context.session.execute(insert(effects).values(text=text, attempt=context.attempt))


@job
async def record(context: AsyncJobContext, text: str) -> dict[str, Any]:
    """Write one effect."""
    await keep(context, text)
    return {"text": text}


@job
async def compute(context: AsyncJobContext, number: int, *, factor: int = 2) -> int:
    """Write nothing."""
    return number * factor


@job(retries=3, backoff=SOON)
async def record_at_gate(context: AsyncJobContext, gate: str, text: str) -> None:
    """Wait at a gate before the effect."""
    await pass_gate(context, gate)
    await keep(context, text)


@job(retries=3, backoff=SOON)
async def fail_at_first(context: AsyncJobContext, text: str, failures: int) -> None:
    """Write an effect and fail, so many times."""
    await keep(context, text)
    if context.attempt <= failures:
        raise RuntimeError(f"failure {context.attempt} of {text}")


@job(retries=3, backoff=SOON)
async def fail_at_gate(context: AsyncJobContext, gate: str, text: str) -> None:
    """Fail at the first attempt, after a gate."""
    if context.attempt == 1:
        await pass_gate(context, gate)
        raise RuntimeError("the first attempt fails")
    await keep(context, text)


@job
async def give_up(context: AsyncJobContext) -> None:
    """Say that trying again is of no use."""
    raise GiveUp("the scene is gone")


@job
async def retry_later(context: AsyncJobContext, seconds: float) -> None:
    """Ask for a retry after a time."""
    if context.attempt == 1:
        raise RetryLater(seconds)


@job
async def commit_inside(context: AsyncJobContext) -> None:
    """Do what a handler must not."""
    await keep(context, "committed inside")
    await context.session.commit()


@job(retries=0, timeout=0.2)
async def overdue(context: AsyncJobContext, gate: str) -> None:
    """Wait for longer than the timeout."""
    await pass_gate(context, gate)


@job
async def progressing(context: AsyncJobContext, gate: str) -> None:
    """Report half of the work, and wait at a gate."""
    context.progress(5, 10, "half")
    await pass_gate(context, gate)


@job
async def follow_up(context: AsyncJobContext, text: str, failures: int) -> None:
    """Enqueue another job with the job's own session."""
    enqueue(context.session, record, text, key=text)
    if context.attempt <= failures:
        raise RetryLater(0)


@job
async def again(context: AsyncJobContext, text: str) -> None:
    """Enqueue itself under its own key, until it has run three times."""
    await keep(context, text)
    if context.version < 3:
        enqueue(context.session, again, text, key=context.key)
