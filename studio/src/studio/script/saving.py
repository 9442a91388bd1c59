"""Saving a text on top of the version that its writer saw, once however often the save is sent."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from indelible import Operation, OperationReused, VersionConflict, get_at_version
from studio.identifiers import is_id
from studio.operations import operations
from studio.problems import NotFound, Overtaken
from studio.screenplay import restore_line_ends
from studio.script.conflicts import PreambleConflict, SaveReused, SceneConflict
from studio.script.finding import NO_SCENE, view_scene
from studio.script.models import Scene, Script
from studio.script.scene_text import same_text


def known_id(identifier: str, message: str) -> str:
    """Return what may be an identifier, to keep operations under.  Raises NotFound with `message`."""
    if not is_id(identifier):
        raise NotFound(message)
    return identifier


@asynccontextmanager
async def saved_once(
    session: AsyncSession, op_id: str | None, *, scope: str, request: Mapping[str, object]
) -> AsyncIterator[Operation]:
    """Open the block that applies a save; `scope` is the id of what is saved.  Raises SaveReused."""
    try:
        async with operations.once(session, op_id, scope=scope, request=dict(request)) as operation:
            yield operation
    except OperationReused as error:
        raise SaveReused from error


async def scene_at_version(session: AsyncSession, scene_id: str, base_version: int) -> Scene:
    """Return the scene as it is stored now, to be written: others who write this one scene wait.

    Raises SceneConflict unless it is at `base_version`, NotFound when it was deleted.
    """
    try:
        scene = await get_at_version(session, Scene, scene_id, base_version, version=Scene.version)
    except VersionConflict as conflict:
        if conflict.row.deleted_at is not None:
            raise NotFound(NO_SCENE) from conflict
        raise SceneConflict(view_scene(conflict.row)) from conflict
    if scene.deleted_at is not None:
        raise NotFound(NO_SCENE)
    return scene


async def replace_preamble(session: AsyncSession, script: Script, base_text: str, text: str) -> bool:
    """Put `text` in place of `base_text` before the first scene; tell whether that changed anything.

    Raises PreambleConflict when something else stands there, Overtaken when it does since the script was read.
    """
    if not same_text(base_text, script.preamble):
        raise PreambleConflict(script.preamble)
    if same_text(text, script.preamble):
        return False
    replaced = await session.execute(
        update(Script)
        .where(Script.id == script.id, Script.preamble == script.preamble)
        .values(preamble=restore_line_ends(text, script.preamble))
        .returning(Script.id),
        execution_options={"synchronize_session": False},
    )
    if replaced.first() is None:
        raise Overtaken
    return True
