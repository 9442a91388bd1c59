"""Find projects in an open session."""

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from studio.database import Database
from studio.identifiers import is_id
from studio.problems import Invalid, NotFound
from studio.projects.models import Project
from studio.projects.views import ProjectView
from studio.script.models import Scene, Script

NO_PROJECT = "There is no such project, or it was deleted. Go back to the list of projects."


async def find_project(session: AsyncSession, project_id: str, *, deleted: bool | None = False) -> Project:
    """Return the project.

    `deleted` asks for a deleted one; None takes the project however it is. Raises NotFound.
    """
    query = select(Project).where(Project.id == project_id)
    if deleted is not None:
        query = query.where(is_deleted() if deleted else ~is_deleted())
    project = await session.scalar(query) if is_id(project_id) else None
    if project is None:
        raise NotFound(NO_PROJECT)
    return project


def is_deleted() -> ColumnElement[bool]:
    """Return the condition that a project is deleted."""
    return Project.deleted_at.is_not(None)


def select_views() -> "Select[Project, str, int]":
    """Select what `view_of` takes."""
    scene_count = (
        select(func.count())
        .select_from(Scene)
        .where(Scene.script_id == Script.id, Scene.deleted_at.is_(None))
        .scalar_subquery()
    )
    return select(Project, Script.id, scene_count).join(Script, Script.project_id == Project.id)


def view_of(project: Project, script_id: str, scene_count: int) -> ProjectView:
    """Return the project as the outside sees it."""
    return ProjectView(
        id=project.id,
        title=project.title,
        description=project.description,
        created_at=project.created_at,
        updated_at=project.updated_at,
        deleted_at=project.deleted_at,
        version=project.version,
        script_id=script_id,
        scene_count=scene_count,
    )


async def read_view(session: AsyncSession, project: Project) -> ProjectView:
    """Return the project as the outside sees it, its scenes counted now."""
    row = (await session.execute(select_views().where(Project.id == project.id))).one()
    return view_of(*row)


async def find_by_name(database: Database, name: str) -> ProjectView:
    """Return the project with this identifier or title, whatever the title's case.

    Raises NotFound, naming the projects that there are, and Invalid when several have the title.
    """
    async with database.reading() as session:
        rows = await session.execute(select_views().where(~is_deleted()).order_by(Project.title))
        views = [view_of(*row) for row in rows]
    found = [view for view in views if name == view.id]
    found = found or [view for view in views if view.title.casefold() == name.casefold()]
    if not found:
        there = ", ".join(f"“{view.title}”" for view in views[:20]) or "none yet"
        raise NotFound(f"There is no project “{name}”. These are there: {there}.")
    if len(found) > 1:
        identifiers = ", ".join(view.id for view in found)
        raise Invalid(
            f"{len(found)} projects are called “{name}”. Name one by its identifier: {identifiers}."
        )
    return found[0]
