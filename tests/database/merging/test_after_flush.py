"""After a flush: rollbacks, savepoints, the document in memory, other ways to write."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from indelible import Conflict, StaleContainer
from tests.database.merging.papers import Paper
from tests.database.merging.paths_taken import merges_seen, only_merging
from tests.database.merging.two import Two, both
from tests.database.rows import Row
from tests.database.stores import Store


def test_rolling_back_after_a_sent_delta(store: Store) -> None:
    """The row is read again, the old containers refuse, and what is changed next is stored."""
    two = Two.of(store, {"a": [1]})
    stale = two.one.doc["a"]
    stale.append(2)
    two.sessions[0].flush()
    two.sessions[0].rollback()
    assert two.one.doc == {"a": [1]}
    with pytest.raises(StaleContainer):
        stale.append(3)
    two.one.doc["a"].append(4)
    two.sessions[0].commit()
    store.expect({"a": [1, 4]}, Paper)


@pytest.mark.parametrize("way", ["any", "merge"])
def test_rolling_back_to_a_savepoint_after_a_sent_delta(store: Store, way: str) -> None:
    """What was flushed before stays, what was flushed in it is gone, in memory and stored."""
    two = Two.of(store, {"a": []})
    session, row = two.sessions[0], two.one
    row.doc["a"].append("before")
    session.flush()
    savepoint = session.begin_nested()
    row.doc["a"].append("within")
    if way == "merge":
        with only_merging():
            session.flush()
    else:
        session.flush()
    savepoint.rollback()
    assert row.doc == {"a": ["before"]}
    row.doc["a"].append("after")
    session.commit()
    store.expect({"a": ["before", "after"]}, Paper)


def test_a_conflict_in_a_savepoint_leaves_the_rest(store: Store) -> None:
    """The usual way to go on after a conflict in a longer transaction."""
    two = Two(store, Row(id=1, doc={"a": 1}))
    store.keep(Row(id=2, doc={}))
    two.one.doc["a"] = 2
    two.sessions[0].commit()
    session = two.second
    session.get_one(Row, 2).doc["kept"] = True
    session.flush()
    savepoint = session.begin_nested()
    two.other.doc["a"] = 3
    with pytest.raises(Conflict):
        session.flush()
    savepoint.rollback()
    assert two.other.doc["a"] == 2
    two.other.doc["a"] = 3
    session.commit()
    store.expect({"a": 3}, Row)
    store.expect({"kept": True}, Row, 2)


def test_flushes_one_after_the_other_in_a_transaction(store: Store) -> None:
    """Each sends what is new since the last."""
    two = Two.of(store, {"n": [], "x": [1, 2]})
    for number in range(5):
        two.one.doc["n"].append(number)
        two.one.doc["x"].reverse()
        two.one.doc["last"] = number
        with store.statements() as statements:
            two.sessions[0].flush()
        assert len(statements) == 1
    two.sessions[0].commit()
    store.expect({"n": [0, 1, 2, 3, 4], "x": [2, 1], "last": 4}, Paper)


def test_what_others_removed_refuses_changes(store: Store) -> None:
    """After a merge, a container that another writer took out says so; its neighbours stay tracked."""
    two = Two.of(store, {"scenes": [{"id": 1}, {"id": 2}], "meta": {"x": {}}, "n": 0})
    gone, stays, member = two.other.doc["scenes"][0], two.other.doc["scenes"][1], two.other.doc["meta"]["x"]
    del two.one.doc["scenes"][0]
    two.one.doc["meta"] = 5
    two.sessions[0].commit()
    two.other.doc["scenes"][1]["new"] = 1
    with merges_seen() as merged:
        two.second.commit()
    assert merged
    assert two.other.doc == {"scenes": [{"id": 2, "new": 1}], "meta": 5, "n": 0}
    for container in (gone, member):
        with pytest.raises(StaleContainer):
            container["late"] = 1
    stays["late"] = 1
    two.second.commit()
    store.expect({"scenes": [{"id": 2, "new": 1, "late": 1}], "meta": 5, "n": 0}, Paper)


def test_what_others_put_in_is_tracked(store: Store) -> None:
    """After a merge, their containers are the row's own."""
    two = both(
        store,
        {"scenes": [{"id": 1}]},
        lambda document: document["scenes"].insert(0, {"id": 0, "shots": [{"n": {}}]}),
        lambda document: document["scenes"][0].update(new=1),
    )
    two.other.doc["scenes"][0]["shots"][0]["n"]["deep"] = True
    two.second.commit()
    store.expect({"scenes": [{"id": 0, "shots": [{"n": {"deep": True}}]}, {"id": 1, "new": 1}]}, Paper)


def test_core_writes_meanwhile_count_as_another_writer(store: Store) -> None:
    """Whole documents from plain `update()` are merged into like any other writer's."""
    two = Two.of(store, {"a": 1, "b": [1]})
    two.sessions[0].execute(update(Paper).values(doc={"a": 1, "b": [1, 2], "c": {"x": 1.0}}))
    two.sessions[0].commit()
    two.other.doc["b"].append(3)
    two.other.doc["d"] = {}
    two.second.commit()
    store.expect({"a": 1, "b": [1, 2, 3], "c": {"x": 1.0}, "d": {}}, Paper)


def test_merging_a_detached_row_sends_what_it_changed(store: Store) -> None:
    """`session.merge` of a row that was read before another writer's change."""
    two = Two.of(store, {"a": 1, "b": 1})
    two.second.expunge(two.other)
    two.one.doc["c"] = 1
    two.sessions[0].commit()
    two.other.doc["b"] = 2
    session = store.session()
    session.add(two.other)
    session.commit()
    store.expect({"a": 1, "b": 2, "c": 1}, Paper)
