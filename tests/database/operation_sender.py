"""A process that sends operations until each is acknowledged: `python -m tests.database.operation_sender '<JSON>'`.

It writes one line per answer: `[op_id, replayed, result]`.
"""

from __future__ import annotations

import json
import random
import sys
import time
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import Session

from indelible import retry_transaction
from tests.database.once import enter, operations


@dataclass(frozen=True)
class Task:
    """What a sender is to do; all senders of one run share its `operations`."""

    url: str
    seed: int
    operations: list[str]
    isolation_level: str | None = None
    recorded: bool = True
    """Without it the ids are left out, so that operations are applied as often as they are sent."""

    def as_argument(self) -> str:
        return json.dumps(asdict(self))


class PowerCut(Exception):
    """The work was done and not committed."""


def open_engine(task: Task) -> Engine:
    """Open the database as Studio does: SQLite begins transactions when SQLAlchemy says so."""
    if not task.url.startswith("sqlite"):
        options = {"isolation_level": task.isolation_level} if task.isolation_level else {}
        return create_engine(task.url, **options)
    engine = create_engine(task.url, connect_args={"timeout": 30, "isolation_level": None})

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine


def send(session: Session, task: Task, op_id: str, chance: random.Random) -> list[Any]:
    """Apply one operation in one transaction."""
    with operations.once(session, op_id if task.recorded else None, request={"op": op_id}) as op:
        if not op.replayed:
            # Long enough for another process to come in between, if anything lets it.
            time.sleep(chance.uniform(0, 0.004))
            op.result = {"entries": enter(session, op_id)}
    if chance.random() < 0.2:
        raise PowerCut
    session.commit()
    return [op_id, op.replayed, op.result]


def main(task: Task) -> None:
    """Send each operation, in an order of this sender's own, until it is acknowledged; most of them twice."""
    chance = random.Random(task.seed)
    engine = open_engine(task)
    queue = task.operations + chance.sample(task.operations, len(task.operations) // 2)
    chance.shuffle(queue)
    for op_id in queue:
        for attempt in retry_transaction(attempts=100, first_delay=0.001, retry_on=(PowerCut,)):
            with attempt, Session(engine) as session:
                answer = send(session, task, op_id, chance)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Task(**json.loads(sys.argv[1])))
