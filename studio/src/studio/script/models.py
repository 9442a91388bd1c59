"""The tables of scripts and scenes."""

from datetime import datetime
from typing import TypedDict

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from indelible import Document
from studio.database import Base, UtcDateTime
from studio.identifiers import new_id


class SummaryEntry(TypedDict):
    """One summary in `Script.scene_summaries`.

    `fingerprint` is the SHA-256 of the scene text that was summarised; `made_at` an ISO 8601 time.
    """

    text: str
    model: str
    fingerprint: str
    made_at: str


class StoredBlock(TypedDict):
    """One element of a scene: `type` as the screenplay parser names it, `text` exact with its line ends."""

    type: str
    text: str


class Script(Base):
    """The script of one project.

    `scene_summaries` is keyed by scene id, so that two scenes with one slugline keep two summaries. `scene_order` has
    the id of each scene once, the deleted ones too, where they stood.
    """

    __tablename__ = "scripts"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"), unique=True)
    preamble: Mapped[str] = mapped_column(Text)
    source_encoding: Mapped[str] = mapped_column(String(32))
    source_bom: Mapped[bool]
    scene_summaries: Mapped[dict[str, SummaryEntry]] = mapped_column(Document, default=dict)
    scene_order: Mapped[list[str]] = mapped_column(Document, default=list, server_default="[]")

    @classmethod
    def empty(cls, project_id: str) -> "Script":
        """Return a new script without text."""
        return cls(
            id=new_id(),
            project_id=project_id,
            preamble="",
            source_encoding="utf-8",
            source_bom=False,
            scene_summaries={},
            scene_order=[],
        )


class Scene(Base):
    """One scene; its text is its blocks' texts joined, its place the one of its id in `Script.scene_order`."""

    __tablename__ = "scenes"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    script_id: Mapped[str] = mapped_column(ForeignKey("scripts.id"), index=True)
    slugline: Mapped[str] = mapped_column(Text)
    scene_number: Mapped[str | None] = mapped_column(Text)
    characters: Mapped[list[str]] = mapped_column(Document, default=list)
    blocks: Mapped[list[StoredBlock]] = mapped_column(Document, default=list)
    version: Mapped[int]
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def text(self) -> str:
        """Return the scene's exact text."""
        return "".join(block["text"] for block in self.blocks)
