"""Projects to files: Fountain, HTML made for printing, and the project file."""

import asyncio
import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select

from studio.database import Database
from studio.images import ImageStore
from studio.interview.filing import InterviewInFile, read_interview
from studio.projects.finding import find_project
from studio.projects.models import Project
from studio.projects.project_file import ProjectFile, SceneInFile, ScriptInFile, SummaryInFile
from studio.screenplay import Decoded, assemble, encode, parse, split_scene, to_html
from studio.script.finding import scenes_in_order
from studio.script.models import Scene, Script
from studio.settings import MAX_PROJECT_FILE_BYTES
from studio.storyboard.filing import aside_in_file, frames_in_file
from studio.storyboard.models import Storyboard

# What JSON has around each of them, and Base64 at its end.
SPACE_BETWEEN_IMAGES = 20


@dataclass(frozen=True)
class Stored:
    """A project with all that an export needs, read at one moment."""

    project: Project
    script: Script
    scenes: list[Scene]
    """Those that were deleted are among them."""
    storyboard: Storyboard
    interview: InterviewInFile | None

    def text(self) -> str:
        """Return the whole script as one text."""
        live = [scene.text for scene in self.scenes if scene.deleted_at is None]
        preamble, *texts = _joined_where_apart([self.script.preamble, *live])
        return assemble(preamble, texts)


async def export_fountain(database: Database, project_id: str) -> bytes:
    """Return the script as Fountain: the imported bytes exactly when nothing was edited.

    Encoding and byte order mark stay those of the imported file, unless an edit brought in a character that
    its encoding cannot write: then it is UTF-8. Raises NotFound.
    """
    stored = await _read(database, project_id)
    return await asyncio.to_thread(_fountain_bytes, stored)


async def export_html(database: Database, project_id: str) -> str:
    """Return the script as an HTML page made for printing.  Raises NotFound."""
    stored = await _read(database, project_id)
    return await asyncio.to_thread(lambda: to_html(parse(stored.text()), stored.project.title))


async def export_json(database: Database, project_id: str, images: ImageStore | None = None) -> bytes:
    """Return the whole project as `import_json` reads it, with the bytes of its images out of `images`.

    Images that are shown go first; what does not fit into a file that can be imported stays in the store. Raises
    NotFound.
    """
    stored = await _read(database, project_id)
    return await asyncio.to_thread(_json_bytes, stored, images)


async def export_bytes(
    database: Database, project_id: str, kind: str, images: ImageStore | None = None
) -> bytes:
    """Return the file of a project as `kind`: fountain, html or json.  Raises NotFound."""
    if kind == "fountain":
        return await export_fountain(database, project_id)
    if kind == "html":
        return (await export_html(database, project_id)).encode()
    return await export_json(database, project_id, images)


def file_stem(title: str) -> str:
    """Return a file name, without extension, that every system takes."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-")[:80] or "script"


async def _read(database: Database, project_id: str) -> Stored:
    async with database.reading() as session:
        project = await find_project(session, project_id)
        script = (await session.scalars(select(Script).where(Script.project_id == project_id))).one()
        storyboard = await session.get(Storyboard, project_id) or Storyboard.empty(project_id)
        scenes = await scenes_in_order(session, script.id, deleted_too=True)
        return Stored(project, script, scenes, storyboard, await read_interview(session, project_id))


def _joined_where_apart(texts: list[str]) -> list[str]:
    """Join each text without a heading at its start to the one before, if an empty line is between them.

    `assemble` would put two more between them, since such a text cannot become a scene of its own.
    """
    pieces = texts[:1]
    for text in texts[1:]:
        if _is_apart(pieces[-1], text) and not split_scene(text)[0].slugline:
            pieces[-1] += text
        else:
            pieces.append(text)
    return pieces


def _is_apart(before: str, after: str) -> bool:
    seam = f"{before[-4:]}|{after[:2]}".replace("\r\n", "\n").replace("\r", "\n")
    return not before or "\n\n|" in seam or "\n|\n" in seam


def _fountain_bytes(stored: Stored) -> bytes:
    return encode(Decoded(stored.text(), stored.script.source_encoding, stored.script.source_bom))


def _json_bytes(stored: Stored, images: ImageStore | None) -> bytes:
    file = _project_file(stored)
    if images is not None:
        file.image_files = _image_files(file, images)
    return file.model_dump_json(indent=2).encode()


def _project_file(stored: Stored) -> ProjectFile:
    script = ScriptInFile.model_validate(
        {
            "preamble": stored.script.preamble,
            "encoding": stored.script.source_encoding,
            "bom": stored.script.source_bom,
            "scenes": [_scene_in_file(stored, scene) for scene in stored.scenes],
        }
    )
    return ProjectFile(
        format="studio-project",
        format_version=2,
        title=stored.project.title,
        description=stored.project.description,
        created_at=stored.project.created_at,
        exported_at=datetime.now(UTC),
        script=script,
        aside=aside_in_file(stored.storyboard, {scene.id: at for at, scene in enumerate(stored.scenes)}),
        interview=stored.interview,
    )


def _scene_in_file(stored: Stored, scene: Scene) -> SceneInFile:
    entry = stored.script.scene_summaries.get(scene.id)
    return SceneInFile(
        slugline=scene.slugline,
        text=scene.text,
        updated_at=scene.updated_at,
        deleted_at=scene.deleted_at,
        summary=None if entry is None else SummaryInFile.model_validate(entry),
        images=frames_in_file(stored.storyboard, scene.id),
    )


def _image_files(file: ProjectFile, images: ImageStore) -> dict[str, bytes]:
    """Read the bytes of a project's images, as long as there is room for them in Base64."""
    room = MAX_PROJECT_FILE_BYTES - len(file.model_dump_json(indent=2).encode())
    frames = [frame for _, frame in file.frames()]
    frames.sort(key=lambda frame: frame.discarded or frame.replaced_by is not None)
    kept: dict[str, bytes] = {}
    for name in dict.fromkeys(frame.file for frame in frames):
        found = images.find(name)
        if found is None:
            continue
        room -= 4 * found[0].stat().st_size // 3 + len(name) + SPACE_BETWEEN_IMAGES
        if room < 0:
            break
        kept[name] = found[0].read_bytes()
    return kept
