"""Images that were discarded weeks ago, and files that nobody names, are deleted; nothing else is."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import create_engine, text

from indelible.outbox import enqueue, get_job
from studio.app import create_context
from studio.context import AppContext
from studio.database import Database
from studio.images import ImageStore, MadeImage
from studio.jobs.serving import worker_for
from studio.projects import service as projects
from studio.settings import Settings
from studio.storyboard import editing, keeping, runs
from studio.storyboard.board import get_storyboard
from studio.storyboard.finding import all_frames, open_storyboard
from studio.storyboard.keeping import FinishedImage, keep_image
from studio.storyboard.models import Frame
from studio.storyboard.steps import open_run
from studio.storyboard.sweeping import HIDDEN_FOR, sweep_images

SCRIPT = b"INT. ONE - DAY\n\nOne.\n\nINT. TWO - DAY\n\nTwo.\n"
LONG_AGO = time.time() - 2 * 86_400


@pytest_asyncio.fixture
async def studio(database_url: str, tmp_path: Path) -> AsyncIterator[AppContext]:
    """The parts of a Studio, without a server."""
    context = create_context(
        Settings.from_environment({"STUDIO_DATA_DIR": str(tmp_path), "STUDIO_DATABASE_URL": database_url})
    )
    yield context
    await context.close()


def make(store: ImageStore, words: str) -> str:
    """Keep an image, last wanted two days ago."""
    name = store.keep(MadeImage(words.encode(), "image/png", "p", "m", None))
    found = store.find(name)
    assert found is not None
    os.utime(found[0], (LONG_AGO, LONG_AGO))
    return name


async def wanted(database: Database, project_id: str, per_scene: int) -> list[str]:
    """Order images; return the ids of those to make."""
    run_id = await runs.start_run(database, project_id, per_scene=per_scene, model="test")
    async with database.writing() as session:
        return (await open_run(session, run_id))[0]


async def draw(studio: AppContext, project_id: str) -> list[str]:
    """Make two images of each of two scenes; return the names of their files, first images first."""
    images = await wanted(studio.database, project_id, 2)
    names = [make(studio.images, f"{project_id} {number}") for number in range(len(images))]
    for image, name in zip(images, names, strict=True):
        await keep_image(studio.database, image, FinishedImage(name, "p", "m", 0.01, 0.5))
    return names


async def sweep(studio: AppContext) -> Any:
    async with worker_for(studio):
        async with studio.database.writing() as session:
            ticket = enqueue(session, sweep_images)
        async with asyncio.timeout(30):
            while True:
                async with studio.database.reading() as session:
                    status = await session.run_sync(lambda sync: get_job(sync, ticket.id))
                if status is not None and status.is_ended:
                    assert status.state == "done", status.error
                    return status.result
                await asyncio.sleep(0.02)


async def age(studio: AppContext, project_id: str, by: timedelta) -> None:
    """Let hidden images have been hidden so much longer."""
    async with studio.database.writing() as session:
        storyboard = await open_storyboard(session, project_id)
        for _, frame, _ in all_frames(storyboard):
            if since := frame.get("hidden_since"):
                frame["hidden_since"] = (datetime.fromisoformat(since) - by).isoformat()


async def frames(studio: AppContext, project_id: str) -> list[Frame]:
    async with studio.database.writing() as session:
        storyboard = await open_storyboard(session, project_id)
        return [Frame(**frame) for _, frame, _ in all_frames(storyboard)]


async def test_a_discarded_image_is_deleted_after_weeks(studio: AppContext) -> None:
    """First it is only marked; brought back, it is forgotten that it was hidden; after weeks its file goes too."""
    project = (await projects.import_file(studio.database, "a.fountain", SCRIPT)).id
    names = await draw(studio, project)
    by_file = {frame["file"]: frame["id"] for frame in await frames(studio, project)}
    for name in names[:2]:
        await editing.discard(studio.database, project, by_file[name], True)
    assert await sweep(studio) == {"images": 0, "files": 0}
    await editing.discard(studio.database, project, by_file[names[0]], False)
    await age(studio, project, HIDDEN_FOR - timedelta(hours=1))
    assert await sweep(studio) == {"images": 0, "files": 0}
    assert [frame["file"] for frame in await frames(studio, project) if "hidden_since" in frame] == [names[1]]
    await age(studio, project, timedelta(hours=2))
    assert await sweep(studio) == {"images": 1, "files": 1}
    assert [studio.images.find(name) is None for name in names] == [False, True, False, False]
    assert {frame["file"] for frame in await frames(studio, project)} == {names[0], *names[2:]}


async def test_files_that_a_storyboard_names_stay(studio: AppContext) -> None:
    """Also those of a deleted project, which can come back, and those that have just been made; others go."""
    project = (await projects.import_file(studio.database, "a.fountain", SCRIPT)).id
    names = await draw(studio, project)
    await projects.delete_project(studio.database, project)
    lost = make(studio.images, "nobody's")
    fresh = studio.images.keep(MadeImage(b"fresh", "image/png", "p", "m", None))
    assert await sweep(studio) == {"images": 0, "files": 1}
    assert studio.images.find(lost) is None
    assert all(studio.images.find(name) for name in [*names, fresh])


def test_an_image_that_is_kept_again_is_fresh(tmp_path: Path) -> None:
    """The same bytes made again count as wanted now, so that a sweep at that moment spares them."""
    store = ImageStore(tmp_path)
    name = make(store, "a")
    assert store.keep(MadeImage(b"a", "image/png", "p", "m", None)) == name
    assert store.sweep(set(), older_than=timedelta(days=1)) == 0
    assert store.find(name) is not None


async def test_a_project_file_has_the_storyboard(studio: AppContext) -> None:
    """Exported and imported, images stand under their scenes with all that is known of them, as ids of their own."""
    project = (await projects.import_file(studio.database, "a.fountain", SCRIPT)).id
    names = await draw(studio, project)
    board = await get_storyboard(studio.database, project)
    first, second = (frame.id for frame in board.scenes[0].frames)
    await editing.mark_favourite(studio.database, project, second, True)
    async with studio.database.writing() as session:
        storyboard = await open_storyboard(session, project)
        storyboard.generated_output["scenes"][0]["frames"][0]["replaced_by"] = second
    exported = await projects.export_json(studio.database, project)
    studio.images.sweep(set(names) - {names[1]}, older_than=timedelta(0))
    copy = (await projects.import_file(studio.database, "a.json", exported, studio.images)).id
    one, two = (await get_storyboard(studio.database, copy)).scenes
    assert [frame.favourite for frame in one.frames] == [False, True]
    assert one.frames[0].replaced_by == one.frames[1].id
    assert {first, second}.isdisjoint({frame.id for frame in one.frames})
    # The bytes of the others are gone; what is known of them is not.
    assert [frame.url.rpartition("/")[2] for frame in two.frames] == [names[1], names[3]]
    assert one.frames[1].model_dump(exclude={"id", "favourite"}) == board.scenes[0].frames[1].model_dump(
        exclude={"id", "favourite"}
    )


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_an_image_whose_place_goes_while_it_is_kept_is_kept_aside(
    studio: AppContext, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another writer takes the scene's place away between reading and writing: the next attempt sees it gone."""
    project = (await projects.import_file(studio.database, "a.fountain", SCRIPT)).id
    image, *_ = await wanted(studio.database, project, 1)
    original, attempts = keeping._put, []
    engine = create_engine(database_url)

    def put(*arguments: Any) -> Any:
        outcome = original(*arguments)
        attempts.append(outcome)
        with engine.begin() as connection:
            connection.execute(text("""UPDATE storyboards SET generated_output = '{"scenes": []}'"""))
        return outcome

    monkeypatch.setattr(keeping, "_put", put)
    finished = FinishedImage("f.png", "p", "m", 0.01, 0.5)
    assert await keep_image(studio.database, image, finished) == "aside"
    engine.dispose()
    assert attempts == ["done", "aside"]
    assert [aside.frame.id for aside in (await get_storyboard(studio.database, project)).aside] == [image]
