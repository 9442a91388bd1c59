"""Wake-ups that went missing at the broker are sent again, those that did not are not."""

from __future__ import annotations

import asyncio
import os
import random
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from redis import Redis
from rq import Queue
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from indelible.errors import BrokerDown
from indelible.outbox import enqueue
from indelible.outbox.claiming import claim_one
from indelible.outbox.databases import ThreadedDatabase
from indelible.outbox.finishing import Completion, complete_all
from indelible.outbox.relay import Relay, reserve, unmark
from indelible.outbox.rq import RQTransport
from indelible.outbox.sweeping import Looks, Sweeper
from indelible.outbox.tables import jobs
from indelible.outbox.transports import WakeUp
from tests.database.outbox.handlers.threaded import record
from tests.database.outbox.redis_servers import RedisServer
from tests.database.outbox.systems import RelayThread, System

BACKLOG = int(os.environ.get("INDELIBLE_BACKLOG_JOBS", "400"))

EPOCH = datetime(2030, 1, 1, tzinfo=UTC)
PATIENCE = 6.0
LONGEST_SEND = PATIENCE / 3
LONGEST_SWEEP = 1.0


def moment(seconds: float) -> datetime:
    """Return a moment of the simulated database's clock."""
    return EPOCH + timedelta(seconds=seconds)


# The decision alone, in a simulated world.


@dataclass(eq=False)
class Wake:
    """A simulated wake-up: marked, sent within the limit, taken in order; its job runs within `PATIENCE`, or never."""

    sent_at: float
    arrives_at: float
    runs_at: float | None = None
    is_lost: bool = False
    findable_since: float | None = None


@dataclass(eq=False)
class SimulatedRelay:
    """A relay that looks at the queue again and again."""

    next_look: float
    looks: Looks = field(default_factory=lambda: Looks(PATIENCE))
    on_the_way: list[Wake] = field(default_factory=list)


class World:
    """Relays and workers around one queue, by a clock of its own; checks each decision of each relay."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.now = 0.0
        self.relays = [SimulatedRelay(self.dice.random()) for _ in range(self.dice.choice((1, 1, 2, 3)))]
        self.queue: list[Wake] = []
        self.awaited: list[Wake] = []
        self.lost = self.sent_again = 0
        self.work_rate = self.dice.uniform(0.02, 0.5)

    def step(self, *, is_calm: bool) -> None:
        """Let a moment pass."""
        self.now = round(self.now + 0.05, 2)  # so that equal moments are equal
        dice = self.dice
        if not is_calm and dice.random() < 0.02:
            self.send(dice.choice(self.relays), dice.randrange(1, 30))
        for relay in self.relays:
            arrived = [wake for wake in relay.on_the_way if wake.arrives_at <= self.now]
            self.queue += arrived
            relay.on_the_way = [wake for wake in relay.on_the_way if wake not in arrived]
        if self.queue and dice.random() < self.work_rate:
            self.take(self.queue.pop(0), dies=not is_calm and dice.random() < 0.05)
        if not is_calm and dice.random() < 0.002:
            for wake in self.queue:
                self.lose(wake)
            self.queue.clear()
        self.awaited = [wake for wake in self.awaited if wake.runs_at is None or wake.runs_at > self.now]
        self.note_what_can_be_found()
        for relay in self.relays:
            if relay.next_look <= self.now:
                relay.next_look = self.now + dice.uniform(0.8, LONGEST_SWEEP)
                self.look(relay)

    def send(self, relay: SimulatedRelay, number: int) -> None:
        """Mark jobs and put their wake-ups on the way; a relay sends one batch after the other."""
        if relay.on_the_way:
            return
        arrives_at = self.now + self.dice.uniform(0.0, LONGEST_SEND * 0.99)
        relay.on_the_way = [Wake(self.now, arrives_at) for _ in range(number)]
        self.awaited += relay.on_the_way

    def take(self, wake: Wake, dies: bool) -> None:
        """Give a wake-up to a worker, which runs the job within the patience, or dies."""
        if dies:
            self.lose(wake)
        else:
            wake.runs_at = self.now + self.dice.choice((0.0, PATIENCE * 0.99, PATIENCE * 0.5))

    def lose(self, wake: Wake) -> None:
        """Let nobody ever hear of this wake-up again."""
        wake.is_lost = True
        self.lost += 1

    def note_what_can_be_found(self) -> None:
        """Note since when a lost wake-up differs from all that were sent about when it was."""
        others = [wake.sent_at for wake in self.queue]
        others += [wake.sent_at for relay in self.relays for wake in relay.on_the_way]
        oldest = min(others, default=self.now)
        for wake in self.awaited:
            if wake.is_lost and wake.findable_since is None and oldest > wake.sent_at + LONGEST_SEND:
                wake.findable_since = self.now

    def look(self, relay: SimulatedRelay) -> None:
        """Look at the queue as a relay does, and check whatever it decides."""
        oldest = self.queue[0].sent_at if self.queue else self.now
        oldest = min([oldest, *(wake.sent_at for wake in relay.on_the_way)])
        sent_before = relay.looks.add("normal", self.now, moment(oldest))
        found = [wake for wake in self.awaited if sent_before and moment(wake.sent_at) < sent_before]
        assert all(wake.is_lost for wake in found), "a wake-up is sent again that was not lost"
        self.awaited = [wake for wake in self.awaited if wake not in found]
        self.sent_again += len(found)
        for wake in self.awaited:
            since = wake.findable_since
            limit = PATIENCE + 2 * LONGEST_SWEEP + 0.2
            assert since is None or self.now - since <= limit, "a lost wake-up is not sent again"


def test_only_lost_wake_ups_are_sent_again_and_soon() -> None:
    """In random worlds no wake-up is sent again that is queued or was just taken, and each that is lost is, in time."""
    lost = 0
    for seed in range(40):
        world = World(seed)
        for step in range(2400):
            world.step(is_calm=step > 1200)
        assert world.sent_again >= world.lost - sum(wake.is_lost for wake in world.awaited), f"seed {seed}"
        lost += world.lost
    assert lost > 500


def test_a_look_counts_when_it_is_old_enough() -> None:
    """What has left the queue is lost a patience later, not at the next look, however long the queue was before."""
    looks = Looks(PATIENCE)
    assert looks.add("normal", 0.0, moment(-100)) is None
    assert looks.add("normal", 5.9, moment(100)) is None
    assert looks.add("normal", 6.0, moment(100)) == moment(-100 - LONGEST_SEND)
    assert looks.add("normal", 11.8, moment(100)) == moment(-100 - LONGEST_SEND)
    assert looks.add("normal", 11.9, moment(100)) == moment(100 - LONGEST_SEND)


def test_what_comes_back_into_the_queue_is_not_lost() -> None:
    """A wake-up that the broker queued again, older than all others, keeps itself from being sent again."""
    looks = Looks(PATIENCE)
    looks.add("normal", 0.0, moment(100))
    assert looks.add("normal", 7.0, moment(50)) == moment(50 - LONGEST_SEND)


# With a table, and a broker that does what the test says.


class Broker:
    """A transport whose queue the test writes."""

    def __init__(self) -> None:
        self.oldest: datetime | None = None
        self.is_down = False

    def send(self, wake_ups: Sequence[WakeUp]) -> None:
        """Take them, and do nothing."""

    def oldest_sent_at(self, queue: str) -> datetime | None:
        """Return what the test has written. Raises BrokerDown."""
        if self.is_down:
            raise BrokerDown
        return self.oldest


@dataclass
class Swept:
    """A table with one job whose wake-up was sent a minute ago, and a sweeper."""

    system: System
    broker: Broker = field(default_factory=Broker)
    seconds: float = 0.0
    sending_since: datetime | None = None

    def __post_init__(self) -> None:
        with self.system.transaction() as session:
            enqueue(session, record, "a")
        with self.system.engine.begin() as connection:
            [self.wake_up] = reserve(connection, 10)
            self.sent_at = self.wake_up.sent_at - timedelta(minutes=1)
            connection.execute(update(jobs).values(sent_at=self.sent_at))
        self._database = ThreadedDatabase(self.system.engine)
        self._sweeper = Sweeper(
            self._database,
            self.broker,
            PATIENCE,
            sending_since=lambda: self.sending_since,
            clock=lambda: self.seconds,
        )

    def sweep_at(self, seconds: float) -> int:
        """Sweep at this time, and return how many wake-ups were lost."""
        self.seconds = seconds
        return asyncio.run(self._sweeper.sweep())

    def close(self) -> None:
        """End the threads."""
        self._database.close()


@pytest.fixture
def swept(embedded_system: System) -> Iterator[Swept]:
    """A table with one job whose wake-up was sent a minute ago, and a sweeper."""
    swept = Swept(embedded_system)
    yield swept
    swept.close()


both_databases = pytest.mark.parametrize(
    "embedded_system", ["embedded-sqlite", "embedded-postgresql"], indirect=True
)


@both_databases
def test_a_lost_wake_up_is_sent_again(swept: Swept) -> None:
    """What an empty queue has not had for the patience is sent again, once."""
    assert [swept.sweep_at(seconds) for seconds in (0, 1, 5.9, 6, 7, 13)] == [0, 0, 0, 1, 0, 0]
    with swept.system.engine.begin() as connection:
        assert [again.job_id for again in reserve(connection, 10)] == [swept.wake_up.job_id]


@both_databases
def test_a_queued_wake_up_is_not_sent_again(swept: Swept) -> None:
    """A wake-up that is in the queue is not sent again, nor within the patience after it has left."""
    swept.broker.oldest = swept.sent_at
    assert [swept.sweep_at(seconds) for seconds in (0, 10, 20)] == [0, 0, 0]
    swept.broker.oldest = None
    assert [swept.sweep_at(seconds) for seconds in (21, 26.9, 27)] == [0, 0, 1]


@both_databases
def test_nothing_is_found_lost_while_the_broker_is_away(swept: Swept) -> None:
    """A broker that does not show its queue proves nothing; when it is back, an old look and a new one do."""
    swept.sweep_at(0)
    swept.broker.is_down = True
    assert swept.sweep_at(10) == 0
    swept.broker.is_down = False
    swept.broker.oldest = swept.sent_at
    assert swept.sweep_at(11) == 0
    swept.broker.oldest = None
    assert [swept.sweep_at(seconds) for seconds in (12, 17, 18)] == [0, 0, 1]


@both_databases
def test_what_is_being_sent_is_not_lost(swept: Swept) -> None:
    """A wake-up that a slow broker is still taking is not sent again, nor within the patience after that."""
    swept.sending_since = swept.sent_at
    assert [swept.sweep_at(seconds) for seconds in (0, 10)] == [0, 0]
    swept.sending_since = None
    assert [swept.sweep_at(seconds) for seconds in (11, 16, 17)] == [0, 0, 1]


@both_databases
def test_a_relay_takes_back_its_own_marks_only(swept: Swept) -> None:
    """A relay whose broker refused too late leaves the mark of one that has sent the job meanwhile."""
    with swept.system.engine.begin() as connection:
        unmark(connection, [swept.wake_up])  # which bears the time of another mark
        assert reserve(connection, 10) == []


# With Redis, and a backlog.


class SlowWorker:
    """Takes wake-ups from Redis as RQ does, and claims each job somewhat later; it knows when it took them."""

    def __init__(self, system: System, redis: Redis, *, losing: frozenset[int]) -> None:
        self.taken: dict[int, list[float]] = {}
        self._system = system
        self._redis = redis
        self._losing = losing
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End it."""
        self._ended.set()
        self._thread.join()

    def _work(self) -> None:
        key = Queue("normal", connection=self._redis).key
        while not self._ended.is_set():
            found = self._redis.blpop([key], timeout=1)
            if found is not None:
                name = found[1].decode() if isinstance(found[1], bytes) else found[1]
                _, job_id, token, _ = name.split("-")
                self._take(int(job_id), int(token))

    def _take(self, job_id: int, token: int) -> None:
        times = self.taken.setdefault(job_id, [])
        times.append(time.monotonic())
        if job_id in self._losing and len(times) == 1:
            return
        time.sleep(0.005)
        with self._system.engine.begin() as connection:
            claim = claim_one(connection, "slow", 30, job_id, token)
        if claim is not None:
            with self._system.engine.begin() as connection:
                complete_all(connection, [Completion(claim, None)])


class Counting(RQTransport):
    """Counts the wake-ups of each job."""

    def __init__(self, redis: Redis) -> None:
        super().__init__(redis, app="x:y")
        self.sent: dict[int, list[float]] = {}

    def send(self, wake_ups: Sequence[WakeUp]) -> None:
        """Send, and note when."""
        for wake_up in wake_ups:
            self.sent.setdefault(wake_up.job_id, []).append(time.monotonic())
        super().send(wake_ups)


@pytest.mark.parametrize("embedded_system", ["embedded-postgresql"], indirect=True)
def test_a_long_backlog_is_sent_once(embedded_system: System, own_redis: RedisServer) -> None:
    """While a slow worker goes through a backlog for many times the patience, only what it lost is sent again."""
    patience = 0.6
    with Session(embedded_system.engine) as session:
        for number in range(BACKLOG):
            enqueue(session, record, str(number))
        session.commit()
        ids = list(session.execute(select(jobs.c.id).order_by(jobs.c.id)).scalars())
    lost = frozenset(random.Random(1).sample(ids, 10))
    transport = Counting(own_redis.client)
    relay = RelayThread(Relay(embedded_system.engine, transport=transport, poll=0.05, patience=patience))
    worker = SlowWorker(embedded_system, own_redis.client, losing=lost)
    try:
        began = time.monotonic()
        embedded_system.wait(lambda: not _unfinished(embedded_system), "jobs were left")
        assert time.monotonic() - began > 2 * patience
    finally:
        relay.stop()
        worker.stop()
    again = {job_id: times for job_id, times in transport.sent.items() if len(times) > 1}
    assert lost <= set(again)
    # On a machine that stood still for the patience, a job may be sent again that was about to be claimed.
    hasty = {job_id for job_id, times in again.items() if times[1] - worker.taken[job_id][0] < patience}
    assert hasty == set()
    assert len(again) < 2 * len(lost)


def _unfinished(system: System) -> bool:
    with system.engine.connect() as connection:
        return (
            connection.execute(select(jobs.c.id).where(jobs.c.state != "done").limit(1)).first() is not None
        )
