"""The job that makes the images of a run."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from indelible.outbox import AsyncJobContext, Backoff, JobStatus, job
from studio.jobs import app_of, describe
from studio.jobs.tables import jobs
from studio.storyboard.slots import HANDLER, KEY_PREFIX
from studio.storyboard.steps import stop_run, want_again

ACTIVE = ("waiting", "running")


# Each image is kept as it comes, so that an attempt begins where the one before has ended.
@job(name=HANDLER, retries=8, backoff=Backoff(first=1.0, most=30.0))
async def make_images(job: AsyncJobContext, _project_id: str, run_id: str) -> dict[str, int]:
    """Make what is wanted in a run of images; return how many of its images are in which state."""
    return await app_of(job).workshop.work_off(job, run_id)


def key_of(run_id: str) -> str:
    """Return the key of the job that makes a run's images."""
    return f"{KEY_PREFIX}{run_id}"


async def states_of(session: AsyncSession, run_ids: list[str]) -> dict[str, tuple[int, str]]:
    """Return the ids and states of the jobs that make these runs' images, by the runs' ids."""
    runs = {key_of(run_id): run_id for run_id in run_ids}
    query = select(jobs.c.key, jobs.c.id, jobs.c.state)
    mine = query.where(jobs.c.handler == make_images.name, jobs.c.key.in_(runs))
    return {runs[row.key]: (row.id, row.state) for row in await session.execute(mine)} if runs else {}


async def _stopped(session: AsyncSession, status: JobStatus) -> None:
    await stop_run(session, status.arguments["args"][1])


async def _again(session: AsyncSession, status: JobStatus) -> None:
    await want_again(session, status.arguments["args"][1])


describe(make_images, "Make images for the storyboard", on_cancel=_stopped, on_retry=_again)
