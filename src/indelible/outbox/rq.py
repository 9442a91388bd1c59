"""RQ as the broker: wake-ups in its queues, run by plain `rq worker urgent normal low`."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import count, groupby
from typing import Self

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.queue import EnqueueData

from indelible.errors import BrokerDown, RunFailed
from indelible.outbox.apps import load_worker
from indelible.outbox.claiming import claim_one
from indelible.outbox.databases import databases
from indelible.outbox.ending import end, wait
from indelible.outbox.keeping import WATCH_SECONDS, Keeping, repeat
from indelible.outbox.patience import persist
from indelible.outbox.running import Outcome, Run, Runner
from indelible.outbox.transports import WakeUp
from indelible.outbox.worker import Worker

_PREFIX = "indelible"
_REDIS_SECONDS = 5.0
_PEEKED_AT_ONCE = 100
_RESULT_SECONDS = 600
_FAILURE_SECONDS = 7 * 24 * 3600

# RQ kills the process of a job that is over its time. Before that, the timeout is written to the table.
_KILL_AFTER_SECONDS = 10
_END_SECONDS = 5.0


def open_redis(url: str) -> Redis:
    """Return a client, which connects when it is used, and gives a Redis five seconds to connect and for each answer.

    `socket_connect_timeout` and `socket_timeout` in the URL say otherwise. Raises ValueError for what is no address.
    """
    return Redis.from_url(url, socket_timeout=_REDIS_SECONDS, socket_connect_timeout=_REDIS_SECONDS)


class RQTransport:
    """Puts wake-ups into RQ's queues, named as the jobs' own.

    `app` is `module:name` of the program's `Worker`, engine or session maker, as `indelible worker` takes it; it
    travels with each wake-up, unless the RQ workers have `INDELIBLE_APP` in their environment.
    """

    def __init__(self, redis: Redis, *, app: str) -> None:
        self._redis = redis
        self._app = app

    @classmethod
    def from_url(cls, url: str, *, app: str) -> Self:
        """Connect to this Redis, as `open_redis` does."""
        return cls(open_redis(url), app=app)

    def send(self, wake_ups: Sequence[WakeUp]) -> None:
        """Put wake-ups into their queues. Raises BrokerDown."""
        try:
            for name, group in groupby(sorted(wake_ups, key=lambda one: one.queue), lambda one: one.queue):
                prepared = [self._prepare(wake_up) for wake_up in group]
                Queue(name, connection=self._redis).enqueue_many(prepared)
        except RedisError as error:
            raise BrokerDown(f"Redis took no wake-ups: {error}") from error

    def oldest_sent_at(self, queue: str) -> datetime | None:
        """Return when the first wake-up in the queue was sent; other jobs of RQ are passed over. Raises BrokerDown."""
        try:
            return next(self._sent_moments(queue), None)
        except RedisError as error:
            raise BrokerDown(f"Redis does not show its queue: {error}") from error

    def _prepare(self, wake_up: WakeUp) -> EnqueueData:
        milliseconds = int(wake_up.sent_at.timestamp() * 1000)
        timeout = -1 if wake_up.timeout is None else int(wake_up.timeout) + _KILL_AFTER_SECONDS
        return Queue.prepare_data(
            run,
            args=(wake_up.job_id, wake_up.token, self._app),
            timeout=timeout,
            job_id=f"{_PREFIX}-{wake_up.job_id}-{wake_up.token}-{milliseconds}",
            result_ttl=_RESULT_SECONDS,
            failure_ttl=_FAILURE_SECONDS,
            description=f"job {wake_up.job_id}, run {wake_up.token + 1}",
        )

    def _sent_moments(self, queue: str) -> Iterator[datetime]:
        key = Queue(queue, connection=self._redis).key
        for start in count(0, _PEEKED_AT_ONCE):
            ids = self._redis.lrange(key, start, start + _PEEKED_AT_ONCE - 1)
            for job_id in ids:
                name = job_id.decode() if isinstance(job_id, bytes) else job_id
                prefix, *_, milliseconds = name.split("-")
                if prefix == _PREFIX:
                    yield datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
            if len(ids) < _PEEKED_AT_ONCE:
                return


def run(job_id: int, token: int, app: str) -> Outcome | None:
    """Run a job that a wake-up names, if it still waits; called by RQ. Raises RunFailed for RQ to show."""
    outcome = asyncio.run(_run(_worker(os.environ.get("INDELIBLE_APP") or app), job_id, token))
    if outcome in ("retried", "dead"):
        raise RunFailed(
            f"Job {job_id}, run {token + 1}, failed and is {outcome}. See: indelible jobs show {job_id}"
        )
    return outcome


_workers: dict[tuple[int, str], Worker] = {}


def _worker(app: str) -> Worker:
    place = (os.getpid(), app)
    if place not in _workers:
        worker = _workers[place] = load_worker(app)
        # RQ forks for each job. Connections opened before belong to the parent.
        for database in databases(worker.targets):
            if database is not None:
                database.sync_engine.dispose(close=False)
    return _workers[place]


async def _run(worker: Worker, job_id: int, token: int) -> Outcome | None:
    name = f"rq:{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
    lease = worker.settings.lease
    threaded, asynchronous = databases(worker.targets)
    runner = Runner(threaded, asynchronous, lease=lease, observers=worker.settings.observers)
    claim = await persist(lambda: runner.database.run(claim_one, name, lease, job_id, token))
    if claim is None:
        return None
    current = Run(claim)
    keeping = Keeping(runner.database, name, lease, lambda: [current])
    duties = [
        asyncio.create_task(repeat(lease / 3, keeping.prolong)),
        asyncio.create_task(repeat(WATCH_SECONDS, keeping.watch)),
    ]
    try:
        return await runner.run(current)
    finally:
        await end(duties, _END_SECONDS)
        runner.close()
        if asynchronous is not None:
            # Its connections belong to this event loop. A dead one may never close.
            disposing = asyncio.create_task(asynchronous.engine.dispose(), name="indelible dispose")
            await wait([disposing], _END_SECONDS)
        if threaded is not None:
            threaded.close()
