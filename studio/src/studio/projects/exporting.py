"""Projects to files: Fountain, HTML made for printing, and the project file."""

import asyncio
import json
import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from studio.database import Database
from studio.projects.finding import find_project
from studio.projects.models import Project
from studio.projects.project_file import FrameInFile, ProjectFile, SceneInFile, ScriptInFile, SummaryInFile
from studio.screenplay import Decoded, assemble, encode, parse, split_scene, to_html
from studio.script.finding import scenes_in_order
from studio.script.models import Scene, Script
from studio.storyboard.finding import frames_of
from studio.storyboard.models import Storyboard


@dataclass(frozen=True)
class Stored:
    """A project with all that an export needs, read at one moment."""

    project: Project
    script: Script
    scenes: list[Scene]
    storyboard: Storyboard

    def text(self) -> str:
        """Return the whole script as one text."""
        preamble, *texts = _joined_where_apart([self.script.preamble, *(scene.text for scene in self.scenes)])
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


async def export_json(database: Database, project_id: str) -> dict[str, Any]:
    """Return the whole project as `import_json` reads it: script, summaries, and what is known of its images.

    The bytes of images are in Studio's image store. Raises NotFound.
    """
    stored = await _read(database, project_id)
    file = ProjectFile(
        format="studio-project",
        format_version=1,
        title=stored.project.title,
        description=stored.project.description,
        exported_at=datetime.now(UTC),
        script=ScriptInFile.model_validate(
            {
                "preamble": stored.script.preamble,
                "encoding": stored.script.source_encoding,
                "bom": stored.script.source_bom,
                "scenes": [_scene_in_file(stored, scene) for scene in stored.scenes],
            }
        ),
    )
    return file.model_dump(mode="json")


async def export_bytes(database: Database, project_id: str, kind: str) -> bytes:
    """Return the file of a project as `kind`: fountain, html or json.  Raises NotFound."""
    if kind == "fountain":
        return await export_fountain(database, project_id)
    if kind == "html":
        return (await export_html(database, project_id)).encode()
    return json.dumps(await export_json(database, project_id), indent=2, ensure_ascii=False).encode()


def file_stem(title: str) -> str:
    """Return a file name, without extension, that every system takes."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-")[:80] or "script"


async def _read(database: Database, project_id: str) -> Stored:
    async with database.reading() as session:
        project = await find_project(session, project_id)
        script = (await session.scalars(select(Script).where(Script.project_id == project_id))).one()
        storyboard = await session.get(Storyboard, project_id) or Storyboard.empty(project_id)
        return Stored(project, script, await scenes_in_order(session, script.id), storyboard)


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


def _scene_in_file(stored: Stored, scene: Scene) -> SceneInFile:
    entry = stored.script.scene_summaries.get(scene.id)
    summary = None if entry is None else SummaryInFile.model_validate(entry)
    images = [FrameInFile.model_validate(frame) for frame in frames_of(stored.storyboard, scene.id) or ()]
    return SceneInFile(slugline=scene.slugline, text=scene.text, summary=summary, images=images)
