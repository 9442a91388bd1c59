"""The REST API of storyboards."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import FileResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from studio.context import Context
from studio.etags import IfNoneMatch, tagged_by_content
from studio.following import describe_stream, stream
from studio.problem_json import documented
from studio.problems import Invalid, NotFound
from studio.storyboard import editing, runs
from studio.storyboard.board import get_storyboard
from studio.storyboard.finding import NO_FRAME
from studio.storyboard.following import follow
from studio.storyboard.progress import get_run
from studio.storyboard.sheet import to_html
from studio.storyboard.views import ProgressView, RunView, StoryboardView

router = APIRouter(tags=["storyboard"])

# The exported page shows images of this Studio, in its own style, and can do nothing else.
SHEET_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; form-action 'none'"
)
Seconds = Annotated[float, Query(ge=0, le=3600, description="After so many seconds the stream ends.")]


class NewRun(BaseModel):
    """How many images to make of each scene of the script, or of those in `scene_ids`."""

    model_config = ConfigDict(extra="forbid", strict=True)

    per_scene: int = Field(ge=1, le=runs.MOST_PER_SCENE)
    scene_ids: list[str] | None = Field(default=None, max_length=10_000)


class FrameChange(BaseModel):
    """What to change in a frame; what is left out stays."""

    model_config = ConfigDict(extra="forbid", strict=True)

    favourite: bool | None = None
    discarded: bool | None = None


class Attachment(BaseModel):
    """The scene to put an image under."""

    model_config = ConfigDict(extra="forbid", strict=True)

    scene_id: str


@router.get(
    "/projects/{project_id}/storyboard",
    response_model=StoryboardView,
    responses={304: {}, **documented(404)},
)
async def read_storyboard(context: Context, project_id: str, if_none_match: IfNoneMatch = None) -> Response:
    """Return a project's storyboard: its scenes in order with their images, what is kept aside, what is being made."""
    return tagged_by_content(await get_storyboard(context.database, project_id), if_none_match)


@router.get(
    "/projects/{project_id}/storyboard/events",
    response_class=StreamingResponse,
    responses={**describe_stream("progress", ProgressView), **documented(404)},
)
async def follow_storyboard(context: Context, project_id: str, seconds: Seconds = 600) -> StreamingResponse:
    """Stream what is being made, now and whenever it changes; `version` tells when to read the storyboard again."""
    return await stream(
        "progress", follow(context.database, project_id, seconds=seconds), until=context.stopping.asked
    )


@router.get(
    "/projects/{project_id}/storyboard/sheet.html",
    response_class=Response,
    responses={200: {"content": {"text/html": {}}}, **documented(404)},
)
async def contact_sheet(context: Context, project_id: str) -> Response:
    """Return the contact sheet: a page made for printing, or for saving as PDF."""
    page = to_html(await get_storyboard(context.database, project_id))
    return Response(page, media_type="text/html", headers={"Content-Security-Policy": SHEET_POLICY})


@router.post("/projects/{project_id}/storyboard/runs", status_code=201, responses=documented(404, 409))
async def start_run(context: Context, project_id: str, new: NewRun) -> RunView:
    """Have images made of all scenes, or of some; the answer comes at once, the images one by one."""
    run_id = await runs.start_run(
        context.database,
        project_id,
        per_scene=new.per_scene,
        scene_ids=new.scene_ids,
        model=context.workshop.renderer.model,
    )
    return await get_run(context.database, run_id)


@router.post("/storyboard-runs/{run_id}/cancel", responses=documented(404))
async def cancel_run(context: Context, run_id: str) -> RunView:
    """Stop a run; what is finished stays."""
    await runs.cancel_run(context.database, run_id)
    return await get_run(context.database, run_id)


@router.post("/storyboard-runs/{run_id}/resume", responses=documented(404, 409))
async def resume_run(context: Context, run_id: str) -> RunView:
    """Make what was interrupted, cancelled or failed in a run."""
    await runs.resume_run(context.database, run_id)
    return await get_run(context.database, run_id)


@router.post(
    "/projects/{project_id}/storyboard/frames/{frame_id}/regenerate",
    status_code=201,
    responses=documented(404, 409),
)
async def regenerate(context: Context, project_id: str, frame_id: str) -> RunView:
    """Make one frame anew; the old one is shown until the new one is there, and can be brought back then."""
    run_id = await runs.start_again(
        context.database, project_id, frame_id, model=context.workshop.renderer.model
    )
    return await get_run(context.database, run_id)


@router.patch(
    "/projects/{project_id}/storyboard/frames/{frame_id}", status_code=204, responses=documented(404)
)
async def change_frame(context: Context, project_id: str, frame_id: str, change: FrameChange) -> None:
    """Mark a frame as its scene's favourite, discard it, or take either back."""
    if change.favourite is None and change.discarded is None:
        raise Invalid("Send `favourite` or `discarded`, or both.")
    if change.favourite is not None:
        await editing.mark_favourite(context.database, project_id, frame_id, change.favourite)
    if change.discarded is not None:
        await editing.discard(context.database, project_id, frame_id, change.discarded)


@router.post(
    "/projects/{project_id}/storyboard/frames/{frame_id}/bring-back",
    status_code=204,
    responses=documented(404),
)
async def bring_back(context: Context, project_id: str, frame_id: str) -> None:
    """Show a frame again that was made anew, in place of the newer one, which can be brought back in turn."""
    await editing.bring_back(context.database, project_id, frame_id)


@router.post(
    "/projects/{project_id}/storyboard/frames/{frame_id}/attach", status_code=204, responses=documented(404)
)
async def attach(context: Context, project_id: str, frame_id: str, attachment: Attachment) -> None:
    """Put an image under a scene: one that was kept aside, or one of another scene."""
    await editing.attach(context.database, project_id, frame_id, attachment.scene_id)


@router.get(
    "/images/{name}",
    response_class=Response,
    responses={
        200: {"content": {"image/png": {}, "image/jpeg": {}, "image/webp": {}}},
        304: {},
        **documented(404),
    },
)
async def get_image(context: Context, name: str, if_none_match: IfNoneMatch = None) -> Response:
    """Return the bytes of an image, which never change."""
    found = context.images.find(name)
    if found is None:
        raise NotFound(NO_FRAME)
    path, media_type = found
    headers = {"ETag": f'"{path.stem}"', "Cache-Control": "private, max-age=31536000, immutable"}
    if if_none_match is not None and path.stem in if_none_match:
        return Response(status_code=304, headers=headers)
    return FileResponse(path, media_type=media_type, headers=headers)
