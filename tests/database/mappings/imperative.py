"""Classes that are mapped from outside, or by a decorator."""

import dataclasses
from typing import Any

from sqlalchemy import Column, Integer, String, Table
from sqlalchemy.orm import Mapped, mapped_column, registry

from indelible import Document

mapping = registry()


class Imperative:
    """Mapped from outside."""

    def __init__(self, id: int, doc: Any) -> None:
        self.id = id
        self.doc = doc


mapping.map_imperatively(
    Imperative,
    Table("imperative", mapping.metadata, Column("id", Integer, primary_key=True), Column("doc", Document)),
)


class ImperativeRenamed:
    """Mapped from outside, under another name."""

    def __init__(self, id: int, doc: Any) -> None:
        self.id = id
        self.doc = doc


_renamed = Table(
    "imperative_renamed", mapping.metadata, Column("id", Integer, primary_key=True), Column("d_o_c", Document)
)


mapping.map_imperatively(ImperativeRenamed, _renamed, properties={"doc": _renamed.c.d_o_c})


@dataclasses.dataclass
class ImperativeDataclass:
    """A standard dataclass, mapped from outside."""

    id: int
    doc: dict[str, Any] = dataclasses.field(default_factory=dict)


mapping.map_imperatively(
    ImperativeDataclass,
    Table(
        "imperative_dataclass",
        mapping.metadata,
        Column("id", Integer, primary_key=True),
        Column("doc", Document, nullable=False),
    ),
)


@mapping.mapped_as_dataclass
class DecoratedDataclass:
    """A dataclass mapped by a decorator."""

    __tablename__ = "decorated_dataclass"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[dict[str, Any]] = mapped_column(Document, default_factory=dict)


@mapping.mapped
class HybridTable:
    """Declarative with an imperative table."""

    __table__ = Table(
        "hybrid_table",
        mapping.metadata,
        Column("id", Integer, primary_key=True),
        Column("name", String),
        Column("doc", Document, key="doc"),
    )
