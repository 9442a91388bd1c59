"""The job that has a model summarise a scene: one a scene, however often it is asked for."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from indelible.outbox import AsyncJobContext, Ticket, cancel_job, enqueue, job
from studio.ai import KeyRefused, NoAnswer, ProviderError, QuotaSpent, RateLimited
from studio.jobs import app_of, describe
from studio.jobs.tables import jobs
from studio.problems import NotFound
from studio.script.models import Scene
from studio.script.summaries import ask_for_summary, put_summary

# What the next scene would meet as well, after the same wait.
MEETS_EVERY_SCENE = (KeyRefused, NoAnswer, QuotaSpent, RateLimited)
ONE, MANY = "urgent", "normal"
UNFINISHED = ("waiting", "running")

Failure = dict[str, Any]


@job(queue=ONE, retries=8, name="studio.script:summarise")
async def summarise_by_job(job: AsyncJobContext, _project_id: str, scene_id: str) -> Failure | None:
    """Have a model summarise a scene and keep what it says; a provider's failure is the job's result, for people.

    When the model fails, the old summary stays.
    """
    app = app_of(job)
    try:
        entry = await ask_for_summary(app.database, scene_id, model=app.summary_model)
    except NotFound:
        return None  # the scene was deleted: nothing is wanted any more
    except ProviderError as problem:
        if isinstance(problem, MEETS_EVERY_SCENE):
            await _call_off_many(job.session, scene_id)
        return {"code": problem.code, "detail": problem.detail, "retry_after": problem.retry_after}
    await put_summary(job.session, scene_id, entry)
    return None


describe(summarise_by_job, "Summarise a scene")


class SummaryJob(NamedTuple):
    """The newest job that summarises a scene."""

    id: int
    state: str
    cancel_requested: bool
    result: Failure | None

    @property
    def is_refreshing(self) -> bool:
        """Tell whether a summary is on its way."""
        return self.state in UNFINISHED and not self.cancel_requested

    @property
    def failure(self) -> Failure | None:
        """Return what kept the model from answering, the last time it was asked."""
        if self.state == "dead":
            return {"code": None, "detail": "The summary could not be made. Try again.", "retry_after": None}
        return self.result if self.state == "done" else None


def want_summary(session: AsyncSession, project_id: str, scene_id: str, *, queue: str = ONE) -> Ticket:
    """Let a scene be summarised after the commit; while that goes on already, once more afterwards."""
    return enqueue(session, summarise_by_job, project_id, scene_id, key=scene_id, queue=queue)


async def want_summary_again(session: AsyncSession, project_id: str, scene_id: str) -> None:
    """Let a scene that is being edited be summarised once more, if that is going on: its text is an older one."""
    going_on = select(jobs.c.id).where(_of(select(Scene.id).where(Scene.id == scene_id)), _is_unfinished())
    if await session.scalar(going_on.limit(1)) is not None:
        want_summary(session, project_id, scene_id)


async def cancel_summaries(session: AsyncSession, script_id: str) -> None:
    """Stop what summarises the scenes of a script, or waits to."""
    scenes = select(Scene.id).where(Scene.script_id == script_id)
    await _cancel(session, await session.scalars(select(jobs.c.id).where(_of(scenes), _is_unfinished())))


async def summary_jobs(session: AsyncSession, script_id: str) -> Mapping[str, SummaryJob]:
    """Return the newest job of each scene of a script that was ever to be summarised, by the scene's id."""
    return {row.key: _job(row) for row in await session.execute(_jobs(script_id))}


async def jobs_by_id(session: AsyncSession, ids: Sequence[int]) -> Mapping[int, SummaryJob]:
    """Return these jobs, as far as they are there."""
    found = select(jobs.c.key, jobs.c.id, jobs.c.state, jobs.c.cancel_requested, jobs.c.result)
    return {row.id: _job(row) for row in await session.execute(found.where(jobs.c.id.in_(ids)))}


def _jobs(script_id: str) -> Any:
    scenes = select(Scene.id).where(Scene.script_id == script_id)
    found = select(jobs.c.key, jobs.c.id, jobs.c.state, jobs.c.cancel_requested, jobs.c.result)
    return found.where(_of(scenes)).order_by(jobs.c.id)


def _job(row: Any) -> SummaryJob:
    return SummaryJob(row.id, row.state, row.cancel_requested, row.result)


def _of(scenes: Any) -> ColumnElement[bool]:
    return (jobs.c.handler == summarise_by_job.name) & jobs.c.key.in_(scenes)


def _is_unfinished() -> ColumnElement[bool]:
    return jobs.c.state.in_(UNFINISHED)


async def _call_off_many(session: AsyncSession, scene_id: str) -> None:
    """Take back what waits because all scenes of the script were asked for: it would meet the same failure."""
    script = select(Scene.script_id).where(Scene.id == scene_id).scalar_subquery()
    scenes = select(Scene.id).where(Scene.script_id == script)
    waiting = select(jobs.c.id).where(_of(scenes), jobs.c.state == "waiting", jobs.c.queue == MANY)
    await _cancel(session, await session.scalars(waiting))


async def _cancel(session: AsyncSession, ids: Iterable[int]) -> None:
    for job_id in list(ids):
        await session.run_sync(cancel_job, job_id)
