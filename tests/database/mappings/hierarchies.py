"""Documents in hierarchies of classes, and in rows that refer to others."""

from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from indelible import Document
from tests.database.mappings.declarative import Base


class Animal(Base):
    """The parent of a single-table hierarchy."""

    __tablename__ = "animals"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    doc: Mapped[dict[str, Any]] = mapped_column(Document, default=dict)
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "animal"}  # noqa: RUF012


class Dog(Animal):
    """A child in the parent's table with a document of its own."""

    tricks: Mapped[dict[str, Any] | None] = mapped_column(Document)
    __mapper_args__ = {"polymorphic_identity": "dog"}  # noqa: RUF012


class Puppy(Dog):
    """A grandchild."""

    __mapper_args__ = {"polymorphic_identity": "puppy"}  # noqa: RUF012


class Person(Base):
    """The parent of a joined hierarchy."""

    __tablename__ = "people"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    doc: Mapped[dict[str, Any]] = mapped_column(Document, default=dict)
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "person"}  # noqa: RUF012


class Writer(Person):
    """A child with a table and a document of its own."""

    __tablename__ = "writers"
    id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    works: Mapped[Any] = mapped_column(Document, nullable=True)
    __mapper_args__ = {"polymorphic_identity": "writer"}  # noqa: RUF012


class Shape(Base):
    """The parent of a concrete hierarchy."""

    __tablename__ = "shapes"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[dict[str, Any]] = mapped_column(Document, default=dict)


class Circle(Shape):
    """A child with all columns in its own table."""

    __tablename__ = "circles"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[dict[str, Any]] = mapped_column(Document, default=dict)
    __mapper_args__ = {"concrete": True}  # noqa: RUF012


class Shelf(Base):
    """A parent of rows with documents."""

    __tablename__ = "shelves"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[dict[str, Any]] = mapped_column(Document, default=dict)
    books: Mapped[list["Book"]] = relationship(back_populates="shelf", order_by="Book.id")


class Book(Base):
    """A child of a shelf."""

    __tablename__ = "books"
    id: Mapped[int] = mapped_column(primary_key=True)
    shelf_id: Mapped[int] = mapped_column(ForeignKey("shelves.id"))
    doc: Mapped[dict[str, Any]] = mapped_column(Document, default=dict)
    shelf: Mapped[Shelf] = relationship(back_populates="books")
