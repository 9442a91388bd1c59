"""Rows that leave their session after a flush that is never committed: they have their changes to write again."""

from __future__ import annotations

import gc
import pickle
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event, inspect, select
from sqlalchemy.orm import Session

from indelible import add, pending_delta
from indelible.changes.values import plain
from tests.database.rows import Row
from tests.database.stores import Store

START: dict[str, Any] = {"a": {"list": [1]}, "n": 1}


def _change(document: Any) -> None:
    document["a"]["list"].append(2)
    add(document, "n", 5)
    document["new"] = {"x": []}


CHANGED = {"a": {"list": [1, 2]}, "n": 6, "new": {"x": []}}


def _close(session: Session, row: Row) -> None:
    session.close()


def _expunge_and_rollback(session: Session, row: Row) -> None:
    session.expunge(row)
    session.rollback()


@pytest.mark.parametrize("leave", [_close, _expunge_and_rollback])
@pytest.mark.parametrize("flushes", [1, 2])
def test_what_was_flushed_and_undone_is_written_by_the_next_session(
    any_store: Store, leave: Callable[[Session, Row], None], flushes: int
) -> None:
    """A row that is put into another session saves what it holds, each addition and append once."""
    any_store.keep(Row(id=1, doc=START))
    session = any_store.session()
    row = session.get_one(Row, 1)
    _change(row.doc)
    session.flush()
    for number in range(1, flushes):
        row.doc["new"]["x"].append(number)
        add(row.doc, "n", 10)
        session.flush()
    leave(session, row)
    any_store.expect(START)
    expected = {**CHANGED, "n": 6 + 10 * (flushes - 1), "new": {"x": list(range(1, flushes))}}
    assert row.doc == expected
    assert pending_delta(row, "doc")
    other = any_store.session()
    other.add(row)
    assert row in other.dirty
    row.doc["a"]["list"].append(3)
    other.commit()
    any_store.expect({**expected, "a": {"list": [1, 2, 3]}})


def _refresh(session: Session, row: Row) -> None:
    session.refresh(row)


def _refresh_one(session: Session, row: Row) -> None:
    session.refresh(row, ["doc"])


def _expire_and_read(session: Session, row: Row) -> None:
    session.expire(row)
    assert row.doc


def _select_again(session: Session, row: Row) -> None:
    session.scalars(select(Row).execution_options(populate_existing=True)).one()


def _undo_a_savepoint(session: Session, row: Row) -> None:
    savepoint = session.begin_nested()
    row.doc["undone"] = True
    session.flush()
    savepoint.rollback()
    assert "undone" not in row.doc


@pytest.mark.parametrize(
    "read_again", [_refresh, _refresh_one, _expire_and_read, _select_again, _undo_a_savepoint]
)
@pytest.mark.parametrize("leave", [_close, _expunge_and_rollback])
@pytest.mark.parametrize("assigns", [False, True])
def test_what_was_read_again_after_its_flush_is_undone_as_well(
    any_store: Store,
    read_again: Callable[[Session, Row], None],
    leave: Callable[[Session, Row], None],
    assigns: bool,
) -> None:
    """What is read in the transaction that wrote it is no base for what is written after that was undone."""
    any_store.keep(Row(id=1, doc={"list": [[]]}))
    session = any_store.session(expire_on_commit=False)
    row = session.get_one(Row, 1)
    row.doc["list"].append(None)
    session.flush()
    read_again(session, row)
    leave(session, row)
    any_store.expect({"list": [[]]})
    if assigns:
        row.doc = {"list": [None]}
    expected = {"list": [None]} if assigns else {"list": [[], None]}
    assert row.doc == expected
    session.add(row)
    session.commit()
    assert row.doc == expected
    any_store.expect(expected)


def test_a_committed_row_has_nothing_to_write(any_store: Store) -> None:
    """After a commit a row that leaves is clean, also when its session goes on and rolls something else back."""
    any_store.keep(Row(id=1, doc=START))
    session = any_store.session(expire_on_commit=False)
    row = session.get_one(Row, 1)
    _change(row.doc)
    session.commit()
    session.expunge(row)
    session.get(Row, 1)
    session.rollback()
    assert not pending_delta(row, "doc")
    other = any_store.session()
    other.add(row)
    assert not other.is_modified(row)


def test_a_savepoint_that_is_undone(any_store: Store) -> None:
    """What was sent before the savepoint stays sent; what was sent in it is to be written again."""
    any_store.keep(Row(id=1, doc=START))
    session = any_store.session()
    row = session.get_one(Row, 1)
    add(row.doc, "n", 5)
    session.flush()
    savepoint = session.begin_nested()
    add(row.doc, "n", 10)
    session.flush()
    session.expunge(row)
    savepoint.rollback()
    session.add(row)
    session.commit()
    any_store.expect({**START, "n": 16})


def test_a_savepoint_that_is_kept_and_a_transaction_that_is_not(any_store: Store) -> None:
    """A released savepoint is part of the transaction around it."""
    any_store.keep(Row(id=1, doc=START))
    session = any_store.session()
    row = session.get_one(Row, 1)
    with session.begin_nested():
        add(row.doc, "n", 10)
    session.close()
    session.add(row)
    session.commit()
    any_store.expect({**START, "n": 11})


@pytest.mark.parametrize(("before", "after"), [(START, None), (None, START), (START, [1])])
def test_a_document_that_was_replaced(any_store: Store, before: Any, after: Any) -> None:
    """An assignment of another kind, undone, is written by the next session too."""
    any_store.keep(Row(id=1, other=before))
    session = any_store.session()
    row = session.get_one(Row, 1)
    assert row.other == before
    row.other = after
    session.flush()
    session.close()
    other = any_store.session()
    other.add(row)
    other.commit()
    any_store.expect(after, attribute="other")


@pytest.mark.parametrize("value", [{"assigned": []}, [1], None, 5])
def test_a_document_that_was_assigned_unread(any_store: Store, value: Any) -> None:
    """A document that was assigned before it was read is written whole again."""
    any_store.keep(Row(id=1, doc=START))
    session = any_store.session()
    row = session.get_one(Row, 1)
    session.expire(row, ["doc"])
    row.doc = value
    session.flush()
    session.close()
    other = any_store.session()
    other.add(row)
    assert other.is_modified(row)
    if isinstance(row.doc, dict):
        row.doc["assigned"].append(1)
    expected = plain(row.doc)
    other.commit()
    any_store.expect(expected)


def test_a_row_that_nothing_holds_when_its_session_is_closed(any_store: Store, lax: None) -> None:
    """Nothing is left to write for a row that is gone."""
    any_store.keep(Row(id=1, doc=START))
    session = any_store.session()
    row = session.get_one(Row, 1)
    row.doc = None
    session.flush()
    alive = weakref.ref(row)
    state = inspect(row)
    session.expunge(row)
    del row
    gc.collect()
    assert alive() is None
    session.close()
    any_store.expect(START)
    assert state.obj() is None


def test_a_merged_document(any_store: Store) -> None:
    """What another writer had committed is not taken for this row's own change, and written a second time."""
    any_store.keep(Row(id=1, doc={"list": [{"n": 1}], "t": 1}))
    session = any_store.session(expire_on_commit=False)
    row = session.get_one(Row, 1)
    session.commit()
    with any_store.session() as other:
        document = other.get_one(Row, 1).doc
        document["list"].append({"n": 2})
        document["t"] = 2
        other.commit()
    row.doc["list"].insert(0, {"n": 0})
    session.flush()
    session.close()
    session.add(row)
    session.commit()
    any_store.expect({"list": [{"n": 0}, {"n": 1}, {"n": 2}], "t": 2})


def test_no_row_is_kept_alive(store: Store, lax: None) -> None:
    """Rows that were flushed and that nothing holds are freed before the transaction ends, outside strict mode."""
    store.keep(Row(id=1, doc=START))
    session = store.session()
    row = session.get_one(Row, 1)
    alive = weakref.ref(row)
    row.doc["n"] = 2
    session.flush()
    del row
    gc.collect()
    assert alive() is None


def test_a_pickled_row_takes_no_journals_along(any_store: Store) -> None:
    """A row that was flushed and not committed can be pickled as any other."""
    any_store.keep(Row(id=1, doc=START))
    session = any_store.session()
    row = session.get_one(Row, 1)
    row.doc["n"] = 2
    session.flush()
    copied = pickle.loads(pickle.dumps(row))
    assert copied.doc == {**START, "n": 2}
    session.rollback()


def test_the_sessions_own_rows_are_read_again(any_store: Store) -> None:
    """A row that stays in its session is expired by the rollback, as ever."""
    any_store.keep(Row(id=1, doc=START))
    session = any_store.session()
    row = session.get_one(Row, 1)
    row.doc["n"] = 2
    session.flush()
    session.rollback()
    assert row.doc == START
    session.commit()
    any_store.expect(START)


def test_a_commit_that_fails_leaves_the_changes(store: Store) -> None:
    """A commit that raises is none: the row, taken out, has its changes to write."""
    store.keep(Row(id=1, doc=START))
    session = store.session()
    row = session.get_one(Row, 1)
    row.doc["n"] = 2

    def fail(_session: Session) -> None:
        raise OSError("the network is gone")

    session.flush()
    event.listen(session, "before_commit", fail)
    with pytest.raises(OSError, match="gone"):
        session.commit()
    session.close()
    other = store.session()
    other.add(row)
    other.commit()
    store.expect({**START, "n": 2})
