"""Jobs as people see them: listed, shown, tried again, cancelled, deleted, watched.

These functions take a session or connection of the caller's and are part of its transaction. With an `AsyncSession`:
`await session.run_sync(find_jobs, state="dead")`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import (
    Connection,
    Float,
    Row,
    case,
    false,
    func,
    literal,
    null,
    select,
    true,
    update,
)
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.orm import Session

from indelible.errors import OutboxError
from indelible.outbox import waking
from indelible.outbox.claiming import as_utc
from indelible.outbox.dialects import dialect_of
from indelible.outbox.handlers import Handler
from indelible.outbox.priorities import PRIORITIES, Priority
from indelible.outbox.purging import ENDED, purge_finished
from indelible.outbox.tables import jobs
from indelible.outbox.writing import CANCELLED, DEAD, DONE, RUNNING, WAITING

State = Literal["waiting", "running", "done", "dead", "cancelled"]
STATES: tuple[State, ...] = ("waiting", "running", "done", "dead", "cancelled")

_PRIORITY_NAMES: dict[int, Any] = {number: name for name, number in PRIORITIES.items()}


@dataclass(frozen=True)
class JobStatus:
    """One job as it is in the table; moments are in UTC.

    `wanted` and `running` are versions: how often its key was enqueued, and which of these runs or ran last. `progress`
    is `{"done", "total", "note"}`, `error` the last traceback.
    """

    id: int
    handler: str
    queue: str
    key: str | None
    priority: Priority
    state: State
    arguments: dict[str, Any]
    wanted: int
    running: int
    token: int
    attempts: int
    max_attempts: int
    enqueued_at: datetime
    due_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    leased_until: datetime | None
    worker: str | None
    cancel_requested: bool
    progress: dict[str, Any] | None
    result: Any
    error: str | None

    @property
    def is_ended(self) -> bool:
        """Whether it is done, dead or cancelled, and nothing will happen to it by itself."""
        return self.state in ENDED

    def differs_from(self, earlier: JobStatus | None) -> bool:
        """Whether anything has changed but the lease, which a worker prolongs all the time."""
        return earlier is None or replace(self, leased_until=None) != replace(earlier, leased_until=None)


def find_jobs(
    session: Session | Connection,
    *,
    state: State | None = None,
    queue: str | None = None,
    handler: Handler[..., Any] | str | None = None,
    key: str | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[JobStatus]:
    """Return jobs, newest first; `before` is the last id of the page before."""
    wanted = {
        "state": state,
        "queue": queue,
        "handler": handler.name if isinstance(handler, Handler) else handler,
        "key": key,
    }
    query = select(jobs).order_by(jobs.c.id.desc()).limit(limit)
    for column, value in wanted.items():
        if value is not None:
            query = query.where(jobs.c[column] == value)
    if before is not None:
        query = query.where(jobs.c.id < before)
    return [status_of(row) for row in session.execute(query)]


def get_job(session: Session | Connection, job_id: int) -> JobStatus | None:
    """Return one job, or `None` if there is none with this id, or no more."""
    row = session.execute(select(jobs).where(jobs.c.id == job_id)).one_or_none()
    return None if row is None else status_of(row)


def count_jobs(session: Session | Connection) -> dict[tuple[str, State], int]:
    """Return how many jobs there are by queue and state."""
    query = select(jobs.c.queue, jobs.c.state, func.count()).group_by(jobs.c.queue, jobs.c.state)
    return {(queue, state): number for queue, state, number in session.execute(query)}


def retry_job(session: Session | Connection, job_id: int) -> bool:
    """Let an ended or waiting job run now, with all its attempts; say whether there is one."""
    moment = dialect_of(_connection(session)).moment(literal(0.0, Float()))
    again = (
        update(jobs)
        .where(jobs.c.id == job_id, jobs.c.state != RUNNING)
        .values(
            state=WAITING,
            attempts=0,
            due_at=moment,
            rank_at=moment,
            sent_at=None,
            finished_at=None,
            cancel_requested=false(),
        )
    )
    return _changed(session, again)


def cancel_job(session: Session | Connection, job_id: int) -> bool:
    """Cancel a waiting job, or ask a running one to stop; say whether there is one that had not ended.

    A running job may still end before it notices.
    """
    moment = dialect_of(_connection(session)).moment(literal(0.0, Float()))
    is_running = jobs.c.state == RUNNING
    cancel = (
        update(jobs)
        .where(jobs.c.id == job_id, jobs.c.state.in_([WAITING, RUNNING]))
        .values(
            state=case((is_running, RUNNING), else_=CANCELLED),
            cancel_requested=case((is_running, true()), else_=false()),
            # Versions enqueued so far are meant as well; one enqueued later is not.
            wanted=case((is_running, jobs.c.running), else_=jobs.c.wanted),
            finished_at=case((is_running, null()), else_=moment),
        )
    )
    return _changed(session, cancel)


def purge_jobs(
    session: Session | Connection,
    *,
    older_than: timedelta = timedelta(0),
    states: Sequence[State] = ("done", "cancelled"),
    at_most: int = 10_000,
) -> int:
    """Delete jobs that ended longer ago than this; return how many. Raises OutboxError for states that are no end."""
    if not set(states) <= set(ENDED):
        raise OutboxError(
            f"Jobs that are {', '.join(sorted({DONE, DEAD, CANCELLED}))} can be deleted, no others."
        )
    return purge_finished(_connection(session), older_than, states, at_most)


async def watch_job(engine: AsyncEngine, job_id: int, *, interval: float = 0.5) -> AsyncIterator[JobStatus]:
    """Give the job's status now, and whenever it has changed, until it has ended or is gone."""
    seen: JobStatus | None = None
    while True:
        async with engine.connect() as connection:
            status = await connection.run_sync(get_job, job_id)
        if status is None:
            return
        if status.differs_from(seen):
            yield status
        if status.is_ended:
            return
        seen = status
        await asyncio.sleep(interval)


def status_of(row: Row[Any]) -> JobStatus:
    """Return what a row of the table says."""
    values = {one.name: getattr(row, one.name) for one in fields(JobStatus)}
    for name, value in values.items():
        if isinstance(value, datetime):
            values[name] = as_utc(value)
    return JobStatus(**{**values, "priority": _PRIORITY_NAMES[row.priority]})


def _connection(session: Session | Connection) -> Connection:
    return session.connection(bind_arguments={"clause": jobs}) if isinstance(session, Session) else session


def _changed(session: Session | Connection, statement: Any) -> bool:
    # On the connection: the session must not look for loaded objects that this changes.
    connection = _connection(session)
    dialect_of(connection).begin_writing(connection)
    changed = connection.execute(statement).rowcount == 1
    waking.wake_workers_soon()
    return changed
