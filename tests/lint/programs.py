"""Writes small programs to disk, checks them, and says which lines were found."""

from __future__ import annotations

import re
from pathlib import Path

from indelible.lint.engine import check
from indelible.lint.findings import Confidence, Finding

EXPECTED = re.compile(r"#.*<- (IND\d+)")

MODELS = """\
from sqlalchemy import ARRAY, JSON, Column, ForeignKey, Integer, PickleType, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.mutable import MutableDict, MutableList
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Project(Base):
    __tablename__ = "projects"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    config: Mapped[dict] = mapped_column(JSONB)
    scripts: Mapped[list["Script"]] = relationship(back_populates="project")


class Script(Base):
    __tablename__ = "scripts"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    project: Mapped["Project"] = relationship(back_populates="scripts")
    scene_summaries: Mapped[dict] = mapped_column(JSONB)
    blocks: Mapped[list] = mapped_column(JSON)
    settings: Mapped[dict] = mapped_column(MutableDict.as_mutable(JSON))
"""


HEAD = """\
import copy
import json

from sqlalchemy import select, update
from sqlalchemy.orm import Session, attributes
from sqlalchemy.orm.attributes import flag_modified

from models import Project, Script


"""


def write(folder: Path, **modules: str) -> Path:
    """Write modules; `a__b` becomes `a/b.py`."""
    for name, code in modules.items():
        path = folder / (name.replace("__", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code)
    return folder


def shown(folder: Path, strict: bool = False) -> list[Finding]:
    """Return what a check of a folder shows."""
    least = Confidence.LOW if strict else Confidence.MEDIUM
    return [finding for finding in check([str(folder)]).findings if finding.confidence >= least]


def places(findings: list[Finding]) -> set[tuple[str, int, str]]:
    """Return file name, line and rule of findings."""
    return {(Path(finding.path).name, finding.line, finding.rule) for finding in findings}


def expected(folder: Path) -> set[tuple[str, int, str]]:
    """Return what the comments `# <- IND101` in a folder expect."""
    return {
        (path.name, number, found[1])
        for path in folder.rglob("*.py")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if (found := EXPECTED.search(line))
    }
