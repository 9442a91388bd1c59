"""Runs of images: capped, followed, failed, cancelled, interrupted and resumed; each image kept once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select, update

from indelible.outbox import Worker
from studio.app import create_context
from studio.database import Database
from studio.images import ImageFailed, ImageStore, MadeImage, SceneToDraw
from studio.images.rendering import Tell, tell_nobody
from studio.jobs import service as jobs
from studio.jobs import serving
from studio.jobs.serving import worker_for
from studio.jobs.tables import jobs as jobs_table
from studio.problems import DatabaseBusy
from studio.projects import service as projects
from studio.projects.counting import count_change
from studio.script import service as script
from studio.script.models import Scene
from studio.settings import Settings
from studio.storyboard import editing, runs, working
from studio.storyboard.board import get_storyboard
from studio.storyboard.finding import lock_scenes
from studio.storyboard.following import follow
from studio.storyboard.jobs import states_of
from studio.storyboard.keeping import FinishedImage, keep_image
from studio.storyboard.models import WantedImage
from studio.storyboard.problems import AlreadyMaking, NothingToResume
from studio.storyboard.progress import get_run
from studio.storyboard.views import ProgressView, RunView, StoryboardView
from studio.storyboard.working import Workshop

TEXT = b"INT. ONE - DAY\n\nOne.\n\nINT. TWO - DAY\n\nTwo.\n\nINT. THREE - DAY\n\nThree.\n"
FINISHED = FinishedImage("file.png", "prompt", "model", 0.5, 1.0)


class Renderer:
    """Make images as a test tells it to: `hold` them, `fail` those of a scene, count how many are made at once."""

    model = "test"
    host = None
    price = 0.0

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.failures: dict[str, ImageFailed] = {}
        self.before: Callable[[SceneToDraw], Any] | None = None
        self.note: str | None = None
        self.now = self.most = self.made = 0

    async def make(self, scene: SceneToDraw, tell: Tell = tell_nobody) -> MadeImage:
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            if self.note is not None:
                await tell(self.note)
            if self.before is not None:
                await self.before(scene)
            await self.gate.wait()
            await asyncio.sleep(0)
            if problem := self.failures.get(scene.slugline):
                raise problem
            self.made += 1
            return MadeImage(
                f"{scene.slugline} {scene.seed}".encode(), "image/png", scene.action, "test", 0.25
            )
        finally:
            self.now -= 1

    async def close(self) -> None:
        """Do nothing."""


@pytest.fixture
def renderer() -> Renderer:
    return Renderer()


@pytest_asyncio.fixture
async def make_images(
    database: Database, database_url: str, renderer: Renderer, tmp_path: Path
) -> AsyncIterator[Callable[..., Awaitable[Worker]]]:
    """Start a worker, as each process has one, whose images are made by the test's renderer."""
    started: list[Worker] = []
    settings = Settings.from_environment(
        {"STUDIO_DATA_DIR": str(tmp_path), "STUDIO_DATABASE_URL": database_url}
    )
    parts = create_context(settings)
    await parts.database.close()

    async def start(calls: int = 4) -> Worker:
        images = ImageStore(tmp_path / "images")
        workshop = Workshop(database, renderer, images, calls=calls)
        worker = worker_for(replace(parts, database=database, images=images, workshop=workshop), grace=0)
        await worker.start()
        started.append(worker)
        return worker

    yield start
    for worker in started:
        await worker.stop()


@pytest_asyncio.fixture
async def project(database: Database) -> str:
    """The id of a project with three scenes."""
    return (await projects.import_file(database, "film.fountain", TEXT)).id


async def until(condition: Callable[[], Any]) -> Any:
    """Wait for what `condition`, awaited if need be, returns to be true, and return it."""
    async with asyncio.timeout(30):
        while True:
            value = condition()
            if asyncio.iscoroutine(value):
                value = await value
            if value:
                return value
            await asyncio.sleep(0.02)


async def ended(database: Database, run_id: str) -> RunView:
    async def look() -> RunView | None:
        run = await get_run(database, run_id)
        return run if run.state != "running" else None

    run: RunView = await until(look)
    return run


async def wanted(database: Database, run_id: str) -> list[str]:
    """The images of a run, in the order in which they shall come."""
    async with database.reading() as session:
        query = select(WantedImage.id).where(WantedImage.run_id == run_id).order_by(WantedImage.position)
        return list(await session.scalars(query))


async def job_of(database: Database, run_id: str) -> int:
    async with database.reading() as session:
        return (await states_of(session, [run_id]))[run_id][0]


async def job_state(database: Database, run_id: str, state: str) -> bool:
    async with database.reading() as session:
        return (await states_of(session, [run_id]))[run_id][1] == state


def count(board: StoryboardView) -> list[int]:
    return [len(scene.frames) for scene in board.scenes]


async def test_no_more_images_are_made_at_once_than_allowed(
    database: Database, project: str, renderer: Renderer, make_images: Callable[..., Awaitable[Worker]]
) -> None:
    """The cap holds for all runs together; every image is made all the same."""
    await make_images(calls=2)
    renderer.gate.clear()
    scene = (await get_storyboard(database, project)).scenes[0].id
    first = await runs.start_run(database, project, per_scene=2, model="test")
    second = await runs.start_run(database, project, per_scene=4, model="test", scene_ids=[scene])
    await until(lambda: renderer.now == 2)
    renderer.gate.set()
    assert (await ended(database, first)).counts["done"] == 6
    assert (await ended(database, second)).counts["done"] == 4
    assert renderer.most == 2
    assert count(await get_storyboard(database, project)) == [6, 2, 2]


async def test_processes_share_the_cap(
    database: Database,
    project: str,
    renderer: Renderer,
    make_images: Callable[..., Awaitable[Worker]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two processes with a run each make no more images at once than one may; each run gets its images."""
    monkeypatch.setattr(serving, "CONCURRENCY", 1)
    scene = (await get_storyboard(database, project)).scenes[0].id
    first = await runs.start_run(database, project, per_scene=2, model="test")
    second = await runs.start_run(database, project, per_scene=4, model="test", scene_ids=[scene])
    renderer.before = lambda _scene: asyncio.sleep(0.1)  # as long as making an image takes
    for _ in range(2):
        await make_images(calls=2)
    assert (await ended(database, first)).counts["done"] == 6
    assert (await ended(database, second)).counts["done"] == 4
    assert renderer.most == 2


async def test_no_transaction_is_open_while_an_image_is_made(
    database: Database, project: str, renderer: Renderer, make_images: Callable[..., Awaitable[Worker]]
) -> None:
    """While an image is being made, anybody can lock the project and all scenes, and write."""

    async def write(_scene: SceneToDraw) -> None:
        async with asyncio.timeout(10), database.writing() as session:
            await lock_scenes(session, (await session.scalars(select(Scene.id))).all())
            await count_change(session, project, datetime.now(UTC))

    renderer.before = write
    run = await runs.start_run(database, project, per_scene=1, model="test")
    await make_images(calls=1)
    assert (await ended(database, run)).counts["done"] == 3


async def test_one_failure_leaves_the_others_alone(
    database: Database, project: str, renderer: Renderer, make_images: Callable[..., Awaitable[Worker]]
) -> None:
    """A scene whose images fail is told with its message; the others get theirs, and it can be tried again."""
    renderer.failures["INT. TWO - DAY"] = ImageFailed("The provider declined.")
    await make_images()
    run_id = await runs.start_run(database, project, per_scene=2, model="test")
    run = await ended(database, run_id)
    assert (run.state, run.counts["done"], run.counts["failed"]) == ("finished", 4, 2)
    assert {problem.message for problem in run.problems} == {"The provider declined."}
    assert run.cost == pytest.approx(1.0)
    renderer.failures.clear()
    await runs.resume_run(database, run_id)
    assert (await ended(database, run_id)).counts["done"] == 6
    assert count(await get_storyboard(database, project)) == [2, 2, 2]


async def test_what_every_image_would_meet_ends_the_run(
    database: Database, project: str, renderer: Renderer, make_images: Callable[..., Awaitable[Worker]]
) -> None:
    """After a refused key no further image is asked for; the rest fails with the same words."""
    renderer.failures["INT. ONE - DAY"] = ImageFailed("The key was refused.", meets_all=True)
    run_id = await runs.start_run(database, project, per_scene=4, model="test")
    await make_images(calls=1)
    run = await ended(database, run_id)
    assert (run.counts["failed"], renderer.made) == (12, 0)
    assert {problem.message for problem in run.problems} == {"The key was refused."}


async def test_cancelling_keeps_what_is_finished(
    database: Database, project: str, renderer: Renderer, make_images: Callable[..., Awaitable[Worker]]
) -> None:
    """Cancelling stops what is being made and what waits; it can go on later, and makes nothing twice."""
    await make_images(calls=2)
    run_id = await runs.start_run(database, project, per_scene=2, model="test")
    renderer.before = lambda _scene: _hold_after(renderer, 2)
    await until(lambda: renderer.made == 2 and renderer.now == 2)
    await runs.cancel_run(database, run_id)
    await until(lambda: renderer.now == 0)
    run = await get_run(database, run_id)
    assert (run.state, run.counts["done"], run.counts["cancelled"]) == ("cancelled", 2, 4)
    renderer.before = None
    renderer.gate.set()
    await runs.resume_run(database, run_id)
    assert (await ended(database, run_id)).counts["done"] == 6
    assert count(await get_storyboard(database, project)) == [2, 2, 2]


async def test_a_run_that_is_taken_up_at_once_goes_on(
    database: Database, project: str, renderer: Renderer, make_images: Callable[..., Awaitable[Worker]]
) -> None:
    """Whoever stops a run and resumes it in the same breath gets its images."""
    renderer.gate.clear()
    await make_images()
    run_id = await runs.start_run(database, project, per_scene=1, model="test")
    await until(lambda: renderer.now == 3)
    await runs.cancel_run(database, run_id)
    await runs.resume_run(database, run_id)
    renderer.gate.set()
    assert (await ended(database, run_id)).counts["done"] == 3
    assert count(await get_storyboard(database, project)) == [1, 1, 1]


async def _hold_after(renderer: Renderer, made: int) -> None:
    if renderer.made >= made:
        renderer.gate.clear()


async def test_a_run_that_another_process_cancels_stops(
    database: Database, project: str, renderer: Renderer, make_images: Callable[..., Awaitable[Worker]]
) -> None:
    """The process that makes the images finds out from the database that the run was cancelled."""
    renderer.gate.clear()
    run_id = await runs.start_run(database, project, per_scene=2, model="test")
    await make_images()
    await until(lambda: renderer.now == 4)
    await runs.cancel_run(database, run_id)
    await until(lambda: renderer.now == 0)
    assert (await get_run(database, run_id)).counts["cancelled"] == 6


async def test_a_cancelled_job_stops_its_run(
    database: Database, project: str, renderer: Renderer, make_images: Callable[..., Awaitable[Worker]]
) -> None:
    """Whoever cancels the job on the Jobs page stops the run as well; run again there, it makes the rest."""
    renderer.gate.clear()
    run_id = await runs.start_run(database, project, per_scene=1, model="test")
    await make_images()
    await until(lambda: renderer.now == 3)
    job_id = await job_of(database, run_id)
    await jobs.cancel(database, job_id)
    assert (await get_run(database, run_id)).state == "cancelled"
    await until(lambda: renderer.now == 0)
    await until(lambda: job_state(database, run_id, "cancelled"))
    renderer.gate.set()
    await jobs.retry(database, job_id)
    assert (await ended(database, run_id)).counts["done"] == 3
    assert await until(lambda: job_state(database, run_id, "done"))


async def test_one_process_works_on_a_run(
    database: Database, project: str, renderer: Renderer, make_images: Callable[..., Awaitable[Worker]]
) -> None:
    """Of two processes that run jobs, one makes a run's images; resuming it meanwhile is refused."""
    renderer.gate.clear()
    run_id = await runs.start_run(database, project, per_scene=1, model="test")
    for _ in range(2):
        await make_images()
    await until(lambda: renderer.now == 3)
    with pytest.raises(NothingToResume, match="goes on already"):
        await runs.resume_run(database, run_id)
    with pytest.raises(AlreadyMaking):
        await runs.start_run(database, project, per_scene=1, model="test")
    renderer.gate.set()
    await ended(database, run_id)
    assert renderer.made == 3


async def test_a_run_whose_worker_ends_goes_on_elsewhere(
    database: Database, project: str, renderer: Renderer, make_images: Callable[..., Awaitable[Worker]]
) -> None:
    """When its process stops, another makes what is missing and nothing else; nobody has to ask for it."""
    run_id = await runs.start_run(database, project, per_scene=2, model="test")
    renderer.before = lambda _scene: _hold_after(renderer, 2)
    first = await make_images(calls=2)
    await until(lambda: renderer.made == 2 and renderer.now == 2)
    await first.stop()
    run = await get_run(database, run_id)
    assert (run.state, run.interrupted, run.counts["done"]) == ("running", False, 2)
    renderer.before = None
    renderer.gate.set()
    await make_images()
    assert (await ended(database, run_id)).counts["done"] == 6
    assert renderer.made == 6
    assert count(await get_storyboard(database, project)) == [2, 2, 2]


async def test_a_worker_that_lost_its_lease_writes_no_step_but_loses_no_image(
    database: Database, project: str, renderer: Renderer, make_images: Callable[..., Awaitable[Worker]]
) -> None:
    """Paused past its lease, it may only keep what it made, and only where nobody else has; the run is not doubled."""
    renderer.gate.clear()
    run_id = await runs.start_run(database, project, per_scene=1, model="test")
    await make_images(calls=1)
    await until(lambda: renderer.now == 1)
    async with database.writing() as session:
        # As the rescuer leaves it: another run of the job may begin, and the first holds no token any more.
        taken = update(jobs_table).where(jobs_table.c.handler == "storyboard:make_images")
        await session.execute(taken.values(token=jobs_table.c.token + 1, state="waiting", worker=None))
    renderer.gate.set()
    assert (await ended(database, run_id)).counts["done"] == 3
    assert count(await get_storyboard(database, project)) == [1, 1, 1]


async def test_a_run_whose_job_is_dead_is_told_and_goes_on(
    database: Database, project: str, renderer: Renderer, make_images: Callable[..., Awaitable[Worker]]
) -> None:
    """A job that failed too often leaves its run interrupted; resumed, it makes what is missing."""
    run_id = await runs.start_run(database, project, per_scene=2, model="test")
    images = await wanted(database, run_id)
    await keep_image(database, images[0], FINISHED)
    assert not (await get_run(database, run_id)).interrupted
    async with database.writing() as session:
        await session.execute(update(jobs_table).values(state="dead"))
    run = await get_run(database, run_id)
    assert (run.state, run.interrupted, run.counts["done"]) == ("running", True, 1)
    await runs.resume_run(database, run_id)
    await make_images()
    assert (await ended(database, run_id)).counts["done"] == 6
    assert renderer.made == 5
    # A process that was thought dead: its image is not wanted any more, and changes nothing.
    assert await keep_image(database, images[1], FINISHED) == "done"
    assert count(await get_storyboard(database, project)) == [2, 2, 2]


async def test_an_image_that_is_kept_twice_is_there_once(database: Database, project: str) -> None:
    """Keeping the same image again, as after a lost answer, answers the same and adds nothing."""
    run_id = await runs.start_run(database, project, per_scene=1, model="test")
    image, *_ = await wanted(database, run_id)
    outcomes = await asyncio.gather(*(keep_image(database, image, FINISHED) for _ in range(4)))
    assert outcomes == ["done"] * 4
    assert sum(count(await get_storyboard(database, project))) == 1


async def test_an_image_that_was_finished_is_kept_though_its_run_was_cancelled(
    database: Database, project: str
) -> None:
    """What was made, and perhaps paid for, is not thrown away."""
    run_id = await runs.start_run(database, project, per_scene=1, model="test")
    image, *_ = await wanted(database, run_id)
    await runs.cancel_run(database, run_id)
    assert await keep_image(database, image, FINISHED) == "done"
    run = await get_run(database, run_id)
    assert (run.counts["done"], run.counts["cancelled"], run.cost) == (1, 2, 0.5)


async def test_scenes_may_move_and_go_while_images_are_made(
    database: Database, project: str, renderer: Renderer, make_images: Callable[..., Awaitable[Worker]]
) -> None:
    """Images find their scenes by id after a new order; one of a scene that was deleted meanwhile is kept aside, and
    those not begun are not made."""
    renderer.gate.clear()
    await make_images(calls=3)
    run_id = await runs.start_run(database, project, per_scene=2, model="test")
    await until(lambda: renderer.now == 3)
    before = await script.get_script(database, project)
    one, two, three = (scene.id for scene in before.scenes)
    await script.reorder(database, before.id, [three, two, one])
    await script.delete_scene(database, two)
    renderer.gate.set()
    run = await ended(database, run_id)
    assert (run.counts["done"], run.counts["aside"], run.counts["cancelled"]) == (4, 1, 1)
    board = await get_storyboard(database, project)
    assert [(scene.id, {frame.prompt.strip() for frame in scene.frames}) for scene in board.scenes] == [
        (three, {"Three."}),
        (one, {"One."}),
    ]
    (aside,) = board.aside
    assert (aside.scene_id, aside.slugline, aside.came_late) == (two, "INT. TWO - DAY", True)
    await script.restore_scene(database, two)
    (aside,) = (await get_storyboard(database, project)).aside
    assert aside.scene_is_back
    await editing.attach(database, project, aside.frame.id, two)
    board = await get_storyboard(database, project)
    assert (count(board), board.aside) == ([2, 1, 2], [])


async def test_a_busy_database_does_not_lose_an_image(
    database: Database,
    project: str,
    make_images: Callable[..., Awaitable[Worker]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """When the database is busy at the moment an image is finished, keeping it is tried again."""
    busy = [DatabaseBusy(), DatabaseBusy()]

    async def keep(*arguments: Any) -> Any:
        if busy:
            raise busy.pop()
        return await keep_image(*arguments)

    monkeypatch.setattr(working, "keep_image", keep)
    run_id = await runs.start_run(database, project, per_scene=1, model="test")
    await make_images()
    assert (await ended(database, run_id)).counts["done"] == 3
    assert not busy


async def test_what_an_image_waits_for_is_told(
    database: Database, project: str, renderer: Renderer, make_images: Callable[..., Awaitable[Worker]]
) -> None:
    """While a provider asks to wait, the progress of the scene says so, and no longer once the image is there."""
    renderer.note = "The provider asks to slow down."
    renderer.gate.clear()
    run_id = await runs.start_run(database, project, per_scene=1, model="test")
    await make_images(calls=1)

    async def told() -> bool:
        scenes = (await get_run(database, run_id)).scenes.values()
        return any(scene.note == renderer.note for scene in scenes)

    await until(told)
    renderer.gate.set()
    assert (await ended(database, run_id)).scenes == {}


async def test_every_change_is_followed(
    database: Database, project: str, make_images: Callable[..., Awaitable[Worker]]
) -> None:
    """Who follows a storyboard sees a run begin and end, and that the version grows with every image."""
    steps = follow(database, project, seconds=60)
    first = await anext(steps)
    assert isinstance(first, ProgressView)
    assert first.runs == []
    await runs.start_run(database, project, per_scene=1, model="test")
    await make_images()
    seen = []
    async with asyncio.timeout(30):
        async for step in steps:
            assert isinstance(step, ProgressView)
            seen.append(step)
            if step.runs[0].state == "finished":
                break
    assert seen[-1].runs[0].counts["done"] == 3
    assert seen[-1].version >= first.version + 4
