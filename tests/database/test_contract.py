"""The lines of the contract of tracked documents, each on every driver; the other files of this folder go deeper."""

from __future__ import annotations

import copy
import gc
import heapq
import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import inspect
from sqlalchemy.orm import attributes

from indelible import LostChange, NotJSON, SourceChanged, StaleContainer
from tests.database.rows import Row
from tests.database.stores import Store

START: dict[str, Any] = {
    "summaries": {"INT. HOUSE - DAY": "Maria"},
    "scenes": [{"id": "a", "urls": ["1"]}, {"id": "b", "urls": []}],
    "queue": [3, 5],
    "n": 1,
}


def kept(store: Store) -> Store:
    """Save one row with the document above."""
    store.keep(Row(id=1, doc=START))
    return store


def with_start(**changed: Any) -> dict[str, Any]:
    """Return what the document is to be after a change."""
    return {**START, **changed}


# What the program sees


def test_real_dict_and_list_subclasses(any_store: Store) -> None:
    """`isinstance`, `==`, `match`, `json.dumps`, `copy`, `pickle` as for plain ones; copies are independent."""
    session = kept(any_store).session()
    document = session.get_one(Row, 1).doc
    assert isinstance(document, dict)
    assert isinstance(document["scenes"], list)
    assert document == START
    assert json.loads(json.dumps(document)) == START
    match document:
        case {"scenes": [{"id": first}, *_]}:
            assert first == "a"
        case _:
            raise AssertionError("no match")
    for copied in (copy.copy(document), copy.deepcopy(document), pickle.loads(pickle.dumps(document))):
        assert copied == START
        copied["n"] = 2
    copy.deepcopy(document)["scenes"].append({})
    session.commit()
    any_store.expect(START)


def test_every_mutator_at_any_depth(any_store: Store) -> None:
    """A container put in by a mutator is tracked from then on; `test_mutators` enumerates the built-in types."""
    session = kept(any_store).session()
    scenes = session.get_one(Row, 1).doc["scenes"]
    scenes += [{"id": "c", "urls": []}]
    scenes[-1]["urls"].insert(0, "deep")
    session.commit()
    any_store.expect(with_start(scenes=[*START["scenes"], {"id": "c", "urls": ["deep"]}]))


def test_a_mutator_that_raises_leaves_the_row_clean(any_store: Store) -> None:
    """So does a change that is taken back: there is nothing to write. `True`, `1` and `1.0` are three values."""
    session = kept(any_store).session()
    row = session.get_one(Row, 1)
    with pytest.raises(KeyError):
        row.doc.pop("absent")
    assert row not in session.dirty
    row.doc["n"] = 2
    row.doc["n"] = 1
    with any_store.statements() as statements:
        session.flush()
    assert statements == []
    for value in (True, 1.0):
        row.doc["n"] = value
        session.commit()
        any_store.expect(with_start(n=value))


def test_assigning_the_same_object_back(any_store: Store) -> None:
    """The same object back, with changes inside, is saved (story 001)."""
    session = kept(any_store).session()
    row = session.get_one(Row, 1)
    document = row.doc
    document["n"] = 2
    row.doc = document
    session.commit()
    any_store.expect(with_start(n=2))


# What never happens


def test_a_change_whose_owner_was_garbage_collected_is_saved(any_store: Store) -> None:
    """No variable holds the row, and a child container keeps its row alive."""
    session = kept(any_store).session()
    session.get_one(Row, 1).doc["summaries"]["x"] = "y"
    urls = session.get_one(Row, 1).doc["scenes"][0]["urls"]
    gc.collect()
    urls.append("2")
    gc.collect()
    session.commit()
    summaries = {**START["summaries"], "x": "y"}
    any_store.expect(
        with_start(summaries=summaries, scenes=[{"id": "a", "urls": ["1", "2"]}, START["scenes"][1]])
    )


ENDS: dict[str, Callable[[Any, Row], object]] = {
    "commit": lambda session, row: session.commit(),
    "refresh": lambda session, row: session.refresh(row),
    "rollback": lambda session, row: session.rollback(),
    "expire": lambda session, row: session.expire(row),
    "removal": lambda session, row: row.doc.pop("scenes"),
}


@pytest.mark.parametrize("end", ENDS)
def test_no_change_of_a_container_without_a_row_vanishes(any_store: Store, end: str) -> None:
    """Read before a commit, refresh, rollback or expire, or removed: it works, or an error says what to read again."""
    session = kept(any_store).session()
    row = session.get_one(Row, 1)
    scenes = row.doc["scenes"]
    ENDS[end](session, row)
    if end != "removal":
        with pytest.raises(StaleContainer, match="Read `doc` from the row again"):
            scenes.append({"id": "c"})
    else:
        scenes.append({"id": "c"})
        row.doc["scenes"] = scenes
        session.commit()
        any_store.expect(with_start(scenes=[*START["scenes"], {"id": "c"}]))
    row.doc["n"] = 2
    session.commit()
    assert json.loads(any_store.stored_text() or "")["n"] == 2


def test_one_owner(any_store: Store) -> None:
    """Putting a container in a second place, or a second row, copies it; popping and putting back is a move."""
    store = kept(any_store)
    store.keep(Row(id=2, doc={}))
    session = store.session()
    one, two = session.get_one(Row, 1), session.get_one(Row, 2)
    scene = one.doc["scenes"][0]
    two.doc["scene"] = scene
    two.doc["scene"]["id"] = "copy"
    popped = one.doc["scenes"].pop(1)
    one.doc["scenes"].insert(0, popped)
    assert one.doc["scenes"][0] is popped
    popped["id"] = "moved"
    session.commit()
    store.expect(with_start(scenes=[{"id": "moved", "urls": []}, START["scenes"][0]]))
    store.expect({"scene": {"id": "copy", "urls": ["1"]}}, key=2)


def test_values_are_copied_in(any_store: Store) -> None:
    """`x = []; doc["a"] = x; x.append(1)`: strict mode compares the source at flush and raises."""
    session = kept(any_store).session()
    source: list[int] = []
    session.get_one(Row, 1).doc["a"] = source
    source.append(1)
    with pytest.raises(SourceChanged):
        session.flush()


def test_c_code_that_writes_past_the_subclass_is_caught(any_store: Store) -> None:
    """Strict mode catches `heapq.heappush(doc["queue"], …)` at flush and names document and path."""
    session = kept(any_store).session()
    row = session.get_one(Row, 1)
    heapq.heappush(row.doc["queue"], 1)
    row.title = "the session has something to flush"
    with pytest.raises(LostChange, match=r"Row\(id=1\)\.doc at queue\[0\]"):
        session.flush()


def _rollback(session: Any, row: Row) -> Row:
    session.rollback()
    return row


def _savepoint(session: Any, row: Row) -> Row:
    with session.begin_nested() as savepoint:
        row.doc["n"] = 99
        savepoint.rollback()
    return row


def _refresh(session: Any, row: Row) -> Row:
    session.refresh(row)
    return row


def _expire(session: Any, row: Row) -> Row:
    session.expire(row)
    return row


def _detach(session: Any, row: Row) -> Row:
    session.rollback()
    assert row.doc == START
    session.expunge(row)
    session.add(row)
    return row


def _merge(session: Any, row: Row) -> Row:
    merged: Row = session.merge(Row(id=1, doc=START))
    return merged


def _unpickle(session: Any, row: Row) -> Row:
    session.rollback()
    assert row.doc == START
    copied: Row = pickle.loads(pickle.dumps(row))
    session.expunge(row)
    session.add(copied)
    return copied


@pytest.mark.parametrize("life", [_rollback, _savepoint, _refresh, _expire, _detach, _merge, _unpickle])
def test_the_document_is_what_the_database_says(any_store: Store, life: Callable[[Any, Row], Row]) -> None:
    """After rollback, savepoint, refresh, expire, detach, merge and unpickling; later changes are tracked and saved."""
    session = kept(any_store).session()
    row = session.get_one(Row, 1)
    if life is not _savepoint:
        row.doc["n"] = 99
    row = life(session, row)
    assert row.doc == START
    row.doc["scenes"][1]["urls"].append("later")
    session.commit()
    any_store.expect(with_start(scenes=[START["scenes"][0], {"id": "b", "urls": ["later"]}]))


def test_no_hidden_reads(any_store: Store) -> None:
    """Nothing is expired after a flush: one UPDATE, and no SELECT however the document is read afterwards."""
    session = kept(any_store).session()
    row = session.get_one(Row, 1)
    with any_store.statements() as statements:
        row.doc["n"] = 2
        session.flush()
        assert row.doc["scenes"][0]["urls"] == ["1"]
        assert (row.title, row.other) == ("", None)
    assert [statement.split()[0] for statement in statements] == ["UPDATE"]


def test_history_tells_the_truth(any_store: Store) -> None:
    """`get_history`, `session.is_modified` and `session.dirty` tell a change in place, with the old value."""
    session = kept(any_store).session()
    row = session.get_one(Row, 1)
    assert not session.is_modified(row)
    row.doc["n"] = 2
    assert session.is_modified(row)
    assert row in session.dirty
    assert inspect(row).attrs.doc.history == attributes.get_history(row, "doc")
    added, _unchanged, deleted = attributes.get_history(row, "doc")
    assert (added, deleted) == ([with_start(n=2)], [START])


def test_numbers_are_exact_and_the_rest_is_refused(any_store: Store) -> None:
    """Integers of any size are kept, on MySQL and MariaDB of 64 bits; NaN and lone surrogates are refused by path."""
    session = kept(any_store).session()
    row = session.get_one(Row, 1)
    number = 2**63 if any_store.driver.is_mariadb else 2**4000
    row.doc["scenes"][0]["big"] = number
    for wrong in (float("nan"), float("inf"), "\ud800"):
        with pytest.raises(NotJSON, match=r"scenes\[0\]\.bad"):
            row.doc["scenes"][0]["bad"] = wrong
    session.commit()
    any_store.expect(with_start(scenes=[{"id": "a", "urls": ["1"], "big": number}, START["scenes"][1]]))
