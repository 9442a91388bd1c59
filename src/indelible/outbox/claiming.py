"""Jobs taken from the table, kept by a lease, and taken back when the lease ran out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Connection,
    DateTime,
    Float,
    Row,
    Select,
    bindparam,
    case,
    false,
    func,
    literal,
    literal_column,
    select,
    type_coerce,
    update,
)
from sqlalchemy.sql.elements import ColumnElement

from indelible.outbox.dialects import dialect_named, dialect_of
from indelible.outbox.priorities import HANDICAPS
from indelible.outbox.tables import jobs
from indelible.outbox.writing import CANCELLED, DEAD, RUNNING, WAITING

_RESCUED_AT_ONCE = 500


@dataclass(frozen=True)
class Claim:
    """One run of one job."""

    id: int
    token: int
    handler: str
    queue: str
    key: str | None
    priority: int
    version: int
    attempt: int
    max_attempts: int
    args: list[Any]
    kwargs: dict[str, Any]
    headers: dict[str, str]
    enqueued_at: datetime


@dataclass(frozen=True)
class Lease:
    """What the table says of a run that this worker believes to have."""

    token: int
    cancel_requested: bool


def claim(
    connection: Connection, worker: str, lease: float, limit: int, queues: Sequence[str] | None = None
) -> list[Claim]:
    """Take up to so many due jobs, first in line first, of these queues or of all."""
    dialect_of(connection).begin_writing(connection)
    statement = _claim_first(connection.dialect.name, queues is not None)
    values = {"claimer": worker, "lease": lease, "most": limit}
    rows = connection.execute(statement, values if queues is None else {**values, "queues": list(queues)})
    return [_claimed(row) for row in sorted(rows, key=lambda row: (row.rank_at, row.id))]


def claim_one(connection: Connection, worker: str, lease: float, job_id: int, token: int) -> Claim | None:
    """Take this job, if it waits, is due and nobody took it since it had this token."""
    dialect_of(connection).begin_writing(connection)
    values = {"claimer": worker, "lease": lease, "wanted_id": job_id, "wanted_token": token}
    row = connection.execute(_claim_this(connection.dialect.name), values).one_or_none()
    return _claimed(row) if row is not None else None


def prolong(connection: Connection, worker: str, lease: float) -> dict[int, Lease]:
    """Prolong all leases of this worker and return them by job id; what is missing was lost."""
    dialect_of(connection).begin_writing(connection)
    connection.execute(_prolong(connection.dialect.name), {"claimer": worker, "lease": lease})
    mine = (jobs.c.worker == worker) & (jobs.c.state == RUNNING)
    rows = connection.execute(select(jobs.c.id, jobs.c.token, jobs.c.cancel_requested).where(mine))
    return {row.id: Lease(row.token, row.cancel_requested) for row in rows}


def cancelled_runs(connection: Connection, worker: str) -> dict[int, int]:
    """Return the tokens, by job id, of this worker's runs that someone asked to cancel."""
    mine = (jobs.c.worker == worker) & (jobs.c.state == RUNNING) & jobs.c.cancel_requested
    return {row.id: row.token for row in connection.execute(select(jobs.c.id, jobs.c.token).where(mine))}


def rescue(connection: Connection) -> list[int]:
    """Let jobs wait again whose lease ran out, or end them after their last attempt; return their ids."""
    dialect_of(connection).begin_writing(connection)
    return list(connection.execute(_rescue(connection.dialect.name)).scalars())


def seconds_to_next(connection: Connection, within: float) -> float | None:
    """Return in how many seconds the next waiting job is due, by the database's clock, if it is that soon."""
    row = connection.execute(_next_due(connection.dialect.name), {"within": within}).one()
    if row.due_at is None:
        return None
    return max(0.001, (as_utc(row.due_at) - as_utc(row.now)).total_seconds())


def as_utc(moment: datetime) -> datetime:
    """Return a moment that the database gave with its zone, which SQLite leaves out."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def now(dialect: str) -> ColumnElement[Any]:
    """Return the database's time."""
    return dialect_named(dialect).moment(literal(0.0, Float()))


def _claimed(row: Row[Any]) -> Claim:
    return Claim(
        id=row.id,
        token=row.token,
        handler=row.handler,
        queue=row.queue,
        key=row.key,
        priority=row.priority,
        version=row.running,
        attempt=row.attempts,
        max_attempts=row.max_attempts,
        args=row.arguments["args"],
        kwargs=row.arguments["kwargs"],
        headers=row.headers or {},
        enqueued_at=as_utc(row.enqueued_at),
    )


def due(dialect: str) -> ColumnElement[bool]:
    """Return what is true of a job that may start."""
    # The place in line is bounded too, so that the index ends where jobs of the far future begin.
    return (
        (jobs.c.state == literal_column(f"'{WAITING}'"))
        & (jobs.c.due_at <= now(dialect))
        & (jobs.c.rank_at <= dialect_named(dialect).moment(literal(max(HANDICAPS), Float())))
    )


@cache
def _claim_first(dialect: str, some_queues: bool) -> Any:
    waiting = select(jobs.c.id).where(due(dialect)).order_by(jobs.c.rank_at, jobs.c.id)
    if some_queues:
        waiting = waiting.where(jobs.c.queue.in_(bindparam("queues", expanding=True)))
    first = dialect_named(dialect).free_only(waiting.limit(bindparam("most")))
    return _claiming(dialect).where(jobs.c.id.in_(once(dialect, first)))


def once(dialect: str, rows: Select[Any]) -> Select[Any]:
    """Return these ids, found once, for a statement that changes their rows."""
    # PostgreSQL may run a plain subquery again for each row, and then lock more rows than its limit. SQLite's driver
    # begins no transaction for a statement that starts with WITH.
    return select(rows.cte().prefix_with("MATERIALIZED").c.id) if dialect == "postgresql" else rows


@cache
def _claim_this(dialect: str) -> Any:
    return _claiming(dialect).where(
        due(dialect), jobs.c.id == bindparam("wanted_id"), jobs.c.token == bindparam("wanted_token")
    )


def _claiming(dialect: str) -> Any:
    return (
        update(jobs)
        .values(
            state=RUNNING,
            token=jobs.c.token + 1,
            attempts=jobs.c.attempts + 1,
            running=jobs.c.wanted,
            worker=bindparam("claimer"),
            leased_until=_leased_until(dialect),
            started_at=now(dialect),
            cancel_requested=false(),
            progress=None,
        )
        .returning(jobs)
    )


def _leased_until(dialect: str) -> ColumnElement[Any]:
    return dialect_named(dialect).moment(bindparam("lease", type_=Float()))


@cache
def _prolong(dialect: str) -> Any:
    mine = select(jobs.c.id).where(jobs.c.worker == bindparam("claimer"), jobs.c.state == RUNNING)
    # A heartbeat locks many rows in no order. It must never wait for one, or it deadlocks with who enqueues.
    free = once(dialect, dialect_named(dialect).free_only(mine))
    return update(jobs).where(jobs.c.id.in_(free)).values(leased_until=_leased_until(dialect))


@cache
def _rescue(dialect: str) -> Any:
    late = select(jobs.c.id).where(jobs.c.state == RUNNING, jobs.c.leased_until < now(dialect))
    late = dialect_named(dialect).free_only(late.limit(_RESCUED_AT_ONCE))
    has_newer = jobs.c.wanted > jobs.c.running
    is_over = jobs.c.attempts >= jobs.c.max_attempts
    state = case((has_newer, WAITING), (jobs.c.cancel_requested, CANCELLED), (is_over, DEAD), else_=WAITING)
    ended = ~has_newer & (jobs.c.cancel_requested | is_over)
    return (
        update(jobs)
        .where(jobs.c.id.in_(once(dialect, late)))
        .values(
            state=state,
            attempts=case((has_newer, 0), else_=jobs.c.attempts),
            finished_at=case((ended, now(dialect))),
            error=literal("The worker was lost: ") + func.coalesce(jobs.c.worker, ""),
            worker=None,
            leased_until=None,
            sent_at=None,
        )
        .returning(jobs.c.id)
    )


@cache
def _next_due(dialect: str) -> Any:
    moment = dialect_named(dialect).moment
    soon = select(func.min(jobs.c.due_at)).where(
        jobs.c.state == literal_column(f"'{WAITING}'"),
        jobs.c.due_at > now(dialect),
        jobs.c.due_at <= moment(bindparam("within", type_=Float())),
        jobs.c.rank_at <= moment(bindparam("within", type_=Float()) + literal(max(HANDICAPS), Float())),
    )
    return select(
        soon.scalar_subquery().label("due_at"), type_coerce(now(dialect), DateTime(True)).label("now")
    )
