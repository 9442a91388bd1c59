"""What is being done for an interview: the jobs that a question and a plan wait for, as they are in the outbox."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from indelible.outbox import cancel_job
from studio.jobs.tables import jobs

Task = Literal["question", "plan"]
HANDLERS: Mapping[Task, str] = {
    "question": "studio.interview:ask_next_question",
    "plan": "studio.interview:plan_work",
}

NOT_BEGUN_AFTER = timedelta(seconds=20)
# A model that answers at all has answered by then; who asks again does not want to wait for it any more.
HANGS_AFTER = timedelta(seconds=45)
SAVED = "Every answer is saved. Try again when you like."
NOT_BEGUN = "Nobody has taken it up yet. With REDIS_URL set, a `studio worker` must run."


@dataclass(frozen=True)
class Work:
    """What a job is at: whether it goes on and since when, and what went wrong with it, for a person."""

    goes_on: bool
    since: datetime | None
    trouble: str


GONE = Work(goes_on=False, since=None, trouble=f"Nobody is at it any more. {SAVED}")


def key_of(task: Task, project_id: str) -> str:
    """Return the key of the job that does something for an interview."""
    return f"interview-{task}:{project_id}"


async def work_for(session: AsyncSession, project_id: str, begun: Task | None = None) -> Mapping[Task, Work]:
    """Return what the jobs of an interview are at; `begun` was enqueued in this very transaction."""
    rows = {row.handler: row for row in await session.execute(_jobs(project_id))}
    now = datetime.now(UTC)
    works = {
        task: _work(rows[handler], now) if handler in rows else GONE for task, handler in HANDLERS.items()
    }
    # Its row is written last before the commit.
    return works if begun is None else works | {begun: Work(goes_on=True, since=now, trouble="")}


async def stop_hanging(session: AsyncSession, task: Task, project_id: str) -> None:
    """Stop the job that is at something for too long, so that the one that is enqueued next begins."""
    of_task = _jobs(project_id).where(jobs.c.handler == HANDLERS[task], jobs.c.state == "running")
    row = (await session.execute(of_task)).one_or_none()
    if row is not None and datetime.now(UTC) - _utc(row.started_at) > HANGS_AFTER:
        await session.run_sync(cancel_job, row.id)


def _jobs(project_id: str) -> Any:
    keys = [key_of(task, project_id) for task in HANDLERS]
    return select(jobs).where(jobs.c.handler.in_(HANDLERS.values()), jobs.c.key.in_(keys))


def _work(row: Row[Any], now: datetime) -> Work:
    since = _utc(row.enqueued_at)
    if row.state == "waiting" or (row.state == "running" and not _is_stopped(row)):
        return Work(goes_on=True, since=since, trouble=_trouble(row, now))
    if row.state == "dead":
        failed = f"It failed {row.attempts} times, the last time with: {_last_line(row.error)}"
        return Work(goes_on=False, since=since, trouble=f"{failed} {SAVED}")
    if row.state == "done":
        return Work(goes_on=False, since=since, trouble=f"It ended without a result. {SAVED}")
    return Work(goes_on=False, since=since, trouble=f"It was stopped. {SAVED}")


def _is_stopped(row: Row[Any]) -> bool:
    return bool(row.cancel_requested) and row.wanted == row.running


def _trouble(row: Row[Any], now: datetime) -> str:
    if row.error:
        failed = row.attempts - (row.state == "running")
        return f"Attempt {failed} of {row.max_attempts} failed; it is tried again. {_last_line(row.error)}"
    late = row.state == "waiting" and now - _utc(row.due_at) > NOT_BEGUN_AFTER
    return NOT_BEGUN if late else ""


def _last_line(error: str | None) -> str:
    """Return the last line of a traceback, as a sentence."""
    lines = (error or "").strip().splitlines()
    line = lines[-1].strip()[:500] if lines else "no message"
    return line if line.endswith((".", "!", "?")) else f"{line}."


def _utc(moment: datetime) -> datetime:
    # SQLite forgets the zone.
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
