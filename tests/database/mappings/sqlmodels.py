"""SQLModel classes with documents."""

from typing import Any

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from indelible import Document


class Hero(SQLModel, table=True):
    """A SQLModel class."""

    id: int = Field(primary_key=True)
    doc: dict[str, Any] = Field(default_factory=dict, sa_type=Document)
    maybe: list[Any] | None = Field(default=None, sa_type=Document)


class HeroColumn(SQLModel, table=True):
    """A SQLModel class with a column of its own."""

    id: int = Field(primary_key=True)
    doc: dict[str, Any] = Field(default_factory=dict, sa_column=Column("stored as", Document))
