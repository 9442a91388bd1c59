"""Attribute, mapper and session events see the old and the new document."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from indelible import pending_delta
from tests.database.events.rows import CHANGED, START, expect_change, history_of, listening, loaded_row
from tests.database.rows import Row
from tests.database.stores import Store, typed


def test_set_event(store: Store) -> None:
    """The `set` event has the old and the new value; what it returns with `retval` is tracked."""
    session, row = loaded_row(store)
    calls: list[tuple[Any, Any]] = []

    def replace(target: Any, value: Any, old: Any, initiator: Any) -> Any:
        calls.append((copy.deepcopy(value), copy.deepcopy(old)))
        return {**value, "by": ["event"]}

    event.listen(Row.doc, "set", replace, retval=True)
    try:
        row.doc = {"b": 1}
    finally:
        event.remove(Row.doc, "set", replace)
    assert calls == [({"b": 1}, START)]
    row.doc["by"].append("later")
    session.commit()
    store.expect({"b": 1, "by": ["event", "later"]})


def test_set_event_is_not_called_for_changes_in_place(store: Store) -> None:
    """A change in place is no `set`; it is one `modified` at the first change after each flush, at least."""
    session, row = loaded_row(store)
    sets: list[Any] = []
    changes: list[Any] = []

    def on_set(target: Any, value: Any, old: Any, initiator: Any) -> None:
        sets.append(value)

    def on_modified(target: Any, initiator: Any) -> None:
        changes.append((target, initiator.key))

    with listening(Row.doc, set=on_set, modified=on_modified):
        row.doc["a"]["n"].append(2)
        assert set(changes) == {(row, "doc")}
        session.flush()
        changes.clear()
        row.doc["a"]["n"].append(3)
        assert set(changes) == {(row, "doc")}
    assert sets == []


@pytest.mark.parametrize("name", ["before_update", "after_update"])
def test_mapper_events_see_old_and_new(any_store: Store, name: str) -> None:
    """Mapper events of an UPDATE see the new value on the row and both in the history."""
    session, row = loaded_row(any_store)
    seen: list[Any] = []

    def handler(mapper: Any, connection: Any, target: Any) -> None:
        seen.append((history_of(target), copy.deepcopy(target.doc), session.is_modified(target)))

    row.doc["a"]["n"].append(2)
    with listening(Row, **{name: handler}):
        session.commit()
    ((history, value, modified),) = seen
    expect_change(history)
    assert typed(value) == typed(CHANGED)
    assert modified


def test_mapper_events_of_a_change_taken_back(store: Store) -> None:
    """A change that was taken back sends no UPDATE, and no event that says it did."""
    session, row = loaded_row(store)
    calls: list[Any] = []

    def handler(mapper: Any, connection: Any, target: Any) -> None:
        calls.append(session.is_modified(target))

    row.doc["a"]["n"].append(2)
    row.doc["a"]["n"].pop()
    with listening(Row, before_update=handler, after_update=handler), store.statements() as statements:
        session.commit()
    assert statements == []
    assert True not in calls


@pytest.mark.parametrize("name", ["before_flush", "after_flush"])
def test_session_events_see_old_and_new(any_store: Store, name: str) -> None:
    """`before_flush` and `after_flush` see the row in `session.dirty`, with both values."""
    session, row = loaded_row(any_store)
    seen: list[Any] = []

    def handler(session: Session, context: Any, instances: Any = None) -> None:
        seen.append((row in session.dirty, session.is_modified(row), history_of(row)))

    row.doc["a"]["n"].append(2)
    with listening(session, **{name: handler}):
        session.flush()
    ((dirty, modified, history),) = seen
    assert dirty
    assert modified
    expect_change(history)


def test_after_flush_postexec_and_after_commit_see_a_clean_row(store: Store) -> None:
    """After the flush is over the history says that the document is unchanged."""
    session, row = loaded_row(store)
    seen: list[Any] = []

    def handler(session: Session, context: Any) -> None:
        seen.append((row in session.dirty, history_of(row)))

    row.doc["a"]["n"].append(2)
    with listening(session, after_flush_postexec=handler):
        session.flush()
    assert seen == [(False, ([], [CHANGED], []))]


def test_delta_inside_handlers(store: Store) -> None:
    """`pending_delta` inside `before_flush` and `before_update` is what is about to be written."""
    session, row = loaded_row(store)
    seen: list[int] = []

    def handler(*args: Any) -> None:
        seen.append(len(pending_delta(row, "doc")))

    row.doc["a"]["n"].append(2)
    with listening(session, before_flush=handler), listening(Row, before_update=handler):
        session.flush()
    assert seen == [1, 1]
    assert pending_delta(row, "doc") == ()
