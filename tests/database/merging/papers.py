"""The table of documents that several writers change."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from indelible import Document
from tests.unit.writers import KEYS


class Base(DeclarativeBase):
    """The tables of these tests."""


class Paper(Base):
    """A row with a document whose lists have keys, and a plain column."""

    __tablename__ = "papers"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    title: Mapped[str] = mapped_column(default="")
    doc: Mapped[Any] = mapped_column(Document(keys=KEYS), nullable=True)
    other: Mapped[Any] = mapped_column(Document, nullable=True)
