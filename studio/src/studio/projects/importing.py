"""Projects from files: Fountain screenplays and project files."""

import asyncio
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any

from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError

from studio.database import Database
from studio.identifiers import new_id
from studio.images import ImageStore
from studio.problems import BadUpload, TooLarge, WrongKind
from studio.projects.finding import view_of
from studio.projects.models import Project
from studio.projects.project_file import FrameInFile, ProjectFile, SceneInFile, SummaryInFile
from studio.projects.views import ProjectView
from studio.sample import sample_text
from studio.screenplay import Decoded, UnreadableScript, decode, parse
from studio.screenplay import TooLarge as ScriptTooLarge
from studio.script.making import new_scene
from studio.script.models import Scene, Script, SummaryEntry
from studio.script.scene_text import SceneDraft, read_scenes, read_script
from studio.settings import MAX_UPLOAD_BYTES
from studio.storyboard.models import Frame, Storyboard
from studio.texts import LONGEST_TITLE, check_description, check_text, check_title

FOUNTAIN_SUFFIXES = (".fountain", ".spmd", ".txt")
EMPHASIS = re.compile(r"[*_]+")
# The same in every database, so that two processes at a first start cannot make two samples.
SAMPLE_ID = "5a3d1e0f5c2e4b0f8d1c6a7b9e0f1234"
SAMPLE_DESCRIPTION = "A short screenplay to try things out on. Edit it, delete it, import your own."


@dataclass
class ProjectDraft:
    """A project as it was read from a file, before it has an identity."""

    title: str
    description: str
    preamble: str
    encoding: str
    bom: bool
    scenes: list[SceneDraft]
    summaries: dict[int, SummaryInFile] = field(default_factory=dict)
    images: dict[int, list[FrameInFile]] = field(default_factory=dict)
    """Both by place in `scenes`."""


async def import_file(
    database: Database, name: str, data: bytes, images: ImageStore | None = None
) -> ProjectView:
    """Make a project from a file by its name's extension: .fountain, .spmd, .txt, or .json.

    Of a project's images those come back whose bytes are in `images`.
    Raises WrongKind for any other extension, BadUpload, TooLarge, Invalid.
    """
    if PurePath(name).suffix.lower() == ".json":
        return await import_json(database, name, data, images)
    return await import_fountain(database, name, data)


async def import_fountain(database: Database, name: str, data: bytes) -> ProjectView:
    """Make a project from the bytes of a Fountain file called `name`; any text whatever is a script.

    Raises WrongKind for another extension, BadUpload for a binary file, TooLarge above 20 MB.
    """
    if PurePath(name).suffix.lower() not in FOUNTAIN_SUFFIXES:
        raise WrongKind(
            f"Studio does not read {_shown(name)}. Choose a .fountain, .spmd, .txt or .json file."
        )
    return await _store(database, await asyncio.to_thread(_draft_of_fountain, name, data))


async def import_json(
    database: Database, name: str, data: bytes, images: ImageStore | None = None
) -> ProjectView:
    """Make a new project from a project file that `export_json` wrote, with the images whose bytes are in `images`.

    Raises BadUpload when it is not one, TooLarge above 20 MB, Invalid.
    """
    return await _store(database, await asyncio.to_thread(_draft_of_json, name, data, images))


async def add_sample(database: Database) -> ProjectView | None:
    """Add the sample project, once in the life of a database; a deleted sample stays deleted."""
    async with database.reading() as session:
        if await session.get(Project, SAMPLE_ID) is not None:
            return None
    draft = await asyncio.to_thread(_draft_of_fountain, "Sample.fountain", sample_text().encode())
    draft.description = SAMPLE_DESCRIPTION
    try:
        return await _store(database, draft, SAMPLE_ID)
    except IntegrityError:
        # Another process that started at the same moment was first.
        return None


def _draft_of_fountain(name: str, data: bytes) -> ProjectDraft:
    decoded = _decode(name, data)
    preamble, scenes = read_script(check_text(decoded.text, _shown(name)))
    return ProjectDraft(_title(decoded.text, name), "", preamble, decoded.encoding, decoded.bom, scenes)


def _decode(name: str, data: bytes) -> Decoded:
    try:
        return decode(data, MAX_UPLOAD_BYTES)
    except ScriptTooLarge as error:
        raise TooLarge(f"{_shown(name)}: {error}") from error
    except UnreadableScript as error:
        raise BadUpload(f"{_shown(name)}: {error}") from error


def _draft_of_json(name: str, data: bytes, images: ImageStore | None) -> ProjectDraft:
    file = _read_project_file(name, data)
    draft = ProjectDraft(
        title=check_title(file.title),
        description=check_description(file.description),
        preamble=check_text(file.script.preamble, "The text before the first scene"),
        encoding=file.script.encoding,
        bom=file.script.bom,
        scenes=[],
    )
    for scene in file.script.scenes:
        _add_scene(draft, scene, images)
    return draft


def _read_project_file(name: str, data: bytes) -> ProjectFile:
    if len(data) > MAX_UPLOAD_BYTES:
        raise TooLarge(f"{_shown(name)} is larger than the 20 MB that Studio takes.")
    try:
        return ProjectFile.model_validate_json(data.removeprefix(b"\xef\xbb\xbf"))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        if first["type"] == "json_invalid":
            reason = f"is no JSON: {first['msg']}"
        else:
            place = ".".join(map(str, first["loc"])) or "the whole file"
            reason = f"is not a project that Studio exported: {place}: {first['msg']}"
        raise BadUpload(f"{_shown(name)} {reason}. Export the project again and import that file.") from error


def _add_scene(draft: ProjectDraft, scene: SceneInFile, images: ImageStore | None) -> None:
    there = [frame for frame in scene.images if images is not None and images.find(frame.file) is not None]
    for frame in there:
        check_text(frame.id + frame.prompt + frame.shot + frame.model + (frame.replaced_by or ""), "An image")
    if there:
        draft.images[len(draft.scenes)] = there
    if scene.summary is not None:
        check_text(scene.summary.text + scene.summary.model + scene.summary.fingerprint, "A summary")
        draft.summaries[len(draft.scenes)] = scene.summary
    draft.scenes += read_scenes(check_text(scene.text, "A scene"))


def _title(text: str, name: str) -> str:
    fields = {key.casefold(): values for key, values in parse(text).title_page.items()}
    title = EMPHASIS.sub("", " ".join(fields.get("title", []))) or PurePath(name).stem
    return " ".join(title.split())[:LONGEST_TITLE] or "Untitled"


def _shown(name: str) -> str:
    return f"“{PurePath(name).name[:80]}”"


async def _store(database: Database, draft: ProjectDraft, project_id: str | None = None) -> ProjectView:
    now = datetime.now(UTC)
    project = Project(
        id=project_id or new_id(),
        title=draft.title,
        description=draft.description,
        version=1,
        created_at=now,
        updated_at=now,
        deleted_at=None,
    )
    script = Script.empty(project.id)
    script.preamble = draft.preamble
    script.source_encoding, script.source_bom = draft.encoding, draft.bom
    scenes = [new_scene(script.id, scene, now) for scene in draft.scenes]
    script.scene_order = [scene.id for scene in scenes]
    for place, summary in draft.summaries.items():
        script.scene_summaries[scenes[place].id] = _entry(summary)
    async with database.writing() as session:
        session.add(project)
        await session.flush()
        session.add(script)
        await session.flush()
        session.add_all(scenes)
        if draft.images:
            session.add(_storyboard(project.id, scenes, draft.images))
    return view_of(project, script.id, len(scenes))


def _storyboard(project_id: str, scenes: list[Scene], images: dict[int, list[FrameInFile]]) -> Storyboard:
    storyboard = Storyboard.empty(project_id)
    for place, frames in images.items():
        # Ids of the copy's own: an image of the original that is made anew must not be looked for here.
        ids = {frame.id: new_id() for frame in frames}
        storyboard.generated_output["scenes"].append(
            {"id": scenes[place].id, "frames": [_frame(frame, ids) for frame in frames]}
        )
    return storyboard


def _frame(frame: FrameInFile, ids: dict[str, str]) -> Frame:
    fields: Any = frame.model_dump(mode="json")
    replaced_by = None if frame.replaced_by is None else ids.get(frame.replaced_by)
    made: Frame = fields | {"id": ids[frame.id], "replaced_by": replaced_by}
    return made


def _entry(summary: SummaryInFile) -> SummaryEntry:
    return SummaryEntry(
        text=summary.text,
        model=summary.model,
        fingerprint=summary.fingerprint,
        made_at=summary.made_at.isoformat(),
    )
