"""How the images of a run are made: what its job does.

Everything that must outlast this process is in the database, written by steps that hold only while the job's worker has
its lease. An image is kept without one: it is kept once by its id, whoever made it, and may have been paid for.
"""

import asyncio
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from indelible.outbox import AsyncJobContext
from studio.database import Database
from studio.images import ImageFailed, ImageStore, Renderer, SceneToDraw
from studio.jobs import step
from studio.problems import DatabaseBusy, DatabaseUnavailable
from studio.storyboard.keeping import FinishedImage, keep_image
from studio.storyboard.slots import has_free_slot
from studio.storyboard.steps import begin_image, end_run, fail_image, note_image, open_run

T = TypeVar("T")

SECONDS_TO_KEEP = 120.0
SLOT_SECONDS = 0.25


@dataclass(frozen=True)
class _Tools:
    """What images are made and kept with; `calls` is how many may be made at the same time."""

    database: Database
    renderer: Renderer
    store: ImageStore
    calls: int


class Workshop:
    """Make the images of runs, at most `calls` at the same time, whatever runs and processes there are.

    No transaction is open while an image is being made; each is kept in one of its own.
    """

    def __init__(self, database: Database, renderer: Renderer, store: ImageStore, *, calls: int) -> None:
        self._tools = _Tools(database, renderer, store, calls)
        # All processes together have so many slots, in the database; this spares it those who could not get one.
        self._slots = asyncio.Semaphore(calls)

    @property
    def renderer(self) -> Renderer:
        """Return what makes the images."""
        return self._tools.renderer

    async def work_off(self, job: AsyncJobContext, run_id: str) -> dict[str, int]:
        """Make what is wanted in a run, and end it together with the job.

        Return how many of its images are in which state; nothing for a run that was stopped before.
        """
        async with step(job) as session:
            waiting, total = await open_run(session, run_id)
        if not total:
            return {}
        work = _Work(job, self._tools, waiting, total)
        async with asyncio.TaskGroup() as group:
            for _ in range(min(self._tools.calls, len(waiting))):
                group.create_task(work.make_all(self._slots))
        return await end_run(job.session, run_id, stopped_by=work.stopped_by)

    async def close(self) -> None:
        """Let go of the renderer's connections."""
        await self._tools.renderer.close()


class _Work:
    """One run being worked off by one job."""

    def __init__(self, job: AsyncJobContext, tools: _Tools, waiting: list[str], total: int) -> None:
        self._job = job
        self._tools = tools
        # The images are in the order in which they shall come: taken from the end.
        self._waiting = waiting[::-1]
        self._total = total
        self._over = total - len(waiting)
        self.stopped_by: str | None = None

    async def make_all(self, slots: asyncio.Semaphore) -> None:
        """Make one waiting image after the other, until there are none or one met what all would meet."""
        while self._goes_on():
            async with slots:
                if not self._goes_on():
                    return
                problem = await self._make(self._waiting.pop())
            if problem is not None and problem.meets_all:
                self.stopped_by = problem.detail
            self._over += 1
            self._job.progress(self._over, self._total, "images")

    def _goes_on(self) -> bool:
        return bool(self._waiting) and self.stopped_by is None

    async def _make(self, image_id: str) -> ImageFailed | None:
        """Make one image and keep it; return what kept it from being made."""
        scene = await self._begin(image_id)
        if scene is None:
            return None
        start = time.monotonic()
        try:
            image = await self._tools.renderer.make(scene, lambda note: self._note(image_id, note))
        except ImageFailed as problem:
            async with step(self._job) as session:
                await fail_image(session, image_id, problem.detail)
            return problem
        seconds = time.monotonic() - start

        async def keep() -> None:
            # The bytes are on the disk before a row names them.
            file = await asyncio.to_thread(self._tools.store.keep, image)
            await self._keep(image_id, FinishedImage(file, image.prompt, image.model, image.cost, seconds))

        await _to_its_end(keep())
        return None

    async def _begin(self, image_id: str) -> SceneToDraw | None:
        """Wait for a slot, and read the scene as it is then; None when the image is not wanted any more."""
        while True:
            async with step(self._job) as session:
                if await has_free_slot(session, self._tools.calls):
                    return await begin_image(session, image_id)
            await asyncio.sleep(SLOT_SECONDS)

    async def _note(self, image_id: str, note: str | None) -> None:
        async with step(self._job) as session:
            await note_image(session, image_id, note)

    async def _keep(self, image_id: str, finished: FinishedImage) -> None:
        """Keep an image, and try again while the database is busy: it cost time and perhaps money."""
        until = time.monotonic() + SECONDS_TO_KEEP
        while True:
            try:
                await keep_image(self._tools.database, image_id, finished)
                return
            except (DatabaseBusy, DatabaseUnavailable):
                if time.monotonic() > until:
                    raise
                await asyncio.sleep(1)


async def _to_its_end(work: Coroutine[Any, Any, T]) -> T:
    """Await work that a cancellation does not stop: whoever cancels waits for its end."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
