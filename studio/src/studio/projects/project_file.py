"""The JSON file of a whole project: what `export_json` writes and `import_json` reads."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

Encoding = Literal["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "cp1252", "latin-1"]


class SummaryInFile(BaseModel):
    """A scene's summary; `fingerprint` is the SHA-256 of the text that was summarised."""

    text: str
    model: str
    fingerprint: str
    made_at: datetime


class SceneInFile(BaseModel):
    """A scene's exact text; `slugline` is there for readers and not read back."""

    slugline: str = ""
    text: str
    summary: SummaryInFile | None = None


class ScriptInFile(BaseModel):
    """The script, with how its Fountain file was encoded."""

    preamble: str = ""
    encoding: Encoding = "utf-8"
    bom: bool = False
    scenes: list[SceneInFile] = []


class ProjectFile(BaseModel):
    """A whole project without what was deleted in it."""

    format: Literal["studio-project"]
    format_version: Literal[1]
    title: str
    description: str = ""
    exported_at: datetime | None = None
    script: ScriptInFile = Field(default_factory=ScriptInFile)
