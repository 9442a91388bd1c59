"""The shared documents, with and without deltas."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Engine, create_engine, insert
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from indelible import Document

BOARDS = 4


class Base(DeclarativeBase):
    """The table as Indelible maps it."""


class PlainBase(DeclarativeBase):
    """The same table as SQLAlchemy alone maps it."""


class Board(Base):
    """A row whose document is sent as deltas."""

    __tablename__ = "boards"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[Any] = mapped_column(Document(keys={"scenes": "id"}))


class PlainBoard(PlainBase):
    """A row whose document is written as a whole."""

    __tablename__ = "boards"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[Any] = mapped_column(JSON().with_variant(JSONB(), "postgresql"))


def new_engine(url: str) -> Engine:
    """Open the database; SQLite waits for other writers."""
    return create_engine(url, connect_args={"timeout": 60} if url.startswith("sqlite") else {})


def prepare(url: str) -> None:
    """Make the table anew, with its first documents."""
    engine = new_engine(url)
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    with engine.connect() as connection:
        if url.startswith("sqlite"):
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        connection.execute(
            insert(Board), [{"id": number, "doc": _document()} for number in range(1, BOARDS + 1)]
        )
        connection.commit()
    engine.dispose()


def _document() -> dict[str, Any]:
    return {
        "log": [],
        "slots": dict.fromkeys("abc"),
        "scenes": [{"id": f"scene-{number}", "urls": [], "title": None} for number in range(6)],
        "count": 0,
    }
