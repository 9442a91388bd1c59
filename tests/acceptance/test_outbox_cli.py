"""`indelible jobs` and `indelible worker`, as commands."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL
from sqlalchemy.orm import Session

from indelible.outbox import enqueue
from tests.database.outbox.handlers.threaded import record, record_at_gate
from tests.database.outbox.systems import System, embedded

ROOT = Path(__file__).parents[2]


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    """A database without workers."""
    url = URL.create("sqlite", database=str(tmp_path / "jobs.sqlite3"))
    system = embedded("cli", url, "", is_async=False)
    yield system
    system.close()


def jobs(system: System, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `indelible jobs` on the system's database."""
    command = [sys.executable, "-m", "indelible.cli", "jobs", "--url", str(system.url), *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def add(system: System, text: str) -> int:
    """Enqueue a job and return its id."""
    with Session(system.engine) as session:
        ticket = enqueue(session, record, text, key=text, queue="low")
        session.commit()
    return ticket.id


def test_list_show_cancel_retry_purge(system: System) -> None:
    """Jobs are listed, shown, cancelled, let run again and deleted; ids that are not there end with an error."""
    first, second = add(system, "a"), add(system, "b")
    assert jobs(system, "cancel", str(first)).returncode == 0
    listed = [json.loads(line) for line in jobs(system, "list", "--json").stdout.splitlines()]
    assert [(job["id"], job["state"]) for job in listed] == [(second, "waiting"), (first, "cancelled")]
    assert "[b]" in jobs(system, "list", "--state", "waiting").stdout
    assert json.loads(jobs(system, "show", str(first)).stdout)["key"] == "a"
    assert jobs(system, "retry", str(first)).returncode == 0
    assert system.job(first).state == "waiting"
    jobs(system, "cancel", str(first))
    assert "1 jobs were deleted" in jobs(system, "purge", "--older-than", "0s").stdout
    missing = jobs(system, "show", str(first))
    assert (missing.returncode, missing.stdout) == (1, "")
    assert f"no job {first}" in missing.stderr


def test_no_database_is_a_clear_error(system: System) -> None:
    """Without an address the command says what to give."""
    command = [sys.executable, "-m", "indelible.cli", "jobs", "list"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False, env={})
    assert done.returncode == 2
    assert "--url" in done.stderr


def test_sigterm_lets_the_running_job_end(system: System, tmp_path: Path) -> None:
    """A worker that is asked to end finishes its running job, and exits without an error."""
    app = tmp_path / "outbox_cli_app.py"
    app.write_text(
        "from sqlalchemy import create_engine\n"
        "import tests.database.outbox.handlers.threaded\n"
        f"engine = create_engine({str(system.url)!r})\n"
    )
    with Session(system.engine) as session:
        ticket = enqueue(session, record_at_gate, "g", "a")
        session.commit()
    worker = subprocess.Popen(
        [sys.executable, "-m", "indelible.cli", "worker", "outbox_cli_app:engine"],
        env={"PYTHONPATH": f"{ROOT}:{tmp_path}"},
        stderr=subprocess.DEVNULL,
    )
    try:
        system.wait_at_gate("g")
        worker.send_signal(signal.SIGTERM)
        time.sleep(0.2)  # it would be gone by now if it did not wait for its job
        assert worker.poll() is None
        system.open_gate("g")
        assert worker.wait(30) == 0
    finally:
        worker.kill()
    assert system.job(ticket).state == "done"
    assert system.effects() == ["a"]
