"""ORM-enabled and bulk statements with documents: what they store, and what the session's rows hold afterwards."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import insert, inspect, select, update
from sqlalchemy.orm import Session

from tests.database.rows import Row
from tests.database.stores import Store, typed

START: dict[str, Any] = {"a": {"n": [1]}, "k": 1}


def _row(store: Store, **options: Any) -> tuple[Session, Row]:
    store.keep(Row(id=1, doc=copy.deepcopy(START)))
    session = store.session(**options)
    return session, session.get_one(Row, 1)


UPDATES: dict[str, Callable[[], Any]] = {
    "a document": lambda: update(Row).where(Row.id == 1).values(doc={"a": {"n": ["by update"]}}),
    "None": lambda: update(Row).where(Row.id == 1).values(doc=None),
    "another column": lambda: update(Row).where(Row.id == 1).values(title="new"),
}


@pytest.mark.parametrize("synchronize", ["evaluate", "fetch", "auto", False])
@pytest.mark.parametrize("name", UPDATES)
def test_orm_enabled_update(any_store: Store, name: str, synchronize: Any) -> None:
    """ORM-enabled `update()`: what the session holds then is what the database says, and is tracked."""
    session, row = _row(any_store)
    row.doc["a"]["n"].append("flushed before")
    session.execute(UPDATES[name](), execution_options={"synchronize_session": synchronize})
    if synchronize is False:
        session.expire(row)
    expected: Any = {
        "a document": {"a": {"n": ["by update"]}},
        "None": None,
        "another column": {"a": {"n": [1, "flushed before"]}, "k": 1},
    }[name]
    assert typed(row.doc) == typed(expected)
    assert not session.is_modified(row)
    if row.doc is not None:
        row.doc["a"]["n"].append("later")
        expected["a"]["n"].append("later")
    session.commit()
    any_store.expect(expected)


def test_orm_update_does_not_share_its_value(any_store: Store) -> None:
    """The value given to an `update()` is not the row's document: changing it later changes nothing."""
    session, row = _row(any_store)
    value: dict[str, Any] = {"a": {"n": []}}
    session.execute(update(Row).values(doc=value))
    row.doc["a"]["n"].append(1)
    assert value == {"a": {"n": []}}
    session.commit()
    any_store.expect({"a": {"n": [1]}})


def test_a_document_of_a_row_in_a_statement(any_store: Store) -> None:
    """A tracked document can be a value of a Core or ORM statement."""
    session, row = _row(any_store)
    session.execute(insert(Row).values(id=2, title="", doc=row.doc, other=row.doc["a"]))
    session.execute(update(Row).where(Row.id == 1).values(other=row.doc["a"]["n"]))
    session.commit()
    any_store.expect(START, key=2)
    any_store.expect({"n": [1]}, key=2, attribute="other")
    any_store.expect([1], attribute="other")


@pytest.mark.parametrize("synchronize", ["evaluate", "fetch"])
def test_orm_update_of_two_rows(any_store: Store, synchronize: Any) -> None:
    """Two rows that one ORM UPDATE gave the same value have a document each."""
    any_store.keep(Row(id=1, doc={"a": 1}), Row(id=2, doc={"a": 2}))
    session = any_store.session()
    one, two = session.scalars(select(Row).order_by(Row.id)).all()
    _ = one.doc, two.doc
    session.execute(
        update(Row).values(doc={"new": []}), execution_options={"synchronize_session": synchronize}
    )
    one.doc["new"].append(1)
    assert two.doc == {"new": []}
    session.commit()
    any_store.expect({"new": [1]}, key=1)
    any_store.expect({"new": []}, key=2)


@pytest.mark.parametrize("synchronize", ["evaluate", "fetch"])
def test_orm_update_of_another_column(any_store: Store, synchronize: Any) -> None:
    """A change to a document that is pending when another column is updated by a statement is saved."""
    session, row = _row(any_store, autoflush=False)
    row.doc["a"]["n"].append(2)
    session.execute(
        update(Row).where(Row.id == 1).values(title="t"),
        execution_options={"synchronize_session": synchronize},
    )
    row.doc["a"]["n"].append(3)
    session.commit()
    any_store.expect({"a": {"n": [1, 2, 3]}, "k": 1})
    assert row.title == "t"


def test_orm_update_flushes_first(any_store: Store) -> None:
    """A pending change is flushed before an ORM UPDATE whose criteria read the document."""
    session, row = _row(any_store)
    row.doc["k"] = 2
    session.execute(update(Row).where(Row.doc["k"].as_integer() == 2).values(title="found"))
    session.commit()
    assert row.title == "found"


def test_orm_update_from_a_tracked_value(any_store: Store) -> None:
    """A row's document given to a statement is stored as a value, and neither row loses its own."""
    any_store.keep(Row(id=1, doc={"n": [1]}), Row(id=2, doc={}))
    session = any_store.session()
    one = session.get_one(Row, 1)
    two = session.get_one(Row, 2)
    session.execute(update(Row).where(Row.id == 2).values(doc=one.doc))
    one.doc["n"].append("one")
    two.doc["n"].append("two")
    session.commit()
    any_store.expect({"n": [1, "one"]}, key=1)
    any_store.expect({"n": [1, "two"]}, key=2)


def test_orm_bulk_update_by_primary_key(any_store: Store) -> None:
    """A bulk UPDATE by primary key writes plain values; the row reads them after a refresh."""
    session, row = _row(any_store)
    session.execute(update(Row), [{"id": 1, "doc": {"bulk": [1]}}])
    session.refresh(row)
    row.doc["bulk"].append(2)
    session.commit()
    any_store.expect({"bulk": [1, 2]})


def test_bulk_insert_returning_rows(any_store: Store) -> None:
    """Rows that a bulk INSERT returned are tracked."""
    session = any_store.session()
    given = [{"id": i, "doc": {"n": [i]}} for i in range(1, 6)]
    rows = session.scalars(insert(Row).returning(Row), given).all()
    for row in rows:
        row.doc["n"].append("x")
    session.commit()
    for i in range(1, 6):
        any_store.expect({"n": [i, "x"]}, key=i)
    assert given[0] == {"id": 1, "doc": {"n": [1]}}


@pytest.mark.parametrize("method", ["bulk_save_objects", "bulk_insert_mappings", "orm", "core"])
def test_bulk_insert(any_store: Store, method: str) -> None:
    """What the bulk methods insert is stored, and tracked once it is loaded."""
    session = any_store.session()
    if method == "bulk_save_objects":
        session.bulk_save_objects([Row(id=i, doc={"n": [i]}) for i in (1, 2)])
    elif method == "bulk_insert_mappings":
        session.bulk_insert_mappings(inspect(Row), [{"id": i, "doc": {"n": [i]}} for i in (1, 2)])
    else:
        table: Any = Row if method == "orm" else inspect(Row).tables[0]
        session.execute(insert(table), [{"id": i, "doc": {"n": [i]}} for i in (1, 2)])
    for row in session.scalars(select(Row)):
        row.doc["n"].append("x")
    session.commit()
    any_store.expect({"n": [1, "x"]}, key=1)
    any_store.expect({"n": [2, "x"]}, key=2)


def test_bulk_save_of_changed_rows(store: Store) -> None:
    """`bulk_save_objects` of a loaded row writes what changed in place."""
    store.keep(Row(id=1, doc=copy.deepcopy(START)))
    reader = store.session(expire_on_commit=False)
    row = reader.get_one(Row, 1)
    reader.expunge(row)
    reader.commit()
    row.doc["a"]["n"].append(2)
    session = store.session()
    session.bulk_save_objects([row])
    session.commit()
    store.expect({"a": {"n": [1, 2]}, "k": 1})
