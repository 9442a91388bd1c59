"""Saving a text on top of the version that its writer saw, once however often the save is sent."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession

from indelible import Operation, OperationReused, VersionConflict, get_at_version
from studio.identifiers import is_id
from studio.operations import operations
from studio.problems import NotFound
from studio.script.conflicts import SaveReused, SceneConflict
from studio.script.finding import view_scene
from studio.script.models import Scene


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


async def scene_at_version(session: AsyncSession, scene: Scene, base_version: int) -> Scene:
    """Return the scene as it is stored now, locked.  Raises SceneConflict unless it is at `base_version`."""
    try:
        return await get_at_version(session, Scene, scene.id, base_version, version=Scene.version)
    except VersionConflict as conflict:
        raise SceneConflict(view_scene(conflict.row)) from conflict
