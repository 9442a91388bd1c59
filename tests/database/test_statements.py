"""A document costs no statement that a plain column would not cost, and its UPDATE is an UPDATE like any other."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import JSON, ForeignKey, bindparam, func, inspect, select, text
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    attributes,
    mapped_column,
    relationship,
    selectinload,
)
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError

from indelible import Document
from tests.database.rows import Row, Versioned
from tests.database.stores import Store, typed

START: dict[str, Any] = {"a": {"n": [1]}, "k": 1}


class Base(DeclarativeBase):
    """The tables of this module."""


class Tracked(Base):
    """A row with a document, a counter that each UPDATE advances, and columns that the database fills."""

    __tablename__ = "statement_tracked"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[Any] = mapped_column(Document, default=dict, nullable=True)
    updates: Mapped[int] = mapped_column(default=0, onupdate=text("updates + 1"))
    label: Mapped[str] = mapped_column(default="new", onupdate="updated")


class Plain(Base):
    """The same row with a plain column, the measure."""

    __tablename__ = "statement_plain"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[Any] = mapped_column(JSON(none_as_null=True), default=dict, nullable=True)
    updates: Mapped[int] = mapped_column(default=0, onupdate=text("updates + 1"))
    label: Mapped[str] = mapped_column(default="new", onupdate="updated")


class Defaulted(Base):
    """A row whose document the database fills, read back when it is accessed."""

    __tablename__ = "statement_defaulted"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[Any] = mapped_column(Document, server_default='{"from": ["server"]}')
    updates: Mapped[int] = mapped_column(default=0, onupdate=text("updates + 1"))
    __mapper_args__ = {"eager_defaults": False}  # noqa: RUF012


class EagerlyDefaulted(Base):
    """A row whose document the database fills, read back with the INSERT."""

    __tablename__ = "statement_eager"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[Any] = mapped_column(Document, server_default='{"from": ["server"]}')
    updates: Mapped[int] = mapped_column(default=0, onupdate=text("updates + 1"))
    __mapper_args__ = {"eager_defaults": True}  # noqa: RUF012


class Numbered(Base):
    """A row whose key the database makes."""

    __tablename__ = "statement_numbered"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[Any] = mapped_column(Document, default=dict)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("statement_numbered.id"))
    children: Mapped[list[Numbered]] = relationship(order_by="Numbered.id")


def _create(store: Store, cls: type[Any]) -> None:
    table: Any = inspect(cls).local_table
    Base.metadata.create_all(store.engine, tables=[table])


def _kept(store: Store, cls: type[Any], doc: Any = START, **options: Any) -> tuple[Session, Any]:
    """Make a class's table, keep one row, and load it in a session."""
    _create(store, cls)
    store.keep(cls(id=1, doc=copy.deepcopy(doc)))
    session = store.session(**options)
    return session, session.get_one(cls, 1)


def _verbs(statements: list[str]) -> list[str]:
    return [statement.split()[0] for statement in statements]


def _append_in_place(row: Any) -> None:
    row.doc["a"]["n"].append(2)
    if isinstance(row, Plain):
        flag_modified(row, "doc")


def _assign(row: Any) -> None:
    row.doc = {"b": 1}


def _none(row: Any) -> None:
    row.doc = None


@pytest.mark.parametrize("change", [_append_in_place, _assign, _none])
def test_statements_are_those_of_a_plain_column(any_store: Store, change: Callable[[Any], None]) -> None:
    """Load, read, change, flush, read again, commit, read again: statement for statement a plain column's.

    Only what an UPDATE sets, and on which conditions, is a tracked column's own.
    """

    def life(cls: type[Any]) -> list[str]:
        session, row = _kept(any_store, cls)
        with any_store.statements() as statements:
            assert row.doc["a"]["n"] == [1]
            change(row)
            session.flush()
            _ = row.doc, row.id
            session.flush()
            _ = row.label
            session.commit()
            _ = row.doc
            session.expire(row, ["doc"])
            _ = row.doc
            session.refresh(row)
            session.commit()
        name: str = inspect(cls).local_table.name
        session.close()
        return [
            re.sub(r"(?s)^(UPDATE t) .*", r"\1", statement.replace(name, "t").replace("::JSONB", "::JSON"))
            for statement in statements
        ]

    assert life(Tracked) == life(Plain)


def test_reading_never_costs_a_statement(any_store: Store) -> None:
    """Reading a loaded document, at any depth, in any way, runs nothing; nor does asking whether it changed."""
    session, row = _kept(any_store, Tracked)
    with any_store.statements() as statements:
        _ = row.doc["a"]["n"][0], list(row.doc), dict(row.doc), row.doc == START, str(row.doc)
        assert not session.is_modified(row)
        assert not session.dirty
        attributes.get_history(row, "doc")
        row.doc["a"]["n"].append(2)
        assert session.is_modified(row)
        attributes.get_history(row, "doc")
        row.doc["a"]["n"].pop()
        session.flush()
    assert statements == []


def test_nothing_is_expired_after_a_flush(any_store: Store) -> None:
    """After a flush of a document, the row is loaded but for what the database itself computed."""
    session, row = _kept(any_store, Tracked)
    row.doc["a"]["n"].append(2)
    held = row.doc
    session.flush()
    assert inspect(row).unloaded <= {"updates"}
    with any_store.statements() as statements:
        assert row.doc is held
        assert row.label == "updated"
    assert statements == []
    held["a"]["n"].append(3)
    session.commit()
    any_store.expect({"a": {"n": [1, 2, 3]}, "k": 1}, Tracked)


@pytest.mark.parametrize("changes", [1, 2, 50])
def test_exactly_one_update(any_store: Store, changes: int) -> None:
    """Any number of changes between two flushes is one UPDATE, and the next flush writes nothing."""
    session, row = _kept(any_store, Tracked)
    for i in range(changes):
        row.doc["a"]["n"].append(i)
        row.doc[f"k{i}"] = [i]
    with any_store.statements() as statements:
        session.flush()
        session.flush()
        session.commit()
    assert _verbs(statements) == ["UPDATE"]
    assert row.updates == 1


def _there_and_back(row: Any) -> None:
    row.doc["a"]["n"].append(2)
    del row.doc["a"]["n"][1]


def _moved_and_back(row: Any) -> None:
    row.doc["b"] = row.doc.pop("a")
    row.doc["a"] = row.doc.pop("b")


def _assigned_equal(row: Any) -> None:
    row.doc = copy.deepcopy(START)


def _assigned_and_back(row: Any) -> None:
    was = row.doc
    row.doc = {"other": 1}
    row.doc = was


def _rebuilt(row: Any) -> None:
    row.doc["a"] = {"n": [1]}


def _order_of_keys(row: Any) -> None:
    row.doc["a"] = row.doc.pop("a")


def _updated_with_itself(row: Any) -> None:
    row.doc.update(row.doc)
    row.doc["a"]["n"][:] = row.doc["a"]["n"]
    row.doc["a"]["n"].sort()


@pytest.mark.parametrize(
    "change",
    [
        _there_and_back,
        _moved_and_back,
        _assigned_equal,
        _assigned_and_back,
        _rebuilt,
        _order_of_keys,
        _updated_with_itself,
    ],
)
def test_no_update_when_taken_back(any_store: Store, change: Callable[[Any], None]) -> None:
    """A change that is taken back writes nothing, and advances neither `onupdate` nor a version."""
    session, row = _kept(any_store, Tracked)
    change(row)
    assert not session.is_modified(row)
    with any_store.statements() as statements:
        session.commit()
    assert statements == []
    assert row.updates == 0
    assert row.label == "new"
    row.doc["a"]["n"].append(2)
    session.commit()
    any_store.expect({"a": {"n": [1, 2]}, "k": 1}, Tracked)


def test_taken_back_after_a_flush(store: Store) -> None:
    """A change taken back after it was flushed is written again."""
    session, row = _kept(store, Tracked)
    row.doc["a"]["n"].append(2)
    session.flush()
    row.doc["a"]["n"].pop()
    with store.statements() as statements:
        session.commit()
    assert _verbs(statements) == ["UPDATE"]
    store.expect(START, Tracked)


@pytest.mark.parametrize("value", [True, 1.0])
def test_another_json_type_is_a_change(store: Store, value: Any) -> None:
    """`True` and `1.0` put in place of `1` are changes, one UPDATE each, also by assignment of the whole."""
    session, row = _kept(store, Tracked)
    row.doc["a"]["n"][0] = value
    with store.statements() as statements:
        session.commit()
    assert _verbs(statements) == ["UPDATE"]
    row.doc = {"a": {"n": [1]}, "k": value}
    with store.statements() as statements:
        session.commit()
    assert "UPDATE" in _verbs(statements)
    store.expect({"a": {"n": [1]}, "k": value}, Tracked)


def test_taken_back_beside_another_change(store: Store) -> None:
    """A document whose change was taken back is not in the UPDATE of the row's other columns."""
    session, row = _kept(store, Tracked)
    row.doc["a"]["n"].append(2)
    row.doc["a"]["n"].pop()
    row.label = "mine"
    with store.statements() as statements:
        session.flush()
    (statement,) = statements
    assert "doc" not in statement.partition(" SET ")[2]


def test_unchanged_document_is_not_in_the_update(store: Store) -> None:
    """The UPDATE of a row holds the documents that changed, and only those."""
    store.keep(Row(id=1, doc={"n": []}, other=[1]))
    session = store.session()
    row = session.get_one(Row, 1)
    row.doc["n"].append(1)
    with store.statements() as statements:
        session.flush()
    (statement,) = statements
    assert "other" not in statement
    assert "title" not in statement


def test_onupdate_advances_on_each_flushed_change(any_store: Store) -> None:
    """`onupdate`, in Python and in SQL, runs for changes to the document only."""
    session, row = _kept(any_store, Tracked)
    for i in range(3):
        row.doc["a"]["n"].append(i)
        session.flush()
    session.commit()
    assert row.updates == 3
    assert row.label == "updated"
    any_store.expect({"a": {"n": [1, 0, 1, 2]}, "k": 1}, Tracked)


def test_version_advances(any_store: Store) -> None:
    """A change to nothing but the document advances the version, and one taken back does not."""
    any_store.keep(Versioned(id=1, doc=copy.deepcopy(START)))
    session = any_store.session()
    row = session.get_one(Versioned, 1)
    assert row.version == 1
    row.doc["a"]["n"].append(2)
    session.commit()
    assert row.version == 2
    row.doc["a"]["n"].append(3)
    row.doc["a"]["n"].pop()
    session.commit()
    assert row.version == 2
    row.doc["a"]["n"].append(4)
    session.flush()
    row.doc["a"]["n"].append(5)
    session.commit()
    assert row.version == 4
    any_store.expect({"a": {"n": [1, 2, 4, 5]}, "k": 1}, Versioned)


def test_stale_version(any_store: Store) -> None:
    """A document changed on an old version raises `StaleDataError`; after the rollback it can be changed anew."""
    any_store.keep(Versioned(id=1, doc=copy.deepcopy(START)))
    session = any_store.session()
    row = session.get_one(Versioned, 1)
    row.doc["a"]["n"].append("mine")
    session.connection().execute(text("UPDATE versioned SET version = 7"))
    with pytest.raises(StaleDataError):
        session.flush()
    session.rollback()
    assert typed(row.doc) == typed(START)
    row.doc["a"]["n"].append("again")
    session.commit()
    assert row.version == 2
    any_store.expect({"a": {"n": [1, "again"]}, "k": 1}, Versioned)


def test_a_stale_version_is_refused(any_store: Store) -> None:
    """Two sessions that change one document: with a version column the second one gets StaleDataError."""
    any_store.keep(Versioned(id=1, doc={"a": []}))
    first = any_store.session(expire_on_commit=False)
    row = first.get_one(Versioned, 1)
    row.doc  # noqa: B018
    first.commit()
    with any_store.session() as second:
        second.get_one(Versioned, 1).doc["a"].append("second")
        second.commit()
    row.doc["a"].append("first")
    with pytest.raises(StaleDataError):
        first.commit()
    first.rollback()
    row.doc["a"].append("first again")
    first.commit()
    any_store.expect({"a": ["second", "first again"]}, Versioned)


@pytest.mark.parametrize("cls", [Defaulted, EagerlyDefaulted])
def test_server_default(any_store: Store, cls: type[Any]) -> None:
    """A document that the database filled in is tracked, when it was read back by the INSERT or later."""
    _create(any_store, cls)
    session = any_store.session()
    row = cls(id=1)
    session.add(row)
    session.flush()
    with any_store.statements() as statements:
        row.doc["from"].append("program")
    assert _verbs(statements) == ([] if cls is EagerlyDefaulted else ["SELECT"])
    session.flush()
    row.doc["from"].append("later")
    session.commit()
    any_store.expect({"from": ["server", "program", "later"]}, cls)


@pytest.mark.parametrize("cls", [Defaulted, EagerlyDefaulted])
def test_a_value_of_ones_own_before_a_server_default(store: Store, cls: type[Any]) -> None:
    """A document given by the program wins over the database's default, and is tracked over the flush."""
    _create(store, cls)
    session = store.session()
    row = cls(id=1, doc={"n": []})
    session.add(row)
    session.flush()
    row.doc["n"].append(1)
    session.flush()
    _ = row.updates
    row.doc["n"].append(2)
    session.commit()
    store.expect({"n": [1, 2]}, cls)


def test_eager_defaults_of_an_update(any_store: Store) -> None:
    """An UPDATE of a document that reads back another column's value costs no further SELECT."""
    session, row = _kept(any_store, EagerlyDefaulted)
    row.doc["a"]["n"].append(2)
    session.flush()
    with any_store.statements() as statements:
        assert row.updates == 1
        row.doc["a"]["n"].append(3)
    assert statements == []
    session.commit()
    any_store.expect({"a": {"n": [1, 2, 3]}, "k": 1}, EagerlyDefaulted)


def test_an_sql_expression_as_document(any_store: Store) -> None:
    """A document assigned as an SQL expression is read back on access, and tracked."""
    session, row = _kept(any_store, Tracked)
    row.doc = select(bindparam("given", {"n": [1]}, type_=Document)).scalar_subquery()
    session.flush()
    row.doc["n"].append(2)
    session.commit()
    any_store.expect({"n": [1, 2]}, Tracked)


def test_fifty_rows_inserted_together(any_store: Store) -> None:
    """Fifty rows whose keys come back are inserted as a plain column's, and each is tracked afterwards."""
    _create(any_store, Plain)
    plain = any_store.session()
    plain.add_all([Plain(doc={}) for _ in range(50)])
    with any_store.statements() as needed:
        plain.commit()
    session = any_store.session()
    rows = [Row(doc={"i": i, "n": [{"deep": []}]}) for i in range(50)]
    session.add_all(rows)
    with any_store.statements() as statements:
        session.flush()
    assert _verbs(statements) == _verbs(needed)
    for row in rows:
        row.doc["n"][0]["deep"].append(row.doc["i"])
    session.flush()
    for row in rows[::2]:
        row.doc["n"].insert(0, "even")
    session.commit()
    with Session(any_store.engine) as fresh:
        found = {row.doc["i"]: row.doc for row in fresh.scalars(select(Row))}
    assert len(found) == 50
    for i in range(50):
        expected = ["even", {"deep": [i]}] if i % 2 == 0 else [{"deep": [i]}]
        assert typed(found[i]) == typed({"i": i, "n": expected})


def test_many_new_rows_in_one_flush(any_store: Store) -> None:
    """insertmanyvalues batches: each of 1,500 rows keeps its own document, and stays tracked without a reload."""
    session = any_store.session(expire_on_commit=False)
    rows = [Row(doc={"n": [n]}) for n in range(1_500)]
    session.add_all(rows)
    session.flush()
    for row in rows[::500]:
        row.doc["n"].append("later")
    session.commit()
    for number in range(0, 1_500, 500):
        any_store.expect({"n": [number, "later"]}, key=rows[number].id)
    any_store.expect({"n": [7]}, key=rows[7].id)


def test_updates_of_many_rows_are_one_statement_each(any_store: Store) -> None:
    """Changes to many rows are one UPDATE a row, since each must tell whether its guards held, in one call.

    None is read before. The rows that did not change get none.
    """
    any_store.keep(*[Row(id=i, doc={"n": [i]}) for i in range(1, 21)])
    session = any_store.session()
    rows = session.scalars(select(Row).order_by(Row.id)).all()
    for row in rows[::2]:
        row.doc["n"].append("x")
    with any_store.statements() as calls, any_store.carried_out() as carried_out:
        session.commit()
    assert _verbs(calls) == ["UPDATE"]
    assert (
        _verbs([statement for statement, _ in carried_out if "SAVEPOINT" not in statement]) == ["UPDATE"] * 10
    )
    for i in (1, 2, 19, 20):
        any_store.expect({"n": [i, "x"] if i % 2 else [i]}, key=i)


def test_autoflush_before_a_query(any_store: Store) -> None:
    """A query that reads the document sees the change in place, by autoflush, as for an assignment."""
    session, row = _kept(any_store, Tracked)
    row.doc["k"] = 5
    found = session.scalars(select(Tracked.id).where(Tracked.doc["k"].as_integer() == 5)).all()
    assert found == [1]


def test_no_autoflush_block(any_store: Store) -> None:
    """In a `no_autoflush` block a change stays pending, a query does not undo it, and the commit writes it."""
    session, row = _kept(any_store, Tracked)
    with session.no_autoflush, any_store.statements() as statements:
        row.doc["k"] = 5
        session.scalars(select(Tracked)).all()
        session.scalars(select(func.count(Tracked.id))).one()
    assert _verbs(statements) == ["SELECT", "SELECT"]
    assert row.doc["k"] == 5
    session.commit()
    any_store.expect({"a": {"n": [1]}, "k": 5}, Tracked)


def test_eager_loading_of_unexpired_rows_keeps_changes(store: Store) -> None:
    """A query that loads a row again by an eager relationship keeps its pending changes."""
    _create(store, Numbered)
    store.keep(Numbered(id=1, doc={"n": []}), Numbered(id=2, doc={"n": []}, parent_id=1))
    session = store.session(autoflush=False)
    child = session.get_one(Numbered, 2)
    child.doc["n"].append(1)
    parent = session.scalars(
        select(Numbered).where(Numbered.id == 1).options(selectinload(Numbered.children))
    ).one()
    assert parent.children == [child]
    child.doc["n"].append(2)
    session.commit()
    store.expect({"n": [1, 2]}, Numbered, 2)


def test_insert_and_delete_of_a_changed_row(store: Store) -> None:
    """A changed row that is deleted before its flush costs a DELETE and no UPDATE."""
    session, row = _kept(store, Tracked)
    row.doc["a"]["n"].append(2)
    session.delete(row)
    with store.statements() as statements:
        session.commit()
    assert "UPDATE" not in _verbs(statements)
    assert store.sql("SELECT id FROM statement_tracked") == []


def test_a_new_row_changed_before_its_flush_is_one_insert(any_store: Store) -> None:
    """A new row that is changed in place before its flush is one INSERT and no UPDATE."""
    session = any_store.session()
    row = Row(id=1, doc={"n": []})
    session.add(row)
    row.doc["n"].append(1)
    with any_store.statements() as statements:
        session.commit()
    assert _verbs(statements) == ["INSERT"]
    any_store.expect({"n": [1]})


def test_flag_modified_forces_the_write(any_store: Store) -> None:
    """`flag_modified` writes an unchanged document, once."""
    session, row = _kept(any_store, Tracked)
    _ = row.doc
    flag_modified(row, "doc")
    with any_store.statements() as statements:
        session.flush()
        session.flush()
    assert _verbs(statements) == ["UPDATE"]
    session.commit()
    assert row.updates == 1
    any_store.expect(START, Tracked)
