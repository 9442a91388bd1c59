"""Documents and parts of them that are copied from row to row: what goes on together, and what goes its own way."""

from __future__ import annotations

import copy
import gc
import weakref
from typing import Any

import pytest
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import get_history

from indelible import NotJSON, StaleContainer
from tests.database.rows import Row
from tests.database.stores import Store

START: dict[str, Any] = {"scenes": [{"id": 1, "urls": []}, {"id": 2}], "title": {"text": "t"}}


def _rows(store: Store) -> tuple[Session, Row, Row]:
    store.keep(Row(id=1, doc=copy.deepcopy(START)), Row(id=2, doc={}))
    session = store.session()
    return session, session.get_one(Row, 1), session.get_one(Row, 2)


def _merged(store: Store) -> tuple[Session, Row, Row]:
    store.keep(Row(id=1, doc=copy.deepcopy(START)))
    with Session(store.engine) as before:
        detached = before.get_one(Row, 1)
    session = store.session()
    return session, detached, session.merge(detached)


def test_a_container_removed_from_a_merged_source_is_free(any_store: Store) -> None:
    """`merge` copies: what is popped from the source afterwards works, and has nothing to do with the merged row."""
    session, source, merged = _merged(any_store)
    scenes = source.doc.pop("scenes")
    with pytest.raises(NotJSON):
        scenes[0]["id"] = float("nan")
    scenes[0]["id"] = "of the source"
    merged.doc["scenes"][0]["id"] = "of the merged row"
    session.commit()
    expected = copy.deepcopy(START)
    expected["scenes"][0]["id"] = "of the merged row"
    any_store.expect(expected)
    assert scenes[0]["id"] == "of the source"


def test_a_merged_source_does_not_keep_the_merged_row_alive(store: Store, lax: None) -> None:
    """A row that is merged again and again, as from a cache, leaves no rows behind in memory."""
    session, source, merged = _merged(store)
    session.flush()
    alive = weakref.ref(merged)
    del merged
    gc.collect()
    assert alive() is None
    assert source.doc == START


def test_a_part_does_not_keep_the_row_alive_that_it_was_copied_into(store: Store, lax: None) -> None:
    """A part of one row's document that was put into another's does not hold that row, once it is saved."""
    session, row, other = _rows(store)
    other.doc["title"] = row.doc["title"]
    session.flush()
    alive = weakref.ref(other)
    del other
    gc.collect()
    assert alive() is None
    assert row.doc == START


def test_a_snapshot_of_a_document_leaves_the_document_alone(any_store: Store) -> None:
    """`revision.doc = script.doc` copies; popping, changing and putting back goes on as without the revision."""
    session, script, revision = _rows(any_store)
    revision.doc = script.doc
    scene = script.doc["scenes"].pop(0)
    scene["urls"].append("new")
    script.doc["scenes"].append(scene)
    session.commit()
    any_store.expect({**START, "scenes": [{"id": 2}, {"id": 1, "urls": ["new"]}]})
    any_store.expect(START, key=2)


@pytest.mark.parametrize("flushed", [False, True])
def test_a_part_moved_to_another_row_by_hand_is_not_changed_in_silence(
    any_store: Store, flushed: bool
) -> None:
    """`other.doc["t"] = title; del row.doc["t"]`: a change to `title` raises, and says where its copy is."""
    session, row, other = _rows(any_store)
    title = row.doc["title"]
    other.doc["title"] = title
    if flushed:
        session.flush()
        del other  # the error does not depend on who holds the other row
        gc.collect()
    del row.doc["title"]
    with pytest.raises(StaleContainer, match=r"Row\(id=1\)\.doc: .* copied into Row\(id=2\)\.doc"):
        title["text"] = "lost"
    session.commit()
    any_store.expect({"scenes": START["scenes"]})
    any_store.expect({"title": {"text": "t"}}, key=2)


def test_a_part_of_a_removed_container_moves_into_any_row(any_store: Store) -> None:
    """A part of what was popped belongs to no row: put into one, it is that row's, under every name it has."""
    session, row, other = _rows(any_store)
    scene = row.doc.pop("scenes")[0]
    other.doc["scene"] = scene
    scene["urls"].append("new")
    session.commit()
    any_store.expect({"title": {"text": "t"}})
    any_store.expect({"scene": {"id": 1, "urls": ["new"]}}, key=2)


def test_the_old_value_keeps_a_part_that_moved_to_another_row(any_store: Store) -> None:
    """The history of the row that lost a container has it as it was, whatever the row does that has it now."""
    session, row, other = _rows(any_store)
    other.doc["scene"] = row.doc.pop("scenes")[0]
    other.doc["scene"]["urls"].append("new")
    assert get_history(row, "doc").deleted == [START]
    session.rollback()
    assert row.doc == START
    assert other.doc == {}
