"""What the outbox decides without a database, and what importing it costs."""

from __future__ import annotations

import subprocess
import sys

import pytest

from indelible.errors import OutboxError
from indelible.outbox import Backoff, Worker
from indelible.outbox.priorities import HANDICAPS, PRIORITIES


def test_importing_the_outbox_loads_no_optional_package() -> None:
    """The core of the outbox, and the command line, need SQLAlchemy alone."""
    code = "import indelible.outbox, indelible.outbox.cli, indelible.cli, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    names = {name.partition(".")[0] for name in loaded.split()}
    assert not names & {"rq", "redis", "prometheus_client", "opentelemetry", "croniter", "psycopg", "asyncpg"}


def test_importing_indelible_does_not_load_the_outbox() -> None:
    """Who uses documents only does not wait for the outbox."""
    code = "import indelible, sys; print('indelible.outbox' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "False"


def test_backoff_grows_to_its_limit() -> None:
    """Waits double from the first to the longest, and half of each is random."""
    backoff = Backoff(first=1, factor=2, most=60)
    for attempt, longest in ((1, 1), (2, 2), (5, 16), (7, 60), (10_000, 60)):
        waits = {backoff.seconds(attempt) for _ in range(50)}
        assert all(longest / 2 <= seconds <= longest for seconds in waits)
        assert len(waits) > 1


def test_no_priority_waits_for_ever() -> None:
    """Each priority has a handicap of so many seconds, and none has an endless one."""
    assert len(HANDICAPS) == len(PRIORITIES)
    assert sorted(HANDICAPS) == list(HANDICAPS)
    assert max(HANDICAPS) <= 600


def test_impossible_workers_are_refused() -> None:
    """A worker without places, or without an engine, cannot be made."""
    with pytest.raises(OutboxError, match="at least one place"):
        Worker(concurrency=0)
    with pytest.raises(OutboxError, match="takes an engine"):
        Worker()
