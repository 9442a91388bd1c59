"""Keep each finished image under its scene, however many finish together; tell when its scene is gone."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from indelible import Conflict
from studio.database import Database
from studio.problems import NotFound
from studio.script.models import Scene
from studio.storyboard.finding import NO_FRAME, frames_of
from studio.storyboard.models import KEPT, AsideFrame, Frame, Run, Storyboard, WantedImage

Outcome = Literal["done", "aside"]
MOST_ATTEMPTS = 5


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
    for _ in range(MOST_ATTEMPTS - 1):
        # Another writer took away what this one appends to: the next look sees it gone.
        with suppress(Conflict):
            return await _keep(database, image_id, finished)
    return await _keep(database, image_id, finished)


async def _keep(database: Database, image_id: str, finished: FinishedImage) -> Outcome:
    """Keep an image as things are now.

    No lock is held that another image would wait for: the flush sends the delta alone, which the database puts
    into what is stored by then. Raises Conflict when that has lost the place.
    """
    async with database.writing() as session:
        # This image's own row, so that keeping it twice at the same time keeps it once.
        wanted = await session.get(WantedImage, image_id, with_for_update=True)
        if wanted is None:
            raise NotFound(NO_FRAME)
        if wanted.state in KEPT:
            return "done" if wanted.state == "done" else "aside"
        scene = await session.get_one(Scene, wanted.scene_id, with_for_update={"read": True})
        run = await session.get_one(Run, wanted.run_id)
        storyboard = await session.get_one(Storyboard, run.project_id)
        wanted.state = _put(storyboard, scene, wanted, finished)
        wanted.note, wanted.cost = None, finished.cost
        return wanted.state


def _put(storyboard: Storyboard, scene: Scene, wanted: WantedImage, finished: FinishedImage) -> Outcome:
    frame = _frame(wanted, finished)
    frames = None if scene.deleted_at is not None else frames_of(storyboard, scene.id)
    if frames is None:
        storyboard.set_aside.append(AsideFrame(**frame, scene_id=scene.id, slugline=scene.slugline))
        return "aside"
    _place(frames, frame, wanted.replaces)
    return "done"


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
