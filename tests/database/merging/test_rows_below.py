"""A row whose document must be merged does not wait for rows that others add below it, nor they for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import ForeignKey, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from indelible import Document
from tests.database.stores import DRIVERS, new_store


class Base(DeclarativeBase):
    """Tables of this module."""


class Script(Base):
    """A row with a document, and rows below it."""

    __tablename__ = "scripts"
    id: Mapped[int] = mapped_column(primary_key=True)
    order: Mapped[Any] = mapped_column(Document)


class Scene(Base):
    """A row below."""

    __tablename__ = "scenes"
    id: Mapped[int] = mapped_column(primary_key=True)
    script_id: Mapped[int] = mapped_column(ForeignKey("scripts.id"))


def test_a_merge_does_not_wait_for_a_new_row_below(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """On PostgreSQL, whoever adds a row holds the key of the one above: that alone must not stop a merge."""
    store = new_store(DRIVERS["psycopg"], tmp_path, lambda: request.getfixturevalue("postgres_uri"))
    store.create(Base.metadata)
    store.keep(Script(id=1, order=["a", "b", "c"]))
    with store.session() as session, Session(store.engine) as moving, Session(store.engine) as adding:
        order = session.get_one(Script, 1).order
        moving.get_one(Script, 1).order.reverse()
        moving.commit()
        adding.add(Scene(id=1, script_id=1))
        adding.flush()
        session.execute(text("SET lock_timeout = '2s'"))
        order.insert(1, "x")
        session.commit()
        adding.commit()
        session.expire_all()
        assert session.get_one(Script, 1).order == ["c", "b", "a", "x"]
