"""Have a model summarise scenes, and keep what it says."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

from studio.ai import (
    KeyRefused,
    NoAnswer,
    QuotaSpent,
    RateLimited,
    SummaryModel,
    summarise_scene,
)
from studio.database import Database, retried
from studio.problems import NotFound, Problem
from studio.projects.counting import count_change
from studio.script.finding import find_scene, find_script, scenes_in_order, view_in_script, view_summary
from studio.script.models import Scene, Script, SummaryEntry
from studio.script.scene_text import fingerprint
from studio.script.views import SceneInScript, SummaryProgress, SummaryView

# What the next scene would meet as well, after the same wait.
MEETS_EVERY_SCENE = (KeyRefused, NoAnswer, QuotaSpent, RateLimited)
NO_SUMMARY = "This scene has no summary yet. Generate one."


async def get_summary(database: Database, scene_id: str) -> SummaryView:
    """Return a scene's summary.  Raises NotFound when there is none yet."""
    async with database.reading() as session:
        scene, script, _ = await find_scene(session, scene_id)
        summary = view_summary(script, scene)
    if summary is None:
        raise NotFound(NO_SUMMARY)
    return summary


async def summarise(database: Database, scene_id: str, *, model: SummaryModel) -> SummaryView:
    """Have `model` summarise a scene and keep the answer.

    No transaction is open while the model works. Its answer goes into the script as it is then: a scene that
    was edited meanwhile gets a stale summary, one that was deleted has it when it is restored, and a summary
    of the present text is not replaced by one of an older text. When the model fails, the old summary stays.

    Raises NotFound, ProviderError.
    """
    async with database.reading() as session:
        scene, _, _ = await find_scene(session, scene_id)
        text, slugline = scene.text, scene.slugline
    answer = await summarise_scene(text, slugline=slugline, model=model)
    entry = SummaryEntry(
        text=answer.text,
        model=answer.model_name,
        fingerprint=fingerprint(text),
        made_at=datetime.now(UTC).isoformat(),
    )
    return await keep_summary(database, scene_id, entry)


async def summarise_all(
    database: Database, script_id: str, *, model: SummaryModel, only_missing: bool = True
) -> AsyncIterator[SummaryProgress]:
    """Summarise the scenes one by one, telling before and after each; each summary is kept as it arrives.

    `only_missing` leaves scenes alone whose summary is fresh. A scene that fails is told and the next one
    tried, except that a problem which every scene would meet ends the work. Raises NotFound before the first
    step.
    """
    scenes = await _scenes_to_summarise(database, script_id, only_missing)
    done, total = 0, len(scenes)
    async with model.held_open():
        for scene in scenes:
            here = SummaryProgress(
                state="started", done=done, total=total, scene_id=scene.id, slugline=scene.slugline
            )
            yield here
            done += 1
            try:
                summary = await summarise(database, scene.id, model=model)
            except Problem as problem:
                yield here.model_copy(update={"state": "failed", "done": done, "problem": problem.detail})
                if isinstance(problem, MEETS_EVERY_SCENE):
                    break
            else:
                yield here.model_copy(update={"state": "done", "done": done, "summary": summary})
    yield SummaryProgress(state="finished", done=done, total=total)


async def _scenes_to_summarise(database: Database, script_id: str, only_missing: bool) -> list[SceneInScript]:
    async with database.reading() as session:
        script, _ = await find_script(session, script_id)
        scenes = [
            view_in_script(script, scene, position)
            for position, scene in enumerate(await scenes_in_order(session, script_id))
        ]
    if not only_missing:
        return scenes
    return [scene for scene in scenes if scene.summary is None or scene.summary.stale]


@retried
async def keep_summary(database: Database, scene_id: str, entry: SummaryEntry) -> SummaryView:
    """Keep what a model said of a scene, unless a summary of the present text would go for one of an older text.

    Return the summary that is kept by then. Raises NotFound.
    """
    async with database.writing() as session:
        scene, script, _ = await find_scene(session, scene_id, deleted=None)
        if not _would_replace_fresher(script, scene, entry):
            # Of two that arrive together for this scene, the second finds that what it read is there no more, and
            # looks again; those of other scenes do not meet it.
            script.scene_summaries[scene.id] = entry
            await count_change(session, script.project_id, datetime.now(UTC), deleted_too=True)
        summary = view_summary(script, scene)
    assert summary is not None
    return summary


def _would_replace_fresher(script: Script, scene: Scene, entry: SummaryEntry) -> bool:
    stored = script.scene_summaries.get(scene.id)
    present = fingerprint(scene.text)
    return stored is not None and stored["fingerprint"] == present != entry["fingerprint"]
