"""What every program does that `processes.run_together` runs.

It reads one line of JSON, a list of orders; says "ready"; begins at the next line; answers with a list of reports.
"""

import asyncio
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Protocol, TypeVar

from sqlalchemy import text

from indelible.documents import instrumenting
from studio.database import Database

BUSY_TIMEOUT_SECONDS = 120


class Orders(Protocol):
    """What one writer is to do; a careless one writes documents whole, as SQLAlchemy does with plain JSON columns."""

    url: str
    careless: bool


class Writer(Protocol):
    """Follows its orders, and reports, in a dataclass, what was acknowledged."""

    report: Any

    async def work(self) -> None: ...


Given = TypeVar("Given", bound=Orders)


def follow_orders(orders_of: Callable[..., Given], writer_of: Callable[[Given, Database], Writer]) -> None:
    """Follow the orders on standard input."""
    asyncio.run(_follow([orders_of(**each) for each in json.loads(sys.stdin.readline())], writer_of))


async def _follow(orders: list[Given], writer_of: Callable[[Given, Database], Writer]) -> None:
    if any(each.careless for each in orders):
        vars(instrumenting)["send_documents"] = lambda *_: None
    database = Database(orders[0].url, busy_timeout=BUSY_TIMEOUT_SECONDS)
    writers = [writer_of(each, database) for each in orders]
    async with database.reading() as session:
        await session.execute(text("SELECT 1"))
    _say("ready")
    sys.stdin.readline()
    await asyncio.gather(*(writer.work() for writer in writers))
    _say(json.dumps([asdict(writer.report) for writer in writers]))
    await database.close()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
