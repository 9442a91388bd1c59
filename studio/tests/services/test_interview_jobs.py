"""A model's questions and plan, made by jobs: what happens when the model fails, is slow, or says nonsense."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
import pytest_asyncio
from sqlalchemy import CursorResult, delete, update

from indelible.outbox import cancel_job, find_jobs
from studio.ai import ProviderFailed, SummaryModel
from studio.app import create_context
from studio.context import AppContext
from studio.interview import planning, service
from studio.interview.questions import FIXED_QUESTIONS
from studio.interview.views import InterviewView
from studio.jobs.kinds import kind_of
from studio.jobs.serving import worker_for
from studio.jobs.tables import jobs
from studio.projects import service as projects
from studio.settings import Settings

Scripted = Callable[[Callable[[], Awaitable[str]]], SummaryModel]
QUESTION = json.dumps({"enough": False, "question": "Who is Greta?", "why": "You named her."})
ENOUGH = json.dumps({"enough": True})
PLAN = json.dumps(
    {"epics": [{"title": "Film", "stories": [{"title": "Shoot", "tasks": [{"title": "Call Greta"}]}]}]}
)


@pytest_asyncio.fixture
async def studio(database_url: str, tmp_path: Path) -> AsyncIterator[AppContext]:
    """The parts of a Studio, without a server."""
    context = create_context(
        Settings.from_environment({"STUDIO_DATA_DIR": str(tmp_path), "STUDIO_DATABASE_URL": database_url})
    )
    yield context
    await context.close()


async def answered(studio: AppContext) -> str:
    """Answer the fixed questions of a new project; return its id."""
    project = await projects.create_project(studio.database, title="Film")
    await service.start_interview(studio.database, project.id)
    for fixed in FIXED_QUESTIONS:
        await service.answer_question(studio.database, project.id, fixed.id, text=f"Of {fixed.topic}.")
    return project.id


async def until(
    studio: AppContext, project_id: str, condition: Callable[[InterviewView], bool]
) -> InterviewView:
    async with asyncio.timeout(60):
        while not condition(view := await service.get_interview(studio.database, project_id)):
            await asyncio.sleep(0.02)
    return view


def saying(answers: list[str | Exception]) -> Callable[[], Awaitable[str]]:
    """Make a model's answers: each in turn, an exception raised, the last for ever."""

    async def answer() -> str:
        said = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(said, Exception):
            raise said
        return said

    return answer


async def test_no_job_starts_before_the_answer_is_committed(studio: AppContext, scripted: Scripted) -> None:
    """The model is asked with all 18 answers, which are in the database when the job begins."""
    seen: list[int] = []
    project_id = ""

    async def count() -> str:
        view = await service.get_interview(studio.database, project_id)
        seen.append(sum(question.answer is not None for question in view.questions))
        return ENOUGH

    async with worker_for(replace(studio, summary_model=scripted(count))):
        project_id = await answered(studio)
        view = await until(studio, project_id, lambda view: view.state == "finished")
    assert seen == [18]
    assert len(view.questions) == 18


@pytest.mark.parametrize(
    "failure", [ProviderFailed("The provider failed. Nothing was lost."), "no JSON at all", ""]
)
async def test_a_model_that_fails_leaves_a_message_and_can_be_asked_again(
    studio: AppContext, scripted: Scripted, failure: str | Exception
) -> None:
    """The failure is stored in words for a person; nothing is lost or doubled, and asked again the question comes."""
    # A text that does not fit is asked for once more before it counts as a failure.
    model = scripted(saying([failure, *([failure] if isinstance(failure, str) else []), QUESTION]))
    async with worker_for(replace(studio, summary_model=model)):
        project_id = await answered(studio)
        stuck = await until(studio, project_id, lambda view: view.state != "thinking")
        assert stuck.state == "stuck"
        assert "Nothing was lost" in (stuck.failure or "")
        assert len(stuck.questions) == 18
        again = await service.ask_again(studio.database, project_id)
        assert (again.state, again.failure) == ("thinking", None)
        view = await until(studio, project_id, lambda view: view.state == "asking")
    assert [question.text for question in view.questions[18:]] == ["Who is Greta?"]
    assert view.questions[-1].why == "You named her."


async def test_asked_again_while_it_thinks_the_model_asks_once(
    studio: AppContext, scripted: Scripted
) -> None:
    """An impatient writer who asks again and again gets one question."""
    thinking, go_on = asyncio.Event(), asyncio.Event()

    async def slowly() -> str:
        thinking.set()
        await go_on.wait()
        return QUESTION

    async with worker_for(replace(studio, summary_model=scripted(slowly))):
        project_id = await answered(studio)
        async with asyncio.timeout(30):
            await thinking.wait()
        for _ in range(3):
            await service.ask_again(studio.database, project_id)
        go_on.set()
        await until(studio, project_id, lambda view: view.state == "asking")
        await quiet(studio)
        view = await service.get_interview(studio.database, project_id)
    assert len(view.questions) == 19


async def test_a_question_that_comes_too_late_is_not_asked(studio: AppContext, scripted: Scripted) -> None:
    """Who has had enough while the model was thinking is not asked any more."""
    thinking, go_on = asyncio.Event(), asyncio.Event()

    async def slowly() -> str:
        thinking.set()
        await go_on.wait()
        return QUESTION

    async with worker_for(replace(studio, summary_model=scripted(slowly))):
        project_id = await answered(studio)
        async with asyncio.timeout(30):
            await thinking.wait()
        await service.finish(studio.database, project_id)
        go_on.set()
        await quiet(studio)
        view = await service.get_interview(studio.database, project_id)
    assert (view.state, len(view.questions)) == ("finished", 18)


async def test_a_model_that_repeats_itself_has_nothing_more_to_ask(
    studio: AppContext, scripted: Scripted
) -> None:
    """The same question again ends the questions, instead of being asked twice."""
    async with worker_for(replace(studio, summary_model=scripted(saying([QUESTION])))):
        project_id = await answered(studio)
        await until(studio, project_id, lambda view: view.state == "asking")
        await service.answer_question(studio.database, project_id, "follow-up-01", text="The cook.")
        view = await until(studio, project_id, lambda view: view.state != "thinking")
    assert (view.state, len(view.questions)) == ("finished", 19)


async def test_a_plan_that_fails_leaves_the_one_before(studio: AppContext, scripted: Scripted) -> None:
    """A failure is told and the old plan stays; tried again, the new plan is current and the old one kept."""
    failure = ProviderFailed("The provider failed. Nothing was lost.")
    async with worker_for(replace(studio, summary_model=scripted(saying([ENOUGH, PLAN, failure, PLAN])))):
        project_id = await answered(studio)
        await until(studio, project_id, lambda view: view.state == "finished")
        await service.want_plan(studio.database, project_id)
        first = await until(studio, project_id, lambda view: view.plan.state == "ready")
        await service.want_plan(studio.database, project_id, instead_of=first.plan.id)
        failed = await until(studio, project_id, lambda view: view.plan.state != "making")
        assert (failed.plan.state, failed.plan.id) == ("failed", first.plan.id)
        assert failed.plan.failure == str(failure)
        await service.want_plan(studio.database, project_id, instead_of=first.plan.id)
        await until(studio, project_id, lambda view: view.plan.state == "ready")
    plan = await planning.get_plan(studio.database, project_id)
    assert plan.id != first.plan.id
    assert [made.id for made in plan.plans] == [plan.id, first.plan.id]
    assert plan.epics[0].children[0].children[0].title == "Call Greta"


async def test_a_job_that_is_stopped_on_the_jobs_page_can_be_asked_for_again(studio: AppContext) -> None:
    """The interview tells that it was stopped, instead of thinking for ever."""
    project_id = await answered(studio)
    async with studio.database.writing() as session:
        [status] = await session.run_sync(
            lambda sync: find_jobs(sync, key=f"interview-question:{project_id}")
        )
        await session.run_sync(lambda sync: cancel_job(sync, status.id))
        on_cancel = kind_of(status.handler).on_cancel
        assert on_cancel is not None
        await on_cancel(session, status)
    view = await service.get_interview(studio.database, project_id)
    assert (view.state, "stopped" in (view.failure or "")) == ("stuck", True)
    await service.ask_again(studio.database, project_id)
    async with worker_for(studio):
        await until(studio, project_id, lambda view: view.state == "asking")


async def spoil(studio: AppContext, project_id: str, **values: Any) -> None:
    """Change, behind Studio's back, the job that something of an interview waits for; delete it without values."""
    mine = jobs.c.key.in_([f"interview-question:{project_id}", f"interview-plan:{project_id}"])
    active = mine & jobs.c.state.in_(["waiting", "running"])
    async with studio.database.writing() as session:
        change = update(jobs).where(active).values(**values) if values else delete(jobs).where(active)
        assert cast("CursorResult[Any]", await session.execute(change)).rowcount == 1


DEAD = {"state": "dead", "attempts": 9, "error": "Traceback …\nRuntimeError: boom\n"}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (DEAD, "failed 9 times, the last time with: RuntimeError: boom. Every answer is saved."),
        ({"state": "cancelled"}, "It was stopped."),
        ({"state": "done"}, "It ended without a result."),
        ({}, "Nobody is at it any more."),
    ],
    ids=["dead", "cancelled by a command", "done and nothing there", "deleted"],
)
async def test_what_no_job_is_at_any_more_is_told_and_can_be_asked_for_again(
    studio: AppContext, values: dict[str, Any], words: str
) -> None:
    """However the job of a question or a plan came to its end: it is said what went wrong, and asked again it comes."""
    project_id = await answered(studio)
    before = await service.get_progress(studio.database, project_id)
    await spoil(studio, project_id, **values)
    view = await service.get_interview(studio.database, project_id)
    assert view.state == "stuck"
    assert words in (view.failure or "")
    assert "Every answer is saved" in (view.failure or "")
    assert await service.get_progress(studio.database, project_id) != before
    assert (await service.ask_again(studio.database, project_id)).state == "thinking"
    async with worker_for(studio):
        await until(studio, project_id, lambda view: view.state == "asking")
    await service.finish(studio.database, project_id)

    assert (await service.want_plan(studio.database, project_id)).plan.state == "making"
    await spoil(studio, project_id, **values)
    plan = (await service.get_interview(studio.database, project_id)).plan
    assert (plan.state, words in (plan.failure or "")) == ("failed", True)
    assert (await service.want_plan(studio.database, project_id)).plan.state == "making"
    async with worker_for(studio):
        await until(studio, project_id, lambda view: view.plan.state == "ready")


async def test_what_went_wrong_so_far_is_told_while_it_is_tried_again(studio: AppContext) -> None:
    """A job between two attempts, or that nobody takes up, says what is in its way; asked again, it is due."""
    project_id = await answered(studio)
    later = datetime.now(UTC) + timedelta(hours=1)
    await spoil(studio, project_id, attempts=2, error="Traceback …\nRuntimeError: boom", due_at=later)
    view = await service.get_interview(studio.database, project_id)
    assert view.state == "thinking"
    assert view.trouble == "Attempt 2 of 9 failed; it is tried again. RuntimeError: boom."
    await service.ask_again(studio.database, project_id)
    assert (await service.get_interview(studio.database, project_id)).trouble == ""
    await spoil(studio, project_id, due_at=datetime.now(UTC) - timedelta(minutes=1))
    assert "Nobody has taken it up" in (await service.get_interview(studio.database, project_id)).trouble
    async with worker_for(studio):
        await until(studio, project_id, lambda view: view.state == "asking")


async def test_a_model_that_hangs_is_stopped_by_who_asks_again(
    studio: AppContext, scripted: Scripted
) -> None:
    """The first call never ends; a minute later the writer asks again: it is broken off, and the second one answers."""
    calls: list[str] = []

    async def hang_first() -> str:
        calls.append("")
        if len(calls) == 1:
            try:
                await asyncio.Event().wait()
            finally:
                calls[0] = "broken off"
        return QUESTION

    async with worker_for(replace(studio, summary_model=scripted(hang_first))):
        project_id = await answered(studio)
        async with asyncio.timeout(30):
            while not calls:
                await asyncio.sleep(0.02)
        await spoil(studio, project_id, started_at=datetime.now(UTC) - timedelta(minutes=1))
        await service.ask_again(studio.database, project_id)
        view = await until(studio, project_id, lambda view: view.state == "asking")
    assert calls == ["broken off", ""]
    assert len(view.questions) == 19


async def quiet(studio: AppContext) -> None:
    """Wait until no job of an interview waits or runs."""

    def waiting(sync: Any) -> bool:
        states = {job.state for job in find_jobs(sync) if job.handler.startswith("studio.interview:")}
        return bool(states & {"waiting", "running"})

    async with asyncio.timeout(30):
        while True:
            async with studio.database.reading() as session:
                if not await session.run_sync(waiting):
                    return
            await asyncio.sleep(0.02)
