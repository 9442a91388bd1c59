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


class FrameInFile(BaseModel):
    """An image of a scene; `file`, by the SHA-256 of its bytes, is in Studio's image store; `cost` is in US dollars."""

    id: str
    file: str
    prompt: str
    seed: int
    shot: str
    model: str
    cost: float | None = None
    seconds: float
    made_at: datetime
    favourite: bool = False
    replaced_by: str | None = None
    discarded: bool = False


class SceneInFile(BaseModel):
    """A scene's exact text and its images; `slugline` is there for readers and not read back."""

    slugline: str = ""
    text: str
    summary: SummaryInFile | None = None
    images: list[FrameInFile] = []


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
