"""Real processes that are told to stop while they run a job that takes long."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from indelible.outbox import AsyncJobContext, enqueue, job
from studio.database import Database
from studio.migrating import migrate

# Less than the grace of a worker, and more than a busy machine needs to end one.
SOON_SECONDS = 20

# `studio` with two more kinds of jobs, which say when they have begun.
PROGRAM = textwrap.dedent(
    """
    import asyncio, time
    from indelible.outbox import AsyncJobContext, job
    from studio.cli import main
    from studio.jobs import describe

    @job(name="tests.studio:patient")
    async def patient(context: AsyncJobContext) -> None:
        print("begun", flush=True)
        await asyncio.sleep(600)

    @job(name="tests.studio:deaf")
    async def deaf(context: AsyncJobContext) -> None:
        print("begun", flush=True)
        while True:  # and nothing else of this process's event loop runs
            time.sleep(600)

    describe(patient, "Wait for the weather", of_project=False)
    main()
    """
)


@job(name="tests.studio:patient")
async def patient(context: AsyncJobContext) -> None:
    """Take long, and end when it is asked to."""


@job(name="tests.studio:deaf")
async def deaf(context: AsyncJobContext) -> None:
    """Take long, and keep the event loop from turning meanwhile."""


@pytest.fixture(params=["worker", "serve"])
def command(request: pytest.FixtureRequest) -> list[str]:
    """What runs jobs."""
    return ["worker"] if request.param == "worker" else ["serve", "--no-browser"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The file of a migrated database."""
    (tmp_path / "data").mkdir()
    file = tmp_path / "data" / "studio.sqlite3"
    migrate(f"sqlite+aiosqlite:///{file}")
    return file


def have_run(file: Path, name: str) -> None:
    """Enqueue a job."""

    async def write() -> None:
        database = Database(f"sqlite+aiosqlite:///{file}")
        async with database.writing() as session:
            enqueue(session, {"patient": patient, "deaf": deaf}[name])
        await database.close()

    asyncio.run(write())


def job_in(file: Path, name: str) -> tuple[str, str | None]:
    """Return a job's state, and who has it."""
    with closing(sqlite3.connect(file)) as connection:
        row: tuple[str, str | None] = connection.execute(
            "SELECT state, worker FROM indelible_jobs WHERE handler = ?", [f"tests.studio:{name}"]
        ).fetchone()
    return row


@contextmanager
def running(command: list[str], file: Path) -> Iterator[subprocess.Popen[str]]:
    """Run `studio` until its job has begun, and until the block ends."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PYTHONPATH") if name in os.environ}
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *command],
        env={**kept, "STUDIO_DATA_DIR": str(file.parent), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        read_to("begun", process)
        yield process
    finally:
        process.kill()
        process.communicate()


def read_to(word: str, process: subprocess.Popen[str]) -> str:
    """Return the next line of what a process says that has this word."""
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if word in line:
            return line
    raise AssertionError(f"It ended and said: {said}")


def press_until_it_ends(process: subprocess.Popen[str]) -> None:
    """Press Ctrl-C, and again when that was not heard.

    While a signal is pending, the kernel gives another one to another thread, and that wakes nobody who sleeps.
    """
    limit = time.monotonic() + SOON_SECONDS
    while time.monotonic() < limit:
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=SOON_SECONDS / 4)
            return
    raise AssertionError("It goes on.")


def test_the_first_signal_says_what_is_waited_for_and_the_second_ends_it(
    command: list[str], file: Path
) -> None:
    """The job is handed back at once, for the next worker to take."""
    have_run(file, "patient")
    with running(command, file) as process:
        process.send_signal(signal.SIGTERM)
        told = read_to("Waiting", process)
        assert "for 1 job: “Wait for the weather”. Press Ctrl-C again to end at once" in told
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=SOON_SECONDS)
    assert (process.returncode, said) == (0, "")
    assert job_in(file, "patient") == ("waiting", None)


def test_a_second_signal_ends_what_hears_nothing(command: list[str], file: Path) -> None:
    """A job that keeps everything else waiting is left to its lease."""
    have_run(file, "deaf")
    with running(command, file) as process:
        process.send_signal(signal.SIGTERM)
        press_until_it_ends(process)
    # Of two signals at once either may be seen first.
    assert process.returncode in (128 + signal.SIGINT, 128 + signal.SIGTERM)
    assert job_in(file, "deaf")[0] == "running"
