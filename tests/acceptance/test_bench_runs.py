"""The bench still runs: what it measures is not asserted, only that each measurement is there."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_quick_run_measures_every_peer(backend: str, tmp_path: Path) -> None:
    """A quick run ends well and has times of each peer, operation and document, and costs of many rows."""
    file = tmp_path / "measurements.json"
    command = [sys.executable, "-m", "bench.documents", "--quick", "--rows", "10"]

    done = subprocess.run(
        [*command, "--backend", backend, "--json", str(file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    measured = json.loads(file.read_text())[backend]
    assert len(measured["operations"]) == 3
    for operations in measured["operations"].values():
        assert len(operations) == 3
        for times in operations.values():
            assert len(times) == 5
            assert all(len(seconds) == 1 and seconds[0] > 0 for seconds in times.values())
    assert {way: len(costs) for way, costs in measured["many_rows"].items()} == {"held": 4, "passing": 4}
