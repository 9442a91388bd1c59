"""Runs small programs against SQLAlchemy, which judges whether their change is lost, and checks the same text."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import json
import sys
import textwrap
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import Engine, MetaData, create_engine, text

from tests.lint.programs import expected, places, shown, write

MODELS = """\
from sqlalchemy import JSON, ForeignKey
from sqlalchemy.ext.mutable import MutableDict
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Team(Base):
    __tablename__ = "teams"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    prefs: Mapped[dict] = mapped_column(JSON)
    members: Mapped[list["Member"]] = relationship(back_populates="team")


class Member(Base):
    __tablename__ = "members"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    team: Mapped["Team"] = relationship(back_populates="members")
    profile: Mapped[dict] = mapped_column(JSON)
    badges: Mapped[list] = mapped_column(JSON)
    settings: Mapped[dict] = mapped_column(MutableDict.as_mutable(JSON))
"""

HEAD = """\
import copy
import json

from sqlalchemy import select, update
from sqlalchemy.orm import Session, attributes
from sqlalchemy.orm.attributes import flag_modified

from models import Base, Member, Team


"""
_COLUMNS = {"teams": ("prefs",), "members": ("profile", "badges", "settings")}
_ROWS = """
from models import Member, Team

def rows():
    return [
        Team(id=1, name="one", prefs={"a": {"b": 1}, "list": [{"k": 1}], "gone": None}),
        Member(id=1, name="m", team_id=1, profile={"a": {"b": 1}, "list": [{"k": 1}]}, badges=["x", {"k": 1}],
               settings={"a": {"b": 1}}),
        Member(id=2, name="n", team_id=1, profile={"a": {"b": 2}, "list": []}, badges=["y", {"k": 2}],
               settings={"a": {"b": 2}}),
    ]
"""


class Outcome(NamedTuple):
    """Whether a commit lost what the program changed, and what the check said and was expected to say."""

    lost: bool
    found: set[tuple[str, int, str]]
    expected: set[tuple[str, int, str]]


def outcome(folder: Path, program: str, monkeypatch: pytest.MonkeyPatch) -> Outcome:
    """Run a program that has a function `run(session)`, which changes documents and commits, and check it.

    Rows of models of its own, which its function `rows()` gives, are stored before.
    """
    write(folder, models=MODELS, code=HEAD + textwrap.dedent(program), rows=_ROWS)
    lost = _loses(folder, monkeypatch)
    (folder / "rows.py").unlink()
    return Outcome(lost, places(shown(folder)), expected(folder))


def _loses(folder: Path, monkeypatch: pytest.MonkeyPatch) -> bool:
    monkeypatch.syspath_prepend(str(folder))
    for name in ("models", "code", "rows"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    importlib.invalidate_caches()
    code, rows = importlib.import_module("code"), importlib.import_module("rows")
    engine = create_engine(f"sqlite:///{folder / 'rows.db'}")
    try:
        code.Base.metadata.create_all(engine)
        with code.Session(engine) as session:
            session.add_all([*rows.rows(), *(code.rows() if hasattr(code, "rows") else ())])
            session.commit()
        before = _stored(engine, code.Base.metadata)
        if inspect.iscoroutinefunction(code.run):
            asyncio.run(_run_async(code.run, folder))
        else:
            with code.Session(engine) as session:
                code.run(session)
        return _stored(engine, code.Base.metadata) == before
    finally:
        engine.dispose()
        for name in (
            "models",
            "code",
            "rows",
        ):  # not by `monkeypatch`, which would put them back after the test
            sys.modules.pop(name, None)


async def _run_async(run: Any, folder: Path) -> None:
    from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

    engine = create_async_engine(f"sqlite+aiosqlite:///{folder / 'rows.db'}")
    try:
        async with AsyncSession(engine) as session:
            await run(session)
    finally:
        await engine.dispose()


def _stored(engine: Engine, metadata: MetaData) -> list[object]:
    """Return what the documents of all tables are, as stored; of tables that the program declares, all columns."""
    with engine.connect() as connection:
        return [
            json.loads(value) if table in _COLUMNS else value
            for table in sorted(metadata.tables)
            for row in connection.execute(
                text(f"SELECT {', '.join(_COLUMNS.get(table, ('*',)))} FROM {table} ORDER BY id")
            )
            for value in row
        ]
