"""Count the changes of a project, however many writers there are."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from studio.problems import NotFound
from studio.projects.finding import NO_PROJECT, is_deleted
from studio.projects.models import Project


async def count_change(
    session: AsyncSession, project_id: str, now: datetime, *, deleted_too: bool = False
) -> Project:
    """Count one more change to anything in a project, made `now`, and return the project as it is by that.

    To be the last but for answers: others who change the project wait from here to the commit, and no longer. What is
    read after it is of the version that it counted. Raises NotFound when the project was deleted, unless
    `deleted_too`.
    """
    await session.flush()
    counted = (
        update(Project)
        .where(Project.id == project_id)
        .values(version=Project.version + 1, updated_at=now)
        .returning(Project)
    )
    if not deleted_too:
        counted = counted.where(~is_deleted())
    options = {"populate_existing": True, "synchronize_session": False}
    project = (await session.scalars(counted, execution_options=options)).one_or_none()
    if project is None:
        raise NotFound(NO_PROJECT)
    return project
