"""What a person can do with a script and its scenes.

Each function is one transaction and answers with views, which stay good after it. Failures are `studio.problems`.
"""

from collections.abc import AsyncIterator

from studio.database import Database
from studio.script.views import (
    BlockView,
    SavedScene,
    SceneInScript,
    SceneView,
    ScriptView,
    SummaryProgress,
    SummaryView,
)


async def get_script(database: Database, project_id: str) -> ScriptView:
    """Return a project's script, its scenes in order with the state of their summaries.  Raises NotFound."""
    raise NotImplementedError


async def get_scene(database: Database, scene_id: str) -> SceneView:
    """Return one scene.  Raises NotFound."""
    raise NotImplementedError


async def deleted_scenes(database: Database, script_id: str) -> list[SceneView]:
    """Return the script's deleted scenes, the last deleted first.  Raises NotFound."""
    raise NotImplementedError


async def add_scene(
    database: Database, script_id: str, *, after: str | None = None, text: str = "INT. NEW SCENE - DAY\n\n"
) -> SavedScene:
    """Add a scene after the scene `after`, or at the end.  Raises NotFound, Invalid."""
    raise NotImplementedError


async def save_scene(
    database: Database,
    scene_id: str,
    *,
    base_version: int,
    text: str | None = None,
    blocks: list[BlockView] | None = None,
) -> SavedScene:
    """Save a scene's new text, given whole or in blocks; block types are read again from the text.

    A text that equals what is stored changes nothing, the version included. A second scene heading in the text
    splits the scene; see `SavedScene.added`.

    Raises VersionConflict, with the stored scene, when `base_version` is not the stored version; NotFound; Invalid;
    TooLarge.
    """
    raise NotImplementedError


async def save_preamble(database: Database, script_id: str, *, base_text: str, text: str) -> ScriptView:
    """Save what stands before the first scene, title page included.

    Raises PreambleConflict when `base_text` is not what is stored.
    """
    raise NotImplementedError


async def delete_scene(database: Database, scene_id: str) -> None:
    """Delete a scene so that `restore_scene` can bring it back.  Raises NotFound."""
    raise NotImplementedError


async def restore_scene(database: Database, scene_id: str) -> SceneInScript:
    """Bring a deleted scene back where it stood, its summary with it.  Raises NotFound."""
    raise NotImplementedError


async def reorder(database: Database, script_id: str, scene_ids: list[str]) -> ScriptView:
    """Put the scenes in this order.  Raises Invalid unless every scene of the script is named once."""
    raise NotImplementedError


async def get_summary(database: Database, scene_id: str) -> SummaryView:
    """Return a scene's summary.  Raises NotFound when there is none yet."""
    raise NotImplementedError


async def summarise(database: Database, scene_id: str, *, model: object) -> SummaryView:
    """Have `model` (studio.ai's SummaryModel) summarise a scene and keep the answer.

    The old summary stays when the model fails.  Raises NotFound, ModelFailed.
    """
    raise NotImplementedError


def summarise_all(
    database: Database, script_id: str, *, model: object, only_missing: bool = True
) -> AsyncIterator[SummaryProgress]:
    """Summarise the scenes one by one, telling after each; each summary is saved as it arrives.

    `only_missing` leaves scenes alone whose summary is fresh.  Raises NotFound before the first step.
    """
    raise NotImplementedError
