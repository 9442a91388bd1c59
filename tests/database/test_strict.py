"""Strict mode finds, at flush, the changes that no code of ours can see."""

from __future__ import annotations

import bisect
import heapq
from collections.abc import Callable
from typing import Any

import pytest

from indelible import IndelibleError, LostChange, SourceChanged, SourceChangedWarning, is_strict
from tests.database.rows import Row
from tests.database.stores import Store

START: dict[str, Any] = {"queue": [3, 5, 9], "a": {"b": {"c": 1}}}


def test_strict_mode_is_on_under_the_plugin() -> None:
    """Strict mode is on under the pytest plugin."""
    assert is_strict()


SOURCES: dict[str, tuple[Callable[[], Any], Callable[[Any, Any], object], Callable[[Any], object]]] = {
    "list in a dict": (list, lambda row, x: row.doc.__setitem__("x", x), lambda x: x.append(1)),
    "dict in a list": (dict, lambda row, x: row.doc["queue"].append(x), lambda x: x.update(a=1)),
    "nested": (
        lambda: {"in": {"ner": []}},
        lambda row, x: row.doc["a"].update(x=x),
        lambda x: x["in"]["ner"].append(1),
    ),
    "root": (lambda: {"in": []}, lambda row, x: setattr(row, "doc", x), lambda x: x.update(new=1)),
    "inside a root": (lambda: {"in": []}, lambda row, x: setattr(row, "doc", x), lambda x: x["in"].append(1)),
    "extend": (lambda: [[1]], lambda row, x: row.doc["queue"].extend(x), lambda x: x[0].append(1)),
    "slice": (
        lambda: [[1]],
        lambda row, x: row.doc["queue"].__setitem__(slice(0, 1), x),
        lambda x: x[0].append(1),
    ),
    "setdefault": (list, lambda row, x: row.doc.setdefault("x", x), lambda x: x.append(1)),
    "|=": (lambda: {"k": []}, lambda row, x: row.doc.__ior__(x), lambda x: x["k"].append(1)),
    "of another type": (
        lambda: [1],
        lambda row, x: row.doc.__setitem__("x", x),
        lambda x: x.__setitem__(0, True),
    ),
}


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_changed_after_it_was_put_in_raises(store: Store, name: str) -> None:
    """`x = []; doc["a"] = x; x.append(1)`: strict mode compares the source at flush and raises."""
    make, put, change = SOURCES[name]
    store.keep(Row(id=1, doc=START))
    session = store.session()
    row = session.get_one(Row, 1)
    source = make()
    put(row, source)
    change(source)
    with pytest.raises(SourceChanged) as error:
        session.flush()
    assert "doc" in str(error.value)
    session.rollback()
    row.doc["after"] = 1
    session.commit()
    store.expect({**START, "after": 1})


def test_a_source_of_a_new_row_raises(any_store: Store) -> None:
    """The value a new row was made with, changed before the flush, raises too."""
    source: dict[str, Any] = {"a": []}
    session = any_store.session()
    session.add(Row(id=1, doc=source))
    source["a"].append(1)
    with pytest.raises(SourceChanged):
        session.flush()
    session.rollback()


def test_a_source_changed_between_flush_and_commit_raises(any_store: Store) -> None:
    """A source changed after a flush, before the commit, raises at the commit."""
    any_store.keep(Row(id=1, doc=START))
    session = any_store.session()
    source: list[int] = []
    session.get_one(Row, 1).doc["x"] = source
    session.flush()
    source.append(1)
    with pytest.raises(SourceChanged):
        session.commit()
    session.rollback()


def test_an_unchanged_source_is_fine(store: Store) -> None:
    """A source that is only read, or dropped, raises nothing; nor does a change of the document's own copy."""
    store.keep(Row(id=1, doc=START))
    session = store.session()
    row = session.get_one(Row, 1)
    source: list[Any] = [{"a": 1}]
    row.doc["x"] = source
    row.doc["x"][0]["a"] = 2
    row.doc["x"].append(3)
    row.doc["y"] = {"dropped": []}
    session.commit()
    store.expect({**START, "x": [{"a": 2}, 3], "y": {"dropped": []}})


def test_without_strict_mode_a_changed_source_warns(store: Store, lax: None) -> None:
    """Outside strict mode a source changed after it was put in gives a SourceChangedWarning at the flush."""
    store.keep(Row(id=1, doc=START))
    session = store.session()
    source: list[int] = []
    session.get_one(Row, 1).doc["x"] = source
    source.append(1)
    with pytest.warns(SourceChangedWarning):
        session.flush()
    session.rollback()


def _sort_in_c(doc: Any) -> None:
    list.sort(doc["queue"], reverse=True)


BYPASSES: dict[str, tuple[Callable[[Any], object], str]] = {
    "heapq.heappush": (lambda doc: heapq.heappush(doc["queue"], 1), "queue"),
    "heapq.heappop": (lambda doc: heapq.heappop(doc["queue"]), "queue"),
    "heapq.heapreplace": (lambda doc: heapq.heapreplace(doc["queue"], 4), "queue"),
    "dict.__setitem__": (lambda doc: dict.__setitem__(doc["a"]["b"], "c", 2), "a.b"),
    "dict.__setitem__ of the root": (lambda doc: dict.__setitem__(doc, "new", 2), "new"),
    "dict.update": (lambda doc: dict.update(doc["a"], z=1), "a"),
    "dict.pop": (lambda doc: dict.pop(doc["a"], "b"), "a"),
    "list.append": (lambda doc: list.append(doc["queue"], {"raw": 1}), "queue"),
    "list.sort": (_sort_in_c, "queue"),
    "list.__setitem__ of a type": (lambda doc: list.__setitem__(doc["queue"], 0, 3.0), "queue"),
}


@pytest.mark.parametrize("also", [False, True], ids=["alone", "beside a tracked change"])
@pytest.mark.parametrize("name", BYPASSES)
def test_a_write_past_the_subclass_is_caught(store: Store, name: str, also: bool) -> None:
    """C code that writes past the subclass: strict mode catches it at flush and names document and path."""
    change, path = BYPASSES[name]
    store.keep(Row(id=1, doc=START))
    session = store.session()
    row = session.get_one(Row, 1)
    if also:
        row.doc["tracked"] = 1
    change(row.doc)
    if also and name == "dict.__setitem__ of the root":
        # The root had been journaled already, so that the write is part of what is saved.
        session.commit()
        store.expect({**START, "tracked": 1, "new": 2})
        return
    with pytest.raises(LostChange) as error:
        session.commit()
    assert "doc" in str(error.value)
    assert path in str(error.value)
    session.rollback()
    row.doc["after"] = 1
    session.commit()
    store.expect({**START, "after": 1})


def test_a_write_past_the_subclass_in_a_row_that_nothing_holds(store: Store) -> None:
    """The write is caught also when no variable holds the row."""
    store.keep(Row(id=1, doc=START))
    session = store.session()
    heapq.heappush(session.get_one(Row, 1).doc["queue"], 1)
    with pytest.raises(LostChange):
        session.commit()
    session.rollback()


def test_bisect_insort_is_saved_or_caught(store: Store) -> None:
    """`bisect.insort` on a document's list is saved (it calls `insert` on subclasses) or caught."""
    store.keep(Row(id=1, doc=START))
    session = store.session()
    row = session.get_one(Row, 1)
    bisect.insort(row.doc["queue"], 4)
    try:
        session.commit()
    except IndelibleError:
        session.rollback()
        store.expect(START)
    else:
        store.expect({**START, "queue": [3, 4, 5, 9]})


def test_strict_mode_says_nothing_about_ordinary_work(store: Store) -> None:
    """Ordinary work of many flushes, rollbacks and reads raises nothing in strict mode."""
    store.keep(*(Row(id=n, doc=START) for n in range(20)))
    session = store.session()
    for turn in range(4):
        for row in session.query(Row):
            row.doc["queue"].append(turn)
            row.doc["a"]["b"] = {"c": turn}
            row.other = row.doc["a"]
            row.doc["a"].pop("b")
        session.rollback() if turn == 1 else session.commit()
    store.expect({"queue": [3, 5, 9, 0, 2, 3], "a": {}})
