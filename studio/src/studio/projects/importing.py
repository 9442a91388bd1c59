"""Projects from files: Fountain screenplays and project files."""

import asyncio
import re
from pathlib import PurePath

from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError

from studio.database import Database
from studio.images import ImageStore, media_type_of, name_of
from studio.images.rendering import MediaType
from studio.problems import BadUpload, TooLarge, WrongKind
from studio.projects.finding import view_of
from studio.projects.making import NewProject, project_of_file, project_of_script
from studio.projects.models import Project
from studio.projects.project_file import ProjectFile
from studio.projects.views import ProjectView
from studio.sample import sample_text
from studio.screenplay import Decoded, UnreadableScript, decode, parse
from studio.screenplay import TooLarge as ScriptTooLarge
from studio.script.scene_text import read_script
from studio.settings import MAX_PROJECT_FILE_BYTES, MAX_UPLOAD_BYTES
from studio.texts import LONGEST_TITLE, check_text

FOUNTAIN_SUFFIXES = (".fountain", ".spmd", ".txt")
EMPHASIS = re.compile(r"[*_]+")
# The same in every database, so that two processes at a first start cannot make two samples.
SAMPLE_ID = "5a3d1e0f5c2e4b0f8d1c6a7b9e0f1234"
SAMPLE_DESCRIPTION = "A short screenplay to try things out on. Edit it, delete it, import your own."


async def import_file(
    database: Database, name: str, data: bytes, images: ImageStore | None = None
) -> ProjectView:
    """Make a project from a file by its name's extension: .fountain, .spmd, .txt, or .json.

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
    return await _store(database, await asyncio.to_thread(_read_fountain, name, data))


async def import_json(
    database: Database, name: str, data: bytes, images: ImageStore | None = None
) -> ProjectView:
    """Make a new project from a project file that `export_json` wrote; the bytes of its images go into `images`.

    What is known of an image stays, also when its bytes are nowhere. Raises BadUpload, with the path in the file,
    when it is not one, and TooLarge above 100 MB; nothing is stored then.
    """
    return await _store(database, await asyncio.to_thread(_read_json, name, data, images))


async def add_sample(database: Database) -> ProjectView | None:
    """Add the sample project, once in the life of a database; a deleted sample stays deleted."""
    async with database.reading() as session:
        if await session.get(Project, SAMPLE_ID) is not None:
            return None
    sample = await asyncio.to_thread(_read_fountain, "Sample.fountain", sample_text().encode(), SAMPLE_ID)
    sample.project.description = SAMPLE_DESCRIPTION
    try:
        return await _store(database, sample)
    except IntegrityError:
        # Another process that started at the same moment was first.
        return None


def _read_fountain(name: str, data: bytes, project_id: str | None = None) -> NewProject:
    decoded = _decode(name, data)
    preamble, drafts = read_script(check_text(decoded.text, _shown(name)))
    made = project_of_script(_title(decoded.text, name), preamble, drafts, project_id=project_id)
    made.script.source_encoding, made.script.source_bom = decoded.encoding, decoded.bom
    return made


def _decode(name: str, data: bytes) -> Decoded:
    try:
        return decode(data, MAX_UPLOAD_BYTES)
    except ScriptTooLarge as error:
        raise TooLarge(f"{_shown(name)}: {error}") from error
    except UnreadableScript as error:
        raise BadUpload(f"{_shown(name)}: {error}") from error


def _read_json(name: str, data: bytes, images: ImageStore | None) -> NewProject:
    file = _read_project_file(name, data)
    kinds = {image: _kind_of(name, image, data) for image, data in file.image_files.items()}
    made = project_of_file(file)
    if images is not None:
        # The bytes are on the disk before a row names them; those that no row comes to name are swept.
        for image, data in file.image_files.items():
            images.keep_bytes(data, kinds[image])
    return made


def _read_project_file(name: str, data: bytes) -> ProjectFile:
    if len(data) > MAX_PROJECT_FILE_BYTES:
        raise TooLarge(
            f"{_shown(name)} is larger than the {MAX_PROJECT_FILE_BYTES >> 20} MB that Studio takes."
        )
    try:
        return ProjectFile.model_validate_json(data.removeprefix(b"\xef\xbb\xbf"))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        if first["type"] == "json_invalid":
            raise _broken(name, f"is no JSON: {first['msg']}") from error
        place = ".".join(map(str, first["loc"]))
        raise _not_ours(name, f"{place}: {first['msg']}" if place else first["msg"]) from error


def _kind_of(name: str, image: str, data: bytes) -> MediaType:
    kind = media_type_of(data)
    if kind is None or name_of(data, kind) != image:
        raise _not_ours(name, f"image_files.{image}: These are not the bytes of that image")
    return kind


def _not_ours(name: str, reason: str) -> BadUpload:
    return _broken(name, f"is not a project that Studio exported: {reason}")


def _broken(name: str, reason: str) -> BadUpload:
    return BadUpload(f"{_shown(name)} {reason.rstrip('.')}. Export the project again and import that file.")


def _title(text: str, name: str) -> str:
    fields = {key.casefold(): values for key, values in parse(text).title_page.items()}
    title = EMPHASIS.sub("", " ".join(fields.get("title", []))) or PurePath(name).stem
    return " ".join(title.split())[:LONGEST_TITLE] or "Untitled"


def _shown(name: str) -> str:
    return f"“{PurePath(name).name[:80]}”"


async def _store(database: Database, new: NewProject) -> ProjectView:
    async with database.writing() as session:
        session.add(new.project)
        await session.flush()
        session.add(new.script)
        await session.flush()
        session.add_all([*new.scenes, *new.others])
    live = sum(scene.deleted_at is None for scene in new.scenes)
    return view_of(new.project, new.script.id, live)
