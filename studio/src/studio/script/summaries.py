"""Have a model summarise a scene, and keep what it says."""

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from studio.ai import SummaryModel, summarise_scene
from studio.database import Database
from studio.problems import NotFound
from studio.projects.counting import count_change
from studio.script.finding import find_scene, view_summary
from studio.script.models import Scene, Script, SummaryEntry
from studio.script.scene_text import fingerprint
from studio.script.views import SummaryView

NO_SUMMARY = "This scene has no summary yet. Generate one."


async def get_summary(database: Database, scene_id: str) -> SummaryView:
    """Return a scene's summary.  Raises NotFound when there is none yet."""
    async with database.reading() as session:
        scene, script, _ = await find_scene(session, scene_id)
        summary = view_summary(script, scene)
    if summary is None:
        raise NotFound(NO_SUMMARY)
    return summary


async def ask_for_summary(database: Database, scene_id: str, *, model: SummaryModel) -> SummaryEntry:
    """Have `model` summarise a scene as it is now, no transaction being open.  Raises NotFound, ProviderError."""
    async with database.reading() as session:
        scene, _, _ = await find_scene(session, scene_id)
        text, slugline = scene.text, scene.slugline
    answer = await summarise_scene(text, slugline=slugline, model=model)
    return SummaryEntry(
        text=answer.text,
        model=answer.model_name,
        fingerprint=fingerprint(text),
        made_at=datetime.now(UTC).isoformat(),
    )


async def put_summary(session: AsyncSession, scene_id: str, entry: SummaryEntry) -> None:
    """Put what a model said of a scene into its script as that is by then.

    A scene that was edited meanwhile gets a stale summary, one that was deleted has it when it is restored, and a
    summary of the present text is not replaced by one of an older text. Of two that come together for one scene, the
    second meets a Conflict and is to be tried again; those of other scenes do not meet. Raises NotFound.
    """
    scene, script, _ = await find_scene(session, scene_id, deleted=None)
    if not _would_replace_fresher(script, scene, entry):
        script.scene_summaries[scene.id] = entry
        await count_change(session, script.project_id, datetime.now(UTC), deleted_too=True)


def _would_replace_fresher(script: Script, scene: Scene, entry: SummaryEntry) -> bool:
    stored = script.scene_summaries.get(scene.id)
    present = fingerprint(scene.text)
    return stored is not None and stored["fingerprint"] == present != entry["fingerprint"]
