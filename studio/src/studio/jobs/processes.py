"""Processes that do nothing but run jobs: what RQ's workers import, and the command `studio worker`."""

import asyncio
from collections.abc import Callable

from pydantic import SecretStr

from indelible.outbox import Worker
from studio.jobs.kinds import load_handlers
from studio.jobs.redis import open_redis, ping_redis
from studio.jobs.serving import RQ_QUEUES, WORKER_GRACE_SECONDS, run_until_told, worker_for
from studio.jobs.stopping import PRESS_AGAIN
from studio.settings import Settings


def make_worker() -> Worker:
    """Return the worker that the environment describes, for `rq worker` and `indelible worker`.

    Raises SettingsError, ModelMisconfigured, ImageMisconfigured.
    """
    # Studio's parts are put together where they are all known; this module is imported by name only.
    from studio.app import create_context

    return worker_for(create_context(Settings.from_environment()), grace=WORKER_GRACE_SECONDS)


def run_worker(settings: Settings, say: Callable[[str], object]) -> None:
    """Run jobs until told to stop: from the database, or with REDIS_URL as one of RQ's workers.

    `say` is told what is waited for at the end.

    Raises SettingsError, ModelMisconfigured, ImageMisconfigured.
    """
    if settings.redis_url is not None:
        _run_rq(settings.redis_url, say)
    else:
        asyncio.run(_run_embedded(settings, say))


async def _run_embedded(settings: Settings, say: Callable[[str], object]) -> None:
    from studio.app import create_context

    context = create_context(settings)
    try:
        await run_until_told(context, say)
    finally:
        await context.close()


def _run_rq(url: SecretStr, say: Callable[[str], object]) -> None:
    ping_redis(url)
    from rq import Worker as RQWorker

    class SpeakingWorker(RQWorker):
        def handle_warm_shutdown_request(self) -> None:
            if self.horse_pid:
                # RQ takes a second signal within a second for the same one, sent by two.
                say(f"Waiting for the job that runs. {PRESS_AGAIN}")

    # Before the first fork: each job's process has everything in memory then.
    load_handlers()
    SpeakingWorker(RQ_QUEUES, connection=open_redis(url)).work(logging_level="WARNING")
