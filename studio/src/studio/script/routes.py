"""The REST API of scripts, scenes and summaries."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from studio.context import Context
from studio.etags import IfMatch, IfNoneMatch, matched_versions, tagged
from studio.following import describe_stream, stream
from studio.problem_json import ProblemView, documented
from studio.problems import PreconditionFailed
from studio.script import service
from studio.script.views import (
    BlockView,
    MergeView,
    SavedScene,
    SceneInScript,
    SceneView,
    ScriptSummaries,
    ScriptView,
    SummaryProgress,
    SummaryView,
)

router = APIRouter(tags=["script"])

MODEL_PROBLEMS = (502, 503, 504)
All = Annotated[bool, Query(alias="all", description="Also the scenes whose summary is fresh.")]
Seconds = Annotated[float, Query(ge=0, le=3600, description="After so many seconds the stream ends.")]
Deleted = Annotated[bool, Query(description="The deleted scenes instead, the last deleted first.")]


OpId = Annotated[
    str | None,
    Field(
        pattern=r"^[!-~]{1,64}$",
        description="Made once for each save and sent again with it: a save whose answer was lost is applied once.",
    ),
]


class NewScene(BaseModel):
    """A scene to add after the scene `after`, or at the end."""

    model_config = ConfigDict(extra="forbid", strict=True)

    text: str = service.NEW_SCENE
    after: str | None = None
    op_id: OpId = None


class SceneSave(BaseModel):
    """A scene's new text, as `text` or as `blocks`, on top of the version `base_version`."""

    model_config = ConfigDict(extra="forbid", strict=True)

    base_version: int = Field(ge=1)
    op_id: OpId = None
    text: str | None = None
    blocks: list[BlockView] | None = None


class PreambleSave(BaseModel):
    """The new text before the first scene, on top of `base_preamble`."""

    model_config = ConfigDict(extra="forbid", strict=True)

    base_preamble: str
    op_id: OpId = None
    preamble: str


class Texts(BaseModel):
    """Two edits of one text: `mine`, and `theirs`, of someone else who was faster; `base` is what both began with."""

    model_config = ConfigDict(extra="forbid", strict=True)

    base: str | None = Field(description="Null when it is not known: each difference is a conflict then.")
    mine: str
    theirs: str


class NewOrder(BaseModel):
    """The scenes of the script in their new order."""

    model_config = ConfigDict(extra="forbid", strict=True)

    scene_ids: list[str]
    base_scene_ids: list[str] | None = Field(
        default=None,
        description="The same scenes in the order that was seen. With it, scenes that others add or delete meanwhile"
        " do not stand in the way, and 409 tells when others moved some.",
    )


class SceneConflictView(ProblemView):
    """The problem of an older `base_version`, with what is stored."""

    scene: SceneView


class PreambleConflictView(ProblemView):
    """The problem of another `base_preamble`, with what is stored."""

    preamble: str


@router.get(
    "/projects/{project_id}/script", response_model=ScriptView, responses={304: {}, **documented(404)}
)
async def get_script(context: Context, project_id: str, if_none_match: IfNoneMatch = None) -> Response:
    """Return a project's script: its scenes in order, each with its summary."""
    script = await service.get_script(context.database, project_id)
    return tagged(script, script.version, if_none_match=if_none_match)


@router.patch(
    "/scripts/{script_id}",
    response_model=ScriptView,
    responses={**documented(404), **documented(409, view=PreambleConflictView)},
)
async def save_preamble(context: Context, script_id: str, save: PreambleSave) -> Response:
    """Save the text before the first scene, title page included; 409 carries what is stored."""
    script = await service.save_preamble(
        context.database, script_id, base_text=save.base_preamble, text=save.preamble, op_id=save.op_id
    )
    return tagged(script, script.version)


@router.get("/scripts/{script_id}/scenes", responses=documented(404))
async def list_scenes(context: Context, script_id: str, deleted: Deleted = False) -> list[SceneView]:
    """List a script's scenes in order."""
    if deleted:
        return await service.deleted_scenes(context.database, script_id)
    return await service.list_scenes(context.database, script_id)


@router.post(
    "/scripts/{script_id}/scenes",
    status_code=201,
    response_model=SavedScene,
    responses=documented(404),
)
async def add_scene(context: Context, script_id: str, new: NewScene) -> Response:
    """Add a scene; a repeated `op_id` adds it once and gets the first answer again."""
    scene = await service.add_scene(
        context.database, script_id, after=new.after, text=new.text, op_id=new.op_id
    )
    return tagged(scene, scene.version, status=201, location=f"/api/scenes/{scene.id}")


@router.put("/scripts/{script_id}/order", response_model=ScriptView, responses=documented(404, 409))
async def reorder(context: Context, script_id: str, order: NewOrder) -> Response:
    """Put the scenes in another order."""
    script = await service.reorder(
        context.database, script_id, order.scene_ids, base_scene_ids=order.base_scene_ids
    )
    return tagged(script, script.version)


@router.get("/scenes/{scene_id}", response_model=SceneView, responses={304: {}, **documented(404)})
async def get_scene(context: Context, scene_id: str, if_none_match: IfNoneMatch = None) -> Response:
    """Return a scene."""
    scene = await service.get_scene(context.database, scene_id)
    return tagged(scene, scene.version, if_none_match=if_none_match)


@router.patch(
    "/scenes/{scene_id}",
    response_model=SavedScene,
    responses={**documented(404, 412), **documented(409, view=SceneConflictView)},
)
async def save_scene(context: Context, scene_id: str, save: SceneSave, if_match: IfMatch = None) -> Response:
    """Save a scene's text.

    409 carries the stored scene when `base_version` is not its version; `POST /merge` puts both edits together. A
    repeated `op_id` gets the first answer again.
    """
    versions = matched_versions(if_match)
    if versions is not None and save.base_version not in versions:
        raise PreconditionFailed
    scene = await service.save_scene(
        context.database,
        scene_id,
        base_version=save.base_version,
        op_id=save.op_id,
        text=save.text,
        blocks=save.blocks,
    )
    return tagged(scene, scene.version)


@router.post("/merge")
async def merge(texts: Texts) -> MergeView:
    """Merge two edits of a text line by line, as after a 409. Nothing is stored."""
    return await service.merge_texts(texts.base, texts.mine, texts.theirs)


@router.delete("/scenes/{scene_id}", status_code=204, responses=documented(404))
async def delete_scene(context: Context, scene_id: str) -> None:
    """Delete a scene; it can be restored."""
    await service.delete_scene(context.database, scene_id)


@router.post("/scenes/{scene_id}/restore", responses=documented(404))
async def restore_scene(context: Context, scene_id: str) -> SceneInScript:
    """Bring a deleted scene back where it stood."""
    return await service.restore_scene(context.database, scene_id)


@router.get("/scenes/{scene_id}/summary", responses=documented(404))
async def get_summary(context: Context, scene_id: str) -> SummaryView:
    """Return a scene's summary."""
    return await service.get_summary(context.database, scene_id)


@router.post("/scenes/{scene_id}/summary", responses=documented(404, *MODEL_PROBLEMS))
async def summarise(context: Context, scene_id: str) -> SummaryView:
    """Have the model summarise a scene; when it fails, the summary before stays.

    The work is done after this request is stored, also when its answer is not waited for.
    """
    return await service.summarise(context.database, scene_id)


@router.post(
    "/scripts/{script_id}/summaries",
    response_class=StreamingResponse,
    responses={**describe_stream("progress", SummaryProgress), **documented(404)},
)
async def summarise_all(context: Context, script_id: str, everything: All = False) -> StreamingResponse:
    """Summarise all scenes, those with a fresh summary left out, and stream the progress.

    The work goes on when the stream is left; DELETE stops it.
    """
    ordered = await service.order_summaries(context.database, script_id, only_missing=not everything)
    return await stream(
        "progress", service.follow_ordered(context.database, ordered), until=context.stopping.asked
    )


@router.delete("/scripts/{script_id}/summaries", status_code=204, responses=documented(404))
async def stop_summaries(context: Context, script_id: str) -> None:
    """Stop what summarises the scenes of a script, or waits to; summaries that were made are kept."""
    await service.stop_summaries(context.database, script_id)


@router.get(
    "/scripts/{script_id}/summaries/events",
    response_class=StreamingResponse,
    responses={**describe_stream("summaries", ScriptSummaries), **documented(404)},
)
async def follow_summaries(context: Context, script_id: str, seconds: Seconds = 600) -> StreamingResponse:
    """Stream the state of the script's summaries, now and after each change, whichever process makes it."""
    steps = service.follow_summaries(context.database, script_id, seconds=seconds)
    return await stream("summaries", steps, until=context.stopping.asked)
