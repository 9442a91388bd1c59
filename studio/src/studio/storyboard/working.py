"""The one place that starts and stops the making of images: runs worked off in this process.

Everything that must outlast this process is in the database; `Workshop` holds tasks and nothing else.
"""

import asyncio
import logging
import time
from contextlib import suppress

from sqlalchemy import update

from studio.database import Database
from studio.identifiers import new_id
from studio.images import ImageFailed, ImageStore, Renderer, SceneToDraw
from studio.problems import DatabaseBusy, DatabaseUnavailable, NotFound
from studio.script.finding import find_scene, scenes_in_order
from studio.storyboard.keeping import FinishedImage, keep_image
from studio.storyboard.models import UNFINISHED, WantedImage
from studio.storyboard.runs import (
    BEAT_SECONDS,
    SCENE_GONE,
    claim_run,
    end_run,
    fail_image,
    note_image,
    tell_alive,
)

logger = logging.getLogger(__name__)

SECONDS_TO_KEEP = 120.0


class Workshop:
    """Make the images of runs, at most `calls` at the same time whatever runs there are.

    No transaction is open while an image is being made; each is kept in one of its own.
    """

    def __init__(self, database: Database, renderer: Renderer, store: ImageStore, *, calls: int) -> None:
        self._database = database
        self._renderer = renderer
        self._store = store
        self._calls = calls
        self._slots = asyncio.Semaphore(calls)
        self._tasks: dict[str, asyncio.Task[None]] = {}

    @property
    def renderer(self) -> Renderer:
        """Return what makes the images."""
        return self._renderer

    def start(self, run_id: str) -> None:
        """Begin to work on a run, in the background; a run that another process works on is left to it."""
        # A run that is taken up right after it was stopped begins when its former task has ended.
        former = self._tasks.get(run_id)
        task = asyncio.create_task(self._work(run_id, former), name=f"storyboard run {run_id}")
        self._tasks[run_id] = task
        task.add_done_callback(lambda done: self._ended(run_id, done))

    def stop(self, run_id: str) -> None:
        """Let go of what this process makes for a run that was cancelled."""
        task = self._tasks.get(run_id)
        if task is not None:
            task.cancel()

    async def close(self) -> None:
        """Stop everything; what was not finished can be resumed."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._renderer.close()

    def _ended(self, run_id: str, task: asyncio.Task[None]) -> None:
        if self._tasks.get(run_id) is task:
            del self._tasks[run_id]
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("Run %s of images broke off; it can be resumed", run_id, exc_info=error)

    async def _work(self, run_id: str, former: asyncio.Task[None] | None) -> None:
        if former is not None:
            await asyncio.wait([former])
        worker = new_id()
        waiting = await claim_run(self._database, run_id, worker)
        if not waiting:
            return
        # The images are in the order in which they shall come: taken from the end.
        waiting.reverse()
        stopped: list[str] = []
        async with asyncio.TaskGroup() as group:
            beating = group.create_task(self._beat(run_id, worker, waiting))
            makers = [
                group.create_task(self._make_all(waiting, stopped))
                for _ in range(min(self._calls, len(waiting)))
            ]
            await asyncio.wait(makers)
            beating.cancel()
        await end_run(self._database, run_id, worker, stopped_by=stopped[0] if stopped else None)

    async def _beat(self, run_id: str, worker: str, waiting: list[str]) -> None:
        """Tell that this process is alive; stop when the run was cancelled, or taken over, elsewhere."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            # A database that is away for a moment must not end the run.
            with suppress(DatabaseBusy, DatabaseUnavailable):
                if not await tell_alive(self._database, run_id, worker):
                    waiting.clear()
                    self.stop(run_id)
                    return

    async def _make_all(self, waiting: list[str], stopped: list[str]) -> None:
        while waiting and not stopped:
            async with self._slots:
                if not waiting or stopped:
                    return
                problem = await self._make(waiting.pop())
            if problem is not None and problem.meets_all:
                stopped.append(problem.detail)

    async def _make(self, image_id: str) -> ImageFailed | None:
        """Make one image and keep it; return what kept it from being made."""
        scene = await self._begin(image_id)
        if scene is None:
            return None
        start = time.monotonic()
        try:
            image = await self._renderer.make(scene, lambda note: note_image(self._database, image_id, note))
        except ImageFailed as problem:
            await fail_image(self._database, image_id, problem.detail)
            return problem
        seconds = time.monotonic() - start
        # The bytes are on the disk before a row names them; shielded, so that what was paid for is not dropped.
        file = await asyncio.shield(asyncio.to_thread(self._store.keep, image))
        await asyncio.shield(
            self._keep(image_id, FinishedImage(file, image.prompt, image.model, image.cost, seconds))
        )
        return None

    async def _begin(self, image_id: str) -> SceneToDraw | None:
        """Read the scene as it is now; None when it was deleted, or the image is not wanted any more."""
        async with self._database.writing() as session:
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

    async def _keep(self, image_id: str, finished: FinishedImage) -> None:
        """Keep an image, and try again while the database is busy: it cost time and perhaps money."""
        until = time.monotonic() + SECONDS_TO_KEEP
        while True:
            try:
                await keep_image(self._database, image_id, finished)
                return
            except (DatabaseBusy, DatabaseUnavailable):
                if time.monotonic() > until:
                    raise
                await asyncio.sleep(1)
