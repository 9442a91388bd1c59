"""After whatever a session does to a row, its document is what the database says, and later changes are saved."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session, make_transient, make_transient_to_detached
from sqlalchemy.orm.exc import StaleDataError

from tests.database.rows import Row
from tests.database.stores import Store, typed

START: dict[str, Any] = {"a": {"n": [1]}, "k": 1}


def _row(store: Store, **options: Any) -> tuple[Session, Row]:
    store.keep(Row(id=1, doc=copy.deepcopy(START), other=[1]))
    session = store.session(**options)
    return session, session.get_one(Row, 1)


def _mark(row: Row) -> dict[str, Any]:
    """Change a row's document at depth, and return what it has to be."""
    expected: dict[str, Any] = json_of(row.doc)
    row.doc["a"]["n"].append("marked")
    expected["a"]["n"].append("marked")
    return expected


def json_of(value: Any) -> Any:
    """Return a plain copy."""
    if isinstance(value, dict):
        return {key: json_of(item) for key, item in value.items()}
    return [json_of(item) for item in value] if isinstance(value, list) else value


def test_rollback_gives_the_document_of_the_database(any_store: Store) -> None:
    """Rollback: the document is what the database says, and later changes are still tracked and saved."""
    session, row = _row(any_store)
    row.doc["a"]["n"].append(2)
    row.doc["gone"] = 1
    session.rollback()
    assert typed(row.doc) == typed(START)
    expected = _mark(row)
    session.commit()
    any_store.expect(expected)


def test_rollback_after_a_flush(any_store: Store) -> None:
    """Rollback of a change that was flushed already."""
    session, row = _row(any_store)
    row.doc["a"]["n"].append(2)
    session.flush()
    row.doc["a"]["n"].append(3)
    session.rollback()
    assert typed(row.doc) == typed(START)
    session.commit()
    any_store.expect(START)
    expected = _mark(row)
    session.commit()
    any_store.expect(expected)


@pytest.mark.parametrize("read", [True, False])
@pytest.mark.parametrize("flushed", [True, False])
def test_savepoint_rollback(any_store: Store, flushed: bool, read: bool) -> None:
    """Savepoint rollback: the change before the savepoint is kept, the one inside it is gone."""
    session, row = _row(any_store)
    row.doc["before"] = 1
    savepoint = session.begin_nested()
    row.doc["a"]["n"].append("inside")
    if flushed:
        session.flush()
    savepoint.rollback()
    if read:
        assert typed(row.doc) == typed({**START, "before": 1})
    expected = _mark(row)
    session.commit()
    any_store.expect(expected)
    any_store.expect({"a": {"n": [1, "marked"]}, "k": 1, "before": 1})


def test_savepoint_released(any_store: Store) -> None:
    """A change inside a savepoint that is released is kept, and those after it."""
    session, row = _row(any_store)
    held = row.doc
    with session.begin_nested():
        held["inside"] = 1
    row.doc["after"] = 2
    session.commit()
    any_store.expect({**START, "inside": 1, "after": 2})


def test_nested_savepoints(store: Store) -> None:
    """Savepoints inside savepoints: only what was inside the one rolled back is gone."""
    session, row = _row(store)
    with session.begin_nested():
        row.doc["one"] = 1
        inner = session.begin_nested()
        row.doc["two"] = 2
        inner.rollback()
        row.doc["three"] = 3
    session.commit()
    store.expect({**START, "one": 1, "three": 3})


def test_rollback_of_a_new_row(any_store: Store) -> None:
    """A new row whose insert was rolled back keeps its document, and is saved when it is added again."""
    session = any_store.session()
    row = Row(id=1, doc={"a": [1]})
    session.add(row)
    row.doc["a"].append(2)
    session.flush()
    row.doc["a"].append(3)
    session.rollback()
    kept = json_of(row.doc)
    assert kept["a"][:2] == [1, 2]
    session.add(row)
    row.doc["a"].append(4)
    kept["a"].append(4)
    session.commit()
    any_store.expect(kept)


@pytest.mark.parametrize("attributes", [None, ["doc"]])
def test_refresh_and_expire(any_store: Store, attributes: Any) -> None:
    """`refresh` and `expire` discard unsaved changes and read what another program stored."""
    session, row = _row(any_store)
    for forget in (session.refresh, session.expire):
        row.doc["unsaved"] = 1
        session.rollback()
        any_store.sql('UPDATE rows SET doc = \'{"a": {"n": ["theirs"]}}\'')
        forget(row, attributes)
        assert row.doc == {"a": {"n": ["theirs"]}}
        expected = _mark(row)
        session.commit()
        any_store.expect(expected)


def test_refresh_discards_changes(any_store: Store) -> None:
    """`refresh` of a changed row: the change is gone, nothing is written, and later ones are saved."""
    session, row = _row(any_store)
    row.doc["unsaved"] = 1
    with session.no_autoflush:
        session.refresh(row)
    assert typed(row.doc) == typed(START)
    assert not session.is_modified(row)
    expected = _mark(row)
    session.commit()
    any_store.expect(expected)


def test_populate_existing(any_store: Store) -> None:
    """`populate_existing` replaces the document by the database's."""
    session, row = _row(any_store)
    with session.no_autoflush:
        row.doc["unsaved"] = 1
        again = session.scalars(select(Row).execution_options(populate_existing=True)).one()
    assert again is row
    assert "unsaved" not in row.doc
    expected = _mark(row)
    session.commit()
    any_store.expect(expected)


def test_a_query_that_finds_the_row_again_keeps_its_changes(any_store: Store) -> None:
    """A query that meets a changed row does not overwrite its document."""
    session, row = _row(any_store)
    with session.no_autoflush:
        row.doc["unsaved"] = 1
        session.scalars(select(Row)).all()
        session.get(Row, 1)
    session.commit()
    any_store.expect({**START, "unsaved": 1})


def test_expire_on_commit_false(any_store: Store) -> None:
    """Without expiry at commit the same containers go on working, commit after commit."""
    session, row = _row(any_store, expire_on_commit=False)
    numbers = row.doc["a"]["n"]
    for number in range(3):
        numbers.append(number)
        session.commit()
        any_store.expect({"a": {"n": [1, *range(number + 1)]}, "k": 1})
    assert row.doc["a"]["n"] is numbers


@pytest.mark.parametrize("load", [True, False])
def test_merge_of_a_clean_row_into_a_new_session(any_store: Store, load: bool) -> None:
    """`merge`: the document is what the merged source says, independent of it, and later changes are saved."""
    session, row = _row(any_store, expire_on_commit=False)
    session.commit()
    session.expunge(row)
    other = any_store.session()
    merged = other.merge(row, load=load)
    assert typed(merged.doc) == typed(START)
    assert merged.doc is not row.doc
    assert not other.is_modified(merged)
    expected = _mark(merged)
    assert typed(row.doc) == typed(START)
    other.commit()
    any_store.expect(expected)


def test_merge_of_a_changed_detached_row(any_store: Store) -> None:
    """Changes made while a row was detached are saved by `merge`, whether the target was loaded or not."""
    for loaded in (True, False):
        any_store.sql("DELETE FROM rows")
        session, row = _row(any_store, expire_on_commit=False)
        session.close()
        row.doc["a"]["n"].append("detached")
        other = any_store.session()
        target = other.get_one(Row, 1) if loaded else None
        held = target.doc if target else None
        merged = other.merge(row)
        assert merged.doc["a"]["n"] == [1, "detached"]
        merged.doc["later"] = 1
        other.commit()
        any_store.expect({"a": {"n": [1, "detached"]}, "k": 1, "later": 1})
        del held


def test_merge_of_a_new_row(any_store: Store) -> None:
    """`merge` of a row that is not stored yet inserts its document; of one with the key of a stored row updates."""
    session = any_store.session()
    merged = session.merge(Row(id=5, doc={"a": [1]}))
    merged.doc["a"].append(2)
    session.commit()
    any_store.expect({"a": [1, 2]}, key=5)
    merged = session.merge(Row(id=5, doc={"a": ["other"]}))
    merged.doc["a"].append(3)
    session.commit()
    any_store.expect({"a": ["other", 3]}, key=5)


def test_merge_of_an_equal_document_writes_nothing(any_store: Store) -> None:
    """A merge that brings the same document leaves nothing to write."""
    session, row = _row(any_store)
    row.doc  # noqa: B018
    source = Row(id=1, title="", doc=copy.deepcopy(START), other=[1])
    session.merge(source)
    assert not session.is_modified(row)
    with any_store.statements() as statements:
        session.flush()
    assert statements == []


def test_merge_does_not_share_containers(any_store: Store) -> None:
    """After a merge the source can be changed without reaching the merged row, and the other way round."""
    session, _ = _row(any_store)
    source = Row(id=1, doc={"s": [1]})
    merged = session.merge(source)
    source.doc["s"].append("source only")
    merged.doc["s"].append("merged only")
    session.commit()
    any_store.expect({"s": [1, "merged only"]})


@pytest.mark.parametrize("changed", ["before", "while detached", "after", "all"])
def test_detach_and_re_attach(any_store: Store, changed: str) -> None:
    """Detach and re-attach: changes before, while detached and after are saved."""
    session, row = _row(any_store)
    numbers = row.doc["a"]["n"]
    expected: dict[str, Any] = {"a": {"n": [1]}, "k": 1}

    def change(when: str) -> None:
        if changed in (when, "all"):
            numbers.append(when)
            expected["a"]["n"].append(when)

    change("before")
    session.expunge(row)
    change("while detached")
    other = any_store.session()
    other.add(row)
    change("after")
    other.commit()
    any_store.expect(expected)


def test_closing_a_session_then_using_another(any_store: Store) -> None:
    """A row of a closed session, changed and added to a new one, is saved."""
    session, row = _row(any_store)
    row.doc["lost?"] = "no"
    session.close()
    row.doc["a"]["n"].append(2)
    other = any_store.session()
    other.add(row)
    other.commit()
    any_store.expect({"a": {"n": [1, 2]}, "k": 1, "lost?": "no"})


def test_make_transient_inserts_the_document_again(any_store: Store) -> None:
    """`make_transient` with a new key: the document is inserted whole for the new row and tracked there."""
    session, row = _row(any_store)
    row.doc["a"]["n"].append("both?")
    session.flush()
    row.doc, row.other, row.title  # noqa: B018
    session.expunge(row)
    make_transient(row)
    row.id = 2
    row.doc["a"]["n"].append(2)
    session.add(row)
    row.doc["a"]["n"].append(3)
    session.commit()
    any_store.expect({"a": {"n": [1, "both?"]}, "k": 1}, key=1)
    any_store.expect({"a": {"n": [1, "both?", 2, 3]}, "k": 1}, key=2)


def test_make_transient_to_detached(any_store: Store) -> None:
    """A row made by hand for a stored key loads its document when it is read, and tracks it."""
    _row(any_store)
    row = Row(id=1)
    make_transient_to_detached(row)
    session = any_store.session()
    session.add(row)
    expected = _mark(row)
    session.commit()
    any_store.expect(expected)


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("dirty", [False, True])
def test_unpickled_rows_are_tracked(store: Store, protocol: int, dirty: bool) -> None:
    """Unpickling a row, clean or with unsaved changes: its document is tracked, and its changes are saved."""
    session, row = _row(store)
    expected = _mark(row) if dirty else json_of(row.doc)
    session.expunge(row)
    again = pickle.loads(pickle.dumps(row, protocol))
    other = store.session()
    other.add(again)
    assert typed(again.doc) == typed(expected)
    assert other.is_modified(again) is dirty
    other.flush()
    again.doc["a"]["n"].append("after")
    expected["a"]["n"].append("after")
    other.commit()
    store.expect(expected)


def test_an_unpickled_row_with_unsaved_changes_is_saved_without_more(any_store: Store) -> None:
    """Changes that were pickled with the row are saved by the session that the row is added to."""
    session, row = _row(any_store)
    row.doc["a"]["n"].append("pickled")
    session.expunge(row)
    other = any_store.session()
    other.add(pickle.loads(pickle.dumps(row)))
    other.commit()
    any_store.expect({"a": {"n": [1, "pickled"]}, "k": 1})


def test_an_unpickled_row_can_be_merged(any_store: Store) -> None:
    """The caching pattern: pickle a row, unpickle it later, merge it without loading, change it."""
    session, row = _row(any_store)
    row.doc  # noqa: B018
    session.expunge(row)
    cached = pickle.dumps(row)
    other = any_store.session()
    merged = other.merge(pickle.loads(cached), load=False)
    expected = _mark(merged)
    other.commit()
    any_store.expect(expected)


def test_a_pickled_row_with_a_held_child(store: Store) -> None:
    """A child pickled together with its row is the row's own child afterwards."""
    session, row = _row(store)
    child = row.doc["a"]
    session.expunge(row)
    again, held = pickle.loads(pickle.dumps((row, child)))
    other = store.session()
    other.add(again)
    if held is again.doc["a"]:
        held["n"].append("kept")
        other.commit()
        store.expect({"a": {"n": [1, "kept"]}, "k": 1})
    else:
        again.doc["a"]["n"].append("kept")
        other.commit()
        store.expect({"a": {"n": [1, "kept"]}, "k": 1})


def test_a_row_made_from_another_row(store: Store) -> None:
    """A new row made from the documents of another has its own: each change is saved where it was made."""
    session, row = _row(store)
    duplicate = Row(id=2, doc=row.doc, other=copy.deepcopy(row.other))
    session.add(duplicate)
    row.doc["a"]["n"].append("first")
    duplicate.doc["a"]["n"].append("second")
    session.commit()
    store.expect({"a": {"n": [1, "first"]}, "k": 1})
    store.expect({"a": {"n": [1, "second"]}, "k": 1}, key=2)


def test_a_row_deleted_by_another_program(any_store: Store) -> None:
    """`Session.get` of a row that is gone gives None, and a change to a row that is gone raises at the flush."""
    session, row = _row(any_store)
    session.commit()
    any_store.sql("DELETE FROM rows")
    assert session.get(Row, 1) is None
    session.rollback()
    any_store.keep(Row(id=3, doc={"a": 1}))
    row = session.get_one(Row, 3)
    row.doc["b"] = 1
    session.expunge(row)
    session.rollback()
    any_store.sql("DELETE FROM rows")
    session.add(row)
    with pytest.raises(StaleDataError):
        session.commit()


@pytest.mark.filterwarnings("ignore:New instance:sqlalchemy.exc.SAWarning")
def test_a_failed_flush_keeps_nothing_and_loses_nothing_later(any_store: Store) -> None:
    """After a flush that failed for another row's sake and its rollback, the change made again is saved."""
    session, row = _row(any_store)
    row.doc["a"]["n"].append("with the failure")
    session.add(Row(id=1, doc={}))
    with pytest.raises(Exception, match=r"UNIQUE|unique|Duplicate|conflicts with persistent"):
        session.flush()
    session.rollback()
    assert typed(row.doc) == typed(START)
    expected = _mark(row)
    session.commit()
    any_store.expect(expected)


def test_delete_statement_and_new_row_with_the_same_key(any_store: Store) -> None:
    """A row deleted and made anew under the same key in one transaction has the new document."""
    session, row = _row(any_store)
    row.doc["x"] = 1
    session.flush()
    session.execute(delete(Row))
    session.expunge_all()
    fresh = Row(id=1, doc={"fresh": []})
    session.add(fresh)
    session.flush()
    fresh.doc["fresh"].append(1)
    session.commit()
    any_store.expect({"fresh": [1]})


def test_a_deleted_row_replaced_by_an_equal_key(any_store: Store) -> None:
    """Delete and add under one key in one flush (SQLAlchemy's row switch) stores the new document."""
    session, row = _row(any_store)
    session.delete(row)
    fresh = Row(id=1, doc={"a": {"n": [1]}, "k": 2})
    session.add(fresh)
    session.flush()
    fresh.doc["a"]["n"].append(2)
    session.commit()
    any_store.expect({"a": {"n": [1, 2]}, "k": 2})


def test_a_row_switch_to_an_equal_or_changed_document(any_store: Store) -> None:
    """A row switch whose new document was changed before the flush stores the changed one."""
    session, row = _row(any_store)
    row.doc  # noqa: B018
    session.delete(row)
    fresh = Row(id=1, doc=copy.deepcopy(START), other=[1])
    session.add(fresh)
    fresh.doc["k"] = 3
    session.commit()
    any_store.expect({**START, "k": 3})


def test_an_unread_document_is_assigned_twice(any_store: Store) -> None:
    """A document that was never read is overwritten by the last of several assignments, `None` among them."""
    any_store.keep(Row(id=1, doc={"a": 1}))
    session = any_store.session()
    row = session.get_one(Row, 1)
    session.commit()
    row.doc = None
    row.doc = []
    session.commit()
    any_store.expect([])
    row.doc = [1]
    row.doc = None
    session.commit()
    any_store.expect(None)
