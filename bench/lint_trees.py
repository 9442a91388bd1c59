"""Writes projects of a wanted number of lines: web applications with models, services and much code beside."""

from __future__ import annotations

from pathlib import Path

_MODEL = '''\
"""Rows about {name} {n}."""

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from {package}.base import Base


class {cls}{n}(Base):
    """One {name}."""

    __tablename__ = "{name}_{n}"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    owner_id: Mapped[int] = mapped_column(ForeignKey("owners.id"))
    {attribute}: Mapped[dict] = mapped_column(JSON, default=dict)
    owner = relationship("Owner")

    def describe(self) -> str:
        return f"{{self.title}} ({{self.id}})"
'''
_SERVICE = '''\
"""What can be done with {name} {n}."""

import logging

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from {package}.models_{n} import {cls}{n}
from {package}.text_{n} import shorten, tidy

logger = logging.getLogger(__name__)


def rename(session: Session, key: int, title: str) -> {cls}{n}:
    found = session.get({cls}{n}, key)
    if found is None:
        raise LookupError(key)
    found.title = shorten(title)
    logger.info("renamed %s", found.describe())
    session.commit()
    return found


def remember(session: Session, key: int, name: str, value: str) -> None:
    found = session.get({cls}{n}, key)
    values = found.{attribute} or {{}}
    values[tidy(name)] = value
    flag_modified(found, "{attribute}")
    session.commit()


def replace(session: Session, key: int, values: dict[str, str]) -> None:
    found = session.scalars(select({cls}{n}).where({cls}{n}.id == key)).one()
    found.{attribute} = {{**found.{attribute}, **values}}
    session.commit()


def titles(session: Session) -> list[str]:
    rows = session.scalars(select({cls}{n}).order_by({cls}{n}.title)).all()
    return [row.describe() for row in rows if row.title]
'''
_TEXT = '''\
"""Text for {name} {n}."""

import re
from dataclasses import dataclass, field

_SPACES = re.compile(r"\\s+")


def tidy(text: str) -> str:
    return _SPACES.sub(" ", text).strip()


def shorten(text: str, most: int = 80) -> str:
    words = tidy(text).split(" ")
    kept: list[str] = []
    length = 0
    for word in words:
        length += len(word) + 1
        if length > most:
            kept.append("…")
            break
        kept.append(word)
    return " ".join(kept)


@dataclass
class Table{n}:
    """Rows of text in columns."""

    heads: list[str]
    rows: list[list[str]] = field(default_factory=list)

    def widths(self) -> list[int]:
        found = [len(head) for head in self.heads]
        for row in self.rows:
            for number, cell in enumerate(row):
                if number < len(found) and len(cell) > found[number]:
                    found[number] = len(cell)
        return found

    def render(self, between: str = " | ") -> str:
        widths = self.widths()
        lines = [between.join(head.ljust(width) for head, width in zip(self.heads, widths, strict=False))]
        for row in self.rows:
            cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
            lines.append(between.join(cells))
        return "\\n".join(lines)

    def sums(self) -> dict[str, float]:
        totals: dict[str, float] = {{}}
        for number, head in enumerate(self.heads):
            total = 0.0
            for row in self.rows:
                try:
                    total += float(row[number])
                except (ValueError, IndexError):
                    continue
            totals[head] = total
        return totals
'''
_BASE = """\
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    pass
"""
_NAMES = ("script", "order", "invoice", "device", "ticket", "course", "recipe", "journey")
_ATTRIBUTES = ("notes", "settings", "summaries", "answers", "extra_fields", "history", "layout", "metadata_")
_PER_PACKAGE = 40


def generate(folder: Path, lines: int) -> None:
    """Write a project of at least so many lines: of each 160, 21 declare rows and 45 use them."""
    written = number = 0
    while written < lines:
        package = f"part_{number // _PER_PACKAGE}"
        at = folder / package
        if number % _PER_PACKAGE == 0:
            at.mkdir(parents=True)
            (at / "__init__.py").write_text("")
            (at / "base.py").write_text(_BASE)
        name = _NAMES[number % len(_NAMES)]
        fields = {
            "package": package, "name": name, "cls": name.capitalize(), "n": number,
            "attribute": _ATTRIBUTES[number % len(_ATTRIBUTES)],
        }  # fmt: skip
        for kind, template in (("models", _MODEL), ("services", _SERVICE), ("text", _TEXT), ("forms", _TEXT)):
            text = template.format(**fields)
            (at / f"{kind}_{number}.py").write_text(text)
            written += text.count("\n")
        number += 1
