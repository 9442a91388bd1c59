"""How programs let several writers change one document: what is usual, what is safe, what is ours."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import JSON, Connection, Engine, event, select, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError

from indelible import Document, edit

PLAIN = JSON().with_variant(JSONB(), "postgresql")
ROW = 1


class Base(DeclarativeBase):
    """The tables of all ways."""


class Plain(Base):
    """A row as most programs have it."""

    __tablename__ = "plain"
    id: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[dict[str, Any]] = mapped_column(PLAIN)


class Versioned(Base):
    """A row whose every write must name the version that was read."""

    __tablename__ = "versioned"
    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column()
    body: Mapped[dict[str, Any]] = mapped_column(PLAIN)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Kept(Base):
    """A row with a tracked document."""

    __tablename__ = "kept"
    id: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[dict[str, Any]] = mapped_column(Document)


class Patched(Base):
    """A row with a document that is patched only."""

    __tablename__ = "patched"
    id: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[dict[str, Any]] = mapped_column(Document)


Write = Callable[[Engine, str], None]
"""Appends an entry to the list `log` of the document and commits."""


def rewrite_whole(engine: Engine, entry: str) -> None:
    """Load, change, mark, write all: what is usual, and loses what others wrote meanwhile."""
    with Session(engine) as session:
        row = session.get_one(Plain, ROW)
        row.body["log"].append(entry)
        flag_modified(row, "body")
        session.commit()


def lock_row(engine: Engine, entry: str) -> None:
    """`SELECT … FOR UPDATE` first, so that writers take turns."""
    with Session(engine) as session:
        if engine.dialect.name == "sqlite":
            session.execute(text("BEGIN IMMEDIATE"))
        row = session.scalars(select(Plain).where(Plain.id == ROW).with_for_update()).one()
        row.body["log"].append(entry)
        flag_modified(row, "body")
        session.commit()


def retry_on_version(engine: Engine, entry: str) -> None:
    """`version_id_col`: write only on the version that was read, else all again."""
    while True:
        try:
            with Session(engine) as session:
                row = session.get_one(Versioned, ROW)
                row.body["log"].append(entry)
                flag_modified(row, "body")
                session.commit()
            return
        except StaleDataError:
            continue


_BY_HAND = {
    "postgresql": "UPDATE plain SET body = jsonb_set(body, '{log}', (body -> 'log') || CAST(:entry AS jsonb))"
    " WHERE id = 1",
    "sqlite": "UPDATE plain SET body = json_insert(body, '$.log[#]', json(:entry)) WHERE id = 1",
}


def write_sql_by_hand(engine: Engine, entry: str) -> None:
    """One statement by hand, which nothing guards: the limit."""
    with engine.begin() as connection:
        connection.execute(text(_BY_HAND[engine.dialect.name]), {"entry": json.dumps(entry)})


def load_and_append(engine: Engine, entry: str) -> None:
    """Ours: load a tracked document, change it, commit."""
    with Session(engine) as session:
        session.get_one(Kept, ROW).body["log"].append(entry)
        session.commit()


def patch_without_loading(engine: Engine, entry: str) -> None:
    """Ours: one UPDATE that finds the list and tells where there is none."""
    with engine.begin() as connection:
        patched = edit(Patched.body).at("log").append(entry)
        connection.execute(update(Patched).where(Patched.id == ROW).values(body=patched))


WAYS: dict[str, Write] = {
    "whole, flag_modified": rewrite_whole,
    "whole, row lock": lock_row,
    "whole, version + retry": retry_on_version,
    "SQL by hand": write_sql_by_hand,
    "ours, loaded": load_and_append,
    "ours, patch": patch_without_loading,
}

_TABLES: dict[Write, type[Any]] = {
    retry_on_version: Versioned,
    load_and_append: Kept,
    patch_without_loading: Patched,
}


def table_of(way: str) -> type[Any]:
    """Return the class whose row a way writes."""
    return _TABLES.get(WAYS[way], Plain)


def store(engine: Engine, document: dict[str, Any]) -> None:
    """Store the document in each table anew."""
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all([cls(id=ROW, body=document) for cls in (Plain, Versioned, Kept, Patched)])
        session.commit()


def wait_for_locks(engine: Engine) -> None:
    """Let SQLite's writers wait for each other instead of failing, and readers not wait at all."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA busy_timeout = 60000")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")


def entries(connection: Connection, way: str) -> list[str]:
    """Return what is in the list `log`, in plain SQL."""
    name = table_of(way).__tablename__
    stored = connection.execute(text(f"SELECT CAST(body AS TEXT) FROM {name} WHERE id = 1")).scalar_one()
    found: list[str] = json.loads(stored)["log"]
    return found
