"""History and `session.dirty` tell the truth about a document."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from sqlalchemy import inspect
from sqlalchemy.orm import DeclarativeBase, Mapped, PassiveFlag, mapped_column
from sqlalchemy.orm.attributes import get_history

from indelible import Document, StaleContainer
from tests.database.events.rows import CHANGED, START, expect_change, history_of, loaded_row
from tests.database.rows import Row
from tests.database.stores import Store, typed


class Base(DeclarativeBase):
    """The tables of this module."""


class ActiveHistory(Base):
    """A row whose old document is loaded when a new one is assigned."""

    __tablename__ = "event_active"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[Any] = mapped_column(Document, default=dict, active_history=True)


def _old(row: Any) -> Any:
    """Return the very old value that a document's history gives."""
    (old,) = list(get_history(row, "doc").deleted)
    return old


def test_history_of_an_unchanged_document(store: Store) -> None:
    """The history of a loaded document says it is unchanged; reading it makes nothing dirty."""
    session, row = loaded_row(store)
    assert list(history_of(row)) == [[], [START], []]
    assert not get_history(row, "doc").has_changes()
    assert row not in session.dirty
    assert not session.is_modified(row)


def test_history_of_a_change_in_place(any_store: Store) -> None:
    """The history of a change at depth has the new value and the old one, as often as it is asked."""
    session, row = loaded_row(any_store)
    row.doc["a"]["n"].append(2)
    expect_change(history_of(row))
    expect_change(history_of(row))
    row.doc["k"] = True
    expect_change(history_of(row), {"a": {"n": [1, 2]}, "k": True})
    assert row in session.dirty
    assert session.is_modified(row)
    session.flush()
    assert list(history_of(row)) == [[], [{"a": {"n": [1, 2]}, "k": True}], []]
    assert row not in session.dirty


def test_history_through_inspection(store: Store) -> None:
    """`inspect(row).attrs.doc.history` and `load_history` say the same."""
    _, row = loaded_row(store)
    row.doc["a"]["n"].append(2)
    for history in (inspect(row).attrs.doc.history, inspect(row).attrs.doc.load_history()):
        expect_change((list(history.added), list(history.unchanged), list(history.deleted)))


def test_history_of_a_change_taken_back(store: Store) -> None:
    """A change that was taken back has no history."""
    session, row = loaded_row(store)
    row.doc["a"]["n"].append(2)
    row.doc["a"]["n"].pop()
    assert not get_history(row, "doc").has_changes()
    assert not session.is_modified(row)


def test_history_of_an_assignment_and_changes_in_it(store: Store) -> None:
    """After an assignment and a change in the assigned value the old value is the database's."""
    _, row = loaded_row(store)
    row.doc = {"b": []}
    row.doc["b"].append(1)
    expect_change(history_of(row), {"b": [1]})


def test_history_of_a_change_and_then_an_assignment(store: Store) -> None:
    """After a change in place and then an assignment the old value is the database's, not the changed one."""
    _, row = loaded_row(store)
    row.doc["a"]["n"].append(2)
    row.doc = {"b": 1}
    expect_change(history_of(row), {"b": 1})
    row.doc = {"c": 1}
    row.doc["c"] = 2
    expect_change(history_of(row), {"c": 2})


def test_history_of_the_same_object_assigned_back(store: Store) -> None:
    """After changes and an assignment of the same object the old value is the database's."""
    session, row = loaded_row(store)
    doc = row.doc
    doc["a"]["n"].append(2)
    row.doc = doc
    expect_change(history_of(row))
    row.doc = doc
    doc["a"]["n"].pop()
    assert not session.is_modified(row)


def test_history_of_none(store: Store) -> None:
    """From a document to `None` and back to another one."""
    session, row = loaded_row(store)
    row.doc = None
    assert list(history_of(row)) == [[None], [], [START]]
    session.flush()
    row.doc = {}
    row.doc["x"] = 1
    assert list(history_of(row)) == [[{"x": 1}], [], [None]]
    session.commit()
    store.expect({"x": 1})


def test_history_after_a_rollback_to_a_savepoint(store: Store) -> None:
    """After a savepoint's rollback the old value is what the database has."""
    session, row = loaded_row(store)
    row.doc["a"]["n"].append(2)
    savepoint = session.begin_nested()
    row.doc["a"]["n"].append(3)
    session.flush()
    savepoint.rollback()
    row.doc["a"]["n"].append(4)
    expect_change(history_of(row), {"a": {"n": [1, 2, 4]}, "k": 1}, CHANGED)


def test_history_kept_outside_a_flush_stays(store: Store) -> None:
    """An old value that `get_history` gave does not change with the document afterwards."""
    _, row = loaded_row(store)
    row.doc["a"]["n"].append(2)
    old = _old(row)
    row.doc["a"]["n"].append(3)
    row.doc["a"]["m"] = 1
    assert typed(old) == typed(START)


def test_the_old_value_can_be_used(store: Store) -> None:
    """The old value of a history can be changed or assigned elsewhere without touching the row."""
    session, row = loaded_row(store)
    row.doc["a"]["n"].append(2)
    old = copy.deepcopy(_old(row))
    old["a"]["n"].append("old")
    row.other = _old(row)
    row.other["a"]["n"].append("other")
    session.commit()
    store.expect(CHANGED)
    store.expect({"a": {"n": [1, "other"]}, "k": 1}, attribute="other")


@pytest.mark.xfail(strict=True, reason="the impl's committed value is an empty placeholder")
def test_committed_value(store: Store) -> None:
    """`committed_state`'s public face, `get_committed_value`, is the old document."""
    _, row = loaded_row(store)
    row.doc["a"]["n"].append(2)
    value = Row.doc.impl.get_committed_value(inspect(row), inspect(row).dict)
    assert typed(value) == typed(START)


def test_active_history(store: Store) -> None:
    """With `active_history` an assignment to an expired document loads the old one."""
    session, row = loaded_row(store, ActiveHistory)
    session.expire(row)
    row.doc = {"b": []}
    row.doc["b"].append(1)
    expect_change(history_of(row), {"b": [1]})
    session.commit()
    store.expect({"b": [1]}, ActiveHistory)


def test_history_of_an_expired_document_assigned_anew(store: Store) -> None:
    """Without `active_history` an assignment to an expired document loads nothing and has no old value."""
    session, row = loaded_row(store)
    session.expire(row)
    with store.statements() as statements:
        row.doc = {"b": []}
        row.doc["b"].append(1)
        history = get_history(row, "doc", passive=PassiveFlag.PASSIVE_NO_INITIALIZE)
    assert statements == []
    assert list(history.added) == [{"b": [1]}]
    assert START not in list(history.deleted or ())
    session.commit()
    store.expect({"b": [1]})


def test_deleted_document_attribute(store: Store) -> None:
    """After `del row.doc` the history has the old value, and the old container refuses changes."""
    session, row = loaded_row(store)
    held = row.doc
    held["a"]["n"].append(2)
    del row.doc
    assert typed(list(get_history(row, "doc").deleted)) == typed([START])
    with pytest.raises(StaleContainer):
        held["a"]["n"].append(3)
    # SQLAlchemy's own flush of a deleted attribute raises KeyError, for plain columns too.
    session.rollback()
    row.doc["k"] = 2
    session.commit()
    store.expect({**START, "k": 2})
