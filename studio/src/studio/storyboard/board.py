"""The whole storyboard as a page shows it, read at one moment."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from studio.database import Database
from studio.projects.finding import find_project
from studio.script.finding import scenes_in_order
from studio.script.models import Scene, Script
from studio.storyboard.finding import all_frames
from studio.storyboard.models import Frame, Storyboard
from studio.storyboard.progress import read_progress
from studio.storyboard.views import AsideView, FrameView, SceneFramesView, StoryboardView

EXCERPT_LENGTH = 160


async def get_storyboard(database: Database, project_id: str) -> StoryboardView:
    """Return a project's storyboard: the script's scenes in order, their images, what goes on.  Raises NotFound."""
    async with database.reading() as session:
        return await _read(session, project_id)


async def _read(session: AsyncSession, project_id: str) -> StoryboardView:
    project = await find_project(session, project_id)
    script = (await session.scalars(select(Script).where(Script.project_id == project_id))).one()
    everything = await scenes_in_order(session, script.id, deleted_too=True)
    storyboard = await session.get(Storyboard, project_id) or Storyboard.empty(project_id)
    progress = await read_progress(session, project)
    return StoryboardView(
        project_id=project.id,
        project_title=project.title,
        script_id=script.id,
        version=progress.version,
        cost=sum(frame["cost"] or 0.0 for _, frame, _ in all_frames(storyboard)),
        scenes=_scenes(storyboard, [scene for scene in everything if scene.deleted_at is None]),
        aside=_aside(storyboard, {scene.id: scene for scene in everything}),
        progress=progress,
    )


def _scenes(storyboard: Storyboard, live: list[Scene]) -> list[SceneFramesView]:
    frames = {scene["id"]: scene["frames"] for scene in storyboard.generated_output["scenes"]}
    return [
        SceneFramesView(
            id=scene.id,
            slugline=scene.slugline,
            scene_number=scene.scene_number,
            characters=list(scene.characters),
            excerpt=excerpt_of(scene),
            frames=[view_frame(frame) for frame in frames.get(scene.id, [])],
        )
        for scene in live
    ]


def _aside(storyboard: Storyboard, scenes: dict[str, Scene]) -> list[AsideView]:
    """Return what stands under no scene of the script: what came too late, and what went with its scene."""
    views = []
    for scene_id, frame, stands in all_frames(storyboard):
        scene = scenes.get(scene_id)
        is_live = scene is not None and scene.deleted_at is None
        hidden = frame["discarded"] or frame["replaced_by"] is not None
        if hidden or (stands == "under" and is_live):
            continue
        views.append(
            AsideView(
                frame=view_frame(frame),
                scene_id=scene_id,
                slugline=scene.slugline if scene is not None else "",
                came_late=stands == "aside",
                scene_is_back=is_live,
            )
        )
    return views


def excerpt_of(scene: Scene) -> str:
    """Return how a scene's action begins, cut to what fits on two lines."""
    action = next((block["text"] for block in scene.blocks if block["type"] == "action"), "")
    words = " ".join(action.split())
    return words if len(words) <= EXCERPT_LENGTH else words[:EXCERPT_LENGTH].rsplit(" ", 1)[0] + "…"


def view_frame(frame: Frame) -> FrameView:
    """Return a frame as the outside sees it."""
    return FrameView(
        id=frame["id"],
        url=f"/api/images/{frame['file']}",
        prompt=frame["prompt"],
        seed=frame["seed"],
        shot=frame["shot"],
        model=frame["model"],
        cost=frame["cost"],
        seconds=frame["seconds"],
        made_at=datetime.fromisoformat(frame["made_at"]),
        favourite=frame["favourite"],
        replaced_by=frame["replaced_by"],
        discarded=frame["discarded"],
    )
