"""Find storyboards, frames and runs in an open session."""

from collections.abc import Collection, Iterator
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from studio.identifiers import is_id
from studio.problems import NotFound, Overtaken
from studio.projects.finding import find_project
from studio.projects.models import Project
from studio.script.models import Scene
from studio.storyboard.models import AsideFrame, Frame, Run, Storyboard

NO_FRAME = "There is no such image in this storyboard. Reload the page to see the images that are there."
NO_RUN = "There is no such run of images. Reload the storyboard to see what is being made."


async def open_storyboard(session: AsyncSession, project_id: str) -> Storyboard:
    """Return a project's storyboard, made when there is none.  Raises NotFound."""
    await find_project(session, project_id)
    storyboard = await session.get(Storyboard, project_id)
    return storyboard or await _begin(session, project_id)


async def _begin(session: AsyncSession, project_id: str) -> Storyboard:
    try:
        async with session.begin_nested():
            storyboard = Storyboard.empty(project_id)
            session.add(storyboard)
        return storyboard
    except IntegrityError:
        # Another writer began it at the same moment.
        return await session.get_one(Storyboard, project_id)


async def open_frame(
    session: AsyncSession, project_id: str, frame_id: str, *, also: str | None = None
) -> tuple[Storyboard, str, Frame]:
    """Return a storyboard with one of its frames and the id of the frame's scene, to change the frame.

    Others who change images of that scene, or of the scene `also`, wait, and nobody else. Raises NotFound, and
    Overtaken when the frame was put under another scene meanwhile.
    """
    await find_project(session, project_id)
    seen = await session.get(Storyboard, project_id)
    if seen is None:
        raise NotFound(NO_FRAME)
    scene_id, _ = find_frame(seen, frame_id)
    await lock_scenes(session, {scene_id} if also is None else {scene_id, also})
    storyboard = await session.get_one(Storyboard, project_id, populate_existing=True)
    stands_in, frame = find_frame(storyboard, frame_id)
    if stands_in != scene_id:
        raise Overtaken
    return storyboard, scene_id, frame


async def lock_scenes(session: AsyncSession, scene_ids: Collection[str]) -> None:
    """Let others wait who change the images of these scenes."""
    # Always in the same order, so that two who lock several do not wait for each other.
    scenes = select(Scene.id).where(Scene.id.in_(scene_ids)).order_by(Scene.id)
    await session.execute(scenes.with_for_update(key_share=True))


async def find_run(session: AsyncSession, run_id: str, *, lock: bool = False) -> tuple[Run, Project]:
    """Return a run of images and its project, `lock` letting others wait who begin, stop or end this run.

    Raises NotFound.
    """
    project_id = (
        await session.scalar(select(Run.project_id).where(Run.id == run_id)) if is_id(run_id) else None
    )
    if project_id is None:
        raise NotFound(NO_RUN)
    project = await find_project(session, project_id)
    options: Any = {"with_for_update": {"key_share": True}, "populate_existing": True} if lock else {}
    return await session.get_one(Run, run_id, **options), project


def frames_of(storyboard: Storyboard, scene_id: str) -> list[Frame] | None:
    """Return the list of a scene's frames, found by the scene's id; None when the scene has no place yet."""
    scenes = storyboard.generated_output["scenes"]
    return next((scene["frames"] for scene in scenes if scene["id"] == scene_id), None)


def place_for(storyboard: Storyboard, scene_id: str) -> list[Frame]:
    """Return the list of a scene's frames, made when the scene has no place yet."""
    frames = frames_of(storyboard, scene_id)
    if frames is None:
        storyboard.generated_output["scenes"].append({"id": scene_id, "frames": []})
        frames = frames_of(storyboard, scene_id)
    assert frames is not None
    return frames


def all_frames(storyboard: Storyboard) -> Iterator[tuple[str, Frame, Literal["under", "aside"]]]:
    """Return every frame with its scene's id, and whether it stands under the scene or was set aside."""
    for scene in storyboard.generated_output["scenes"]:
        for frame in scene["frames"]:
            yield scene["id"], frame, "under"
    for aside in storyboard.set_aside:
        yield aside["scene_id"], aside, "aside"


def find_frame(storyboard: Storyboard, frame_id: str) -> tuple[str, Frame]:
    """Return a frame, wherever it stands, and its scene's id.  Raises NotFound."""
    for scene_id, frame, _ in all_frames(storyboard):
        if frame["id"] == frame_id:
            return scene_id, frame
    raise NotFound(NO_FRAME)


def take_out(storyboard: Storyboard, frame_id: str) -> Frame:
    """Take a frame out of where it stands and return a copy of it.  Raises NotFound."""
    for scene in storyboard.generated_output["scenes"]:
        for frame in scene["frames"]:
            if frame["id"] == frame_id:
                scene["frames"].remove(frame)
                return Frame(**frame)
    for aside in storyboard.set_aside:
        if aside["id"] == frame_id:
            storyboard.set_aside.remove(aside)
            return _without_scene(aside)
    raise NotFound(NO_FRAME)


def _without_scene(aside: AsideFrame) -> Frame:
    fields: Any = {name: value for name, value in aside.items() if name in Frame.__annotations__}
    frame: Frame = fields
    return frame
