"""Between the text of a scene and what is stored of it; pure.

Fountain text is the truth: slugline, scene number, characters and block types are read from it, never set
apart.
"""

import hashlib
from dataclasses import dataclass, replace

from studio.screenplay import SceneText, parse, restore_line_ends, split_scene
from studio.script.models import StoredBlock


@dataclass(frozen=True)
class SceneDraft:
    """A scene as it was read from text, before it has an identity; `slugline` is "" without a heading."""

    slugline: str
    scene_number: str | None
    characters: list[str]
    blocks: list[StoredBlock]


def read_scenes(text: str) -> list[SceneDraft]:
    """Read the text of a scene: one draft, or more when it holds several headings.

    Never raises; the drafts' texts joined are `text`.
    """
    first, *rest = map(_draft, split_scene(text))
    if first.slugline or not rest:
        return [first, *rest]
    # Words above the heading belong to the scene that is being edited: a writer who types there must not see
    # the scene fall apart at the next autosave.
    headed, *rest = rest
    characters = list(dict.fromkeys([*first.characters, *headed.characters]))
    return [replace(headed, characters=characters, blocks=first.blocks + headed.blocks), *rest]


def read_script(text: str) -> tuple[str, list[SceneDraft]]:
    """Read a whole script: what stands before the first scene, and the scenes.

    Text without any heading becomes one scene without a slugline, so that there is something to edit; only
    its title page stays apart. Never raises; preamble and drafts joined are `text`.
    """
    screenplay = parse(text)
    if screenplay.scenes:
        return screenplay.preamble, [_draft(scene) for scene in screenplay.scenes]
    title_page = "".join(block.text for block in screenplay.preamble_blocks if block.type == "title_page")
    body = text.removeprefix(title_page)
    return (title_page, read_scenes(body)) if body.strip() else (text, [])


def same_text(one: str, other: str) -> bool:
    """Tell whether two texts differ in nothing but line ends, which editors in browsers make all alike."""
    return one == other or restore_line_ends(one, other) == other


def fingerprint(text: str) -> str:
    """Return the SHA-256 of a scene's text: what tells a stale summary."""
    return hashlib.sha256(text.encode()).hexdigest()


def _draft(scene: SceneText) -> SceneDraft:
    return SceneDraft(
        slugline=scene.slugline,
        scene_number=scene.scene_number,
        characters=list(scene.characters),
        blocks=[{"type": block.type, "text": block.text} for block in scene.blocks],
    )
