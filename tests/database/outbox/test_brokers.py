"""Line 5 of the contract: the save path touches no broker, and jobs go out when the broker is back."""

from __future__ import annotations

import socket
import threading
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from redis import Redis
from rq import Queue

from indelible.errors import BrokerDown
from indelible.outbox import enqueue
from indelible.outbox.claiming import claim_one
from indelible.outbox.relay import Relay, reserve
from indelible.outbox.rq import RQTransport
from indelible.outbox.transports import WakeUp
from tests.database.outbox.handlers.threaded import record
from tests.database.outbox.redis_servers import RedisServer
from tests.database.outbox.systems import PATIENCE_SECONDS, RelayThread, System


class Recorder:
    """A transport that keeps what it is given, or refuses it."""

    def __init__(self) -> None:
        self.sent: list[WakeUp] = []
        self.is_down = False
        self.tries = 0

    def send(self, wake_ups: Sequence[WakeUp]) -> None:
        """Keep wake-ups. Raises BrokerDown."""
        self.tries += 1
        if self.is_down:
            raise BrokerDown
        self.sent += wake_ups

    def oldest_sent_at(self, queue: str) -> datetime | None:
        """Say that nothing waits."""
        return None


class Silent:
    """A transport whose broker does not answer until it is released."""

    def __init__(self) -> None:
        self.is_asked = threading.Event()
        self.is_released = threading.Event()

    def send(self, wake_ups: Sequence[WakeUp]) -> None:
        """Wait for an answer."""
        self.is_asked.set()
        self.is_released.wait()

    def oldest_sent_at(self, queue: str) -> datetime | None:
        """Say that nothing waits."""
        return None


def test_line_5_save_opens_no_connection(embedded_system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    """Enqueuing and committing connect to nothing but the database."""
    with embedded_system.engine.connect():
        pass  # the pool has its connection now
    connected: list[object] = []
    monkeypatch.setattr(socket.socket, "connect", lambda _self, address: connected.append(address))
    with embedded_system.transaction() as session:
        enqueue(session, record, "a", queue="urgent")
    assert connected == []
    assert len(embedded_system.jobs()) == 1


def test_line_5_broker_is_down_and_comes_back(embedded_system: System) -> None:
    """While the broker refuses wake-ups, jobs wait unmarked in the table; when it is back, each is sent once."""
    transport = Recorder()
    transport.is_down = True
    relay = RelayThread(Relay(embedded_system.engine, transport=transport, poll=0.05))
    try:
        with embedded_system.transaction() as session:
            ticket = enqueue(session, record, "a")
        embedded_system.wait(lambda: transport.tries >= 2, "it does not try again")
        transport.is_down = False
        embedded_system.wait(lambda: bool(transport.sent), "nothing is sent")
    finally:
        relay.stop()
    assert [(one.job_id, one.token, one.queue) for one in transport.sent] == [(ticket.id, 0, "normal")]


@pytest.mark.parametrize("embedded_system", ["embedded-sqlite"], indirect=True)
def test_line_5_a_silent_broker_does_not_keep_a_relay_from_ending(embedded_system: System) -> None:
    """A relay that is asked to end while its broker does not answer ends, and what it was sending can be sent again."""
    transport = Silent()
    relay = RelayThread(Relay(embedded_system.engine, transport=transport, poll=0.05))
    try:
        with embedded_system.transaction() as session:
            ticket = enqueue(session, record, "a")
        assert transport.is_asked.wait(PATIENCE_SECONDS)
        relay.stop()
    finally:
        transport.is_released.set()
    with embedded_system.engine.begin() as connection:
        assert [wake_up.job_id for wake_up in reserve(connection, 10)] == [ticket.id]


def test_line_5_redis_full_or_gone_is_broker_down(own_redis: RedisServer) -> None:
    """A Redis that is full, or gone, is a broker that is down, for sending and for looking."""
    transport = RQTransport(Redis.from_url(own_redis.url, socket_timeout=1), app="x:y")
    wake_up = WakeUp(1, 0, "normal", datetime.now(UTC))
    own_redis.fill()
    with pytest.raises(BrokerDown, match="maxmemory"):
        transport.send([wake_up])
    own_redis.stop()
    with pytest.raises(BrokerDown):
        transport.send([wake_up])
    with pytest.raises(BrokerDown):
        transport.oldest_sent_at("normal")


def test_wake_ups_show_in_rq(own_redis: RedisServer) -> None:
    """Wake-ups are jobs in RQ's own queues, in order; the oldest is found past jobs of other programs."""
    transport = RQTransport.from_url(own_redis.url, app="x:y")
    moments = [datetime(2030, 1, 1, 0, 0, second, tzinfo=UTC) for second in (1, 2)]
    queue = Queue("urgent", connection=own_redis.client)
    for number in range(150):
        queue.enqueue("json.dumps", number)
    transport.send([WakeUp(number, 0, "urgent", moment) for number, moment in enumerate(moments)])
    assert [job.args for job in queue.get_jobs()[-2:]] == [(0, 0, "x:y"), (1, 0, "x:y")]
    assert transport.oldest_sent_at("urgent") == moments[0]
    assert transport.oldest_sent_at("low") is None


def test_a_wake_up_claims_its_job_once(embedded_system: System) -> None:
    """A wake-up that comes twice, or late, finds its job taken."""
    with embedded_system.transaction() as session:
        ticket = enqueue(session, record, "a")
    with embedded_system.engine.begin() as connection:
        assert claim_one(connection, "me", 30, ticket.id, 0) is not None
    for token in (0, 1):
        with embedded_system.engine.begin() as connection:
            assert claim_one(connection, "me", 30, ticket.id, token) is None
