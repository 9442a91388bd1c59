"""Jobs of Studio: run by the embedded worker, with Studio's parts, from the transaction that enqueued them."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import update

from indelible.outbox import AsyncJobContext, enqueue, get_job, job
from studio.app import create_context
from studio.context import AppContext
from studio.jobs import app_of
from studio.jobs.serving import running_jobs, worker_for
from studio.projects import service as projects
from studio.projects.models import Project
from studio.settings import Settings, SettingsError


@job(name="tests.studio:rename")
async def rename(context: AsyncJobContext, project_id: str) -> str:
    """Give a project the name of the summary model."""
    name = app_of(context).summary_model.name
    await context.session.execute(update(Project).where(Project.id == project_id).values(title=name))
    return name


@pytest_asyncio.fixture
async def studio(database_url: str, tmp_path: Path) -> AsyncIterator[AppContext]:
    """The parts of a Studio, without a server."""
    context = create_context(
        Settings.from_environment({"STUDIO_DATA_DIR": str(tmp_path), "STUDIO_DATABASE_URL": database_url})
    )
    yield context
    await context.close()


async def test_a_job_runs_after_the_commit_with_studios_parts(studio: AppContext) -> None:
    """What a service enqueues in its transaction is run by the worker, which knows the models and the database."""
    project = await projects.import_file(studio.database, "film.fountain", b"INT. A - DAY\n")
    async with worker_for(studio):
        async with studio.database.writing() as session:
            ticket = enqueue(session, rename, project.id, key=f"rename:{project.id}")
        async with asyncio.timeout(30):
            while True:
                async with studio.database.reading() as session:
                    status = await session.run_sync(lambda sync: get_job(sync, ticket.id))
                assert status is not None
                if status.is_ended:
                    break
                await asyncio.sleep(0.02)
    assert (status.state, status.result) == ("done", studio.summary_model.name)
    assert (await projects.get_project(studio.database, project.id)).title == studio.summary_model.name


async def test_a_redis_address_that_is_none_is_refused(studio: AppContext) -> None:
    """Studio does not start with a REDIS_URL that can never work, and says what to write."""
    settings = Settings.from_environment({"REDIS_URL": "nonsense"})
    broken = AppContext(settings, studio.database, studio.summary_model, studio.images, studio.workshop)
    with pytest.raises(SettingsError, match="redis://host:6379/0"):
        async with running_jobs(broken):
            pass
