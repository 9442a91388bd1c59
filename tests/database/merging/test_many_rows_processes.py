"""Processes that change many rows in each flush: all is there once, and none waits for another in a circle.

`INDELIBLE_MANY_ROWS=200` makes more transactions; each writer's name is its seed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.database.merging.many_rows_writer import ROWS, Task
from tests.database.merging.papers import Base, Paper
from tests.database.stores import DRIVERS, Store, new_store

TRANSACTIONS = int(os.environ.get("INDELIBLE_MANY_ROWS", "25"))
WRITERS = 4
LIMIT_SECONDS = 600
ROOT = Path(__file__).parents[3]


@pytest.fixture(params=["sqlite3", "psycopg", "psycopg2", "pymysql"])
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A database that several processes use, with one driver for each way of talking to it."""
    return new_store(
        DRIVERS[request.param],
        tmp_path,
        lambda: request.getfixturevalue("postgres_uri"),
        lambda: request.getfixturevalue("mariadb_url"),
    )


def _url(store: Store) -> str:
    url = store.url
    if store.driver.is_postgresql:
        url = url.update_query_dict({"options": f"-csearch_path={store.schema}"})
    return url.render_as_string(hide_password=False)


def _start(store: Store, name: str) -> subprocess.Popen[str]:
    task = Task(_url(store), name, TRANSACTIONS)
    command = [sys.executable, "-m", "tests.database.merging.many_rows_writer", task.as_argument()]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def test_processes_that_write_many_rows(shared: Store) -> None:
    """Contract 4, by plain SQL: each acknowledged append is there once and no other; nothing deadlocks."""
    outcomes: Counter[str] = Counter()
    acknowledged: Counter[tuple[int, str]] = Counter()

    def test() -> None:
        Base.metadata.create_all(shared.engine)
        shared.keep(*(Paper(id=number, doc={"list": ["first"], "count": 0}) for number in range(ROWS)))
        writers = [_start(shared, f"writer {number}") for number in range(WRITERS)]
        for writer in writers:
            out, _ = writer.communicate(timeout=LIMIT_SECONDS)
            assert writer.returncode == 0
            for outcome, appended in map(json.loads, out.splitlines()):
                outcomes[outcome.split(":")[0]] += 1
                assert "deadlock" not in outcome.lower(), outcome
                if outcome == "acknowledged":
                    acknowledged.update((int(row), token) for row, token in appended.items())
        stored: Counter[tuple[int, str]] = Counter()
        for number, text in shared.sql("SELECT id, CAST(doc AS TEXT) FROM papers"):
            stored.update((number, token) for token in json.loads(text)["list"] if token != "first")
        assert stored == acknowledged
        assert outcomes["acknowledged"] >= TRANSACTIONS, outcomes

    shared.run(test)
