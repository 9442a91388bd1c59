"""A process that changes many rows in each flush: `python -m tests.database.merging.many_rows_writer '<JSON>'`.

It writes one line of JSON for each transaction: what it appended, by row, and what came of it.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Engine, create_engine, event, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from indelible import Conflict, add
from tests.database.merging.papers import Paper

ROWS = 12


@dataclass(frozen=True)
class Task:
    """What a writer is to do."""

    url: str
    name: str
    transactions: int

    def as_argument(self) -> str:
        return json.dumps(asdict(self))


def open_engine(url: str) -> Engine:
    """Open the database; SQLite begins transactions when SQLAlchemy says so, and as the writer at once."""
    if not url.startswith("sqlite"):
        return create_engine(url)
    engine = create_engine(url, connect_args={"timeout": 60, "isolation_level": None})

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def change(rows: list[Paper], token: str, rng: random.Random) -> dict[int, str]:
    """Change most rows alike and some otherwise, in an order of its own; return what was appended to which."""
    told = {}
    style: Callable[[Any, str], None] = rng.choice([_append, _append, _append_and_count])
    for row in rng.sample(rows, rng.randrange(ROWS // 2, ROWS + 1)):
        each = f"{token}.{row.id}"
        (style if rng.random() < 0.9 else _insert)(row.doc, each)
        told[row.id] = each
    return told


def _append(document: Any, token: str) -> None:
    document["list"].append(token)


def _append_and_count(document: Any, token: str) -> None:
    document["list"].append(token)
    add(document, "count", 1)


def _insert(document: Any, token: str) -> None:
    """Put a value in front: the list is written whole, unless others changed it, so that it has to be merged."""
    document["list"].insert(0, token)


def main(task: Task) -> None:
    """Change rows that were read now, or by an earlier transaction, and say what came of it."""
    rng = random.Random(task.name)
    engine = open_engine(task.url)
    with Session(engine, expire_on_commit=False, autoflush=False) as session:
        rows = list(session.scalars(select(Paper)))
        session.commit()
        for number in range(task.transactions):
            if rng.random() < 0.3:
                rows = list(session.scalars(select(Paper), execution_options={"populate_existing": True}))
                session.commit()
            appended = change(rows, f"{task.name}.{number}", rng)
            try:
                session.commit()
                outcome = "acknowledged"
            except (Conflict, OperationalError) as error:
                outcome = f"{type(error).__name__}: {error}"
                session.rollback()
                rows = list(session.scalars(select(Paper), execution_options={"populate_existing": True}))
                session.commit()
            sys.stdout.write(json.dumps([outcome, appended]) + "\n")
    engine.dispose()


if __name__ == "__main__":
    main(Task(**json.loads(sys.argv[1])))
