"""Issue 3: eight writers change one storyboard at once, and no lock of the project keeps any of them waiting.

What is there is read by plain SQL. `STUDIO_TOGETHER_SEED` repeats a run, `STUDIO_TOGETHER_TURNS` makes it longer.
"""

import asyncio
import json
import os
import random
import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from services.processes import query, run_together
from studio.database import Database
from studio.projects import service as projects
from studio.script import service as scripts
from studio.storyboard.board import get_storyboard
from studio.storyboard.editing import mark_favourite
from studio.storyboard.finding import open_frame
from studio.storyboard.keeping import FinishedImage, keep_image
from studio.storyboard.models import WantedImage
from studio.storyboard.problems import AlreadyMaking
from studio.storyboard.runs import cancel_run, start_again, start_run

WRITERS = "abcdefgh"
PER_SCENE = 6
TURNS = int(os.environ.get("STUDIO_TOGETHER_TURNS", "16"))


def parsed(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def audit(url: str, project: str, shared: str, reports: Sequence[dict[str, Any]]) -> list[str]:
    """Return what was acknowledged and is not there, or is there twice."""
    [(output, aside)] = query(
        url, "SELECT generated_output, set_aside FROM storyboards WHERE project_id = ?", project
    )
    scenes = parsed(output)["scenes"]
    under = {scene["id"]: scene["frames"] for scene in scenes}
    frames = {frame["id"]: frame for scene in scenes for frame in scene["frames"]}
    where = Counter((frame["id"], scene["id"]) for scene in scenes for frame in scene["frames"])
    wrong = []
    if len(under) != len(scenes):
        wrong.append("a scene has two places")
    if parsed(aside):
        wrong.append(f"{len(parsed(aside))} images are aside that were put under their scene")
    expected: Counter[tuple[str, str]] = Counter()
    for report in reports:
        expected.update(
            (frame, shared if scene == "shared" else scene) for frame, scene in report["places"].items()
        )
    wrong += [f"{frame} is {where[frame, scene]} times in {scene}" for frame, scene in expected - where]
    wrong += [f"{frame} is in {scene}, where nobody put it" for frame, scene in where - expected]
    for report in reports:
        for what, wanted in (("replaced_by", report["hidden_by"]), ("discarded", report["discarded"])):
            wrong += [
                f"{frame} has {what} {frames[frame][what]}, not {value}"
                for frame, value in wanted.items()
                if frame in frames and frames[frame][what] != value
            ]
        for scene, favourite in report["favourites"].items():
            marked = marked_in(under[scene])
            if marked != ([] if favourite is None else [favourite]):
                wrong.append(f"the favourites of {scene} are {marked}, not {favourite}")
    wishes = {frame for report in reports for frame in report["wishes"]}
    marked = marked_in(under[shared])
    if len(marked) != bool(wishes) or not set(marked) <= wishes:
        wrong.append(f"the shared scene has the favourites {marked}")
    return wrong + audit_runs(url, project, reports)


def audit_runs(url: str, project: str, reports: Sequence[dict[str, Any]]) -> list[str]:
    stored: dict[str, str] = dict(
        query(url, "SELECT id, state FROM storyboard_runs WHERE project_id = ?", project)
    )
    wrong = [
        f"run {run} is {stored.get(run)}, not {state}"
        for report in reports
        for run, state in report["runs"].items()
        if stored.get(run) != state
    ]
    kept = query(
        url,
        "SELECT w.id FROM wanted_images w JOIN storyboard_runs r ON r.id = w.run_id"
        " WHERE r.project_id = ? AND w.state IN ('done', 'aside')",
        project,
    )
    acknowledged = {frame for report in reports for frame in report["places"]}
    if {row[0] for row in kept} != acknowledged:
        wrong.append("other images are marked as kept than were acknowledged")
    [(version,)] = query(url, "SELECT version FROM projects WHERE id = ?", project)
    # The run of the beginning is a change as well.
    changes = 1 + sum(report["changes"] for report in reports)
    if version != 1 + changes:
        wrong.append(f"the project counts {version - 1} changes of {changes}")
    return wrong


def marked_in(frames: list[dict[str, Any]]) -> list[str]:
    """The favourites among the frames that were not replaced."""
    return [frame["id"] for frame in frames if frame["favourite"] and frame["replaced_by"] is None]


async def write_together(
    database: Database, url: str, *, careless: bool = False
) -> tuple[list[dict[str, Any]], list[str]]:
    """Let eight writers in four processes change one storyboard; return their reports, and what the audit finds."""
    seed = int(os.environ.get("STUDIO_TOGETHER_SEED", random.randrange(2**32)))
    sys.stderr.write(f"STUDIO_TOGETHER_SEED={seed}\n")
    chance = random.Random(seed)
    text = "".join(
        f"INT. ROOM {number} - DAY\n\nSomebody waits.\n\n" for number in range(2 * len(WRITERS) + 1)
    )
    project = (await projects.import_fountain(database, "film.fountain", text.encode())).id
    script = await scripts.get_script(database, project)
    shared, *own = [scene.id for scene in script.scenes]
    # Started by scenes, so that it is no obstacle to one of all scenes.
    run_id = await start_run(database, project, per_scene=PER_SCENE, model="m", scene_ids=[shared, *own])
    wanted: dict[str, list[str]] = {}
    for image, scene in query(url, "SELECT id, scene_id FROM wanted_images WHERE run_id = ?", run_id):
        wanted.setdefault(scene, []).append(image)
    orders = []
    for number, name in enumerate(WRITERS):
        orders.append(
            {
                "url": url,
                "project": project,
                "script": script.id,
                "turns": TURNS,
                "careless": careless,
                "name": name,
                "seed": chance.randrange(2**32),
                "own": {scene: wanted[scene] for scene in own[number :: len(WRITERS)]},
                "images": wanted[shared][number :: len(WRITERS)],
            }
        )
    reports = await run_together("storyboard_process", orders, 60 + 10 * TURNS)
    return reports, audit(url, project, shared, reports)


async def test_what_eight_writers_change_in_a_storyboard_is_all_there(
    database: Database, database_url: str
) -> None:
    """Images kept, favoured, discarded, moved, made anew, brought back, set aside, ordered, stopped: none is lost."""
    reports, wrong = await write_together(database, database_url)
    assert sum(report["changes"] for report in reports) > TURNS * len(WRITERS) / 2
    assert wrong == []


async def test_the_audit_finds_the_images_that_whole_documents_lose(migrated_postgres_url: str) -> None:
    """With the library's deltas switched off, images that are kept at once overwrite each other, and it is told."""
    database = Database(migrated_postgres_url)
    _, wrong = await write_together(database, migrated_postgres_url, careless=True)
    await database.close()
    assert any(" is 0 times in " in loss for loss in wrong)


async def make_film(database: Database) -> tuple[str, list[str]]:
    """Make a project with a scene that has two images; return its id and theirs."""
    project = (await projects.import_fountain(database, "film.fountain", b"INT. A - DAY\n\nA.\n")).id
    run_id = await start_run(database, project, per_scene=2, model="m")
    async with database.reading() as session:
        wanted = select(WantedImage.id).where(WantedImage.run_id == run_id)
        images = list(await session.scalars(wanted))
    for image in images:
        await keep_image(database, image, FinishedImage("f.png", "p", "m", None, 0.5))
    await cancel_run(database, run_id)
    return project, images


async def test_two_favourites_at_once_leave_one(migrated_postgres_url: str) -> None:
    """Who favours another image of a scene waits for who is at it, and then takes its mark away."""
    database = Database(migrated_postgres_url)
    project, (one, two) = await make_film(database)
    async with asyncio.timeout(60), database.writing() as session:
        _, _, frame = await open_frame(session, project, one)
        frame["favourite"] = True
        second = asyncio.ensure_future(mark_favourite(database, project, two, True))
        while not second.done():
            if query(migrated_postgres_url, "SELECT 1 FROM pg_locks WHERE NOT granted"):
                break
            await asyncio.sleep(0.02)
    await second
    [scene] = (await get_storyboard(database, project)).scenes
    assert [frame.id for frame in scene.frames if frame.favourite] == [two]
    await database.close()


async def test_of_many_who_ask_for_all_images_at_once_one_gets_them(database: Database) -> None:
    """Images of all scenes are not ordered twice, nor is an image made anew twice, by who asks at the same moment."""
    project, (one, _) = await make_film(database)
    for asked in (
        [start_run(database, project, per_scene=1, model="m") for _ in range(4)],
        [start_again(database, project, one, model="m") for _ in range(4)],
    ):
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert [type(answer) for answer in answers if not isinstance(answer, str)] == [AlreadyMaking] * 3
