"""Killed at any point, a program that enqueues, works, relays or runs as RQ does loses nothing and doubles nothing.

`INDELIBLE_CRASH_POINTS=all pytest tests/acceptance/test_outbox_crashes.py` kills at every point, on more drivers.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import URL, make_url

from tests.acceptance.chaos.crashing import metadata
from tests.database.outbox.systems import open_engine

ROOT = Path(__file__).parents[2]
IS_LONG = os.environ.get("INDELIBLE_CRASH_POINTS") == "all"

# About how many points there are; beyond the last one nobody is killed.
POINTS = {"enqueue": 12, "tick": 24, "work": 140, "relay": 60, "rq": 120}
DRIVERS = ["sqlite", "postgresql+psycopg"]
if IS_LONG:
    DRIVERS += ["sqlite+aiosqlite", "postgresql+asyncpg"]
TIMEOUT_SECONDS = 3600 if IS_LONG else 280

Play = Callable[[str, Sequence[int]], list[dict[str, Any]]]


@pytest.fixture
def dice() -> random.Random:
    """What chooses the points; its seed is shown with a failure."""
    seed = int(os.environ.get("INDELIBLE_CRASH_SEED", random.randrange(10**6)))
    print(f"INDELIBLE_CRASH_SEED={seed}")  # noqa: T201 - pytest shows it with a failure
    return random.Random(seed)


@pytest.fixture
def play(driver: str, tmp_path: Path, request: pytest.FixtureRequest) -> Play:
    """Play a scenario on a database of the test's own."""
    schema = f"crashes_{uuid4().hex}"
    if driver.startswith("sqlite"):
        url = URL.create(driver, database=str(tmp_path / "crashes.sqlite3"))
        engine = open_engine(url.set(drivername="sqlite"))
    else:
        uri = request.getfixturevalue("postgres_uri")
        with psycopg.connect(uri, autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {schema}".encode())
        url = make_url(uri).set(drivername=driver)
        engine = open_engine(url.set(drivername="postgresql+psycopg"), schema)
    metadata.create_all(engine)
    engine.dispose()

    def played(scenario: str, points: Sequence[int]) -> list[dict[str, Any]]:
        place = [url.render_as_string(hide_password=False), schema, scenario]
        command = [sys.executable, "-m", "tests.acceptance.chaos.crash_points", *place, *map(str, points)]
        run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr
        return [json.loads(line) | {"stderr": run.stderr[-3000:]} for line in run.stdout.splitlines()]

    return played


def _points(scenario: str, dice: random.Random, number: int) -> list[int]:
    every = range(1, POINTS[scenario] + 1)
    return list(every) if IS_LONG else sorted(dice.sample(every, number))


def _check(played: list[dict[str, Any]]) -> None:
    for one in played:
        assert not any(one["audit"].values()), one
        assert one["codes"][0] == one["codes"][2] == 0, one
        assert one["codes"][1] in (0, -9), one


@pytest.mark.timeout(TIMEOUT_SECONDS)
@pytest.mark.parametrize("driver", ["sqlite", "postgresql+psycopg"])
@pytest.mark.parametrize("scenario", ["enqueue", "tick"])
def test_enqueuing(play: Play, scenario: str, dice: random.Random) -> None:
    """Killed while it enqueues, a program has saved and enqueued both or neither."""
    played = play(scenario, _points(scenario, dice, 2))
    _check(played)
    assert any(one["codes"][1] == -9 for one in played)


@pytest.mark.timeout(TIMEOUT_SECONDS)
@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize("scenario", ["work", "relay", "rq"])
def test_running(play: Play, scenario: str, dice: random.Random) -> None:
    """Killed while it works or relays, a program leaves each job to others, and each effect happens once."""
    played = play(scenario, _points(scenario, dice, 1))
    _check(played)
    if IS_LONG:
        assert sum(one["codes"][1] == -9 for one in played) > 20
