"""Find scripts and scenes in an open session, and show them."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from studio.identifiers import is_id
from studio.problems import NotFound
from studio.projects.finding import NO_PROJECT, find_project
from studio.projects.models import Project
from studio.script.models import Scene, Script
from studio.script.scene_text import fingerprint
from studio.script.views import BlockView, SceneInScript, SceneView, ScriptView, SummaryView

NO_SCENE = "There is no such scene, or it was deleted. Reload the script to see the scenes that are there."


async def find_script(
    session: AsyncSession, script_id: str, *, deleted: bool | None = False
) -> tuple[Script, Project]:
    """Return a script and its project.

    Raises NotFound when it is not there, or its project is not as `find_project` takes `deleted`.
    """
    query = select(Script.project_id).where(Script.id == script_id)
    project_id = await session.scalar(query) if is_id(script_id) else None
    if project_id is None:
        raise NotFound(NO_PROJECT)
    project = await find_project(session, project_id, deleted=deleted)
    return await session.get_one(Script, script_id), project


async def find_scene(
    session: AsyncSession, scene_id: str, *, deleted: bool | None = False
) -> tuple[Scene, Script, Project]:
    """Return a scene, its script and its project.

    `deleted` asks for a deleted scene of a project that is there; None takes the scene however it is. Raises
    NotFound.
    """
    query = select(Scene.script_id).where(Scene.id == scene_id)
    script_id = await session.scalar(query) if is_id(scene_id) else None
    if script_id is None:
        raise NotFound(NO_SCENE)
    script, project = await find_script(session, script_id, deleted=None if deleted is None else False)
    scene = await session.get_one(Scene, scene_id)
    if deleted is not None and (scene.deleted_at is not None) != deleted:
        raise NotFound(NO_SCENE)
    return scene, script, project


async def scenes_in_order(session: AsyncSession, script_id: str, *, deleted_too: bool = False) -> list[Scene]:
    """Return the scenes of a script as they stand in it, and as they are stored now."""
    query = select(Scene).where(Scene.script_id == script_id)
    if not deleted_too:
        query = query.where(Scene.deleted_at.is_(None))
    scenes = list(await session.scalars(query, execution_options={"populate_existing": True}))
    # The order is read last: it names each scene that was found, and may name some that came since.
    order = await session.scalar(select(Script.scene_order).where(Script.id == script_id)) or []
    place = {scene_id: place for place, scene_id in enumerate(order)}
    # A scene that the order has lost would be a fault; at the end it can be seen, and be moved.
    return sorted(scenes, key=lambda scene: (place.get(scene.id, len(place)), scene.id))


def view_scene(scene: Scene) -> SceneView:
    """Return the scene as the outside sees it."""
    return SceneView(
        id=scene.id,
        script_id=scene.script_id,
        version=scene.version,
        slugline=scene.slugline,
        scene_number=scene.scene_number,
        characters=list(scene.characters),
        text=scene.text,
        blocks=[BlockView(type=block["type"], text=block["text"]) for block in scene.blocks],
        updated_at=scene.updated_at,
    )


def view_summary(script: Script, scene: Scene) -> SummaryView | None:
    """Return the scene's summary as the outside sees it, or None."""
    entry = script.scene_summaries.get(scene.id)
    if entry is None:
        return None
    return SummaryView(
        scene_id=scene.id,
        text=entry["text"],
        model=entry["model"],
        made_at=datetime.fromisoformat(entry["made_at"]),
        stale=entry["fingerprint"] != fingerprint(scene.text),
    )


def view_in_script(script: Script, scene: Scene, position: int) -> SceneInScript:
    """Return the scene with its place and its summary."""
    return SceneInScript(
        **view_scene(scene).model_dump(), position=position, summary=view_summary(script, scene)
    )


async def read_script_view(session: AsyncSession, script_id: str, project: Project) -> ScriptView:
    """Return the script as the outside sees it, as it is stored now, with its scenes in order."""
    script = await session.get_one(Script, script_id, populate_existing=True)
    scenes = await scenes_in_order(session, script_id)
    return ScriptView(
        id=script.id,
        project_id=project.id,
        project_title=project.title,
        version=project.version,
        preamble=script.preamble,
        scenes=[view_in_script(script, scene, position) for position, scene in enumerate(scenes)],
    )
