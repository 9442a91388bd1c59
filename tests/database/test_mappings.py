"""A document is tracked however its class is mapped: every style, every kind of inheritance, every tracked type."""

import copy
import dataclasses
import gc
import pickle
import zlib
from collections.abc import Callable
from typing import Annotated, Any

import pytest
from sqlalchemy import (
    JSON,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    PickleType,
    String,
    Table,
    Text,
    TypeDecorator,
    inspect,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    MappedAsDataclass,
    Session,
    aliased,
    column_property,
    declared_attr,
    deferred,
    joinedload,
    load_only,
    mapped_column,
    registry,
    relationship,
    selectinload,
    synonym,
    undefer,
)
from sqlmodel import Field, SQLModel

from indelible import Document, pending_delta, tracked
from tests.database.stores import Store, typed

START: dict[str, Any] = {"a": {"n": [1]}, "k": 1}


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


class Zipped(TypeDecorator[Any]):
    """A team's own type: compressed pickles, with a mark put in on the way and taken out on the way back."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> bytes | None:
        """Compress."""
        if value is None:
            return None
        assert type(value) in (dict, list), type(value)
        return zlib.compress(pickle.dumps({"wrapped": value}))

    def process_result_value(self, value: Any, dialect: Any) -> Any:
        """Decompress."""
        return None if value is None else pickle.loads(zlib.decompress(value))["wrapped"]


class JSONText(TypeDecorator[Any]):
    """A team's own type over another JSON type."""

    impl = JSON
    cache_ok = True


class ByDecorator(Base):
    """A tracked custom type."""

    __tablename__ = "by_decorator"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[Any] = mapped_column(tracked(Zipped), default=dict)


class ByJSONDecorator(Base):
    """A tracked custom type over JSON."""

    __tablename__ = "by_json_decorator"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[Any] = mapped_column(tracked(JSONText()), default=dict)


class ByJSON(Base):
    """Tracked JSON."""

    __tablename__ = "by_json"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[Any] = mapped_column(tracked(JSON), default=dict)


class ByPickle(Base):
    """Tracked pickles."""

    __tablename__ = "by_pickle"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[Any] = mapped_column(tracked(PickleType), default=dict, nullable=True)


class ByJSONB(Base):
    """Tracked JSONB."""

    __tablename__ = "by_jsonb"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[Any] = mapped_column(tracked(JSONB(astext_type=Text())), default=dict)


class ByVariant(Base):
    """Tracked JSON that is JSONB on PostgreSQL."""

    __tablename__ = "by_variant"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[Any] = mapped_column(tracked(JSON().with_variant(JSONB(), "postgresql")), default=dict)


class DocumentVariant(Base):
    """A `Document` with a variant of its own on one database."""

    __tablename__ = "document_variant"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[Any] = mapped_column(Document().with_variant(Document(), "sqlite"), default=dict)


class Hero(SQLModel, table=True):
    """A SQLModel class."""

    id: int = Field(primary_key=True)
    doc: dict[str, Any] = Field(default_factory=dict, sa_type=Document)
    maybe: list[Any] | None = Field(default=None, sa_type=Document)


class HeroColumn(SQLModel, table=True):
    """A SQLModel class with a column of its own."""

    id: int = Field(primary_key=True)
    doc: dict[str, Any] = Field(default_factory=dict, sa_column=Column("stored as", Document))


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


CLASSES: list[tuple[type[Any], str]] = [
    *((cls, "doc") for cls in (Plain, Nullable, Instance, OtherName, Swapped, ColumnProperty, Synonym)),
    *((cls, "doc") for cls in (Deferred, ByAnnotation, ByAlias, AsDataclass, Mixed, MixedToo)),
    *((cls, "doc") for cls in (MixedDeclared, OfAbstract, Animal, Dog, Puppy, Person, Writer, Shape, Circle)),
    *((cls, "doc") for cls in (ByDecorator, ByJSONDecorator, ByJSON, ByPickle, ByVariant, DocumentVariant)),
    *((cls, "doc") for cls in (Hero, HeroColumn, Imperative, ImperativeRenamed, ImperativeDataclass)),
    *((cls, "doc") for cls in (DecoratedDataclass, HybridTable)),
    *((cls, "second") for cls in (Swapped,)),
    *((cls, "tricks") for cls in (Dog, Puppy)),
    *((cls, "works") for cls in (Writer,)),
    *((cls, "maybe") for cls in (ByAnnotation, AsDataclass, Hero)),
]

every_mapping = pytest.mark.parametrize(
    ("cls", "attribute"), CLASSES, ids=[f"{cls.__name__}.{name}" for cls, name in CLASSES]
)


def _create(store: Store, *classes: type[Any]) -> None:
    for cls in classes:
        tables: Any = inspect(cls).tables
        tables[0].metadata.create_all(store.engine, tables=tables)


def _new(store: Store, cls: type[Any], attribute: str, doc: Any, id: int = 1) -> Any:
    """Make the tables of a class and a row of it."""
    _create(store, cls)
    row = cls(**({"id": id, "doc": {}} | {attribute: doc}))
    if cls in (Swapped, Dog, Puppy, Writer, ByAnnotation) and attribute != "doc":
        row.doc = {}
    return row


def _expect(store: Store, expected: Any, cls: type[Any], attribute: str, key: Any = 1) -> None:
    """Check what is stored, in plain SQL where the type is text, and in a fresh session."""
    if cls in (ByDecorator, ByPickle):
        column = inspect(cls).columns[attribute]
        ((raw,),) = store.sql(f"SELECT doc FROM {column.table.name}")
        value = pickle.loads(raw) if cls is ByPickle else pickle.loads(zlib.decompress(raw))["wrapped"]
        assert typed(value) == typed(expected)
        assert type(value) is type(expected)
        with Session(store.engine) as session:
            assert typed(getattr(session.get_one(cls, key), attribute)) == typed(expected)
        return
    store.expect(expected, cls, key, "stored" if cls is Synonym else attribute)


@every_mapping
def test_changes_before_and_after_the_first_flush(store: Store, cls: type[Any], attribute: str) -> None:
    """A new row's document is tracked before it is added, before its flush, after it, and after the commit."""
    row = _new(store, cls, attribute, {"n": [1]})
    getattr(row, attribute)["n"].append(2)
    session = store.session()
    session.add(row)
    getattr(row, attribute)["n"].append(3)
    session.flush()
    getattr(row, attribute)["n"].append(4)
    session.commit()
    _expect(store, {"n": [1, 2, 3, 4]}, cls, attribute)
    getattr(row, attribute)["n"].insert(0, {"deep": []})
    getattr(row, attribute)["n"][0]["deep"].append(5)
    session.commit()
    _expect(store, {"n": [{"deep": [5]}, 1, 2, 3, 4]}, cls, attribute)


@every_mapping
def test_changes_to_a_loaded_row(store: Store, cls: type[Any], attribute: str) -> None:
    """A loaded row's document is tracked at any depth, also when nothing else holds the row."""
    store.keep(_new(store, cls, attribute, copy.deepcopy(START)))
    session = store.session()
    getattr(session.get_one(cls, 1), attribute)["a"]["n"].append(2)
    gc.collect()
    session.commit()
    _expect(store, {"a": {"n": [1, 2]}, "k": 1}, cls, attribute)


@every_mapping
def test_assignment_and_then_in_place(store: Store, cls: type[Any], attribute: str) -> None:
    """A value that is assigned is tracked from then on: before a flush, after it, after a commit."""
    store.keep(_new(store, cls, attribute, copy.deepcopy(START)))
    session = store.session()
    row = session.get_one(cls, 1)
    setattr(row, attribute, {"b": [[]]})
    getattr(row, attribute)["b"][0].append(1)
    session.flush()
    getattr(row, attribute)["b"][0].append(2)
    session.commit()
    getattr(row, attribute)["b"][0].append(3)
    session.commit()
    _expect(store, {"b": [[1, 2, 3]]}, cls, attribute)


@every_mapping
def test_the_same_object_assigned_back(store: Store, cls: type[Any], attribute: str) -> None:
    """Assigning the same object back, with changes inside, saves the changes."""
    store.keep(_new(store, cls, attribute, copy.deepcopy(START)))
    session = store.session()
    row = session.get_one(cls, 1)
    doc = getattr(row, attribute)
    doc["a"]["n"].append(2)
    setattr(row, attribute, doc)
    session.commit()
    _expect(store, {"a": {"n": [1, 2]}, "k": 1}, cls, attribute)


@every_mapping
def test_rollback_and_a_later_change(store: Store, cls: type[Any], attribute: str) -> None:
    """After a rollback the document is the database's, and later changes are saved."""
    store.keep(_new(store, cls, attribute, copy.deepcopy(START)))
    session = store.session()
    row = session.get_one(cls, 1)
    getattr(row, attribute)["a"]["n"].append("gone")
    session.flush()
    session.rollback()
    assert typed(getattr(row, attribute)) == typed(START)
    getattr(row, attribute)["a"]["n"] += ["kept"]
    session.commit()
    _expect(store, {"a": {"n": [1, "kept"]}, "k": 1}, cls, attribute)


@every_mapping
def test_a_change_taken_back(store: Store, cls: type[Any], attribute: str) -> None:
    """A change that is taken back leaves nothing to write."""
    store.keep(_new(store, cls, attribute, copy.deepcopy(START)))
    session = store.session()
    row = session.get_one(cls, 1)
    numbers = getattr(row, attribute)["a"]["n"]
    numbers.append(2)
    numbers.pop()
    assert not session.is_modified(row)
    with store.statements() as statements:
        session.commit()
    assert statements == []


@every_mapping
def test_pending_delta_of_each_mapping(store: Store, cls: type[Any], attribute: str) -> None:
    """The delta is empty for a loaded row, and not after a change, and empty again after the flush."""
    store.keep(_new(store, cls, attribute, copy.deepcopy(START)))
    session = store.session()
    row = session.get_one(cls, 1)
    name = "stored" if cls is Synonym else attribute
    getattr(row, attribute)
    assert pending_delta(row, name) == ()
    getattr(row, attribute)["a"]["n"].append(2)
    assert len(pending_delta(row, name)) == 1
    session.flush()
    assert pending_delta(row, name) == ()


@every_mapping
def test_a_detached_and_pickled_row(store: Store, cls: type[Any], attribute: str) -> None:
    """A row that was detached, pickled and added again goes on tracking."""
    store.keep(_new(store, cls, attribute, copy.deepcopy(START)))
    session = store.session()
    row = session.get_one(cls, 1)
    getattr(row, attribute)["a"]["n"].append(2)
    session.expunge(row)
    again = pickle.loads(pickle.dumps(row))
    getattr(again, attribute)["a"]["n"].append(3)
    session.add(again)
    session.commit()
    _expect(store, {"a": {"n": [1, 2, 3]}, "k": 1}, cls, attribute)


def test_jsonb_on_postgresql(request: pytest.FixtureRequest, store: Store) -> None:
    """Tracked `JSONB` with options of its own, on PostgreSQL."""
    if not store.driver.is_postgresql:
        pytest.skip("JSONB is PostgreSQL's")
    store.keep(_new(store, ByJSONB, "doc", copy.deepcopy(START)))
    session = store.session()
    row = session.scalars(select(ByJSONB).where(ByJSONB.doc["k"].astext == "1")).one()
    row.doc["a"]["n"].append(2)
    session.commit()
    _expect(store, {"a": {"n": [1, 2]}, "k": 1}, ByJSONB, "doc")


@pytest.mark.parametrize("cls", [Nullable, ByJSON, ByVariant, ByPickle, Hero])
def test_none_and_back(store: Store, cls: type[Any]) -> None:
    """From `None` to a document and back to `None`, with changes in between."""
    name = "maybe" if cls is Hero else "doc"
    store.keep(_new(store, cls, name, None))
    session = store.session()
    row = session.get_one(cls, 1)
    setattr(row, name, [])
    getattr(row, name).append({})
    session.flush()
    getattr(row, name)[0]["x"] = 1
    session.commit()
    _expect(store, [{"x": 1}], cls, name)
    setattr(row, name, None)
    session.commit()
    assert getattr(row, name) is None


def test_composite_key(any_store: Store) -> None:
    """A row with a composite key."""
    _create(any_store, Composite)
    any_store.keep(
        Composite(owner="a", number=1, doc=copy.deepcopy(START)),
        Composite(owner="a", number=2, doc={"z": []}),
    )
    session = any_store.session()
    session.get_one(Composite, ("a", 1)).doc["a"]["n"].append(2)
    session.get_one(Composite, ("a", 2)).doc["z"].append(3)
    gc.collect()
    session.commit()
    any_store.expect({"a": {"n": [1, 2]}, "k": 1}, Composite, ("a", 1))
    any_store.expect({"z": [3]}, Composite, ("a", 2))


def test_several_documents_of_a_row(store: Store) -> None:
    """Each of several documents is written when it changed, and only then."""
    store.keep(_new(store, Swapped, "doc", {"n": []}))
    session = store.session()
    row = session.get_one(Swapped, 1)
    row.second = {"m": []}
    session.flush()
    row.second["m"].append(2)
    with store.statements() as statements:
        session.flush()
    (statement,) = statements
    assert "doc" in statement
    assert "second" not in statement
    row.doc["n"].append(1)
    row.second["m"].append(3)
    with store.statements() as statements:
        session.commit()
    assert len(statements) == 1
    _expect(store, {"n": [1]}, Swapped, "doc")
    _expect(store, {"m": [2, 3]}, Swapped, "second")


def test_a_container_moved_between_documents_of_a_row(store: Store) -> None:
    """Putting a container of one document in another one of the row copies it."""
    store.keep(_new(store, Swapped, "doc", {"n": [[1]]}))
    session = store.session()
    row = session.get_one(Swapped, 1)
    row.second = {"m": row.doc["n"]}
    row.second["m"][0].append("second")
    row.doc["n"][0].append("doc")
    session.commit()
    _expect(store, {"n": [[1, "doc"]]}, Swapped, "doc")
    _expect(store, {"m": [[1, "second"]]}, Swapped, "second")


@pytest.mark.parametrize("cls", [Writer, Dog])
def test_documents_of_parent_and_child(store: Store, cls: type[Any]) -> None:
    """Documents on both levels of a hierarchy, loaded through the parent, are saved together and apart."""
    own = "works" if cls is Writer else "tricks"
    parent: Any = Person if cls is Writer else Animal
    store.keep(_new(store, cls, own, {"n": []}))
    session = store.session()
    row = session.scalars(select(parent)).one()
    assert type(row) is cls
    row.doc["p"] = []
    row.doc["p"].append(1)
    session.flush()
    getattr(row, own)["n"].append(2)
    session.flush()
    row.doc["p"].append(3)
    getattr(row, own)["n"].append(4)
    session.commit()
    _expect(store, {"p": [1, 3]}, cls, "doc")
    _expect(store, {"n": [2, 4]}, cls, own)


def test_joined_inheritance_updates_one_table(store: Store) -> None:
    """In joined inheritance a change to one level's document writes that level's table only."""
    store.keep(_new(store, Writer, "works", {"n": []}))
    session = store.session()
    row = session.get_one(Writer, 1)
    row.works["n"].append(1)
    with store.statements() as statements:
        session.flush()
    assert [statement.split()[:2] for statement in statements] == [["UPDATE", "writers"]]
    row.doc["x"] = 1
    with store.statements() as statements:
        session.flush()
    assert [statement.split()[:2] for statement in statements] == [["UPDATE", "people"]]


def test_a_deferred_document_is_loaded_once(store: Store) -> None:
    """A deferred document costs the one SELECT that a plain deferred column costs, and is tracked."""
    store.keep(_new(store, Deferred, "doc", copy.deepcopy(START)))
    session = store.session()
    row = session.get_one(Deferred, 1)
    with store.statements() as statements:
        assert not session.is_modified(row)
        session.flush()
    assert statements == []
    with store.statements() as statements:
        row.doc["a"]["n"].append(2)
        row.doc["a"]["n"].append(3)
    assert len(statements) == 1
    session.commit()
    _expect(store, {"a": {"n": [1, 2, 3]}, "k": 1}, Deferred, "doc")


def test_assignment_to_a_deferred_document(store: Store) -> None:
    """Assigning to a deferred document that was never read loads nothing, and the value is tracked."""
    store.keep(_new(store, Deferred, "doc", copy.deepcopy(START)))
    session = store.session()
    row = session.get_one(Deferred, 1)
    with store.statements() as statements:
        row.doc = {"n": []}
        row.doc["n"].append(1)
    assert statements == []
    session.commit()
    _expect(store, {"n": [1]}, Deferred, "doc")


@pytest.mark.parametrize("changed", [False, True])
def test_undefer_of_a_row_in_the_session(store: Store, changed: bool) -> None:
    """`undefer` loads a document of a row that is in the session already, and keeps one that is changed."""
    store.keep(_new(store, Deferred, "doc", copy.deepcopy(START)))
    session = store.session(autoflush=False)
    row = session.get_one(Deferred, 1)
    if changed:
        row.doc["a"]["n"].append(2)
    with store.statements() as statements:
        session.scalars(select(Deferred).options(undefer(Deferred.doc))).one()
        row.doc["k"] = 2
    assert len(statements) == 1
    session.commit()
    _expect(store, {"a": {"n": [1, 2] if changed else [1]}, "k": 2}, Deferred, "doc")


def test_load_only_without_the_document(store: Store) -> None:
    """A row loaded with `load_only` reads its document on access, and tracks it."""
    store.keep(_new(store, Plain, "doc", copy.deepcopy(START)))
    session = store.session()
    row = session.scalars(select(Plain).options(load_only(Plain.id))).one()
    with store.statements() as statements:
        row.doc["a"]["n"].append(2)
    assert len(statements) == 1
    session.commit()
    _expect(store, {"a": {"n": [1, 2]}, "k": 1}, Plain, "doc")


def test_undeferred_in_the_query(store: Store) -> None:
    """A document undeferred by the query is there without another SELECT."""
    store.keep(_new(store, Deferred, "doc", copy.deepcopy(START)))
    session = store.session()
    row = session.scalars(select(Deferred).options(undefer(Deferred.doc))).one()
    with store.statements() as statements:
        row.doc["a"]["n"].append(2)
    assert statements == []
    session.commit()
    _expect(store, {"a": {"n": [1, 2]}, "k": 1}, Deferred, "doc")


@pytest.mark.parametrize("load", [None, joinedload, selectinload])
def test_rows_reached_through_a_relationship(store: Store, load: Callable[..., Any] | None) -> None:
    """Rows loaded by a relationship, lazily or eagerly, track their documents."""
    _create(store, Shelf, Book)
    books = [Book(id=i, doc={"n": [i]}) for i in range(1, 4)]
    store.keep(Shelf(id=1, doc={}, books=books))
    session = store.session()
    query = select(Shelf) if load is None else select(Shelf).options(load(Shelf.books))
    shelf = session.scalars(query).unique().one()
    for book in shelf.books:
        book.doc["n"].append("x")
    shelf.books[0].shelf.doc["seen"] = True
    del shelf, book
    gc.collect()
    session.commit()
    for i in range(1, 4):
        _expect(store, {"n": [i, "x"]}, Book, "doc", i)
    _expect(store, {"seen": True}, Shelf, "doc")


def test_rows_of_an_aliased_class(store: Store) -> None:
    """Rows selected through an alias track their documents."""
    store.keep(_new(store, Plain, "doc", copy.deepcopy(START)))
    session = store.session()
    alias = aliased(Plain)
    session.scalars(select(alias).where(alias.id == 1)).one().doc["a"]["n"].append(2)
    gc.collect()
    session.commit()
    _expect(store, {"a": {"n": [1, 2]}, "k": 1}, Plain, "doc")


def test_default_of_each_row_is_its_own(store: Store) -> None:
    """The default that two rows get at their flush is tracked, and each row has its own."""
    _create(store, Plain)
    session = store.session()
    one, two = Plain(id=1), Plain(id=2)
    session.add_all([one, two])
    session.flush()
    one.doc["x"] = []
    one.doc["x"].append(1)
    session.commit()
    _expect(store, {"x": [1]}, Plain, "doc", 1)
    _expect(store, {}, Plain, "doc", 2)


def test_dataclass_defaults_are_tracked(store: Store) -> None:
    """The value of a `default_factory` is tracked before the row is added."""
    DataclassBase.metadata.create_all(store.engine)
    row = AsDataclass(id=1)
    row.doc["n"] = []
    row.doc["n"].append(1)
    session = store.session()
    session.add(row)
    session.flush()
    row.doc["n"].append(2)
    session.commit()
    _expect(store, {"n": [1, 2]}, AsDataclass, "doc")
    _expect(store, None, AsDataclass, "maybe")


def test_replaced_dataclass(store: Store) -> None:
    """A copy of a mapped dataclass by `dataclasses.replace` has a document of its own."""
    DataclassBase.metadata.create_all(store.engine)
    store.keep(AsDataclass(id=1, doc={"n": [1]}))
    session = store.session()
    row = session.get_one(AsDataclass, 1)
    other = dataclasses.replace(row, id=2)
    session.add(other)
    other.doc["n"].append("other")
    row.doc["n"].append("row")
    session.commit()
    _expect(store, {"n": [1, "row"]}, AsDataclass, "doc", 1)
    _expect(store, {"n": [1, "other"]}, AsDataclass, "doc", 2)


def test_sqlmodel_before_flush(store: Store) -> None:
    """A SQLModel row's default is tracked before the first flush, and its `model_dump` is plain."""
    _create(store, Hero)
    row = Hero(id=1)
    row.doc["n"] = [1]
    row.doc["n"].append(2)
    session = store.session()
    session.add(row)
    session.commit()
    session.refresh(row)
    assert row.model_dump() == {"id": 1, "doc": {"n": [1, 2]}, "maybe": None}
    row.sqlmodel_update({"doc": {"m": []}})
    row.doc["m"].append(3)
    session.commit()
    _expect(store, {"m": [3]}, Hero, "doc")


def test_sqlmodel_validated(store: Store) -> None:
    """A SQLModel row made by `model_validate` tracks its document."""
    _create(store, Hero)
    row = Hero.model_validate({"id": 1, "doc": {"n": []}, "maybe": [1]})
    session = store.session()
    session.add(row)
    row.doc["n"].append(1)
    assert row.maybe is not None
    row.maybe.append(2)
    session.flush()
    row.doc["n"].append(2)
    row.maybe.append(3)
    session.commit()
    _expect(store, {"n": [1, 2]}, Hero, "doc")
    _expect(store, [1, 2, 3], Hero, "maybe")
