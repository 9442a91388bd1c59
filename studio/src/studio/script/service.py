"""What a person can do with a script and its scenes.

Each function is one transaction and answers with views, which stay good after it. Failures are
`studio.problems`.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from studio.database import Database, retried
from studio.problems import Invalid, NotFound, Overtaken
from studio.projects.counting import count_change
from studio.projects.finding import NO_PROJECT, find_project
from studio.screenplay import restore_line_ends
from studio.script.finding import (
    NO_SCENE,
    find_scene,
    find_script,
    read_script_view,
    scenes_in_order,
    view_in_script,
    view_scene,
)
from studio.script.jobs import want_summary_again
from studio.script.making import rewrite_scene
from studio.script.merging import merge, merged_text
from studio.script.models import Scene, Script
from studio.script.ordering import insert_scenes, put_in_order, put_in_order_since
from studio.script.saving import known_id, replace_preamble, saved_once, scene_at_version
from studio.script.scene_text import SceneDraft, read_scenes, same_text
from studio.script.summaries import get_summary
from studio.script.summarising import (
    follow_ordered,
    follow_summaries,
    order_summaries,
    stop_summaries,
    summarise,
)
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
    "follow_ordered",
    "follow_summaries",
    "get_scene",
    "get_script",
    "get_summary",
    "list_scenes",
    "merge_texts",
    "order_summaries",
    "reorder",
    "restore_scene",
    "save_preamble",
    "save_scene",
    "stop_summaries",
    "summarise",
]

NEW_SCENE = "INT. NEW SCENE - DAY\n\n"


async def get_script(database: Database, project_id: str) -> ScriptView:
    """Return a project's script, its scenes in order with the state of their summaries.  Raises NotFound."""
    async with database.reading() as session:
        project = await find_project(session, project_id)
        script = (await session.scalars(select(Script).where(Script.project_id == project_id))).one()
        return await read_script_view(session, script.id, project)


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


@retried
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
    request = {"add": text, "after": after}
    async with (
        database.writing() as session,
        saved_once(session, op_id, scope=known_id(script_id, NO_PROJECT), request=request) as addition,
    ):
        if addition.replayed:
            return SavedScene.model_validate(addition.result)
        script, _ = await find_script(session, script_id)
        neighbour = await _neighbour(session, script, after)
        drafts = await _read(text, like=neighbour.text if neighbour else script.preamble)
        now = datetime.now(UTC)
        first, *added = await insert_scenes(session, script, after, drafts, now)
        await count_change(session, script.project_id, now)
        saved = _saved(first, added)
        addition.result = saved.model_dump(mode="json")
        return saved


@retried
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
        _, script, _ = await find_scene(session, scene_id)
        scene = await scene_at_version(session, scene_id, base_version)
        added = await _write(session, scene, script, new_text)
        saved = _saved(scene, added)
        save.result = saved.model_dump(mode="json")
        return saved


async def _write(session: AsyncSession, scene: Scene, script: Script, text: str) -> list[Scene]:
    """Write the scene's text; return the scenes that its further headings made."""
    if same_text(text, scene.text):
        return []
    first, *rest = await _read(text, like=scene.text)
    now = datetime.now(UTC)
    rewrite_scene(scene, first, now)
    added = await insert_scenes(session, script, scene.id, rest, now) if rest else []
    await want_summary_again(session, script.project_id, scene.id)
    await count_change(session, script.project_id, now)
    return added


@retried
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
        script, project = await find_script(session, script_id)
        if not save.replayed:
            if await replace_preamble(session, script, base_text, text):
                project = await count_change(session, project.id, datetime.now(UTC))
            view = await read_script_view(session, script_id, project)
            save.result = {"preamble": view.preamble, "version": view.version}
            return view
        view = await read_script_view(session, script_id, project)
        return view.model_copy(update=save.result)


async def merge_texts(base: str | None, mine: str, theirs: str) -> MergeView:
    """Merge two edits of `base` line by line; without one, each difference is a conflict.

    Raises Invalid, TooLarge.
    """
    for text in (base or "", mine, theirs):
        check_text(text, "One of the texts")
    hunks = await asyncio.to_thread(merge, base, mine, theirs)
    return MergeView(merged=merged_text(hunks), hunks=[HunkView(**asdict(hunk)) for hunk in hunks])


@retried
async def delete_scene(database: Database, scene_id: str) -> None:
    """Delete a scene so that `restore_scene` can bring it back.  Raises NotFound."""
    async with database.writing() as session:
        _, script, _ = await find_scene(session, scene_id)
        now = datetime.now(UTC)
        await _mark(session, scene_id, deleted_at=now)
        await count_change(session, script.project_id, now)


@retried
async def restore_scene(database: Database, scene_id: str) -> SceneInScript:
    """Bring a deleted scene back where it stood, its summary with it.

    Raises NotFound unless it is there and deleted.
    """
    async with database.writing() as session:
        _, script, _ = await find_scene(session, scene_id, deleted=True)
        await _mark(session, scene_id, deleted_at=None)
        await count_change(session, script.project_id, datetime.now(UTC))
        scenes = await scenes_in_order(session, script.id)
        position = [scene.id for scene in scenes].index(scene_id)
        return view_in_script(script, scenes[position], position)


async def _mark(session: AsyncSession, scene_id: str, *, deleted_at: datetime | None) -> None:
    """Mark a scene as deleted, or as not.  Raises NotFound when another writer has, since it was found."""
    is_there = Scene.deleted_at.is_(None)
    marked = await session.execute(
        update(Scene)
        .where(Scene.id == scene_id, ~is_there if deleted_at is None else is_there)
        .values(deleted_at=deleted_at)
        .returning(Scene.id),
        execution_options={"synchronize_session": False},
    )
    if marked.first() is None:
        raise NotFound(NO_SCENE)


@retried
async def reorder(
    database: Database,
    script_id: str,
    scene_ids: Sequence[str],
    *,
    base_scene_ids: Sequence[str] | None = None,
) -> ScriptView:
    """Put the scenes in this order; `base_scene_ids` is the one in which its writer saw them.

    With it, scenes that others added or deleted meanwhile are no obstacle, and others who moved some meanwhile are not
    overruled unseen. Without it, the script's scenes must all be named.

    Raises Invalid when a scene is named twice, OrderConflict, NotFound.
    """
    if len(set(scene_ids)) != len(scene_ids):
        raise Invalid("A scene is named twice in the new order. Name each scene of the script once.")
    async with database.writing() as session:
        script, project = await find_script(session, script_id)
        there = select(Scene.id).where(Scene.script_id == script_id, Scene.deleted_at.is_(None))
        live = (await session.scalars(there)).all()
        if base_scene_ids is None:
            put_in_order(script.scene_order, live, scene_ids)
        else:
            put_in_order_since(script.scene_order, live, scene_ids, base_scene_ids)
        if session.is_modified(script):
            project = await count_change(session, project.id, datetime.now(UTC))
        return await read_script_view(session, script_id, project)


def _text_of(text: str | None, blocks: Sequence[BlockView] | None) -> str:
    if (text is None) == (blocks is None):
        raise Invalid("Send the scene either as `text` or as `blocks`.")
    return text if text is not None else "".join(block.text for block in blocks or ())


async def _read(text: str, *, like: str) -> list[SceneDraft]:
    # In a thread: a pasted novel must not stop the other writers' pages.
    return await asyncio.to_thread(lambda: read_scenes(restore_line_ends(text, like)))


async def _neighbour(session: AsyncSession, script: Script, after: str | None) -> Scene | None:
    """Return the scene behind which another one shall stand.  Raises Invalid, NotFound."""
    if after is None:
        return await session.get_one(Scene, script.scene_order[-1]) if script.scene_order else None
    scene, found, _ = await find_scene(session, after)
    if found is not script:
        raise Invalid("`after` names a scene of another script. Name one of this script, or none.")
    if after not in script.scene_order:
        raise Overtaken  # it came after the script was read
    return scene


def _saved(scene: Scene, added: Sequence[Scene]) -> SavedScene:
    return SavedScene(**view_scene(scene).model_dump(), added=[view_scene(other) for other in added])
