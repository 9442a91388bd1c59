"""What a person can do with projects.

Each function is one transaction and answers with views, which stay good after it. Failures are
`studio.problems`.
"""

from collections.abc import Collection
from datetime import UTC, datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from studio.database import Database, retried
from studio.identifiers import new_id
from studio.problems import NotFound, PreconditionFailed
from studio.projects.counting import count_change
from studio.projects.exporting import export_fountain, export_html, export_json
from studio.projects.finding import (
    NO_PROJECT,
    find_project,
    is_deleted,
    read_view,
    select_views,
    view_of,
)
from studio.projects.importing import add_sample, import_file, import_fountain, import_json
from studio.projects.models import Project
from studio.projects.views import ProjectPage, ProjectView
from studio.script.models import Script
from studio.texts import check_description, check_title

__all__ = [
    "add_sample",
    "create_project",
    "delete_project",
    "export_fountain",
    "export_html",
    "export_json",
    "get_project",
    "import_file",
    "import_fountain",
    "import_json",
    "list_projects",
    "restore_project",
    "update_project",
]


async def list_projects(
    database: Database, *, limit: int = 50, offset: int = 0, deleted: bool = False
) -> ProjectPage:
    """List projects, the last changed first; `deleted` lists those that can be restored instead."""
    wanted = is_deleted() if deleted else ~is_deleted()
    async with database.reading() as session:
        total = await session.scalar(select(func.count()).select_from(Project).where(wanted))
        rows = await session.execute(
            select_views()
            .where(wanted)
            .order_by(Project.updated_at.desc(), Project.id)
            .limit(limit)
            .offset(offset)
        )
        items = [view_of(*row) for row in rows]
    return ProjectPage(items=items, total=total or 0, limit=limit, offset=offset)


async def create_project(database: Database, *, title: str, description: str = "") -> ProjectView:
    """Create a project with an empty script.  Raises Invalid."""
    now = datetime.now(UTC)
    project = Project(
        id=new_id(),
        title=check_title(title),
        description=check_description(description),
        version=1,
        created_at=now,
        updated_at=now,
        deleted_at=None,
    )
    script = Script.empty(project.id)
    async with database.writing() as session:
        session.add(project)
        await session.flush()
        session.add(script)
    return view_of(project, script.id, 0)


async def get_project(database: Database, project_id: str) -> ProjectView:
    """Return one project.  Raises NotFound."""
    async with database.reading() as session:
        return await read_view(session, await find_project(session, project_id))


@retried
async def update_project(
    database: Database,
    project_id: str,
    *,
    title: str | None = None,
    description: str | None = None,
    base_versions: Collection[int] | None = None,
) -> ProjectView:
    """Change the title or the description; `None` leaves a field as it is.

    Raises NotFound, Invalid, and PreconditionFailed unless the stored version is one of `base_versions`, if given.
    """
    changes = {}
    if title is not None:
        changes["title"] = check_title(title)
    if description is not None:
        changes["description"] = check_description(description)
    async with database.writing() as session:
        project = await find_project(session, project_id)
        if base_versions is not None and project.version not in base_versions:
            raise PreconditionFailed
        if any(getattr(project, name) != value for name, value in changes.items()):
            await _change(session, project_id, changes, base_versions)
            project = await count_change(session, project_id, datetime.now(UTC))
        return await read_view(session, project)


async def _change(
    session: AsyncSession, project_id: str, changes: dict[str, str], base_versions: Collection[int] | None
) -> None:
    """Write what was given and nothing else, so that two writers of title and description both land."""
    changed = update(Project).where(Project.id == project_id).values(changes).returning(Project.id)
    if base_versions is not None:
        changed = changed.where(Project.version.in_(base_versions))
    options = {"synchronize_session": False}
    if (await session.execute(changed, execution_options=options)).first() is None:
        raise PreconditionFailed


@retried
async def delete_project(database: Database, project_id: str) -> None:
    """Delete a project so that `restore_project` can bring it back.  Raises NotFound."""
    async with database.writing() as session:
        await find_project(session, project_id)
        now = datetime.now(UTC)
        project = await count_change(session, project_id, now)
        project.deleted_at = now


@retried
async def restore_project(database: Database, project_id: str) -> ProjectView:
    """Bring a deleted project back, whole.  Raises NotFound unless it is there and deleted."""
    async with database.writing() as session:
        await find_project(session, project_id, deleted=True)
        project = await count_change(session, project_id, datetime.now(UTC), deleted_too=True)
        if project.deleted_at is None:
            raise NotFound(NO_PROJECT)
        project.deleted_at = None
        await session.flush()
        return await read_view(session, project)
