"""Summaries that stay (story 000), on SQLite and on PostgreSQL."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, aclosing
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from studio.ai import EmptyAnswer, RateLimited, SummaryModel
from studio.database import Database
from studio.jobs.tables import jobs
from studio.problems import NotFound
from studio.projects import service as projects
from studio.projects.views import ProjectView
from studio.script import service as scripts
from studio.script.models import Script, SummaryEntry
from studio.script.scene_text import fingerprint
from studio.script.summaries import put_summary
from studio.script.views import SceneInScript, ScriptSummaries, SummaryProgress, SummaryView

Working = Callable[[SummaryModel], AbstractAsyncContextManager[None]]
Summarise = Callable[[str, SummaryModel], Awaitable[SummaryView]]
Scripted = Callable[[Callable[[], Awaitable[str]]], SummaryModel]

SCRIPT = b"""INT. KITCHEN - DAY

Maria finds the letter under the bread.

EXT. PIER - NIGHT

Waves break over the pier.

INT. KITCHEN - DAY

Joseph burns the letter in the sink.
"""


@pytest.fixture
def summarise(database: Database, working: Working) -> Summarise:
    """Have a scene summarised by a job, with a model of the test's."""

    async def run(scene_id: str, model: SummaryModel) -> SummaryView:
        async with working(model):
            return await scripts.summarise(database, scene_id)

    return run


async def summarise_all(database: Database, script_id: str) -> list[SummaryProgress]:
    ordered = await scripts.order_summaries(database, script_id)
    steps = [step async for step in scripts.follow_ordered(database, ordered)]
    return [step for step in steps if isinstance(step, SummaryProgress)]


async def film(database: Database) -> ProjectView:
    return await projects.import_fountain(database, "film.fountain", SCRIPT)


async def scenes_of(database: Database, project: ProjectView) -> list[SceneInScript]:
    return (await scripts.get_script(database, project.id)).scenes


async def stored_summaries(database: Database, project: ProjectView) -> dict[str, str]:
    async with database.reading() as session:
        script = (await session.scalars(select(Script).where(Script.project_id == project.id))).one()
        return {scene_id: entry["text"] for scene_id, entry in script.scene_summaries.items()}


async def test_a_summary_stays(database: Database, summarise: Summarise, local_model: SummaryModel) -> None:
    """What the model said is in the database, and in every later read of scene and script."""
    project = await film(database)
    scene = (await scenes_of(database, project))[0]
    summary = await summarise(scene.id, local_model)
    assert "letter" in summary.text
    assert (summary.model, summary.stale) == ("local", False)
    assert await scripts.get_summary(database, scene.id) == summary
    assert (await scenes_of(database, project))[0].summary == summary
    assert await stored_summaries(database, project) == {scene.id: summary.text}


async def test_two_scenes_with_one_slugline_keep_two_summaries(
    database: Database, summarise: Summarise, local_model: SummaryModel
) -> None:
    """The second INT. KITCHEN - DAY does not take the first one's place."""
    project = await film(database)
    first, _, third = await scenes_of(database, project)
    await summarise(first.id, local_model)
    await summarise(third.id, local_model)
    stored = await stored_summaries(database, project)
    assert "Maria" in stored[first.id]
    assert "Joseph" in stored[third.id]


async def test_summaries_that_arrive_together_are_all_kept(
    database: Database, working: Working, scripted: Scripted
) -> None:
    """Three models that answer at the same moment write three summaries."""
    project = await film(database)
    scenes = await scenes_of(database, project)
    together = asyncio.Barrier(len(scenes))

    async def answer() -> str:
        await together.wait()
        return "They meet."

    async with working(scripted(answer)):
        await asyncio.gather(*(scripts.summarise(database, scene.id) for scene in scenes))
    assert await stored_summaries(database, project) == {scene.id: "They meet." for scene in scenes}


async def test_an_edit_makes_a_summary_stale_until_the_next(
    database: Database, summarise: Summarise, local_model: SummaryModel
) -> None:
    """An edited scene's summary is shown as stale, a new one is not."""
    project = await film(database)
    scene = (await scenes_of(database, project))[0]
    await summarise(scene.id, local_model)
    await scripts.save_scene(
        database, scene.id, base_version=1, text="INT. KITCHEN - DAY\n\nMaria burns the bread.\n\n"
    )
    assert (await scripts.get_summary(database, scene.id)).stale
    assert not (await summarise(scene.id, local_model)).stale


async def test_other_writers_go_on_while_the_model_thinks(
    database: Database, summarise: Summarise, scripted: Scripted
) -> None:
    """No transaction waits for the model: the scene is edited meanwhile, and then summarised once more, and fresh."""
    project = await film(database)
    scene = (await scenes_of(database, project))[0]
    at_work, answers = 0, 0

    async def answer() -> str:
        nonlocal at_work, answers
        answers += 1
        at_work += 1
        assert at_work == 1
        if answers == 1:
            for version in (1, 2, 3):
                text = f"INT. KITCHEN - DAY\n\nVersion {version}.\n\n"
                await scripts.save_scene(database, scene.id, base_version=version, text=text)
        await asyncio.sleep(0)
        at_work -= 1
        return f"Answer {answers}."

    async with asyncio.timeout(30):
        summary = await summarise(scene.id, scripted(answer))
    assert (summary.text, summary.stale, answers) == ("Answer 2.", False, 2)
    assert (await scripts.get_scene(database, scene.id)).text == "INT. KITCHEN - DAY\n\nVersion 3.\n\n"


async def test_a_slow_answer_does_not_replace_a_fresher_one(
    database: Database, summarise: Summarise, scripted: Scripted
) -> None:
    """A summary of the present text is there when one of an older text comes: the newer summary stays."""
    project = await film(database)
    scene = (await scenes_of(database, project))[0]
    text = "INT. KITCHEN - DAY\n\nNew.\n\n"
    answers = iter(["Of the old text.", ""])

    async def slow() -> str:
        if (await scripts.get_scene(database, scene.id)).version == 1:
            await scripts.save_scene(database, scene.id, base_version=1, text=text)
            async with database.writing() as session:
                made_at = datetime.now(UTC).isoformat()
                entry = SummaryEntry(text="New!", model="m", fingerprint=fingerprint(text), made_at=made_at)
                await put_summary(session, scene.id, entry)
        return next(answers)

    with pytest.raises(EmptyAnswer):
        await summarise(scene.id, scripted(slow))
    summary = await scripts.get_summary(database, scene.id)
    assert (summary.text, summary.stale) == ("New!", False)


async def test_a_scene_deleted_while_the_model_thinks_is_restored_with_its_summary(
    database: Database, summarise: Summarise, scripted: Scripted
) -> None:
    """The work is not thrown away, and the deleted scene does not come back by it."""
    project = await film(database)
    scene = (await scenes_of(database, project))[0]

    async def answer() -> str:
        await scripts.delete_scene(database, scene.id)
        return "Gone."

    with pytest.raises(NotFound):
        await summarise(scene.id, scripted(answer))
    assert len(await scenes_of(database, project)) == 2
    restored = await scripts.restore_scene(database, scene.id)
    assert restored.summary is not None
    assert restored.summary.text == "Gone."


async def test_a_model_that_fails_leaves_the_old_summary(
    database: Database, summarise: Summarise, local_model: SummaryModel, scripted: Scripted
) -> None:
    """An empty answer is a problem for a person to read, and the summary before it is still there."""
    project = await film(database)
    scene = (await scenes_of(database, project))[0]
    before = await summarise(scene.id, local_model)

    async def nothing() -> str:
        return " "

    with pytest.raises(EmptyAnswer):
        await summarise(scene.id, scripted(nothing))
    assert await scripts.get_summary(database, scene.id) == before


async def test_a_scene_without_a_summary_says_so(database: Database) -> None:
    """Asking for a summary that was never made says how to get one."""
    project = await film(database)
    scene = (await scenes_of(database, project))[0]
    with pytest.raises(NotFound, match="no summary yet"):
        await scripts.get_summary(database, scene.id)
    assert scene.summary is None


async def test_a_split_scene_keeps_its_summary_as_stale(
    database: Database, summarise: Summarise, local_model: SummaryModel
) -> None:
    """The scene that keeps the identity keeps the summary; the new one has none."""
    project = await film(database)
    scene = (await scenes_of(database, project))[0]
    await summarise(scene.id, local_model)
    await scripts.save_scene(
        database, scene.id, base_version=1, text=f"{scene.text}\n\nINT. CELLAR - DAY\n\nDust.\n\n"
    )
    first, second, *_ = await scenes_of(database, project)
    assert first.summary is not None
    assert first.summary.stale
    assert second.summary is None


async def test_a_whole_script_is_summarised_with_progress(
    database: Database, working: Working, local_model: SummaryModel
) -> None:
    """Each scene is announced and done, each summary kept; a second run has nothing to do."""
    project = await film(database)
    async with working(local_model):
        steps = await summarise_all(database, project.script_id)
        assert sorted(step.state for step in steps) == ["done"] * 3 + ["finished"] + ["started"] * 3
        assert [step.done for step in steps if step.state != "started"] == [1, 2, 3, 3]
        for scene in await scenes_of(database, project):
            assert scene.summary is not None
            assert not scene.summary.stale
            assert [step.state for step in steps if step.scene_id == scene.id] == ["started", "done"]
        again = await summarise_all(database, project.script_id)
    assert [(step.state, step.total) for step in again] == [("finished", 0)]


async def test_one_scene_that_fails_does_not_stop_the_others(
    database: Database, working: Working, scripted: Scripted
) -> None:
    """The failed scene is told with its reason, the others get their summaries."""
    project = await film(database)
    answers = iter(["One.", "", "Three."])

    async def answer() -> str:
        return next(answers)

    async with working(scripted(answer)):
        steps = await summarise_all(database, project.script_id)
    ended = [step.state for step in steps if step.state != "started"]
    assert (sorted(ended[:3]), ended[3:]) == (["done", "done", "failed"], ["finished"])
    failed = next(step for step in steps if step.state == "failed")
    assert failed.problem
    assert sorted((await stored_summaries(database, project)).values()) == ["One.", "Three."]


async def test_what_every_scene_would_meet_calls_the_others_off(
    database: Database, working: Working, scripted: Scripted
) -> None:
    """Of thirty scenes, those that wait are not tried when the provider takes no more requests."""
    text = "".join(f"INT. ROOM {number} - DAY\n\nSomebody waits.\n\n" for number in range(30))
    project = await projects.import_fountain(database, "film.fountain", text.encode())
    asked = 0

    async def answer() -> str:
        nonlocal asked
        asked += 1
        raise RateLimited("Slow down, please.", retry_after=7)

    async with working(scripted(answer)):
        steps = await summarise_all(database, project.script_id)
    assert 1 <= asked < 30
    assert (steps[-1].state, steps[-1].total) == ("finished", 30)
    assert steps[-1].done == len([step for step in steps if step.state == "failed"]) < 30


async def test_a_failure_is_told_as_it_was_in_another_process(
    database: Database, summarise: Summarise, scripted: Scripted
) -> None:
    """Kind, words and wait travel with the job; asked again, the model may answer, and the failure is forgotten."""
    project = await film(database)
    scene = (await scenes_of(database, project))[0]

    async def refuse() -> str:
        raise RateLimited("Slow down, please.", retry_after=7)

    async def answer() -> str:
        return "Fine."

    with pytest.raises(RateLimited, match="Slow down, please") as caught:
        await summarise(scene.id, scripted(refuse))
    assert caught.value.retry_after == 7
    assert [state.problem for state in (await first_look(database, project)).scenes] == [
        "Slow down, please.",
        None,
        None,
    ]
    assert (await summarise(scene.id, scripted(answer))).text == "Fine."
    assert [state.problem for state in (await first_look(database, project)).scenes] == [None] * 3


async def first_look(database: Database, project: ProjectView) -> ScriptSummaries:
    async with aclosing(scripts.follow_summaries(database, project.script_id, seconds=0)) as looks:
        first = await anext(looks)
    assert isinstance(first, ScriptSummaries)
    return first


async def times_wanted(database: Database, scene_id: str) -> int:
    async with database.reading() as session:
        return await session.scalar(select(jobs.c.wanted).where(jobs.c.key == scene_id)) or 0


async def test_who_asks_twice_is_answered_once(
    database: Database, working: Working, scripted: Scripted
) -> None:
    """Of several that ask while nothing has begun, all get the one answer, and the model is asked once."""
    project = await film(database)
    scene = (await scenes_of(database, project))[0]
    asked = 0

    async def answer() -> str:
        nonlocal asked
        asked += 1
        return "Once."

    asking = [asyncio.create_task(scripts.summarise(database, scene.id)) for _ in range(5)]
    async with asyncio.timeout(30):
        while await times_wanted(database, scene.id) < len(asking):
            await asyncio.sleep(0.01)
        async with working(scripted(answer)):
            summaries = await asyncio.gather(*asking)
    assert {summary.text for summary in summaries} == {"Once."}
    assert asked == 1


async def test_the_marks_are_seen_by_another_process(
    database: Database, database_url: str, working: Working, scripted: Scripted
) -> None:
    """Refreshing while the model thinks, the summary when it is there, stale after an edit: each follows live."""
    project = await film(database)
    scene = (await scenes_of(database, project))[0]
    may_answer = asyncio.Event()

    async def answer() -> str:
        await may_answer.wait()
        return "Of the first text."

    elsewhere = Database(database_url)
    looks = scripts.follow_summaries(elsewhere, project.script_id, seconds=60)

    async def next_mark() -> tuple[str | None, bool, bool]:
        async for look in looks:
            assert isinstance(look, ScriptSummaries)
            summary = look.scenes[0].summary
            return (
                summary.text if summary else None,
                look.scenes[0].refreshing,
                bool(summary and summary.stale),
            )
        raise AssertionError("nothing more came")

    async with asyncio.timeout(60):
        assert await next_mark() == (None, False, False)
        async with working(scripted(answer)):
            asking = asyncio.create_task(scripts.summarise(database, scene.id))
            assert await next_mark() == (None, True, False)
            may_answer.set()
            assert await next_mark() == ("Of the first text.", False, False)
            await asking
        await scripts.save_scene(database, scene.id, base_version=1, text="INT. KITCHEN - DAY\n\nAsh.\n\n")
        assert await next_mark() == ("Of the first text.", False, True)
    await elsewhere.close()


async def test_what_is_stopped_leaves_the_old_summary(
    database: Database, working: Working, scripted: Scripted
) -> None:
    """Stopping ends what runs and what waits; nothing is refreshing any more, and it can be asked for again."""
    project = await film(database)
    begun = asyncio.Event()

    async def think() -> str:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    async def answer() -> str:
        return "After all."

    async with asyncio.timeout(60):
        async with working(scripted(think)):
            all_steps = asyncio.create_task(summarise_all(database, project.script_id))
            await begun.wait()
            await scripts.stop_summaries(database, project.script_id)
            assert not any(state.refreshing for state in (await first_look(database, project)).scenes)
            steps = await all_steps
        assert (steps[-1].state, steps[-1].done) == ("finished", 0)
        async with working(scripted(answer)):
            assert (await summarise_all(database, project.script_id))[-1].done == 3


async def test_a_project_file_carries_the_summaries(
    database: Database, summarise: Summarise, local_model: SummaryModel
) -> None:
    """Export and import keep each scene's summary, fresh ones fresh and stale ones stale."""
    project = await film(database)
    first, _, third = await scenes_of(database, project)
    await summarise(first.id, local_model)
    await summarise(third.id, local_model)
    await scripts.save_scene(database, third.id, base_version=1, text="INT. KITCHEN - DAY\n\nAsh.\n")
    data = await projects.export_json(database, project.id)
    copy = await projects.import_json(database, "film.json", data)
    summaries = [scene.summary for scene in await scenes_of(database, copy)]
    assert [summary and summary.stale for summary in summaries] == [False, None, True]
