"""Processes that send the same operations at the same time, some of them killed: each is applied exactly once.

`INDELIBLE_OPERATION_RUNS=50` makes more runs; each prints its seed, and `INDELIBLE_OPERATION_SEED` repeats one.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.database.once import metadata, stored
from tests.database.operation_sender import Task, open_engine
from tests.database.stores import DRIVERS, Store, new_store

RUNS = int(os.environ.get("INDELIBLE_OPERATION_RUNS", "1"))
SENDERS = 3
OPERATIONS = 25
LIMIT_SECONDS = 120
ROOT = Path(__file__).parents[2]


@dataclass
class Run:
    """What the senders said, and what is stored."""

    entries: Counter[str]
    answers: dict[str, list[tuple[bool, Any]]] = field(default_factory=lambda: defaultdict(list))
    killed: int = 0

    def hear(self, lines: list[str]) -> None:
        for line in lines:
            if line.endswith("\n"):  # a killed sender's last line may be cut short
                op_id, replayed, result = json.loads(line)
                self.answers[op_id].append((replayed, result["entries"]))

    def problems(self) -> list[str]:
        """Audit: each operation once in the ledger, one answer for all, at most one that is no replay."""
        found = [f"{op_id} was applied {n} times" for op_id, n in self.entries.items() if n != 1]
        for op_id, answers in self.answers.items():
            if op_id not in self.entries:
                found.append(f"{op_id} was acknowledged and is not there")
            if len({result for _, result in answers}) != 1:
                found.append(f"{op_id} was answered differently: {answers}")
            if [replayed for replayed, _ in answers].count(False) > 1:
                found.append(f"{op_id} was acknowledged as new more than once")
        return found


def start(task: Task) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.database.operation_sender", task.as_argument()]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def run(task: Task) -> Run:
    """Let processes send the same operations; one is killed in the midst of it and started again."""
    chance = random.Random(task.seed)
    engine = open_engine(task)
    metadata.create_all(engine)
    senders = [start(replace(task, seed=chance.randrange(2**32))) for _ in range(SENDERS)]
    victim = senders.pop()
    assert victim.stdout is not None
    lines = [victim.stdout.readline() for _ in range(chance.randrange(1, OPERATIONS))]
    victim.kill()
    lines += victim.stdout.readlines()
    victim.wait(LIMIT_SECONDS)
    senders.append(start(replace(task, seed=chance.randrange(2**32))))
    result = Run(Counter())
    result.hear(lines)
    for sender in senders:
        out, _ = sender.communicate(timeout=LIMIT_SECONDS)
        assert sender.returncode == 0
        result.hear(out.splitlines(keepends=True))
    with Session(engine) as session:
        result.entries = Counter(stored(session))
    engine.dispose()
    return result


def url_of(store: Store) -> str:
    url = store.url
    if store.driver.is_postgresql:
        url = url.update_query_dict({"options": f"-csearch_path={store.schema}"})
    return url.render_as_string(hide_password=False)


def task_on(driver: str, directory: Path, request: pytest.FixtureRequest, **options: Any) -> Task:
    store = new_store(
        DRIVERS[driver],
        directory,
        lambda: request.getfixturevalue("postgres_uri"),
        lambda: request.getfixturevalue("mariadb_url"),
    )
    seed = int(os.environ.get("INDELIBLE_OPERATION_SEED", random.randrange(2**32)))
    sys.stderr.write(f"INDELIBLE_OPERATION_SEED={seed}\n")
    names = [f"op-{number}" for number in range(OPERATIONS)]
    return Task(url_of(store), seed, names, **options)


@pytest.mark.parametrize("repetition", range(RUNS))
@pytest.mark.parametrize(
    ("driver", "level"),
    [
        ("sqlite3", None),
        ("psycopg", "READ COMMITTED"),
        ("psycopg", "REPEATABLE READ"),
        ("psycopg2", "SERIALIZABLE"),
        ("pymysql", "REPEATABLE READ"),
    ],
)
def test_each_operation_is_applied_once(
    driver: str, level: str | None, repetition: int, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Processes send the same 25 operations, many twice, with rollbacks and a kill -9: no loss, no double."""
    result = run(task_on(driver, tmp_path, request, isolation_level=level))
    assert result.problems() == []
    assert len(result.entries) == len(result.answers) == OPERATIONS


def test_the_audit_sees_what_goes_wrong_without_ids(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """The same run with the ids left out applies operations several times, and the audit says so."""
    result = run(task_on("sqlite3", tmp_path, request, recorded=False))
    assert len(result.problems()) >= OPERATIONS
