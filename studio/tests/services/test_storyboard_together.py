"""Story 003: images that finish together, while scenes are reordered and deleted, all stay."""

import os
import random
from collections import Counter
from typing import Any

import pytest

from services.processes import run_together
from studio.database import Database
from studio.projects import service as projects
from studio.script import service as script
from studio.storyboard.board import get_storyboard
from studio.storyboard.progress import get_run
from studio.storyboard.runs import start_run
from studio.storyboard.steps import open_run

SCENES, PER_SCENE, PROCESSES = 20, 4, 8


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
    gone = before.scenes[7].id
    await script.delete_scene(database, gone)
    order = [scene.id for scene in before.scenes if scene.id != gone]

    async def reorder() -> None:
        for _ in range(3):
            rng.shuffle(order)
            await script.reorder(database, before.id, order)

    orders = [{"url": database_url, "images": images[number::PROCESSES]} for number in range(PROCESSES)]
    reports = await run_together("saving_process", orders, 120, processes=PROCESSES, meanwhile=reorder)
    outcomes = Counter(outcome for report in reports for outcome in report["outcomes"])
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
