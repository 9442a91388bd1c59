"""Jobs as people see them. A job is shown to those who may see its project; of a deleted project, to nobody."""

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from indelible.outbox import JobStatus, cancel_job, get_job, retry_job
from studio.database import Database
from studio.jobs.kinds import Kind, handlers_without_project, kind_of
from studio.jobs.problems import NothingToCancel, NothingToRetry
from studio.jobs.tables import jobs
from studio.jobs.views import Cursor, JobDetails, JobPage, JobsOverview, JobView, QueueView, State
from studio.problems import NotFound
from studio.projects.finding import find_project, is_deleted
from studio.projects.models import Project

NO_JOB = "There is no such job, or it was deleted some days after its end. Go back to the list of jobs."
MOST_ACTIVE = 50
ACTIVE: tuple[State, ...] = ("waiting", "running")
ENDED: tuple[State, ...] = ("done", "dead", "cancelled")

# The first argument of a job is its project's id.
PROJECT_ID = jobs.c.arguments[("args", 0)].as_string()
_MOMENT = func.coalesce(jobs.c.finished_at, jobs.c.enqueued_at)


async def list_jobs(
    database: Database,
    *,
    states: tuple[State, ...] = (),
    queue: str | None = None,
    project_id: str | None = None,
    before: Cursor | None = None,
    limit: int = 50,
) -> JobPage:
    """Return a page of jobs: those that ended last, or were enqueued last, first.  Raises NotFound for the project."""
    async with database.reading() as session:
        if project_id is not None:
            await find_project(session, project_id)
        query = _visible().order_by(_MOMENT.desc(), jobs.c.id.desc()).limit(limit + 1)
        for condition in _conditions(states, queue, project_id, before):
            query = query.where(condition)
        rows = (await session.execute(query)).all()
    page = [_view(row) for row in rows[:limit]]
    return JobPage(items=page, next=str(Cursor.after(page[-1])) if len(rows) > limit else None)


async def get_overview(database: Database) -> JobsOverview:
    """Return what is in the queues, and the jobs that run or wait, running ones first."""
    async with database.reading() as session:
        visible = _visible().subquery()
        by_state = select(visible.c.queue, visible.c.state, func.count()).group_by(
            visible.c.queue, visible.c.state
        )
        counts: dict[str, dict[State, int]] = {}
        for queue, state, number in await session.execute(by_state):
            counts.setdefault(queue, {})[state] = number
        first = _visible().where(jobs.c.state.in_(ACTIVE)).order_by(jobs.c.state, jobs.c.due_at, jobs.c.id)
        active = [_view(row) for row in await session.execute(first.limit(MOST_ACTIVE))]
    return JobsOverview(
        queues=[QueueView(name=name, counts=counts[name]) for name in sorted(counts, key=_place)],
        active=active,
    )


async def get_details(database: Database, job_id: int) -> JobDetails:
    """Return one job with its arguments and its last error.  Raises NotFound."""
    async with database.reading() as session:
        return JobDetails.of(*await _find(session, job_id))


async def cancel(database: Database, job_id: int) -> JobView:
    """End a job that waits, ask one that runs to stop.  Raises NotFound, NothingToCancel."""
    return await _change(database, job_id, cancel_job, lambda kind: kind.on_cancel, NothingToCancel())


async def retry(database: Database, job_id: int) -> JobView:
    """Let a job that ended, or waits, run now with all its attempts.  Raises NotFound, NothingToRetry."""
    return await _change(database, job_id, retry_job, lambda kind: kind.on_retry, NothingToRetry())


async def _change(
    database: Database,
    job_id: int,
    change: Callable[[Any, int], bool],
    hook_of: Callable[[Kind], Callable[[AsyncSession, JobStatus], Awaitable[None]] | None],
    refusal: Exception,
) -> JobView:
    async with database.writing() as session:
        await _find(session, job_id)
        status = await session.run_sync(get_job, job_id)
        if status is None or not await session.run_sync(change, job_id):
            raise refusal
        hook = hook_of(kind_of(status.handler))
        if hook is not None:
            await hook(session, status)
        return _view(await _row(session, job_id))


async def _find(session: AsyncSession, job_id: int) -> tuple[Row[Any], Kind]:
    row = await _row(session, job_id)
    return row, kind_of(row.handler)


async def _row(session: AsyncSession, job_id: int) -> Row[Any]:
    row: Row[Any] | None = (await session.execute(_visible().where(jobs.c.id == job_id))).one_or_none()
    if row is None:
        raise NotFound(NO_JOB)
    return row


def _visible() -> Select[Any]:
    """Select jobs with their project's id and title."""
    project = and_(Project.id == PROJECT_ID, ~is_deleted())
    return (
        select(jobs, Project.id.label("project_id"), Project.title.label("project_title"))
        .outerjoin(Project, project)
        .where(or_(Project.id.is_not(None), jobs.c.handler.in_(handlers_without_project())))
    )


def _conditions(
    states: tuple[State, ...], queue: str | None, project_id: str | None, before: Cursor | None
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if states:
        conditions.append(jobs.c.state.in_(states))
    if queue is not None:
        conditions.append(jobs.c.queue == queue)
    if project_id is not None:
        conditions.append(Project.id == project_id)
    if before is not None:
        moment = _MOMENT
        conditions.append(or_(moment < before.moment, and_(moment == before.moment, jobs.c.id < before.id)))
    return conditions


def _view(row: Row[Any]) -> JobView:
    return JobView.of(row, kind_of(row.handler))


def _place(queue: str) -> tuple[int, str]:
    known = ("urgent", "normal", "low")
    return (known.index(queue) if queue in known else len(known), queue)
