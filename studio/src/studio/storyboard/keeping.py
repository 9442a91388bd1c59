"""Keep each finished image under its scene, however many finish together; tell when its scene is gone."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from studio.database import Database
from studio.problems import NotFound
from studio.script.finding import find_scene
from studio.script.models import Scene
from studio.storyboard.finding import NO_FRAME, frames_of, lock_storyboard
from studio.storyboard.models import KEPT, AsideFrame, Frame, Storyboard, WantedImage

Outcome = Literal["done", "aside"]


@dataclass(frozen=True)
class FinishedImage:
    """What was made for a wanted image; `file` names its bytes, which are in the image store already."""

    file: str
    prompt: str
    model: str
    cost: float | None
    seconds: float


async def keep_image(database: Database, image_id: str, finished: FinishedImage) -> Outcome:
    """Append a finished image to its scene's frames, in a transaction of its own.

    The scene's place is found by the scene's id. When the scene, or its place, is gone the image is set aside
    instead and "aside" is answered. Kept again, it changes nothing and answers as the first time; a run that was
    cancelled meanwhile is no reason to throw away what is there. Raises NotFound, DatabaseBusy,
    DatabaseUnavailable.
    """
    async with database.writing() as session:
        scene, storyboard, wanted = await _lock(session, image_id)
        if wanted.state in KEPT:
            return "done" if wanted.state == "done" else "aside"
        frame = _frame(wanted, finished)
        # The lock on the project is held until the commit: the whole document is written, and images that
        # finish together must not write each other away.
        frames = None if scene.deleted_at is not None else frames_of(storyboard, scene.id)
        if frames is None:
            storyboard.set_aside.append(AsideFrame(**frame, scene_id=scene.id, slugline=scene.slugline))
            wanted.state = "aside"
        else:
            _place(frames, frame, wanted.replaces)
            wanted.state = "done"
        wanted.note, wanted.cost = None, finished.cost
        return "done" if wanted.state == "done" else "aside"


async def _lock(session: AsyncSession, image_id: str) -> tuple[Scene, Storyboard, WantedImage]:
    wanted = await session.get(WantedImage, image_id)
    if wanted is None:
        raise NotFound(NO_FRAME)
    scene, _, project = await find_scene(session, wanted.scene_id, lock=True, deleted=None)
    storyboard, _ = await lock_storyboard(session, project.id)
    # It was read before the lock was held.
    await session.refresh(wanted)
    project.touch()
    return scene, storyboard, wanted


def _frame(wanted: WantedImage, finished: FinishedImage) -> Frame:
    return Frame(
        id=wanted.id,
        file=finished.file,
        prompt=finished.prompt,
        seed=wanted.seed,
        shot=wanted.shot,
        model=finished.model,
        cost=finished.cost,
        seconds=round(finished.seconds, 3),
        made_at=datetime.now(UTC).isoformat(),
        favourite=False,
        replaced_by=None,
        discarded=False,
    )


def _place(frames: list[Frame], frame: Frame, replaces: str | None) -> None:
    """Put a frame behind the one that it replaces, which keeps its favourite mark for undoing; or at the end."""
    at = next((place for place, other in enumerate(frames) if other["id"] == replaces), None)
    if at is None:
        frames.append(frame)
        return
    old = frames[at]
    if old["replaced_by"] is None and not old["discarded"]:
        frame["favourite"] = old["favourite"]
    old["replaced_by"] = frame["id"]
    frames.insert(at + 1, frame)
