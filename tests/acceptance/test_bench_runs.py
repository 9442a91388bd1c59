"""The bench still runs: what it measures is not asserted, only that each measurement is there."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.timeout(600)


def test_quick_run_measures_every_peer(tmp_path: Path) -> None:
    """A quick run ends well and has times of each peer, operation and document, and costs of many rows."""
    file = tmp_path / "measurements.json"
    _run("bench.documents", "--quick", "--rows", "10", "--backend", "postgresql", "--json", str(file))

    measured = json.loads(file.read_text())["postgresql"]
    assert len(measured["operations"]) == 3
    for operations in measured["operations"].values():
        assert len(operations) == 3
        for times in operations.values():
            assert len(times) == 5
            assert all(len(seconds) == 1 and seconds[0] > 0 for seconds in times.values())
    assert {way: len(costs) for way, costs in measured["many_rows"].items()} == {"held": 4, "passing": 4}


def test_the_ways_of_changing_are_counted_for_every_peer() -> None:
    """Of the ways through one reach ours keeps all and plain JSON none; each way has one outcome."""
    lines = _run("bench.ways_of_changing", "--reach", "row.doc[key]").splitlines()

    peers = lines[0].split()
    assert peers == ["ours", "plain", "MutableDict", "sqlalchemy-json"]
    counts = {name: [int(count) for count in rest] for name, *rest in map(str.split, lines[1:])}
    assert list(counts) == ["kept", "refused", "raised", "LOST", "of"]
    assert all(sum(column[:-1]) == column[-1] > 50 for column in zip(*counts.values(), strict=True))
    assert counts["kept"][:2] == [counts["of"][0], 0]


@pytest.mark.skipif(
    shutil.which("redis-server") is None and "CI" not in os.environ, reason="needs redis-server"
)
def test_the_outbox_is_measured_beside_every_peer(tmp_path: Path) -> None:
    """The smallest run ends well and has figures of each peer, and times of saves in each state of Redis."""
    file = tmp_path / "measurements.json"
    sizes = ("--jobs", "2", "--rounds", "1", "--saves", "1")
    printed = _run("bench.outbox", *sizes, "--json", str(file))

    measured = json.loads(file.read_text())
    names = ["indelible, PostgreSQL", "procrastinate", "indelible, SQLite", "huey", "rq"]
    assert list(measured["peers"]) == names
    assert all(name in printed for name in names)
    for [figures] in measured["peers"].values():
        assert len(figures) == 4
        assert all(figure > 0 for name, figure in figures.items() if name != "latency_ms")
    assert list(measured["saves"]) == ["healthy", "refused", "black-holed"]
    assert all(times and min(times) > 0 for times in measured["saves"].values())


def _run(module: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=550,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
