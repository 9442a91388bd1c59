"""The steps of a run of images, each in a session that the caller opens and commits."""

from collections import Counter
from datetime import UTC, datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from studio.images import SceneToDraw
from studio.problems import NotFound
from studio.projects.counting import count_change
from studio.projects.models import Project
from studio.script.finding import find_scene, scenes_in_order
from studio.storyboard.finding import find_run
from studio.storyboard.models import KEPT, UNFINISHED, Run, RunState, WantedImage

SCENE_GONE = "The scene was deleted before this image was begun."


async def open_run(session: AsyncSession, run_id: str) -> tuple[list[str], int]:
    """Return the ids of the images that a run has yet to make, the first of every scene first, and of how many.

    What a worker that is lost had begun waits again. There is nothing to make in a run that was stopped.
    """
    run = await session.get(Run, run_id)
    if run is None or run.state != "running":
        return [], 0
    of_run = WantedImage.run_id == run_id
    begun = update(WantedImage).where(of_run, WantedImage.state == "making")
    await session.execute(begun.values(state="waiting", note=None))
    query = select(WantedImage.id).where(of_run, WantedImage.state.in_(UNFINISHED))
    total = await session.scalar(select(func.count()).select_from(WantedImage).where(of_run))
    return list(await session.scalars(query.order_by(WantedImage.position))), total or 0


async def begin_image(session: AsyncSession, image_id: str) -> SceneToDraw | None:
    """Read the scene as it is now; None when it was deleted, or the image is not wanted any more."""
    begun = await session.execute(
        update(WantedImage)
        .where(WantedImage.id == image_id, WantedImage.state.in_(UNFINISHED))
        .values(state="making", note=None)
        .returning(WantedImage.scene_id, WantedImage.seed, WantedImage.shot)
    )
    row = begun.first()
    if row is None:
        return None
    try:
        scene, script, _ = await find_scene(session, row.scene_id)
    except NotFound:
        gone = update(WantedImage).where(WantedImage.id == image_id)
        await session.execute(gone.values(state="cancelled", note=SCENE_GONE))
        return None
    place = [other.id for other in await scenes_in_order(session, script.id)].index(scene.id) + 1
    return SceneToDraw(
        slugline=scene.slugline,
        action="\n".join(block["text"] for block in scene.blocks if block["type"] == "action"),
        characters=tuple(scene.characters),
        shot=row.shot,
        seed=row.seed,
        number=scene.scene_number or str(place),
    )


async def note_image(session: AsyncSession, image_id: str, note: str | None) -> None:
    """Keep what an image that is being made waits for, for a person; None when it waits for nothing."""
    being_made = update(WantedImage).where(WantedImage.id == image_id, WantedImage.state == "making")
    await session.execute(being_made.values(note=note))


async def fail_image(session: AsyncSession, image_id: str, message: str) -> None:
    """Keep why an image was not made."""
    unfinished = update(WantedImage).where(WantedImage.id == image_id, WantedImage.state.in_(UNFINISHED))
    await session.execute(unfinished.values(state="failed", note=message))


async def end_run(session: AsyncSession, run_id: str, *, stopped_by: str | None = None) -> dict[str, int]:
    """End a run that was worked off, and return how many of its images are in which state.

    `stopped_by` says why the images that are left would fail too.
    """
    run, project = await find_run(session, run_id, lock=True)
    if run.state == "running":
        await _set_unfinished(session, run_id, "failed", stopped_by)
        await _end(session, run, project, "finished")
    return dict(Counter(await session.scalars(select(WantedImage.state).where(WantedImage.run_id == run_id))))


async def stop_run(session: AsyncSession, run_id: str) -> bool:
    """Stop a run: what is not finished is not made; what is finished stays. Say whether it went on.

    Raises NotFound.
    """
    run, project = await find_run(session, run_id, lock=True)
    if run.state != "running":
        return False
    await _set_unfinished(session, run_id, "cancelled")
    await _end(session, run, project, "cancelled")
    return True


async def want_again(session: AsyncSession, run_id: str) -> bool:
    """Want what was interrupted, cancelled or failed in a run again; say whether there was anything.

    Raises NotFound.
    """
    run, project = await find_run(session, run_id, lock=True)
    wanted = await session.execute(
        update(WantedImage)
        .where(WantedImage.run_id == run_id, WantedImage.state.not_in(KEPT))
        .values(state="waiting", note=None)
        .returning(WantedImage.id)
    )
    if not wanted.all():
        return False
    run.state, run.ended_at = "running", None
    await count_change(session, project.id, datetime.now(UTC))
    return True


async def _end(session: AsyncSession, run: Run, project: Project, state: RunState) -> None:
    run.state, run.ended_at = state, datetime.now(UTC)
    await count_change(session, project.id, run.ended_at, deleted_too=True)


async def _set_unfinished(session: AsyncSession, run_id: str, state: str, note: str | None = None) -> None:
    unfinished = update(WantedImage).where(WantedImage.run_id == run_id, WantedImage.state.in_(UNFINISHED))
    await session.execute(unfinished.values(state=state, note=note))
