"""The mapped classes that most database tests use."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from indelible import Document


class Base(DeclarativeBase):
    """The tables that each test's database has."""


class Row(Base):
    """A row with two documents and a plain column."""

    __tablename__ = "rows"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(default="")
    doc: Mapped[Any] = mapped_column(Document, default=dict, nullable=True)
    other: Mapped[Any] = mapped_column(Document, nullable=True)


class Versioned(Base):
    """A row whose version the mapper counts."""

    __tablename__ = "versioned"
    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column()
    doc: Mapped[Any] = mapped_column(Document, default=dict, nullable=True)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own form
