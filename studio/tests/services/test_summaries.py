"""Summaries that stay (story 000), on SQLite and on PostgreSQL."""

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import select

from studio.ai import EmptyAnswer, SummaryModel
from studio.database import Database
from studio.problems import NotFound
from studio.projects import service as projects
from studio.projects.views import ProjectView
from studio.script import service as scripts
from studio.script.models import Script
from studio.script.views import SceneInScript

Scripted = Callable[[Callable[[], Awaitable[str]]], SummaryModel]

SCRIPT = b"""INT. KITCHEN - DAY

Maria finds the letter under the bread.

EXT. PIER - NIGHT

Waves break over the pier.

INT. KITCHEN - DAY

Joseph burns the letter in the sink.
"""


async def film(database: Database) -> ProjectView:
    return await projects.import_fountain(database, "film.fountain", SCRIPT)


async def scenes_of(database: Database, project: ProjectView) -> list[SceneInScript]:
    return (await scripts.get_script(database, project.id)).scenes


async def stored_summaries(database: Database, project: ProjectView) -> dict[str, str]:
    async with database.reading() as session:
        script = (await session.scalars(select(Script).where(Script.project_id == project.id))).one()
        return {scene_id: entry["text"] for scene_id, entry in script.scene_summaries.items()}


async def test_a_summary_stays(database: Database, local_model: SummaryModel) -> None:
    """What the model said is in the database, and in every later read of scene and script."""
    project = await film(database)
    scene = (await scenes_of(database, project))[0]
    summary = await scripts.summarise(database, scene.id, model=local_model)
    assert "letter" in summary.text
    assert (summary.model, summary.stale) == ("local", False)
    assert await scripts.get_summary(database, scene.id) == summary
    assert (await scenes_of(database, project))[0].summary == summary
    assert await stored_summaries(database, project) == {scene.id: summary.text}


async def test_two_scenes_with_one_slugline_keep_two_summaries(
    database: Database, local_model: SummaryModel
) -> None:
    """The second INT. KITCHEN - DAY does not take the first one's place."""
    project = await film(database)
    first, _, third = await scenes_of(database, project)
    await scripts.summarise(database, first.id, model=local_model)
    await scripts.summarise(database, third.id, model=local_model)
    stored = await stored_summaries(database, project)
    assert "Maria" in stored[first.id]
    assert "Joseph" in stored[third.id]


async def test_summaries_that_arrive_together_are_all_kept(database: Database, scripted: Scripted) -> None:
    """Three models that answer at the same moment write three summaries."""
    project = await film(database)
    scenes = await scenes_of(database, project)
    together = asyncio.Barrier(len(scenes))

    async def answer() -> str:
        await together.wait()
        return "They meet."

    model = scripted(answer)
    await asyncio.gather(*(scripts.summarise(database, scene.id, model=model) for scene in scenes))
    assert await stored_summaries(database, project) == {scene.id: "They meet." for scene in scenes}


async def test_an_edit_makes_a_summary_stale_until_the_next(
    database: Database, local_model: SummaryModel
) -> None:
    """An edited scene's summary is shown as stale, a new one is not."""
    project = await film(database)
    scene = (await scenes_of(database, project))[0]
    await scripts.summarise(database, scene.id, model=local_model)
    await scripts.save_scene(
        database, scene.id, base_version=1, text="INT. KITCHEN - DAY\n\nMaria burns the bread.\n\n"
    )
    assert (await scripts.get_summary(database, scene.id)).stale
    assert not (await scripts.summarise(database, scene.id, model=local_model)).stale


async def test_other_writers_go_on_while_the_model_thinks(database: Database, scripted: Scripted) -> None:
    """No transaction waits for the model: the scene is edited meanwhile, and its summary is kept as stale."""
    project = await film(database)
    scene = (await scenes_of(database, project))[0]

    async def answer() -> str:
        await scripts.save_scene(database, scene.id, base_version=1, text="INT. KITCHEN - DAY\n\nNew.\n\n")
        return "Of the old text."

    async with asyncio.timeout(10):
        summary = await scripts.summarise(database, scene.id, model=scripted(answer))
    assert (summary.text, summary.stale) == ("Of the old text.", True)
    assert (await scripts.get_scene(database, scene.id)).text == "INT. KITCHEN - DAY\n\nNew.\n\n"


async def test_a_slow_answer_does_not_replace_a_fresher_one(database: Database, scripted: Scripted) -> None:
    """The scene is edited and summarised anew while an older request still runs: the newer summary stays."""
    project = await film(database)
    scene = (await scenes_of(database, project))[0]

    async def quick() -> str:
        return "Of the new text."

    async def slow() -> str:
        await scripts.save_scene(database, scene.id, base_version=1, text="INT. KITCHEN - DAY\n\nNew.\n\n")
        await scripts.summarise(database, scene.id, model=scripted(quick))
        return "Of the old text."

    summary = await scripts.summarise(database, scene.id, model=scripted(slow))
    assert (summary.text, summary.stale) == ("Of the new text.", False)


async def test_a_scene_deleted_while_the_model_thinks_is_restored_with_its_summary(
    database: Database, scripted: Scripted
) -> None:
    """The work is not thrown away, and the deleted scene does not come back by it."""
    project = await film(database)
    scene = (await scenes_of(database, project))[0]

    async def answer() -> str:
        await scripts.delete_scene(database, scene.id)
        return "Gone."

    await scripts.summarise(database, scene.id, model=scripted(answer))
    assert len(await scenes_of(database, project)) == 2
    restored = await scripts.restore_scene(database, scene.id)
    assert restored.summary is not None
    assert restored.summary.text == "Gone."


async def test_a_model_that_fails_leaves_the_old_summary(
    database: Database, local_model: SummaryModel, scripted: Scripted
) -> None:
    """An empty answer is a problem for a person to read, and the summary before it is still there."""
    project = await film(database)
    scene = (await scenes_of(database, project))[0]
    before = await scripts.summarise(database, scene.id, model=local_model)

    async def nothing() -> str:
        return " "

    with pytest.raises(EmptyAnswer):
        await scripts.summarise(database, scene.id, model=scripted(nothing))
    assert await scripts.get_summary(database, scene.id) == before


async def test_a_scene_without_a_summary_says_so(database: Database) -> None:
    """Asking for a summary that was never made says how to get one."""
    project = await film(database)
    scene = (await scenes_of(database, project))[0]
    with pytest.raises(NotFound, match="no summary yet"):
        await scripts.get_summary(database, scene.id)
    assert scene.summary is None


async def test_a_split_scene_keeps_its_summary_as_stale(
    database: Database, local_model: SummaryModel
) -> None:
    """The scene that keeps the identity keeps the summary; the new one has none."""
    project = await film(database)
    scene = (await scenes_of(database, project))[0]
    await scripts.summarise(database, scene.id, model=local_model)
    await scripts.save_scene(
        database, scene.id, base_version=1, text=f"{scene.text}\n\nINT. CELLAR - DAY\n\nDust.\n\n"
    )
    first, second, *_ = await scenes_of(database, project)
    assert first.summary is not None
    assert first.summary.stale
    assert second.summary is None


async def test_a_whole_script_is_summarised_with_progress(
    database: Database, local_model: SummaryModel
) -> None:
    """Each scene is announced and done in order, each summary kept; a second run has nothing to do."""
    project = await film(database)
    steps = [step async for step in scripts.summarise_all(database, project.script_id, model=local_model)]
    assert [(step.state, step.done) for step in steps] == [
        ("started", 0),
        ("done", 1),
        ("started", 1),
        ("done", 2),
        ("started", 2),
        ("done", 3),
        ("finished", 3),
    ]
    assert all(scene.summary and not scene.summary.stale for scene in await scenes_of(database, project))
    again = [step async for step in scripts.summarise_all(database, project.script_id, model=local_model)]
    assert [(step.state, step.total) for step in again] == [("finished", 0)]


async def test_one_scene_that_fails_does_not_stop_the_others(database: Database, scripted: Scripted) -> None:
    """The failed scene is told with its reason, the others get their summaries."""
    project = await film(database)
    answers = iter(["One.", "", "Three."])

    async def answer() -> str:
        return next(answers)

    model = scripted(answer)
    steps = [step async for step in scripts.summarise_all(database, project.script_id, model=model)]
    assert [step.state for step in steps if step.state != "started"] == ["done", "failed", "done", "finished"]
    failed = next(step for step in steps if step.state == "failed")
    assert failed.problem
    assert sorted((await stored_summaries(database, project)).values()) == ["One.", "Three."]


async def test_a_project_file_carries_the_summaries(database: Database, local_model: SummaryModel) -> None:
    """Export and import keep each scene's summary, fresh ones fresh and stale ones stale."""
    project = await film(database)
    first, _, third = await scenes_of(database, project)
    await scripts.summarise(database, first.id, model=local_model)
    await scripts.summarise(database, third.id, model=local_model)
    await scripts.save_scene(database, third.id, base_version=1, text="INT. KITCHEN - DAY\n\nAsh.\n")
    data = json.dumps(await projects.export_json(database, project.id)).encode()
    copy = await projects.import_json(database, "film.json", data)
    summaries = [scene.summary for scene in await scenes_of(database, copy)]
    assert [summary and summary.stale for summary in summaries] == [False, None, True]
