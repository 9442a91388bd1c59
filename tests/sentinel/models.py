"""The mapped classes of the sentinel's tests: columns as they are without Indelible."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, types
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.mutable import MutableDict, MutableList
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


def plain() -> Any:
    """Return a type of its own: `as_mutable` makes every column track that shares the type object."""
    return JSON().with_variant(JSONB(), "postgresql")


class Base(DeclarativeBase):
    """The tables of each test's database."""


class Wrapped(types.TypeDecorator[Any]):
    """A team's own type over JSON."""

    impl = JSON
    cache_ok = True

    def process_result_value(self, value: Any, dialect: object) -> Any:
        """Give an empty object for NULL."""
        return {} if value is None else value


class Row(Base):
    """A row with one column of each kind."""

    __tablename__ = "plain_rows"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    title: Mapped[str] = mapped_column(default="")
    doc: Mapped[Any] = mapped_column(plain(), nullable=True)
    objects: Mapped[Any] = mapped_column(MutableDict.as_mutable(plain()), nullable=True)
    arrays: Mapped[Any] = mapped_column(MutableList.as_mutable(plain()), nullable=True)
    wrapped: Mapped[Any] = mapped_column(Wrapped, nullable=True)
