"""A worker or relay as a process, whose database is named by the environment: `python -m … worker`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from indelible.outbox import Worker
from indelible.outbox.databases import Target
from indelible.outbox.relay import Relay
from indelible.outbox.transports import WakeUp
from tests.database.outbox.systems import open_engine, options


class Nowhere:
    """A transport that takes all and wakes nobody."""

    def send(self, wake_ups: Sequence[WakeUp]) -> None:
        """Take wake-ups."""

    def oldest_sent_at(self, queue: str) -> datetime | None:
        """Say that nothing waits."""
        return None


def engine() -> Target:
    """Return the engine that the environment describes."""
    url, schema = make_url(os.environ["ENDING_URL"]), os.environ["ENDING_SCHEMA"]
    if url.get_dialect().is_async:
        return create_async_engine(url, connect_args=options(url, schema))
    return open_engine(url, schema)


if __name__ == "__main__":
    if sys.argv[1] == "worker":
        Worker(engine(), lease=3.0, poll=0.2, grace=0.5).run()
    else:
        Relay(engine(), transport=Nowhere(), poll=0.2).run()
