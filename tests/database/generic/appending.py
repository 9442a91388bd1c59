"""A process that appends to one document, again and again: `python -m tests.database.generic.appending TASK`."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.orm import Session

import tests.database.generic.dialect  # noqa: F401 - registers it
from indelible import retry_transaction
from tests.database.rows import Row


@dataclass(frozen=True)
class Task:
    """What one process has to do."""

    url: str
    name: str
    times: int
    isolation: str | None = None

    def as_argument(self) -> str:
        """Return the task as the process takes it."""
        return json.dumps(asdict(self))


def append(task: Task) -> int:
    """Append as often as the task says, each in a session of its own; return how many UPDATEs that took."""
    options = {} if task.isolation is None else {"isolation_level": task.isolation}
    engine = create_engine(task.url, **options)
    updates = _count_updates(engine)
    for number in range(task.times):
        for attempt in retry_transaction(attempts=50):
            with attempt, Session(engine) as session, session.begin():
                row = session.get_one(Row, 1)
                row.doc["all"].append(f"{task.name}{number}")
                row.doc[task.name] = number
    engine.dispose()
    return len(updates)


def _count_updates(engine: Engine) -> list[str]:
    updates: list[str] = []

    def count(_connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("UPDATE"):
            updates.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    return updates


if __name__ == "__main__":
    sys.stdout.write(str(append(Task(**json.loads(sys.argv[1])))))
