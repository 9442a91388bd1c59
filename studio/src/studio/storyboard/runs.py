"""Orders of images: each is a run in the database and a job that makes it, begun and ended together."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from indelible.outbox import cancel_job, enqueue
from studio.database import Database, retried
from studio.identifiers import new_id
from studio.images import SHOTS
from studio.problems import Invalid, NotFound
from studio.projects.counting import count_change
from studio.script.finding import NO_SCENE, scenes_in_order
from studio.script.models import Scene, Script
from studio.storyboard.finding import find_frame, find_run, open_storyboard, place_for
from studio.storyboard.jobs import ACTIVE, key_of, make_images, states_of
from studio.storyboard.models import UNFINISHED, Run, RunKind, WantedImage
from studio.storyboard.problems import AlreadyMaking, NothingToMake, NothingToResume
from studio.storyboard.steps import stop_run, want_again

MOST_PER_SCENE = 8


@retried
async def start_run(
    database: Database, project_id: str, *, per_scene: int, model: str, scene_ids: Sequence[str] | None = None
) -> str:
    """Order `per_scene` images for each scene of the script, or of those named; return the run's id.

    Raises NotFound, Invalid for a scene that is named twice, NothingToMake for a script without scenes,
    AlreadyMaking when all scenes are asked for while such a run goes on.
    """
    async with database.writing() as session:
        storyboard = await open_storyboard(session, project_id)
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
        await count_change(session, project_id, datetime.now(UTC))
        # From here on no other one is begun: of two that came at the same moment, the second sees the first.
        if run.kind == "all" and await _has_another(session, run):
            raise AlreadyMaking
        _enqueue(session, project_id, run.id)
        return run.id


@retried
async def start_again(database: Database, project_id: str, frame_id: str, *, model: str) -> str:
    """Order one frame anew, of the same shot with another seed; the old one stays until the new one is there.

    Return the run's id. Raises NotFound; AlreadyMaking when it is being made anew already.
    """
    async with database.writing() as session:
        storyboard = await open_storyboard(session, project_id)
        scene_id, frame = find_frame(storyboard, frame_id)
        scene = await session.get(Scene, scene_id)
        if scene is None or scene.deleted_at is not None:
            raise NotFound(NO_SCENE)
        place_for(storyboard, scene_id)
        run = _new_run(project_id, "frame", model)
        session.add(run)
        await session.flush()
        session.add(_wanted(run, scene_id, 0, frame["shot"], replaces=frame_id))
        await count_change(session, project_id, datetime.now(UTC))
        if await _is_being_replaced(session, frame_id, run):
            raise AlreadyMaking("This image is being made anew already. Wait for it, or stop it first.")
        _enqueue(session, project_id, run.id)
        return run.id


@retried
async def cancel_run(database: Database, run_id: str) -> None:
    """Stop a run: what is not finished is not made; what is finished stays.  Raises NotFound."""
    async with database.writing() as session:
        if await stop_run(session, run_id):
            for job_id, _ in (await states_of(session, [run_id])).values():
                await session.run_sync(cancel_job, job_id)


@retried
async def resume_run(database: Database, run_id: str) -> None:
    """Make a run go on: what was interrupted, cancelled or failed in it is wanted again.

    Raises NotFound, NothingToResume when it goes on or everything is there.
    """
    async with database.writing() as session:
        run, project = await find_run(session, run_id, lock=True)
        _, state = (await states_of(session, [run_id])).get(run_id, (0, None))
        if run.state == "running" and state in ACTIVE:
            raise NothingToResume("This run goes on already. Wait until it is finished.")
        if not await want_again(session, run_id):
            raise NothingToResume
        _enqueue(session, project.id, run_id)


def shot_for(scene_id: str, number: int) -> str:
    """Return the shot of a scene's image `number`: the images of one run go through the shots in turn."""
    return SHOTS[(int(scene_id[:6], 16) + number) % len(SHOTS)]


def _enqueue(session: AsyncSession, project_id: str, run_id: str) -> None:
    enqueue(session, make_images, project_id, run_id, key=key_of(run_id))


def _new_run(project_id: str, kind: RunKind, model: str) -> Run:
    return Run(
        id=new_id(),
        project_id=project_id,
        kind=kind,
        model=model,
        state="running",
        started_at=datetime.now(UTC),
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


async def _has_another(session: AsyncSession, run: Run) -> bool:
    others = select(Run.id).where(Run.project_id == run.project_id, Run.id != run.id)
    query = others.where(Run.kind == run.kind, Run.state == "running")
    return await session.scalar(query.limit(1)) is not None


async def _is_being_replaced(session: AsyncSession, frame_id: str, run: Run) -> bool:
    others = select(WantedImage.id).where(WantedImage.replaces == frame_id, WantedImage.run_id != run.id)
    return await session.scalar(others.where(WantedImage.state.in_(UNFINISHED)).limit(1)) is not None
