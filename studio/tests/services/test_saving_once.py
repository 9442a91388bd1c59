"""A save is applied once, however often it is sent, on SQLite and on PostgreSQL."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from indelible.outbox import Worker, enqueue
from studio.database import Database
from studio.operations import forget_old, forget_old_saves, operations
from studio.problems import Invalid, NotFound
from studio.projects import service as projects
from studio.script import service as scripts
from studio.script.conflicts import PreambleConflict, SaveReused, SceneConflict
from studio.script.views import BlockView, ScriptView

SCRIPT = b"Title: Harbour\n\nINT. KITCHEN - DAY\n\nMaria reads.\n\nEXT. PIER - NIGHT\n\nWaves.\n"
TEXT = "INT. KITCHEN - DAY\n\nMaria waits.\n\n"


async def harbour(database: Database) -> ScriptView:
    project = await projects.import_fountain(database, "harbour.fountain", SCRIPT)
    return await scripts.get_script(database, project.id)


async def test_a_save_that_is_sent_again_gets_the_first_answer(database: Database) -> None:
    """The same answer, scenes that were split off included, and nothing is applied a second time."""
    script = await harbour(database)
    scene = script.scenes[0]
    text = TEXT + "EXT. YARD - DAY\n\nA dog.\n\n"
    first = await scripts.save_scene(database, scene.id, base_version=1, op_id="a", text=text)
    assert [added.slugline for added in first.added] == ["EXT. YARD - DAY"]
    again = await scripts.save_scene(database, scene.id, base_version=1, op_id="a", text=text)
    assert again == first
    assert len((await scripts.get_script(database, script.project_id)).scenes) == 3


async def test_the_first_answer_stays_whatever_was_saved_since(database: Database) -> None:
    """A save that is sent again after someone else has saved is no conflict, and takes nothing back."""
    scene = (await harbour(database)).scenes[0]
    first = await scripts.save_scene(database, scene.id, base_version=1, op_id="a", text=TEXT)
    later = await scripts.save_scene(database, scene.id, base_version=2, op_id="b", text=TEXT + "Later.\n\n")
    assert await scripts.save_scene(database, scene.id, base_version=1, op_id="a", text=TEXT) == first
    assert (await scripts.get_scene(database, scene.id)).text == later.text


async def test_blocks_and_text_are_one_request(database: Database) -> None:
    """A save that was sent as text and comes again as blocks is the same save."""
    scene = (await harbour(database)).scenes[0]
    first = await scripts.save_scene(database, scene.id, base_version=1, op_id="a", text=TEXT)
    blocks = [BlockView(type="action", text=TEXT)]
    again = await scripts.save_scene(database, scene.id, base_version=1, op_id="a", blocks=blocks)
    assert again == first


async def test_an_op_id_of_another_save_is_refused(database: Database) -> None:
    """Another text or version under the same id is not taken for the first save; another scene is free to use it."""
    first, second = (await harbour(database)).scenes
    await scripts.save_scene(database, first.id, base_version=1, op_id="a", text=TEXT)
    for base_version, text in ((1, TEXT + "More.\n"), (2, TEXT)):
        with pytest.raises(SaveReused):
            await scripts.save_scene(database, first.id, base_version=base_version, op_id="a", text=text)
    assert (await scripts.save_scene(database, second.id, base_version=1, op_id="a", text=TEXT)).version == 2


async def test_a_refused_save_is_not_remembered(database: Database) -> None:
    """A conflict or a scene that is gone is no result: the save may be sent again when that is mended."""
    script = await harbour(database)
    scene = script.scenes[0]
    for _ in range(2):
        with pytest.raises(SceneConflict):
            await scripts.save_scene(database, scene.id, base_version=7, op_id="a", text=TEXT)
    await scripts.delete_scene(database, scene.id)
    with pytest.raises(NotFound):
        await scripts.save_scene(database, scene.id, base_version=1, op_id="a", text=TEXT)
    await scripts.restore_scene(database, scene.id)
    assert (await scripts.save_scene(database, scene.id, base_version=1, op_id="a", text=TEXT)).version == 2


async def test_a_save_that_is_sent_many_times_at_once_is_applied_once(database: Database) -> None:
    """Eight requests with one op_id: one new version, eight equal answers."""
    scene = (await harbour(database)).scenes[0]
    saves = (scripts.save_scene(database, scene.id, base_version=1, op_id="a", text=TEXT) for _ in range(8))
    answers = await asyncio.gather(*saves)
    assert [answer.version for answer in answers] == [2] * 8
    assert (await scripts.get_scene(database, scene.id)).version == 2


async def test_the_title_page_is_saved_once(database: Database) -> None:
    """Sent again, it gets the preamble and version that it made, though someone else has written since."""
    script = await harbour(database)
    base, text = script.preamble, "Title: Port\n\n"
    first = await scripts.save_preamble(database, script.id, base_text=base, text=text, op_id="a")
    await scripts.save_preamble(database, script.id, base_text=text, text="Title: Sea\n\n", op_id="b")
    again = await scripts.save_preamble(database, script.id, base_text=base, text=text, op_id="a")
    assert (again.preamble, again.version) == (first.preamble, first.version) == (text, script.version + 1)
    assert (await scripts.get_script(database, script.project_id)).preamble == "Title: Sea\n\n"
    with pytest.raises(PreambleConflict):
        await scripts.save_preamble(database, script.id, base_text=base, text="Title: Lake\n\n", op_id="c")


async def test_a_scene_is_added_once(database: Database) -> None:
    """Sent again, it is the same scene, with what it was split into; another text is another addition."""
    script = await harbour(database)
    text = "INT. A - DAY\n\nEXT. B - DAY\n\n"
    first = await scripts.add_scene(database, script.id, text=text, op_id="a")
    assert await scripts.add_scene(database, script.id, text=text, op_id="a") == first
    assert len((await scripts.get_script(database, script.project_id)).scenes) == 4
    with pytest.raises(SaveReused):
        await scripts.add_scene(database, script.id, text="INT. C - DAY\n\n", op_id="a")


async def test_old_saves_are_forgotten_by_a_job(database: Database) -> None:
    """The job that a schedule enqueues forgets what is too old."""
    scene = (await harbour(database)).scenes[0]
    table = operations.table

    async def is_there() -> bool:
        async with database.reading() as session:
            return await session.scalar(select(table.c.op_id).where(table.c.scope == scene.id)) is not None

    await scripts.save_scene(database, scene.id, base_version=1, op_id="a", text=TEXT)
    async with database.writing() as session:
        longer_ago = datetime.now(UTC) - timedelta(days=31)
        await session.execute(update(table).where(table.c.scope == scene.id).values(applied_at=longer_ago))
        enqueue(session, forget_old_saves)
    async with Worker(database.engine), asyncio.timeout(60):
        while await is_there():
            await asyncio.sleep(0.01)


async def test_old_saves_are_forgotten(database: Database) -> None:
    """Ids expire by age; a save that comes back after that meets the version check."""
    scene = (await harbour(database)).scenes[0]
    await scripts.save_scene(database, scene.id, base_version=1, op_id="a", text=TEXT)
    await forget_old(database)
    async with database.reading() as session:
        count = select(func.count()).select_from(operations.table)
        assert await session.scalar(count.where(operations.table.c.scope == scene.id)) == 1
    await forget_old(database, older_than=timedelta(0))
    with pytest.raises(SceneConflict):
        await scripts.save_scene(database, scene.id, base_version=1, op_id="a", text=TEXT)


async def test_texts_to_merge_are_checked() -> None:
    """Text that could not be saved is refused here already."""
    view = await scripts.merge_texts("a\n\nb\n", "A\n\nb\n", "a\n\nB\n")
    assert view.merged == "A\n\nB\n"
    with pytest.raises(Invalid):
        await scripts.merge_texts(None, "half \ud83d", "whole")
