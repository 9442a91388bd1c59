"""Runs of images, as the database has them: ordered, claimed by a worker, interrupted, resumed, cancelled."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from studio.database import Database
from studio.identifiers import new_id
from studio.images import SHOTS
from studio.problems import Invalid, NotFound
from studio.script.finding import NO_SCENE, scenes_in_order
from studio.script.models import Scene, Script
from studio.storyboard.finding import find_frame, find_run, lock_storyboard, place_for
from studio.storyboard.models import UNFINISHED, Run, RunKind, WantedImage
from studio.storyboard.problems import AlreadyMaking, NothingToMake, NothingToResume

# A worker tells every BEAT_SECONDS that it is alive; after SILENCE_SECONDS without a word it is taken for dead.
BEAT_SECONDS = 1.5
SILENCE_SECONDS = 6.0
MOST_PER_SCENE = 8
SCENE_GONE = "The scene was deleted before this image was begun."


async def start_run(
    database: Database, project_id: str, *, per_scene: int, model: str, scene_ids: Sequence[str] | None = None
) -> str:
    """Order `per_scene` images for each scene of the script, or of those named; return the run's id.

    Raises NotFound, Invalid for a scene that is named twice, NothingToMake for a script without scenes,
    AlreadyMaking when all scenes are asked for while such a run goes on.
    """
    async with database.writing() as session:
        storyboard, project = await lock_storyboard(session, project_id)
        if scene_ids is None and await _has_running(session, project_id, "all"):
            raise AlreadyMaking
        scenes = await _chosen(session, project_id, scene_ids)
        if not scenes:
            raise NothingToMake
        # Every scene has its place before the first image is there: keeping one is an append, nothing else.
        for scene in scenes:
            place_for(storyboard, scene.id)
        run = _new_run(project_id, "all" if scene_ids is None else "scene", model)
        session.add(run)
        await session.flush()
        for number in range(per_scene):
            for at, scene in enumerate(scenes):
                session.add(_wanted(run, scene.id, number * len(scenes) + at, shot_for(scene.id, number)))
        project.touch()
        return run.id


async def start_again(database: Database, project_id: str, frame_id: str, *, model: str) -> str:
    """Order one frame anew, of the same shot with another seed; the old one stays until the new one is there.

    Return the run's id. Raises NotFound; AlreadyMaking when it is being made anew already.
    """
    async with database.writing() as session:
        storyboard, project = await lock_storyboard(session, project_id)
        scene_id, frame = find_frame(storyboard, frame_id)
        scene = await session.get(Scene, scene_id)
        if scene is None or scene.deleted_at is not None:
            raise NotFound(NO_SCENE)
        if await _is_being_replaced(session, frame_id):
            raise AlreadyMaking("This image is being made anew already. Wait for it, or stop it first.")
        place_for(storyboard, scene_id)
        run = _new_run(project_id, "frame", model)
        session.add(run)
        await session.flush()
        session.add(_wanted(run, scene_id, 0, frame["shot"], replaces=frame_id))
        project.touch()
        return run.id


async def cancel_run(database: Database, run_id: str) -> None:
    """Stop a run: what is not finished is not made; what is finished stays.  Raises NotFound."""
    async with database.writing() as session:
        run, project = await find_run(session, run_id, lock=True)
        if run.state != "running":
            return
        await _set_unfinished(session, run_id, "cancelled")
        run.state = "cancelled"
        run.ended_at = project.touch()


async def resume_run(database: Database, run_id: str) -> None:
    """Make a run go on: what was interrupted, cancelled or failed in it is wanted again.

    Raises NotFound, NothingToResume when a worker is at it or everything is there.
    """
    async with database.writing() as session:
        run, project = await find_run(session, run_id, lock=True)
        if run.state == "running" and not is_silent(run):
            raise NothingToResume("This run goes on already. Wait until it is finished.")
        wanted = await session.execute(
            update(WantedImage)
            .where(WantedImage.run_id == run_id, WantedImage.state.not_in(("done", "aside")))
            .values(state="waiting", note=None)
            .returning(WantedImage.id)
        )
        if not wanted.all():
            raise NothingToResume
        now = project.touch()
        run.state, run.worker, run.alive_at, run.ended_at = "running", None, now, None


async def claim_run(database: Database, run_id: str, worker: str) -> list[str]:
    """Make `worker` the one who makes a run's images; return their ids, the first of every scene first.

    The list is empty when another worker is at it, or there is nothing left to do.
    """
    async with database.writing() as session:
        claimed = await session.execute(
            update(Run)
            .where(Run.id == run_id, Run.state == "running", or_(Run.worker.is_(None), _silent()))
            .values(worker=worker, alive_at=datetime.now(UTC))
            .returning(Run.id)
        )
        if claimed.first() is None:
            return []
        query = select(WantedImage.id).where(WantedImage.run_id == run_id, WantedImage.state.in_(UNFINISHED))
        return list(await session.scalars(query.order_by(WantedImage.position)))


async def tell_alive(database: Database, run_id: str, worker: str) -> bool:
    """Tell that `worker` still works on a run; False when it shall stop, since the run is not its own any more."""
    async with database.writing() as session:
        told = await session.execute(
            update(Run)
            .where(Run.id == run_id, Run.worker == worker, Run.state == "running")
            .values(alive_at=datetime.now(UTC))
            .returning(Run.id)
        )
        return told.first() is not None


async def end_run(database: Database, run_id: str, worker: str, *, stopped_by: str | None = None) -> None:
    """End a run that `worker` has worked off; `stopped_by` says why the images that are left would fail too."""
    async with database.writing() as session:
        run, project = await find_run(session, run_id, lock=True)
        if run.worker != worker or run.state != "running":
            return
        await _set_unfinished(session, run_id, "failed", stopped_by)
        run.state = "finished"
        run.ended_at = project.touch()


async def note_image(database: Database, image_id: str, note: str | None) -> None:
    """Keep what an image that is being made waits for, for a person; None when it waits for nothing."""
    async with database.writing() as session:
        await session.execute(
            update(WantedImage)
            .where(WantedImage.id == image_id, WantedImage.state == "making")
            .values(note=note)
        )


async def fail_image(database: Database, image_id: str, message: str) -> None:
    """Keep why an image was not made."""
    async with database.writing() as session:
        await session.execute(
            update(WantedImage)
            .where(WantedImage.id == image_id, WantedImage.state.in_(UNFINISHED))
            .values(state="failed", note=message)
        )


def is_silent(run: Run) -> bool:
    """Tell whether a run's worker has not been heard of for too long."""
    return run.alive_at < datetime.now(UTC) - timedelta(seconds=SILENCE_SECONDS)


def shot_for(scene_id: str, number: int) -> str:
    """Return the shot of a scene's image `number`: the images of one run go through the shots in turn."""
    return SHOTS[(int(scene_id[:6], 16) + number) % len(SHOTS)]


def _silent() -> ColumnElement[bool]:
    return Run.alive_at < datetime.now(UTC) - timedelta(seconds=SILENCE_SECONDS)


def _new_run(project_id: str, kind: RunKind, model: str) -> Run:
    now = datetime.now(UTC)
    return Run(
        id=new_id(),
        project_id=project_id,
        kind=kind,
        model=model,
        state="running",
        worker=None,
        alive_at=now,
        started_at=now,
        ended_at=None,
    )


def _wanted(run: Run, scene_id: str, position: int, shot: str, *, replaces: str | None = None) -> WantedImage:
    return WantedImage(
        id=new_id(),
        run_id=run.id,
        scene_id=scene_id,
        position=position,
        seed=secrets.randbelow(2**31),
        shot=shot,
        replaces=replaces,
        state="waiting",
        cost=None,
        note=None,
    )


async def _chosen(session: AsyncSession, project_id: str, scene_ids: Sequence[str] | None) -> list[Scene]:
    script_id = await session.scalar(select(Script.id).where(Script.project_id == project_id))
    assert script_id is not None
    scenes = await scenes_in_order(session, script_id)
    if scene_ids is None:
        return scenes
    if len(set(scene_ids)) != len(scene_ids):
        raise Invalid("A scene is named twice. Name each scene once.")
    if not set(scene_ids) <= {scene.id for scene in scenes}:
        raise NotFound(NO_SCENE)
    return [scene for scene in scenes if scene.id in scene_ids]


async def _has_running(session: AsyncSession, project_id: str, kind: RunKind) -> bool:
    query = select(Run.id).where(Run.project_id == project_id, Run.kind == kind, Run.state == "running")
    return await session.scalar(query.limit(1)) is not None


async def _is_being_replaced(session: AsyncSession, frame_id: str) -> bool:
    query = select(WantedImage.id).where(WantedImage.replaces == frame_id, WantedImage.state.in_(UNFINISHED))
    return await session.scalar(query.limit(1)) is not None


async def _set_unfinished(session: AsyncSession, run_id: str, state: str, note: str | None = None) -> None:
    await session.execute(
        update(WantedImage)
        .where(WantedImage.run_id == run_id, WantedImage.state.in_(UNFINISHED))
        .values(state=state, note=note)
    )
