"""What a person can do with a script and its scenes.

Each function is one transaction and answers with views, which stay good after it. Failures are
`studio.problems`.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from studio.database import Database
from studio.problems import Invalid, OrderConflict
from studio.projects.finding import NO_PROJECT, find_project
from studio.projects.models import Project
from studio.screenplay import restore_line_ends
from studio.script.conflicts import PreambleConflict
from studio.script.finding import (
    NO_SCENE,
    find_scene,
    find_script,
    read_script_view,
    scenes_in_order,
    view_in_script,
    view_scene,
)
from studio.script.making import new_scene, rewrite_scene
from studio.script.merging import merge, merged_text
from studio.script.models import Scene, Script
from studio.script.saving import known_id, saved_once, scene_at_version
from studio.script.scene_text import SceneDraft, read_scenes, same_text
from studio.script.summaries import get_summary, summarise, summarise_all
from studio.script.views import (
    BlockView,
    HunkView,
    MergeView,
    SavedScene,
    SceneInScript,
    SceneView,
    ScriptView,
)
from studio.texts import check_text

__all__ = [
    "add_scene",
    "delete_scene",
    "deleted_scenes",
    "get_scene",
    "get_script",
    "get_summary",
    "list_scenes",
    "merge_texts",
    "reorder",
    "restore_scene",
    "save_preamble",
    "save_scene",
    "summarise",
    "summarise_all",
]

NEW_SCENE = "INT. NEW SCENE - DAY\n\n"


async def get_script(database: Database, project_id: str) -> ScriptView:
    """Return a project's script, its scenes in order with the state of their summaries.  Raises NotFound."""
    async with database.reading() as session:
        project = await find_project(session, project_id)
        script = (await session.scalars(select(Script).where(Script.project_id == project_id))).one()
        return await read_script_view(session, script, project)


async def get_scene(database: Database, scene_id: str) -> SceneView:
    """Return one scene.  Raises NotFound."""
    async with database.reading() as session:
        scene, _, _ = await find_scene(session, scene_id)
        return view_scene(scene)


async def list_scenes(database: Database, script_id: str) -> list[SceneView]:
    """Return the script's scenes in order.  Raises NotFound."""
    async with database.reading() as session:
        await find_script(session, script_id)
        return [view_scene(scene) for scene in await scenes_in_order(session, script_id)]


async def deleted_scenes(database: Database, script_id: str) -> list[SceneView]:
    """Return the script's deleted scenes, the last deleted first.  Raises NotFound."""
    async with database.reading() as session:
        await find_script(session, script_id)
        deleted = await session.scalars(
            select(Scene)
            .where(Scene.script_id == script_id, Scene.deleted_at.is_not(None))
            .order_by(Scene.deleted_at.desc(), Scene.id)
        )
        return [view_scene(scene) for scene in deleted]


async def add_scene(
    database: Database,
    script_id: str,
    *,
    after: str | None = None,
    text: str = NEW_SCENE,
    op_id: str | None = None,
) -> SavedScene:
    """Add a scene after the scene `after`, or at the end; sent again with its `op_id`, it is added once.

    Raises SaveReused, NotFound, Invalid, TooLarge.
    """
    check_text(text, "The scene")
    async with (
        database.writing() as session,
        saved_once(
            session,
            op_id,
            scope=known_id(script_id, NO_PROJECT),
            request={"add": text, "after": after},
        ) as addition,
    ):
        if addition.replayed:
            return SavedScene.model_validate(addition.result)
        script, project = await find_script(session, script_id, lock=True)
        predecessor = await _predecessor(session, script, after)
        drafts = await _read(text, like=predecessor.text if predecessor else script.preamble)
        position = predecessor.position + 1 if predecessor else 0
        first, *added = await _insert(session, script_id, position, drafts, project.touch())
        saved = _saved(first, added)
        addition.result = saved.model_dump(mode="json")
        return saved


async def save_scene(
    database: Database,
    scene_id: str,
    *,
    base_version: int,
    op_id: str | None = None,
    text: str | None = None,
    blocks: Sequence[BlockView] | None = None,
) -> SavedScene:
    """Save a scene's new text, given whole or in blocks; block types are read again from the text.

    A text that equals what is stored, line ends apart, changes nothing, the version included. Further scene
    headings in the text split the scene: see `SavedScene.added`. A save that is sent again with its `op_id` gets
    the first answer, whatever was saved since.

    Raises SceneConflict, with the stored scene, when `base_version` is not the stored version; SaveReused;
    NotFound; Invalid; TooLarge.
    """
    new_text = check_text(_text_of(text, blocks), "The scene")
    request = {"base_version": base_version, "text": new_text}
    async with (
        database.writing() as session,
        saved_once(session, op_id, scope=known_id(scene_id, NO_SCENE), request=request) as save,
    ):
        if save.replayed:
            return SavedScene.model_validate(save.result)
        scene, script, project = await find_scene(session, scene_id, lock=True)
        saved = await _write(
            session, await scene_at_version(session, scene, base_version), script, project, new_text
        )
        save.result = saved.model_dump(mode="json")
        return saved


async def _write(
    session: AsyncSession, scene: Scene, script: Script, project: Project, text: str
) -> SavedScene:
    if same_text(text, scene.text):
        return _saved(scene, [])
    first, *rest = await _read(text, like=scene.text)
    now = project.touch()
    rewrite_scene(scene, first, now)
    return _saved(scene, await _insert(session, script.id, scene.position + 1, rest, now))


async def save_preamble(
    database: Database, script_id: str, *, base_text: str, text: str, op_id: str | None = None
) -> ScriptView:
    """Save what stands before the first scene, title page included.

    A save that is sent again with its `op_id` gets the script as it is now, with the preamble and the version that
    it made the first time.

    Raises PreambleConflict, with the stored preamble, when `base_text` is not what is stored; SaveReused; NotFound;
    Invalid; TooLarge.
    """
    check_text(text, "The text before the first scene")
    request = {"base_preamble": base_text, "preamble": text}
    async with (
        database.writing() as session,
        saved_once(session, op_id, scope=known_id(script_id, NO_PROJECT), request=request) as save,
    ):
        script, project = await find_script(session, script_id, lock=True)
        if not save.replayed:
            _write_preamble(script, project, base_text, text)
            await session.flush()
            save.result = {"preamble": script.preamble, "version": project.version}
        view = await read_script_view(session, script, project)
        return view.model_copy(update=save.result)


def _write_preamble(script: Script, project: Project, base_text: str, text: str) -> None:
    if not same_text(base_text, script.preamble):
        raise PreambleConflict(script.preamble)
    if not same_text(text, script.preamble):
        script.preamble = restore_line_ends(text, script.preamble)
        project.touch()


async def merge_texts(base: str | None, mine: str, theirs: str) -> MergeView:
    """Merge two edits of `base` line by line; without one, each difference is a conflict.

    Raises Invalid, TooLarge.
    """
    for text in (base or "", mine, theirs):
        check_text(text, "One of the texts")
    hunks = await asyncio.to_thread(merge, base, mine, theirs)
    return MergeView(merged=merged_text(hunks), hunks=[HunkView(**asdict(hunk)) for hunk in hunks])


async def delete_scene(database: Database, scene_id: str) -> None:
    """Delete a scene so that `restore_scene` can bring it back.  Raises NotFound."""
    async with database.writing() as session:
        scene, _, project = await find_scene(session, scene_id, lock=True)
        scene.deleted_at = project.touch()


async def restore_scene(database: Database, scene_id: str) -> SceneInScript:
    """Bring a deleted scene back where it stood, its summary with it.

    Raises NotFound unless it is there and deleted.
    """
    async with database.writing() as session:
        scene, script, project = await find_scene(session, scene_id, lock=True, deleted=True)
        scene.deleted_at = None
        project.touch()
        await session.flush()
        position = (await scenes_in_order(session, script.id)).index(scene)
        return view_in_script(script, scene, position)


async def reorder(database: Database, script_id: str, scene_ids: Sequence[str]) -> ScriptView:
    """Put the scenes in this order.

    Raises Invalid when a scene is named twice, OrderConflict unless the script's scenes are named and no
    others, NotFound.
    """
    if len(set(scene_ids)) != len(scene_ids):
        raise Invalid("A scene is named twice in the new order. Name each scene of the script once.")
    async with database.writing() as session:
        script, project = await find_script(session, script_id, lock=True)
        scenes = await scenes_in_order(session, script_id, deleted_too=True)
        present = [scene.id for scene in scenes if scene.deleted_at is None]
        if set(present) != set(scene_ids):
            raise OrderConflict
        if present != list(scene_ids):
            _renumber(scenes, scene_ids)
            project.touch()
            await session.flush()
        return await read_script_view(session, script, project)


def _text_of(text: str | None, blocks: Sequence[BlockView] | None) -> str:
    if (text is None) == (blocks is None):
        raise Invalid("Send the scene either as `text` or as `blocks`.")
    return text if text is not None else "".join(block.text for block in blocks or ())


async def _read(text: str, *, like: str) -> list[SceneDraft]:
    # In a thread: a pasted novel must not stop the other writers' pages.
    return await asyncio.to_thread(lambda: read_scenes(restore_line_ends(text, like)))


async def _predecessor(session: AsyncSession, script: Script, after: str | None) -> Scene | None:
    if after is None:
        scenes = await scenes_in_order(session, script.id, deleted_too=True)
        return scenes[-1] if scenes else None
    scene, found, _ = await find_scene(session, after)
    if found is not script:
        raise Invalid("`after` names a scene of another script. Name one of this script, or none.")
    return scene


async def _insert(
    session: AsyncSession, script_id: str, position: int, drafts: Sequence[SceneDraft], now: datetime
) -> list[Scene]:
    """Make scenes of the drafts, the first at `position`, those that stood there or later moving on."""
    if not drafts:
        return []
    await session.execute(
        update(Scene)
        .where(Scene.script_id == script_id, Scene.position >= position)
        .values(position=Scene.position + len(drafts))
    )
    scenes = [new_scene(script_id, position + number, draft, now) for number, draft in enumerate(drafts)]
    session.add_all(scenes)
    await session.flush()
    return scenes


def _renumber(scenes: Sequence[Scene], live_order: Sequence[str]) -> None:
    """Number the scenes anew; a deleted one keeps behind the scene it stood behind, to be restored there."""
    behind: dict[str | None, list[Scene]] = {None: []}
    leader = None
    for scene in scenes:
        if scene.deleted_at is None:
            leader = scene.id
            behind[leader] = []
        behind[leader].append(scene)
    ordered = [scene for leader in (None, *live_order) for scene in behind[leader]]
    for position, scene in enumerate(ordered):
        scene.position = position


def _saved(scene: Scene, added: Sequence[Scene]) -> SavedScene:
    return SavedScene(**view_scene(scene).model_dump(), added=[view_scene(other) for other in added])
