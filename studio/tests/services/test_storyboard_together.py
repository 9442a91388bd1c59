"""Story 003: images that finish together, while scenes are reordered and deleted, all stay."""

import asyncio
import json
import os
import random
import subprocess
import sys
from collections import Counter
from typing import Any

import pytest

from studio.database import Database
from studio.projects import service as projects
from studio.script import service as script
from studio.storyboard.board import get_storyboard
from studio.storyboard.progress import get_run
from studio.storyboard.runs import start_run
from studio.storyboard.steps import open_run

SCENES, PER_SCENE, PROCESSES = 20, 4, 8

# One of the processes: it gets ready, says so, and keeps its images when it is told to.
SAVER = """
import asyncio, json, sys
from studio.database import Database
from studio.storyboard.keeping import FinishedImage, keep_image

async def main():
    url, images = json.loads(sys.stdin.readline())
    database = Database(url, busy_timeout=60)
    async with database.reading():
        print("ready", flush=True)
    sys.stdin.readline()
    finished = [keep_image(database, image, FinishedImage(f"{image}.png", "p", "m", 0.01, 0.5)) for image in images]
    print(json.dumps(await asyncio.gather(*finished)), flush=True)
    await database.close()

asyncio.run(main())
"""


class Saver:
    """A process that keeps images."""

    def __init__(self, url: str, images: list[str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", SAVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._send(json.dumps([url, images]))

    def _send(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def read(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def go(self) -> None:
        self._send("go")

    def end(self) -> list[str]:
        """Wait for the outcomes of its images."""
        outcomes: list[str] = json.loads(self.read())
        assert self._process.wait(60) == 0
        return outcomes

    def kill(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()


async def make_script(database: Database) -> Any:
    text = "".join(f"INT. ROOM {number} - DAY\n\nSomebody waits.\n\n" for number in range(SCENES))
    project = await projects.import_file(database, "film.fountain", text.encode())
    return await script.get_script(database, project.id)


async def wanted(database: Database, run_id: str) -> list[str]:
    """The images that a run has yet to make."""
    async with database.writing() as session:
        images, _ = await open_run(session, run_id)
        return images


@pytest.mark.parametrize("turn", range(int(os.environ.get("STUDIO_TOGETHER_TURNS", "1"))))
async def test_images_that_finish_together_are_all_there(
    database: Database, database_url: str, turn: int
) -> None:
    """Of 20 scenes x 4 images from 8 processes, with scenes reordered and one deleted, 76 stand under their scenes
    and 4 are kept aside and told."""
    seed = random.randrange(10**6)
    print(f"seed {seed}, turn {turn}")  # noqa: T201 - to repeat what failed
    rng = random.Random(seed)
    before = await make_script(database)
    run_id = await start_run(database, before.project_id, per_scene=PER_SCENE, model="test")
    images = await wanted(database, run_id)
    assert len(images) == SCENES * PER_SCENE
    rng.shuffle(images)
    savers = [Saver(database_url, images[number::PROCESSES]) for number in range(PROCESSES)]
    try:
        assert await asyncio.gather(*(asyncio.to_thread(saver.read) for saver in savers)) == ["ready\n"] * 8
        gone = before.scenes[7].id
        await script.delete_scene(database, gone)
        order = [scene.id for scene in before.scenes if scene.id != gone]
        for saver in savers:
            saver.go()
        for _ in range(3):
            rng.shuffle(order)
            await script.reorder(database, before.id, order)
        outcomes = Counter(
            outcome
            for ended in await asyncio.gather(*(asyncio.to_thread(saver.end) for saver in savers))
            for outcome in ended
        )
    finally:
        for saver in savers:
            saver.kill()
    assert outcomes == {"done": 76, "aside": 4}
    board = await get_storyboard(database, before.project_id)
    assert [scene.id for scene in board.scenes] == order
    assert [len(scene.frames) for scene in board.scenes] == [PER_SCENE] * (SCENES - 1)
    assert {aside.scene_id for aside in board.aside} == {gone}
    assert len(board.aside) == 4
    assert all(aside.came_late for aside in board.aside)
    under = [frame.id for scene in board.scenes for frame in scene.frames]
    assert sorted(under + [aside.frame.id for aside in board.aside]) == sorted(images)
    run = await get_run(database, run_id)
    assert (run.counts["done"], run.counts["aside"]) == (76, 4)
    assert run.cost == pytest.approx(0.8)


async def test_an_image_of_a_scene_that_is_deleted_between_others_is_offered_too(database: Database) -> None:
    """Images that were under a scene when it was deleted are offered together with those that came late."""
    from studio.storyboard.keeping import FinishedImage, keep_image

    before = await make_script(database)
    run_id = await start_run(
        database, before.project_id, per_scene=2, model="test", scene_ids=[before.scenes[0].id]
    )
    first, second = await wanted(database, run_id)
    finished = FinishedImage("f.png", "p", "m", None, 0.5)
    assert await keep_image(database, first, finished) == "done"
    await script.delete_scene(database, before.scenes[0].id)
    assert await keep_image(database, second, finished) == "aside"
    aside = (await get_storyboard(database, before.project_id)).aside
    assert [(each.frame.id, each.came_late) for each in aside] == [(first, False), (second, True)]
