"""The REST API of projects."""

from typing import Annotated

from fastapi import APIRouter, Query, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from studio.context import Context
from studio.etags import IfMatch, IfNoneMatch, matched_versions, tagged
from studio.problem_json import documented
from studio.projects import service
from studio.projects.exporting import file_stem
from studio.projects.project_file import ProjectFile
from studio.projects.views import ProjectPage, ProjectView
from studio.settings import MAX_PROJECT_FILE_BYTES
from studio.texts import LONGEST_DESCRIPTION, LONGEST_TITLE

router = APIRouter(prefix="/projects", tags=["projects"])

# The exported page needs its own style and nothing else: whatever a script holds, it cannot run or load anything.
PAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
)

Limit = Annotated[int, Query(ge=1, le=200, description="How many at most.")]
Offset = Annotated[int, Query(ge=0, le=1_000_000, description="How many to leave out at the front.")]


class NewProject(BaseModel):
    """A project to create."""

    model_config = ConfigDict(extra="forbid", strict=True)

    title: str = Field(min_length=1, max_length=LONGEST_TITLE)
    description: str = Field(default="", max_length=LONGEST_DESCRIPTION)


class ProjectChange(BaseModel):
    """What to change in a project; what is left out stays."""

    model_config = ConfigDict(extra="forbid", strict=True)

    title: str | None = Field(default=None, min_length=1, max_length=LONGEST_TITLE)
    description: str | None = Field(default=None, max_length=LONGEST_DESCRIPTION)


@router.get("")
async def list_projects(
    context: Context, limit: Limit = 50, offset: Offset = 0, deleted: bool = False
) -> ProjectPage:
    """List projects, the last changed first; with `deleted`, those that can be restored."""
    return await service.list_projects(context.database, limit=limit, offset=offset, deleted=deleted)


@router.post("", status_code=201, response_model=ProjectView)
async def create_project(context: Context, new: NewProject) -> Response:
    """Create a project with an empty script."""
    return _created(
        await service.create_project(context.database, title=new.title, description=new.description)
    )


@router.post("/import", status_code=201, response_model=ProjectView, responses=documented(415))
async def import_project(context: Context, file: UploadFile) -> Response:
    """Make a project from a Fountain file (.fountain, .spmd, .txt) of up to 20 MB or a project file (.json) of 100."""
    data = await file.read(MAX_PROJECT_FILE_BYTES + 1)
    return _created(await service.import_file(context.database, file.filename or "", data, context.images))


@router.get("/{project_id}", response_model=ProjectView, responses={304: {}, **documented(404)})
async def get_project(context: Context, project_id: str, if_none_match: IfNoneMatch = None) -> Response:
    """Return a project."""
    project = await service.get_project(context.database, project_id)
    return tagged(project, project.version, if_none_match=if_none_match)


@router.patch("/{project_id}", response_model=ProjectView, responses=documented(404, 412))
async def update_project(
    context: Context, project_id: str, change: ProjectChange, if_match: IfMatch = None
) -> Response:
    """Change a project's title or description."""
    project = await service.update_project(
        context.database,
        project_id,
        title=change.title,
        description=change.description,
        base_versions=matched_versions(if_match),
    )
    return tagged(project, project.version)


@router.delete("/{project_id}", status_code=204, responses=documented(404))
async def delete_project(context: Context, project_id: str) -> None:
    """Delete a project; it can be restored."""
    await service.delete_project(context.database, project_id)


@router.post("/{project_id}/restore", response_model=ProjectView, responses=documented(404))
async def restore_project(context: Context, project_id: str) -> Response:
    """Bring a deleted project back."""
    project = await service.restore_project(context.database, project_id)
    return tagged(project, project.version)


@router.get(
    "/{project_id}/export.fountain",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}, **documented(404)},
)
async def export_fountain(context: Context, project_id: str) -> Response:
    """Download the script as Fountain, in the encoding of the file that was imported."""
    project = await service.get_project(context.database, project_id)
    data = await service.export_fountain(context.database, project_id)
    return Response(data, media_type="application/octet-stream", headers=_download(project, "fountain"))


@router.get(
    "/{project_id}/export.html",
    response_class=Response,
    responses={200: {"content": {"text/html": {}}}, **documented(404)},
)
async def export_html(context: Context, project_id: str) -> Response:
    """Return the script as a page made for printing, or for saving as PDF."""
    page = await service.export_html(context.database, project_id)
    return Response(page, media_type="text/html", headers={"Content-Security-Policy": PAGE_POLICY})


@router.get("/{project_id}/export.json", response_model=ProjectFile, responses=documented(404))
async def export_json(context: Context, project_id: str) -> Response:
    """Download the whole project, for import here or in another Studio."""
    project = await service.get_project(context.database, project_id)
    data = await service.export_json(context.database, project_id, context.images)
    return Response(data, media_type="application/json", headers=_download(project, "studio.json"))


def _created(project: ProjectView) -> Response:
    return tagged(project, project.version, status=201, location=f"/api/projects/{project.id}")


def _download(project: ProjectView, extension: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{file_stem(project.title)}.{extension}"'}
