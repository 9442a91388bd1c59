"""Deltas among all else that a flush does: other columns, versions, defaults, events, savepoints."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import FetchedValue, ForeignKey, Integer, event, func, inspect, select
from sqlalchemy.orm import DeclarativeBase, Mapped, deferred, mapped_column, undefer
from sqlalchemy.orm.exc import StaleDataError

from indelible import Conflict, Document
from indelible.changes.values import plain
from tests.database.merging.papers import Paper
from tests.database.merging.paths_taken import merges_seen, only_merging
from tests.database.merging.two import Two
from tests.database.rows import Versioned
from tests.database.stores import Store


class Base(DeclarativeBase):
    """The tables of these tests."""


class Edited(Base):
    """A row with columns that each UPDATE changes."""

    __tablename__ = "edited"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[Any] = mapped_column(Document)
    edits: Mapped[int] = mapped_column(Integer, default=0, onupdate=lambda: 8)
    touched: Mapped[str] = mapped_column(default="never", onupdate="touched")
    counted: Mapped[int] = mapped_column(default=1, onupdate=select(func.count()).scalar_subquery())


class Eager(Base):
    """A row whose values from the database are fetched at once."""

    __tablename__ = "eager"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[Any] = mapped_column(Document)
    counted: Mapped[int] = mapped_column(default=1, onupdate=func.length("four"))
    silent: Mapped[int | None] = mapped_column(server_onupdate=FetchedValue())
    __mapper_args__ = {"eager_defaults": True}  # noqa: RUF012 - SQLAlchemy's own form


class Work(Base):
    """The table that others join, with the version."""

    __tablename__ = "works"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column()
    version: Mapped[int] = mapped_column()
    doc: Mapped[Any] = mapped_column(Document, default=dict)
    __mapper_args__ = {  # noqa: RUF012
        "polymorphic_on": "kind",
        "polymorphic_identity": "work",
        "version_id_col": version,
    }


class Film(Work):
    """A row in two tables, each with a document."""

    __tablename__ = "films"
    id: Mapped[int] = mapped_column(ForeignKey("works.id"), primary_key=True)
    scenes: Mapped[Any] = mapped_column(Document, default=list)
    length: Mapped[int] = mapped_column(default=0)
    __mapper_args__ = {"polymorphic_identity": "film"}  # noqa: RUF012


class Late(Base):
    """A row whose document is loaded when it is asked for."""

    __tablename__ = "late"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[Any] = deferred(mapped_column(Document))


def create(store: Store) -> None:
    Base.metadata.create_all(store.engine)


def test_other_changed_columns_go_in_the_same_update(store: Store) -> None:
    """One UPDATE, also with two documents; after a merge too."""
    two = Two(store, Paper(id=1, title="t", doc={"a": 1}, other={"b": 1}))
    two.one.doc["x"] = 1
    two.sessions[0].commit()
    two.other.title = "u"
    two.other.doc["y"] = 1
    two.other.other["z"] = 1
    with store.statements() as statements:
        two.second.commit()
    assert len(statements) == 1
    store.expect({"a": 1, "x": 1, "y": 1}, Paper)
    store.expect({"b": 1, "z": 1}, Paper, attribute="other")
    assert store.sql("SELECT title FROM papers") == [("u",)]
    two.other.title = "v"
    two.other.doc["z"] = 1
    with only_merging():
        two.second.commit()
    assert store.sql("SELECT title FROM papers") == [("v",)]
    store.expect({"a": 1, "x": 1, "y": 1, "z": 1}, Paper)


def test_a_conflict_in_one_of_two_documents_writes_neither(store: Store) -> None:
    """Nor the other columns."""
    two = Two(store, Paper(id=1, title="t", doc={"a": 1}, other={"b": 1}))
    two.one.doc["a"] = 2
    two.other.doc["a"] = 3
    two.other.other["c"] = 1
    two.other.title = "u"
    two.sessions[0].commit()
    with pytest.raises(Conflict):
        two.second.commit()
    two.second.rollback()
    store.expect({"b": 1}, Paper, attribute="other")
    assert store.sql("SELECT title FROM papers") == [("t",)]


@pytest.mark.parametrize("way", ["any", "merge"])
def test_a_version_advances_with_the_document(store: Store, way: str) -> None:
    """`version_id_col`: by one for each flush, in memory and stored; a version that another took is stale."""
    two = Two(store, Versioned(id=1, doc={"a": 1}))
    two.one.doc["b"] = 1
    if way == "merge":
        with only_merging():
            two.sessions[0].commit()
    else:
        two.sessions[0].commit()
    assert two.one.version == 2
    assert store.sql("SELECT version FROM versioned") == [(2,)]
    two.one.doc["c"] = 1
    two.sessions[0].commit()
    assert two.one.version == 3
    two.other.doc["d"] = 1
    with pytest.raises(StaleDataError):
        two.second.commit()
    two.second.rollback()
    store.expect({"a": 1, "b": 1, "c": 1}, Versioned)


def test_joined_tables_with_a_version(store: Store) -> None:
    """Documents in both tables: each table is updated where it changed, and the version goes up once a flush."""
    create(store)
    store.keep(Film(id=1, doc={"a": 1}, scenes=[{"id": 1}]))
    session = store.session(expire_on_commit=False)
    film = session.get_one(Film, 1)

    def shorter_and_longer() -> None:
        film.scenes.pop(1)
        film.length = 9

    steps: list[tuple[Any, int]] = [
        (lambda: film.scenes.append({"id": 2}), 2),
        (lambda: film.doc.update(b=1), 1),
        (lambda: (film.scenes[0].update(n=1), film.doc.update(c=1)), 2),
        (shorter_and_longer, 2),
        (lambda: setattr(film, "length", 10), 2),
    ]
    for number, (change, updates) in enumerate(steps, start=2):
        change()
        with store.statements() as statements:
            session.flush()
        session.commit()
        assert len([each for each in statements if each.startswith("UPDATE")]) == updates
        assert film.version == number
        assert store.sql("SELECT version FROM works") == [(number,)]
    store.expect({"a": 1, "b": 1, "c": 1}, Film)
    store.expect([{"id": 1, "n": 1}], Film, attribute="scenes")
    assert store.sql("SELECT length FROM films") == [(10,)]


def test_a_stale_version_in_the_joined_table(store: Store) -> None:
    """A change of the document in the joining table alone is refused where another writer was first."""
    create(store)
    two = Two(store, Film(id=1, scenes=[1]))
    two.one.scenes.append(2)
    two.sessions[0].commit()
    two.other.scenes.append(3)
    with pytest.raises(StaleDataError):
        two.second.commit()
    two.second.rollback()
    store.expect([1, 2], Film, attribute="scenes")


@pytest.mark.parametrize("way", ["any", "merge"])
def test_columns_that_change_on_update(store: Store, way: str) -> None:
    """A function of Python, a value, a SQL expression: stored, and right in memory when they are asked for."""
    create(store)
    store.keep(Edited(id=1, doc={}))
    session = store.session(expire_on_commit=False)
    row = session.get_one(Edited, 1)
    row.doc["a"] = 1
    if way == "merge":
        with only_merging():
            session.flush()
    else:
        session.flush()
    assert (row.touched, row.edits, row.counted) == ("touched", 8, 1)
    session.commit()
    assert store.sql("SELECT touched, edits, counted FROM edited") == [("touched", 8, 1)]
    row.touched = "by hand"
    row.doc["b"] = 1
    row.edits = 3
    session.commit()
    assert store.sql("SELECT touched, edits FROM edited") == [("by hand", 3)]
    assert (row.touched, row.edits) == ("by hand", 3)


def test_eager_defaults(store: Store) -> None:
    """Values that the database made are there after the flush, without another statement when they are read."""
    create(store)
    store.keep(Eager(id=1, doc={}))
    session = store.session()
    row = session.get_one(Eager, 1)
    row.doc["a"] = 1
    session.flush()
    with store.statements() as statements:
        assert (row.counted, row.silent) == (4, None)
    assert not statements
    session.commit()
    store.expect({"a": 1}, Eager)


@pytest.mark.parametrize("way", ["any", "merge"])
@pytest.mark.parametrize(
    ("old", "new"), [({"a": 1}, None), (None, {"a": 1}), (None, []), ([1], {"a": 1}), ({}, [])]
)
def test_none_is_sql_null_either_way(store: Store, old: Any, new: Any, way: str) -> None:
    """Setting a document to `None`, or from it, or to another kind of document."""
    two = Two.of(store, old)
    two.one.doc = new
    if way == "merge":
        with only_merging():
            two.sessions[0].commit()
    else:
        with merges_seen() as merged:
            two.sessions[0].commit()
        assert not merged
    store.expect(new, Paper)
    assert store.sql("SELECT count(*) FROM papers WHERE doc IS NULL") == [(int(new is None),)]
    two.other.doc = {"other": 1}
    with pytest.raises(Conflict) as caught:
        two.second.commit()
    assert [clash.path for clash in caught.value.clashes] == [()]
    if new is not None:
        assert caught.value.clashes[0].theirs == new


def test_a_document_removed_meanwhile(store: Store) -> None:
    """A change in a document that another set to `None` is a conflict."""
    two = Two.of(store, {"a": 1})
    two.one.doc = None
    two.sessions[0].commit()
    two.other.doc["b"] = 1
    with pytest.raises(Conflict):
        two.second.commit()


def test_a_row_deleted_meanwhile(store: Store) -> None:
    """It is stale, as SQLAlchemy says of any change to such a row."""
    two = Two.of(store, {"a": 1})
    two.sessions[0].delete(two.one)
    two.sessions[0].commit()
    two.other.doc["b"] = 1
    with pytest.raises(StaleDataError):
        two.second.commit()


def test_a_new_primary_key(store: Store) -> None:
    """Key and document change in one flush."""
    two = Two.of(store, {"a": 1})
    two.one.id = 2
    two.one.doc["b"] = 1
    two.sessions[0].commit()
    store.expect({"a": 1, "b": 1}, Paper, 2)
    two.one.doc["c"] = 1
    two.sessions[0].commit()
    store.expect({"a": 1, "b": 1, "c": 1}, Paper, 2)


def test_a_deferred_document(store: Store) -> None:
    """Loaded later, it is tracked; assigned without a read, it is written as a whole."""
    create(store)
    store.keep(Late(id=1, doc={"a": 1}))
    session = store.session()
    row = session.get_one(Late, 1)
    assert "doc" not in inspect(row).dict
    row.doc["b"] = 1
    session.commit()
    store.expect({"a": 1, "b": 1}, Late)
    row = session.scalars(select(Late).options(undefer(Late.doc))).one()
    row.doc["c"] = 1
    session.commit()
    store.expect({"a": 1, "b": 1, "c": 1}, Late)
    session.expire(row)
    row.doc = {"new": 1}
    session.commit()
    store.expect({"new": 1}, Late)


def test_what_a_late_listener_changes_is_sent(store: Store) -> None:
    """`before_update` listeners that were registered after the class was in use."""
    two = Two.of(store, {"a": 1})

    def stamp(_mapper: object, _connection: object, row: Any) -> None:
        row.doc["stamped"] = row.doc.get("stamped", 0) + 1
        row.title = "stamped"

    event.listen(Paper, "before_update", stamp)
    try:
        two.one.doc["b"] = 1
        with store.statements() as statements:
            two.sessions[0].commit()
    finally:
        event.remove(Paper, "before_update", stamp)
    assert len(statements) == 1
    store.expect({"a": 1, "b": 1, "stamped": 1}, Paper)
    assert store.sql("SELECT title FROM papers") == [("stamped",)]
    two.one.doc["c"] = 1
    two.sessions[0].commit()
    store.expect({"a": 1, "b": 1, "stamped": 1, "c": 1}, Paper)


@pytest.mark.parametrize("way", ["any", "merge"])
def test_listeners_after_the_update_see_old_and_new(store: Store, way: str) -> None:
    """History in `after_update` and `after_flush`, as for a plain column."""
    two = Two.of(store, {"a": 1})
    seen: list[Any] = []

    def look(_mapper: object, _connection: object, row: Any) -> None:
        history = inspect(row).attrs.doc.history
        seen.append((plain(history.deleted[0]), plain(history.added[0])))

    event.listen(Paper, "after_update", look)
    two.one.doc["b"] = 1
    try:
        if way == "merge":
            with only_merging():
                two.sessions[0].flush()
        else:
            two.sessions[0].flush()
    finally:
        event.remove(Paper, "after_update", look)
    assert seen == [({"a": 1}, {"a": 1, "b": 1})]
    assert not inspect(two.one).modified
    with store.statements() as statements:
        two.sessions[0].commit()
    assert not statements
