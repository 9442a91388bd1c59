"""Make rows of scenes out of what was read from text."""

from datetime import datetime

from studio.identifiers import new_id
from studio.script.models import Scene
from studio.script.scene_text import SceneDraft


def new_scene(script_id: str, draft: SceneDraft, now: datetime) -> Scene:
    """Return a new scene with the text of `draft`."""
    return Scene(
        id=new_id(),
        script_id=script_id,
        slugline=draft.slugline,
        scene_number=draft.scene_number,
        characters=draft.characters,
        blocks=draft.blocks,
        version=1,
        updated_at=now,
        deleted_at=None,
    )


def rewrite_scene(scene: Scene, draft: SceneDraft, now: datetime) -> None:
    """Put the text of `draft` in place of the scene's."""
    scene.slugline = draft.slugline
    scene.scene_number = draft.scene_number
    scene.characters = draft.characters
    scene.blocks = draft.blocks
    scene.version += 1
    scene.updated_at = now
