"""The ways to keep JSON in a mapped class that are compared. All of them read the same rows of one table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.mutable import MutableDict
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy_json import mutable_json_type  # type: ignore[import-untyped]

from indelible import Document, set_strict

OURS = "ours"
STRICT = "ours, strict"
PLAIN = "plain"
MUTABLE_DICT = "MutableDict"
SQLALCHEMY_JSON = "sqlalchemy-json"


@dataclass(frozen=True)
class Peer:
    """A mapped class, and what a program has to do after a nested change so that it is saved."""

    name: str
    row: type[Any]
    announce: Callable[[Any], None]
    strict: bool = False

    @contextmanager
    def mode(self) -> Iterator[None]:
        """Turn strict mode on or off as this peer has it."""
        was = set_strict(self.strict)
        try:
            yield
        finally:
            set_strict(was)


def peers() -> list[Peer]:
    """Return the peers, ours first."""
    json = JSON().with_variant(JSONB(), "postgresql")
    ours = _mapped(Document())
    return [
        Peer(OURS, ours, _nothing),
        Peer(PLAIN, _mapped(json), _flag_modified),
        Peer(MUTABLE_DICT, _mapped(MutableDict.as_mutable(json.copy())), _changed),
        Peer(SQLALCHEMY_JSON, _mapped(mutable_json_type(dbtype=json.copy(), nested=True)), _nothing),
        Peer(STRICT, ours, _nothing, strict=True),
    ]


def _mapped(body_type: Any) -> type[Any]:
    class Base(DeclarativeBase):
        pass

    class Stored(Base):
        __tablename__ = "documents"
        name: Mapped[str] = mapped_column(primary_key=True)
        body: Mapped[dict[str, Any]] = mapped_column(body_type)

    return Stored


def _nothing(_row: Any) -> None:
    """Do nothing: the change was seen."""


def _flag_modified(row: Any) -> None:
    flag_modified(row, "body")


def _changed(row: Any) -> None:
    # MutableDict sees changes of the outermost object only; without this call a nested one would be lost.
    row.body.changed()
