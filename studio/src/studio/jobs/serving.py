"""What runs jobs while Studio serves: a worker in this process, or a relay to the RQ workers of many machines."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from indelible.outbox import Every, Schedule, Worker
from studio.jobs.kinds import load_handlers
from studio.jobs.parts import sessions_for
from studio.jobs.redis import open_redis
from studio.jobs.stopping import PRESS_AGAIN

if TYPE_CHECKING:
    from indelible.outbox.relay import Relay
    from studio.context import AppContext

logger = logging.getLogger(__name__)

CONCURRENCY = 8
# After a kill, its jobs go on elsewhere, or here after the next start, when their lease has run out.
LEASE_SECONDS = 10.0
# Who presses Ctrl-C wants to see an end; what is not finished by then goes on at the next start.
GRACE_SECONDS = 3.0
WORKER_GRACE_SECONDS = 30.0
RQ_QUEUES = ("urgent", "normal", "low")
APP = "studio.jobs.processes:make_worker"


def worker_for(context: "AppContext", *, grace: float = GRACE_SECONDS) -> Worker:
    """Return a worker for the jobs of one Studio: `async with worker_for(context): …`."""
    load_handlers()
    return Worker(
        sessions_for(context),
        concurrency=CONCURRENCY,
        lease=LEASE_SECONDS,
        grace=grace,
        schedules=_schedules(),
        observers=[context.running],
    )


@asynccontextmanager
async def running_jobs(context: "AppContext", *, grace: float = GRACE_SECONDS) -> AsyncIterator[None]:
    """Run jobs in this process while the block runs; with REDIS_URL, hand them to RQ's workers instead.

    Raises SettingsError when REDIS_URL cannot be used.
    """
    if context.settings.redis_url is None:
        async with worker_for(context, grace=grace) as worker:
            yield
            await context.stopping.cut_short(worker.stop())
        return
    relaying = asyncio.create_task(_relay_for(context).serve(), name="studio relay")
    relaying.add_done_callback(_report)
    try:
        yield
    finally:
        relaying.cancel()
        # Not `await relaying`: its cancellation could not be told from one of this task, which must go on up.
        await asyncio.wait([relaying])


async def run_until_told(context: "AppContext", say: Callable[[str], object]) -> None:
    """Run jobs until SIGTERM or Ctrl-C; then let running ones end, and hand back those that take too long.

    `say` is told what is waited for. A second signal hands everything back at once.
    """
    with context.stopping.hear():
        async with worker_for(context, grace=WORKER_GRACE_SECONDS) as worker:
            await context.stopping.asked.wait()
            if waits := context.running.describe():
                say(f"Waiting up to {WORKER_GRACE_SECONDS:.0f} seconds for {waits}. {PRESS_AGAIN}")
            await context.stopping.cut_short(worker.stop())


def _relay_for(context: "AppContext") -> "Relay":
    url = context.settings.redis_url
    assert url is not None
    load_handlers()
    redis = open_redis(url)
    from indelible.outbox.relay import Relay
    from indelible.outbox.rq import RQTransport

    return Relay(context.database.engine, transport=RQTransport(redis, app=APP), schedules=_schedules())


def _schedules() -> list[Schedule]:
    from studio.operations import forget_old_saves
    from studio.storyboard.sweeping import sweep_images

    daily = Every(timedelta(days=1))
    return [Schedule(forget_old_saves, daily), Schedule(sweep_images, daily)]


def _report(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        logger.error("Jobs are handed to RQ no more; start Studio again", exc_info=error)
