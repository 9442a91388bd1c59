"""What a person does with the images of a storyboard. Each function is one transaction.

Others who change images of the same scene wait for it; all other images are changed, and made, at the same time.
"""

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from studio.database import Database, retried
from studio.problems import Invalid, NotFound
from studio.projects.counting import count_change
from studio.script.finding import NO_SCENE
from studio.script.models import Scene, Script
from studio.storyboard.finding import frames_of, open_frame, place_for, take_out
from studio.storyboard.models import Frame


@retried
async def mark_favourite(database: Database, project_id: str, frame_id: str, favourite: bool) -> None:
    """Make a frame its scene's favourite, in place of the one before, or no favourite.  Raises NotFound."""
    async with database.writing() as session:
        storyboard, scene_id, frame = await open_frame(session, project_id, frame_id)
        if favourite:
            for other in frames_of(storyboard, scene_id) or ():
                if other["favourite"] and other["id"] != frame_id:
                    other["favourite"] = False
        if frame["favourite"] != favourite:
            frame["favourite"] = favourite
        await count_change(session, project_id, datetime.now(UTC))


@retried
async def discard(database: Database, project_id: str, frame_id: str, discarded: bool) -> None:
    """Hide a frame, or bring it back; its bytes stay.  Raises NotFound."""
    async with database.writing() as session:
        _, _, frame = await open_frame(session, project_id, frame_id)
        if frame["discarded"] != discarded:
            frame["discarded"] = discarded
            await count_change(session, project_id, datetime.now(UTC))


@retried
async def bring_back(database: Database, project_id: str, frame_id: str) -> None:
    """Show a frame again that was replaced, in place of the one that replaced it.

    Raises NotFound, Invalid when it was not replaced.
    """
    async with database.writing() as session:
        storyboard, scene_id, old = await open_frame(session, project_id, frame_id)
        if old["replaced_by"] is None:
            raise Invalid("This image was not replaced by another one, so there is nothing to undo.")
        frames = frames_of(storyboard, scene_id) or []
        shown = _shown_instead(frames, old)
        old["replaced_by"] = None
        old["discarded"] = False
        if shown is not None:
            shown["replaced_by"] = frame_id
            old["favourite"], shown["favourite"] = shown["favourite"] or old["favourite"], False
        await count_change(session, project_id, datetime.now(UTC))


@retried
async def attach(database: Database, project_id: str, frame_id: str, scene_id: str) -> None:
    """Put a frame under another scene, out of what was set aside or from under a scene that was deleted.

    Raises NotFound, Invalid for a scene of another project.
    """
    async with database.writing() as session:
        storyboard, old_scene, _ = await open_frame(session, project_id, frame_id, also=scene_id)
        await _check_scene(session, project_id, scene_id)
        frame = take_out(storyboard, frame_id)
        if old_scene != scene_id:
            frame["favourite"] = False
        place_for(storyboard, scene_id).append(frame)
        await count_change(session, project_id, datetime.now(UTC))


async def _check_scene(session: AsyncSession, project_id: str, scene_id: str) -> None:
    scene = await session.get(Scene, scene_id)
    if scene is None or scene.deleted_at is not None:
        raise NotFound(NO_SCENE)
    script = await session.get_one(Script, scene.script_id)
    if script.project_id != project_id:
        raise Invalid("This scene belongs to another project. Choose a scene of this one.")


def _shown_instead(frames: list[Frame], old: Frame) -> Frame | None:
    """Follow the replacements from a frame to the one that is shown now."""
    by_id = {frame["id"]: frame for frame in frames}
    seen = {old["id"]}
    shown = by_id.get(old["replaced_by"] or "")
    while shown is not None and shown["replaced_by"] is not None and shown["id"] not in seen:
        seen.add(shown["id"])
        shown = by_id.get(shown["replaced_by"])
    return shown
