"""Declarative classes with documents, in every style."""

from typing import Annotated, Any

from sqlalchemy import JSON, Column, Integer
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    MappedAsDataclass,
    column_property,
    declared_attr,
    deferred,
    mapped_column,
    synonym,
)

from indelible import Document, tracked


class Base(DeclarativeBase):
    """The declarative classes of this module."""


class Plain(Base):
    """Nothing special."""

    __tablename__ = "plain"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[dict[str, Any]] = mapped_column(Document, default=dict)


class Nullable(Base):
    """A document that may be absent, told by the annotation alone."""

    __tablename__ = "nullable"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[dict[str, Any] | None] = mapped_column(Document)


class Instance(Base):
    """The type given as an instance, and the old `Column` form without annotations."""

    __tablename__ = "instance"
    id: Any = Column(Integer, primary_key=True)
    doc: Any = Column(Document(), default=dict)
    __allow_unmapped__ = True


class OtherName(Base):
    """The attribute and the column have different names."""

    __tablename__ = "other_name"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[dict[str, Any]] = mapped_column("stored as", Document, default=dict)


class Swapped(Base):
    """Two documents whose attributes and columns have each other's names."""

    __tablename__ = "swapped"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[Any] = mapped_column("second", Document, nullable=True)
    second: Mapped[Any] = mapped_column("doc", Document, nullable=True)


class ColumnProperty(Base):
    """The document is a `column_property`."""

    __tablename__ = "column_property"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[dict[str, Any]] = column_property(Column("doc", Document, default=dict))


class Synonym(Base):
    """The document is reached under a second name."""

    __tablename__ = "synonym"
    id: Mapped[int] = mapped_column(primary_key=True)
    stored: Mapped[dict[str, Any]] = mapped_column(Document, default=dict)
    doc: Mapped[dict[str, Any]] = synonym("stored")


class Deferred(Base):
    """The document is loaded on its first access."""

    __tablename__ = "deferred"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[dict[str, Any]] = mapped_column(Document, default=dict, deferred=True)
    other: Mapped[list[int] | None] = deferred(mapped_column(Document), group="more")


class Composite(Base):
    """A composite key, one part of it text."""

    __tablename__ = "composite"
    owner: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[dict[str, Any]] = mapped_column(Document, default=dict)


class WithTypeMap(DeclarativeBase):
    """Types from annotations."""

    type_annotation_map = {dict[str, Any]: Document, list[int]: tracked(JSON)}  # noqa: RUF012


class ByAnnotation(WithTypeMap):
    """No column type is named in the class."""

    __tablename__ = "by_annotation"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[dict[str, Any]]
    maybe: Mapped[dict[str, Any] | None]
    numbers: Mapped[list[int] | None]


Doc = Annotated[dict[str, Any], mapped_column(Document, default=dict)]


class ByAlias(Base):
    """The column comes with an `Annotated` alias."""

    __tablename__ = "by_alias"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[Doc]


class DataclassBase(MappedAsDataclass, DeclarativeBase):
    """Classes that are dataclasses."""


class AsDataclass(DataclassBase):
    """A mapped dataclass."""

    __tablename__ = "as_dataclass"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[dict[str, Any]] = mapped_column(Document, default_factory=dict)
    maybe: Mapped[list[Any] | None] = mapped_column(Document, default=None)


class HasDoc:
    """A mixin with a plain column."""

    doc: Mapped[dict[str, Any]] = mapped_column(Document, default=dict)


class HasDeclaredDoc:
    """A mixin with a `declared_attr`."""

    @declared_attr
    def doc(cls) -> Mapped[dict[str, Any]]:
        """The document."""
        return mapped_column(Document, default=dict)


class Mixed(HasDoc, Base):
    """First user of the mixin."""

    __tablename__ = "mixed"
    id: Mapped[int] = mapped_column(primary_key=True)


class MixedToo(HasDoc, Base):
    """Second user of the mixin."""

    __tablename__ = "mixed_too"
    id: Mapped[int] = mapped_column(primary_key=True)


class MixedDeclared(HasDeclaredDoc, Base):
    """User of the mixin with a `declared_attr`."""

    __tablename__ = "mixed_declared"
    id: Mapped[int] = mapped_column(primary_key=True)


class AbstractDoc(Base):
    """An abstract base with the document."""

    __abstract__ = True
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[dict[str, Any]] = mapped_column(Document, default=dict)


class OfAbstract(AbstractDoc):
    """A class of an abstract base."""

    __tablename__ = "of_abstract"
