"""How far the runs of a project are."""

from collections import Counter
from typing import get_args

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from studio.database import Database
from studio.projects.finding import find_project
from studio.projects.models import Project
from studio.storyboard.finding import find_run
from studio.storyboard.jobs import ACTIVE, states_of
from studio.storyboard.models import KEPT, ImageState, Run, WantedImage
from studio.storyboard.views import ImageProblem, ProgressView, RunView, SceneProgress

MOST_PROBLEMS = 20


async def get_progress(database: Database, project_id: str) -> ProgressView:
    """Return how far a project's runs are.  Raises NotFound."""
    async with database.reading() as session:
        return await read_progress(session, await find_project(session, project_id))


async def get_run(database: Database, run_id: str) -> RunView:
    """Return how far one run is.  Raises NotFound."""
    async with database.reading() as session:
        run, _ = await find_run(session, run_id)
        return (await _views(session, [run]))[0]


async def read_progress(session: AsyncSession, project: Project) -> ProgressView:
    """Return the runs of a project that go on, the oldest first, and the last that ended."""
    mine = select(Run).where(Run.project_id == project.id)
    active = list(await session.scalars(mine.where(Run.state == "running").order_by(Run.started_at)))
    ended = mine.where(Run.state != "running").order_by(Run.ended_at.desc(), Run.id).limit(1)
    runs = active + list(await session.scalars(ended))
    # Images are kept without touching the project, whose row they would all wait for.
    kept = select(func.count()).select_from(WantedImage).join(Run, WantedImage.run_id == Run.id)
    images = await session.scalar(kept.where(Run.project_id == project.id, WantedImage.state.in_(KEPT)))
    return ProgressView(version=project.version + (images or 0), runs=await _views(session, runs))


async def _views(session: AsyncSession, runs: list[Run]) -> list[RunView]:
    query = select(WantedImage).where(WantedImage.run_id.in_([run.id for run in runs]))
    images = list(await session.scalars(query.order_by(WantedImage.position))) if runs else []
    jobs = await states_of(session, [run.id for run in runs])
    active = {run_id for run_id, (_, state) in jobs.items() if state in ACTIVE}
    return [
        _view(run, [image for image in images if image.run_id == run.id], is_active=run.id in active)
        for run in runs
    ]


def _view(run: Run, images: list[WantedImage], *, is_active: bool) -> RunView:
    counts: Counter[ImageState] = Counter(image.state for image in images)
    failed = [image for image in images if image.state == "failed"]
    return RunView(
        id=run.id,
        kind=run.kind,
        state=run.state,
        interrupted=run.state == "running" and not is_active,
        model=run.model,
        started_at=run.started_at,
        ended_at=run.ended_at,
        wanted=len(images),
        counts={state: counts[state] for state in get_args(ImageState)},
        cost=sum(image.cost or 0.0 for image in images),
        scenes=_scenes(images),
        problems=[
            ImageProblem(scene_id=image.scene_id, message=image.note or "")
            for image in failed[:MOST_PROBLEMS]
        ],
    )


def _scenes(images: list[WantedImage]) -> dict[str, SceneProgress]:
    scenes: dict[str, SceneProgress] = {}
    for image in images:
        if image.state not in ("waiting", "making", "failed"):
            continue
        scene = scenes.setdefault(image.scene_id, SceneProgress())
        if image.state == "waiting":
            scene.waiting += 1
        elif image.state == "making":
            scene.making += 1
            scene.note = image.note or scene.note
        else:
            scene.failed += 1
        if image.replaces is not None and image.state != "failed":
            scene.replacing.append(image.replaces)
    return scenes
