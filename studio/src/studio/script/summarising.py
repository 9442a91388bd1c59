"""Ask for summaries, wait for them, follow them, whichever process makes them."""

import asyncio
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from typing import NamedTuple

from studio.ai import ProviderError
from studio.database import Database
from studio.following import Away, follow
from studio.problems import DatabaseBusy, DatabaseUnavailable, Problem
from studio.script import jobs
from studio.script.finding import find_scene, find_script, scenes_in_order, view_in_script, view_summary
from studio.script.jobs import Failure, SummaryJob, want_summary
from studio.script.summaries import get_summary
from studio.script.views import (
    SceneInScript,
    ScriptSummaries,
    SummaryProgress,
    SummaryState,
    SummaryView,
)

LONGEST_WAIT_SECONDS = 170.0
LOOK_SECONDS = 0.05
LONGEST_LOOK_SECONDS = 0.4


class SummaryPending(Problem):
    """The summary is still being made. It will be here by itself; look again in a moment."""

    status = 503
    code = "summary-pending"
    title = "The summary is still being made"


class SummaryStopped(Problem):
    """The summary was stopped before it was made; the old one is kept. Generate it again when you like."""

    status = 503
    code = "summary-stopped"
    title = "The summary was stopped"


class OrderedSummary(NamedTuple):
    """A scene that is to be summarised, and the job that does it."""

    scene: SceneInScript
    job_id: int


async def summarise(
    database: Database, scene_id: str, *, seconds: float = LONGEST_WAIT_SECONDS
) -> SummaryView:
    """Have a scene summarised by a job, wait for it, and return the summary that is kept by then.

    When the model fails, the old summary stays. Raises NotFound; ProviderError; SummaryStopped; SummaryPending when it
    is not there after so many seconds.
    """
    async with database.writing() as session:
        _, script, _ = await find_scene(session, scene_id)
        ticket = want_summary(session, script.project_id, scene_id)
    until = time.monotonic() + seconds
    pause = LOOK_SECONDS
    while (job := await _look(database, ticket.id)) is not None and job.state in jobs.UNFINISHED:
        if time.monotonic() > until:
            raise SummaryPending(retry_after=2)
        await asyncio.sleep(pause)
        pause = min(pause * 1.2, LONGEST_LOOK_SECONDS)
    if job is not None and job.state == "cancelled":
        raise SummaryStopped
    if job is not None and job.failure is not None:
        raise _problem(job.failure)
    return await get_summary(database, scene_id)


async def order_summaries(
    database: Database, script_id: str, *, only_missing: bool = True
) -> list[OrderedSummary]:
    """Have all scenes of a script summarised by jobs; `only_missing` leaves out those with a fresh summary.

    Raises NotFound.
    """
    async with database.writing() as session:
        script, _ = await find_script(session, script_id)
        scenes = [
            view_in_script(script, scene, position)
            for position, scene in enumerate(await scenes_in_order(session, script_id))
        ]
        if only_missing:
            scenes = [scene for scene in scenes if scene.summary is None or scene.summary.stale]
        tickets = [want_summary(session, script.project_id, scene.id, queue=jobs.MANY) for scene in scenes]
    return [OrderedSummary(scene, ticket.id) for scene, ticket in zip(scenes, tickets, strict=True)]


async def follow_ordered(
    database: Database, ordered: list[OrderedSummary]
) -> AsyncGenerator[SummaryProgress | Away, None]:
    """Tell of each scene when its summary is begun and when it is there or failed, and of the end of all.

    Those that were stopped, since every scene would have failed or somebody cancelled them, are not counted as done.
    """
    following = _Ordered(database, ordered)
    is_away = False
    while following.left:
        try:
            async with aclosing(following.look()) as steps:
                async for step in steps:
                    is_away = False
                    yield step
        except (DatabaseBusy, DatabaseUnavailable) as problem:
            if not is_away:
                is_away = True
                yield Away(detail=problem.detail)
        if following.left:
            await asyncio.sleep(LOOK_SECONDS)
    yield SummaryProgress(state="finished", done=following.done, total=len(ordered))


async def stop_summaries(database: Database, script_id: str) -> None:
    """Stop what summarises the scenes of a script, or waits to; what was made is kept.  Raises NotFound."""
    async with database.writing() as session:
        await find_script(session, script_id)
        await jobs.cancel_summaries(session, script_id)


def follow_summaries(
    database: Database, script_id: str, *, seconds: float
) -> AsyncGenerator[ScriptSummaries | Away, None]:
    """Yield the state of all summaries of a script, now and after each change, whoever makes it.  Raises NotFound."""
    return follow(_Look(database, script_id).read, is_busy=_is_busy, seconds=seconds)


class _Ordered:
    """Looks at what becomes of ordered summaries."""

    def __init__(self, database: Database, ordered: list[OrderedSummary]) -> None:
        self._database = database
        self._total = len(ordered)
        self._begun: set[int] = set()
        self.left = {each.job_id: each.scene for each in ordered}
        self.done = 0

    async def look(self) -> AsyncGenerator[SummaryProgress, None]:
        """Yield what happened since the last look."""
        async with self._database.reading() as session:
            found = await jobs.jobs_by_id(session, list(self.left))
        for job_id, scene in list(self.left.items()):
            job = found.get(job_id)
            if job is None or job.state == "cancelled":
                del self.left[job_id]
                continue
            here = SummaryProgress(
                state="started",
                done=self.done,
                total=self._total,
                scene_id=scene.id,
                slugline=scene.slugline,
            )
            if job.state != "waiting" and job_id not in self._begun:
                self._begun.add(job_id)
                yield here
            if job.state in jobs.UNFINISHED:
                continue
            ended = await _ended(self._database, here.model_copy(update={"done": self.done + 1}), job)
            del self.left[job_id]
            self.done += 1
            yield ended


class _Look:
    """Looks at the summaries of a script again and again; reads the scenes only when something has changed."""

    def __init__(self, database: Database, script_id: str) -> None:
        self._database = database
        self._script_id = script_id
        self._version = 0
        self._summaries: dict[str, SummaryView | None] = {}

    async def read(self) -> ScriptSummaries:
        async with self._database.reading() as session:
            script, project = await find_script(session, self._script_id)
            if project.version != self._version:
                scenes = await scenes_in_order(session, script.id)
                self._summaries = {scene.id: view_summary(script, scene) for scene in scenes}
                self._version = project.version
            newest = await jobs.summary_jobs(session, script.id)
        return ScriptSummaries(
            scenes=[
                _state(scene_id, summary, newest.get(scene_id))
                for scene_id, summary in self._summaries.items()
            ]
        )


def _state(scene_id: str, summary: SummaryView | None, job: SummaryJob | None) -> SummaryState:
    failure = job.failure if job is not None else None
    return SummaryState(
        scene_id=scene_id,
        summary=summary,
        refreshing=job is not None and job.is_refreshing,
        problem=failure["detail"] if failure is not None else None,
    )


def _is_busy(state: ScriptSummaries) -> bool:
    return any(scene.refreshing for scene in state.scenes)


async def _look(database: Database, job_id: int) -> SummaryJob | None:
    async with database.reading() as session:
        return (await jobs.jobs_by_id(session, [job_id])).get(job_id)


async def _ended(database: Database, here: SummaryProgress, job: SummaryJob) -> SummaryProgress:
    if job.failure is not None:
        return here.model_copy(update={"state": "failed", "problem": job.failure["detail"]})
    assert here.scene_id is not None
    try:
        summary = await get_summary(database, here.scene_id)
    except (DatabaseBusy, DatabaseUnavailable):
        raise
    except Problem as problem:
        return here.model_copy(update={"state": "failed", "problem": problem.detail})
    return here.model_copy(update={"state": "done", "summary": summary})


def _problem(failure: Failure) -> ProviderError:
    """Return what a provider's failure was when it happened, in another process perhaps."""
    kind = next((kind for kind in _kinds(ProviderError) if kind.code == failure["code"]), ProviderError)
    return kind(failure["detail"], retry_after=failure["retry_after"])


def _kinds(kind: type[ProviderError]) -> Iterator[type[ProviderError]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from _kinds(narrower)
