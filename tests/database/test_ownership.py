"""What never happens: changes lost with their owner, in containers of no row, or through two places at once."""

from __future__ import annotations

import copy
import gc
import random
import re
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from indelible import IndelibleError, StaleContainer, set_strict
from tests.database.rows import Row
from tests.database.stores import Store, typed

START: dict[str, Any] = {"scenes": [{"id": 1, "urls": ["u"]}, {"id": 2, "urls": []}], "meta": {"n": {"k": 1}}}


def _row(store: Store, **options: Any) -> tuple[Session, Row]:
    store.keep(Row(id=1, doc=copy.deepcopy(START)), Row(id=2, doc={"list": [[1], [2], [3]]}))
    session = store.session(**options)
    return session, session.get_one(Row, 1)


def test_a_change_is_saved_without_a_variable_that_holds_the_row(any_store: Store) -> None:
    """`session.get(Script, 1).scene_summaries["x"] = "y"` with no variable holding the row is saved."""
    any_store.keep(Row(id=1, doc=copy.deepcopy(START)))
    session = any_store.session()
    session.get_one(Row, 1).doc["x"] = "y"
    gc.collect()
    session.commit()
    any_store.expect({**START, "x": "y"})


def test_a_nested_change_is_saved_without_a_variable_that_holds_the_row(store: Store) -> None:
    """A change deep inside keeps its row for the flush, also when nothing else does."""
    store.keep(*(Row(id=key, doc={"a": {"b": [key]}}) for key in range(50)))
    session = store.session()
    for row in session.query(Row):
        row.doc["a"]["b"].append("new")
    del row
    gc.collect()
    session.commit()
    for key in range(50):
        store.expect({"a": {"b": [key, "new"]}}, key=key)


def test_a_child_keeps_its_row_alive(any_store: Store) -> None:
    """A child container (`urls = row.doc["scenes"][0]["urls"]`) keeps its row alive."""
    any_store.keep(Row(id=1, doc=copy.deepcopy(START)))
    session = any_store.session()
    row = session.get_one(Row, 1)
    alive = weakref.ref(row)
    urls = row.doc["scenes"][0]["urls"]
    del row
    gc.collect()
    assert alive() is not None
    session.query(Row).count()
    urls.append("v")
    session.commit()
    expected = copy.deepcopy(START)
    expected["scenes"][0]["urls"].append("v")
    any_store.expect(expected)


@pytest.mark.parametrize("strict", [False, True])
def test_a_row_without_readers_is_freed(store: Store, strict: bool, lax: None) -> None:
    """Keeping rows alive does not keep them for ever: a saved row that nothing reads is collected."""
    set_strict(strict)
    session, row = _row(store)
    alive = weakref.ref(row)
    row.doc["meta"]["n"]["k"] = 2
    session.commit()
    del row
    gc.collect()
    assert alive() is None


Boundary = list[Callable[[Session, Row], object]]
BOUNDARIES: dict[str, Boundary] = {
    "flush": [lambda session, row: session.flush()],
    "commit": [lambda session, row: session.commit()],
    "commit and read": [lambda session, row: session.commit(), lambda session, row: row.doc],
    "rollback": [lambda session, row: session.rollback()],
    "rollback and read": [lambda session, row: session.rollback(), lambda session, row: row.doc],
    "refresh": [lambda session, row: session.refresh(row)],
    "refresh the attribute": [lambda session, row: session.refresh(row, ["doc"])],
    "expire": [lambda session, row: session.expire(row)],
    "expire and read": [lambda session, row: session.expire(row), lambda session, row: row.doc],
    "expire the attribute": [lambda session, row: session.expire(row, ["doc"])],
    "expire_all": [lambda session, row: session.expire_all()],
    "populate_existing": [lambda session, row: session.get(Row, 1, populate_existing=True)],
    "expunge": [lambda session, row: session.expunge(row)],
    "expunge_all": [lambda session, row: session.expunge_all()],
    "close": [lambda session, row: session.close()],
    "savepoint rolled back": [lambda session, row: session.begin_nested().rollback()],
}


def _do(steps: Boundary, session: Session, row: Row) -> None:
    for step in steps:
        step(session, row)


@pytest.mark.parametrize("dirty", [False, True], ids=["clean", "dirty"])
@pytest.mark.parametrize("part", ["root", "child"])
@pytest.mark.parametrize("name", BOUNDARIES)
def test_a_container_read_before_either_works_or_raises(
    store: Store, name: str, part: str, dirty: bool
) -> None:
    """A container read before a commit, refresh, rollback or expire either still works or raises; never vanishes."""
    session, row = _row(store)
    held = row.doc if part == "root" else row.doc["meta"]["n"]
    if dirty:
        row.doc["before"] = 1
    _do(BOUNDARIES[name], session, row)
    try:
        held["kept"] = "yes"
    except StaleContainer as error:
        if not re.search(r"\bRead\b.*\bdoc\b", str(error)):
            pytest.fail(f"the error does not say what to read again: {error}")
        assert "kept" not in held
        return
    if name in ("expunge", "expunge_all", "close"):
        assert typed(row.doc if part == "root" else row.doc["meta"]["n"]) == typed(held)
        session.add(row)
    session.commit()
    stored = store.stored_text()
    assert stored is not None
    assert '"kept"' in stored, "the change vanished"


DISPLACEMENTS: dict[str, Boundary] = {
    "assigned None": [lambda session, row: setattr(row, "doc", None)],
    "assigned another": [lambda session, row: setattr(row, "doc", {"other": True})],
    "assigned an equal one": [lambda session, row: setattr(row, "doc", copy.deepcopy(START))],
    "assigned and flushed": [
        lambda session, row: setattr(row, "doc", {"o": 1}),
        lambda session, row: session.flush(),
    ],
    "deleted attribute": [lambda session, row: delattr(row, "doc")],
}


@pytest.mark.parametrize("part", ["root", "child"])
@pytest.mark.parametrize("name", DISPLACEMENTS)
def test_a_change_to_a_displaced_document_never_vanishes(store: Store, name: str, part: str) -> None:
    """A change to a document whose place another one took raises (or is saved); it does not vanish."""
    session, row = _row(store)
    held = row.doc if part == "root" else row.doc["meta"]["n"]
    _do(DISPLACEMENTS[name], session, row)
    with pytest.raises(IndelibleError):  # noqa: PT012 - either of the two may raise
        held["kept"] = "yes"
        session.commit()


@pytest.mark.parametrize("part", ["root", "child"])
def test_a_change_to_a_deleted_row_never_vanishes(store: Store, part: str) -> None:
    """A change to the document of a row that was deleted raises, or is kept when the deletion is rolled back."""
    session, row = _row(store)
    held = row.doc if part == "root" else row.doc["meta"]["n"]
    session.delete(row)
    session.flush()
    with pytest.raises(IndelibleError):  # noqa: PT012 - either of the two may raise
        held["kept"] = "yes"
        session.commit()


@pytest.mark.parametrize("name", ["commit", "rollback", "refresh", "expire", "expire the attribute"])
def test_the_container_read_again_works(store: Store, name: str) -> None:
    """What is read again after a boundary works, whatever was done to the one held before."""
    session, row = _row(store)
    held = row.doc
    _do(BOUNDARIES[name], session, row)
    try:
        held["old"] = 1
    except StaleContainer:
        pass
    else:
        held.pop("old")
    row.doc["meta"]["n"]["k"] = 2
    session.commit()
    store.expect({**START, "meta": {"n": {"k": 2}}})


def test_a_stale_container_raises_for_each_kind_of_change(store: Store) -> None:
    """Every kind of change to a container that lost its row raises, and still reads as it did."""
    session, row = _row(store)
    held, scenes = row.doc, row.doc["scenes"]
    session.refresh(row)
    changes: list[Callable[[], object]] = [
        lambda: held.update(a=1),
        lambda: held.setdefault("a", 1),
        lambda: held.pop("meta"),
        lambda: held.clear(),
        lambda: held.__ior__({"a": 1}),
        lambda: scenes.append(1),
        lambda: scenes.extend([1]),
        lambda: scenes.sort(key=repr),
        lambda: scenes.reverse(),
        lambda: scenes.__imul__(2),
        lambda: scenes[0].popitem(),
    ]
    tried = []
    for change in changes:
        try:
            change()
        except StaleContainer:
            tried.append("raised")
        else:
            tried.append("worked")
    if "worked" in tried:
        assert set(tried) == {"worked"}
        assert held is row.doc
    else:
        assert typed(held) == typed(START)


REMOVALS: dict[str, Callable[[Any], Any]] = {
    "pop": lambda doc: doc["meta"].pop("n"),
    "del": lambda doc: (doc["meta"]["n"], doc["meta"].__delitem__("n"))[0],
    "clear": lambda doc: (doc["meta"]["n"], doc["meta"].clear())[0],
    "replaced": lambda doc: (doc["meta"]["n"], doc["meta"].__setitem__("n", 1))[0],
    "replaced by an equal one": lambda doc: (doc["meta"]["n"], doc["meta"].__setitem__("n", {"k": 1}))[0],
    "updated": lambda doc: (doc["meta"]["n"], doc["meta"].update(n=None))[0],
    "parent popped": lambda doc: doc.pop("meta")["n"],
    "list pop": lambda doc: doc["scenes"].pop(),
    "list remove": lambda doc: (doc["scenes"][0], doc["scenes"].remove(doc["scenes"][0]))[0],
    "list del slice": lambda doc: (doc["scenes"][0], doc["scenes"].__delitem__(slice(None)))[0],
    "list set slice": lambda doc: (doc["scenes"][0], doc["scenes"].__setitem__(slice(None), [1]))[0],
    "list clear": lambda doc: (doc["scenes"][0], doc["scenes"].clear())[0],
    "popitem": lambda doc: (
        doc["scenes"][0]["urls"] if doc["scenes"][0].popitem()[0] != "urls" else _again(doc)
    ),
}


def _again(doc: Any) -> Any:
    return doc.pop("scenes")[1]


@pytest.mark.parametrize("when", ["before the flush", "after the flush"])
@pytest.mark.parametrize("name", REMOVALS)
def test_a_removed_container_works_or_raises(store: Store, name: str, when: str) -> None:
    """A container removed from its document either still works (put back, its change is kept) or raises."""
    session, row = _row(store)
    removed = REMOVALS[name](row.doc)
    if when == "after the flush":
        session.flush()
    held = copy.deepcopy(row.doc)
    try:
        if isinstance(removed, dict):
            removed["kept"] = "yes"
        else:
            removed.append("kept")
    except IndelibleError:
        session.commit()
        store.expect(held)
        return
    attached = typed(held) != typed(row.doc)
    if not attached:
        row.doc["back"] = removed
    session.commit()
    assert '"kept"' in (store.stored_text() or "")


def test_a_removed_container_is_not_lost_in_silence(store: Store) -> None:
    """A change to a container displaced by an equal value raises: that is the story's trap in another form."""
    session, row = _row(store)
    meta = row.doc["meta"]
    row.doc["meta"] = {"n": {"k": 1}}
    try:
        meta["n"]["k"] = 2
    except IndelibleError:
        expected: dict[str, Any] = START
    else:
        expected = {**START, "meta": {"n": {"k": 2}}}
    session.commit()
    store.expect(expected)


def test_one_container_in_two_places_is_copied(any_store: Store) -> None:
    """A container has one owner; putting it in a second place copies it."""
    session, row = _row(any_store)
    scene = row.doc["scenes"][0]
    row.doc["first"] = scene
    assert row.doc["first"] == scene
    assert row.doc["first"] is not scene
    scene["id"] = "one"
    row.doc["first"]["id"] = "two"
    session.commit()
    expected: dict[str, Any] = copy.deepcopy(START)
    expected["first"] = {"id": "two", "urls": ["u"]}
    expected["scenes"][0]["id"] = "one"
    any_store.expect(expected)


def test_one_container_in_two_rows_marks_the_right_one(any_store: Store) -> None:
    """One container in two rows: each row has its own, and a change reaches the row that it was made in."""
    session, row = _row(any_store)
    other = session.get_one(Row, 2)
    scene = row.doc["scenes"][0]
    other.doc["scene"] = scene
    session.commit()
    row.doc["scenes"][0]["id"] = "one"
    assert not session.is_modified(other)
    session.commit()
    other.doc["scene"]["id"] = "two"
    assert not session.is_modified(row)
    session.commit()
    any_store.expect({"list": [[1], [2], [3]], "scene": {"id": "two", "urls": ["u"]}}, key=2)
    any_store.expect({**START, "scenes": [{"id": "one", "urls": ["u"]}, {"id": 2, "urls": []}]})


def test_one_document_assigned_to_two_rows(any_store: Store) -> None:
    """A whole document assigned to a second row or attribute is that one's own copy; neither change is lost."""
    session, row = _row(any_store)
    other = session.get_one(Row, 2)
    other.doc = row.doc
    row.other = row.doc
    row.doc["in"] = 1
    other.doc["in"] = 2
    row.other["in"] = 3
    session.commit()
    any_store.expect({**START, "in": 1})
    any_store.expect({**START, "in": 2}, key=2)
    any_store.expect({**START, "in": 3}, attribute="other")


def test_a_plain_document_given_to_two_new_rows(any_store: Store) -> None:
    """One plain dict given to two new rows gives two documents."""
    value: dict[str, Any] = {"a": []}
    session = any_store.session()
    rows = [Row(id=key, doc=value) for key in (1, 2)]
    session.add_all(rows)
    rows[0].doc["a"].append(1)
    rows[1].doc["a"].append(2)
    session.commit()
    any_store.expect({"a": [1]})
    any_store.expect({"a": [2]}, key=2)


MOVES: dict[str, Callable[[Any], Any]] = {
    "to another key": lambda doc: doc.__setitem__("moved", doc["scenes"].pop(0)),
    "back to its place": lambda doc: doc["scenes"].insert(0, doc["scenes"].pop(0)),
    "to the end": lambda doc: doc["scenes"].append(doc["scenes"].pop(0)),
    "through a plain list": lambda doc: doc["scenes"].extend([doc["scenes"].pop(0)]),
    "a renamed key": lambda doc: doc.__setitem__("renamed", doc.pop("scenes")),
    "sorted": lambda doc: doc["scenes"].sort(key=lambda scene: -scene["id"]),
    "reversed": lambda doc: doc["scenes"].reverse(),
    "swapped": lambda doc: _swap(doc["scenes"]),
    "shuffled": lambda doc: random.Random(3).shuffle(doc["scenes"]),
    "rotated by slices": lambda doc: doc["scenes"].__setitem__(
        slice(None), doc["scenes"][1:] + doc["scenes"][:1]
    ),
    "filtered": lambda doc: doc.__setitem__("scenes", [s for s in doc["scenes"] if s["id"] == 1]),
    "filtered in place": lambda doc: doc["scenes"].__setitem__(
        slice(None), [s for s in doc["scenes"] if s["id"] == 1]
    ),
    "sorted() assigned": lambda doc: doc.__setitem__("scenes", sorted(doc["scenes"], key=lambda s: -s["id"])),
    "rebuilt dict": lambda doc: doc.__setitem__("scenes", {str(s["id"]): s for s in doc["scenes"]}),
}


def _swap(scenes: Any) -> None:
    scenes[0], scenes[1] = scenes[1], scenes[0]


@pytest.mark.parametrize("flushed", [False, True])
@pytest.mark.parametrize("name", MOVES)
def test_a_held_reference_survives_a_move_or_raises(store: Store, name: str, flushed: bool) -> None:
    """Swaps, shuffles, slices and filters assigned back: a held element still works or raises, never vanishes."""
    session, row = _row(store)
    scene = row.doc["scenes"][0]
    MOVES[name](row.doc)
    if flushed:
        session.flush()
    try:
        scene["held"] = "yes"
        scene["urls"].append("held")
    except IndelibleError:
        session.commit()
        assert "held" not in (store.stored_text() or "")
        return
    session.commit()
    stored = store.stored_text() or ""
    assert stored.count('"held"') == 2, stored
    session.refresh(row)
    assert "held" in str(row.doc)


@pytest.mark.parametrize(
    "name",
    [
        "back to its place",
        "to the end",
        "to another key",
        "a renamed key",
        "sorted",
        "reversed",
        "swapped",
        "shuffled",
    ],
)
def test_a_move_keeps_its_identity(store: Store, name: str) -> None:
    """Popping and putting back is a move and keeps its identity."""
    session, row = _row(store)
    scene = row.doc["scenes"][0]
    MOVES[name](row.doc)
    places = [*row.doc.get("scenes", []), *row.doc.get("renamed", []), row.doc.get("moved")]
    assert any(place is scene for place in places)
    scene["held"] = 1
    session.commit()
    assert '"held"' in (store.stored_text() or "")


def test_a_move_to_another_row_keeps_the_change(any_store: Store) -> None:
    """A container popped from one row and put into another belongs to the other; both rows are saved."""
    session, row = _row(any_store)
    other = session.get_one(Row, 2)
    scene = row.doc["scenes"].pop(0)
    other.doc["scene"] = scene
    try:
        scene["id"] = "moved"
        expected: Any = "moved"
    except IndelibleError:
        expected = 1
    session.commit()
    any_store.expect({**START, "scenes": [{"id": 2, "urls": []}]})
    any_store.expect({"list": [[1], [2], [3]], "scene": {"id": expected, "urls": ["u"]}}, key=2)


def test_a_document_put_into_itself_is_copied(any_store: Store) -> None:
    """A container put inside itself, or a parent inside its child, is copied: no cycle, nothing lost."""
    session, row = _row(any_store)
    row.doc["meta"]["n"]["whole"] = row.doc["meta"]
    row.doc["me"] = row.doc
    session.commit()
    meta = {"n": {"k": 1, "whole": {"n": {"k": 1}}}}
    inner = {**START, "meta": meta}
    any_store.expect({**inner, "me": inner})


def test_a_popped_container_after_rollback(store: Store) -> None:
    """A container popped in a transaction that was rolled back works or raises."""
    session, row = _row(store)
    popped = row.doc.pop("meta")
    session.rollback()
    try:
        popped["n"]["k"] = 2
        row.doc["back"] = popped
        expected = {**START, "back": {"n": {"k": 2}}}
    except IndelibleError:
        expected = START
    session.commit()
    store.expect(expected)


def test_a_root_that_was_replaced_then_put_back(any_store: Store) -> None:
    """A document put aside and assigned again is tracked again, or raises when it is changed."""
    session, row = _row(any_store)
    held = row.doc
    row.doc = {"temporary": 1}
    session.flush()
    row.doc = held
    row.doc["again"] = 1
    session.commit()
    any_store.expect({**START, "again": 1})


def test_values_are_copied_in(any_store: Store) -> None:
    """`x = []; doc["a"] = x`: values are copied in, and what the document holds is tracked."""
    session, row = _row(any_store)
    source: list[Any] = [{"k": []}]
    row.doc["a"] = source
    assert row.doc["a"] is not source
    row.doc["a"][0]["k"].append(1)
    assert source == [{"k": []}]
    session.commit()
    any_store.expect({**START, "a": [{"k": [1]}]})


def test_an_iterator_survives_as_on_a_plain_one(store: Store) -> None:
    """Changing children while iterating works; changing a dict's size raises as for a plain one."""
    session, row = _row(store)
    for scene in row.doc["scenes"]:
        scene["seen"] = True
    for value in row.doc.values():
        if isinstance(value, dict):
            value["seen"] = True
    with pytest.raises(RuntimeError):  # noqa: PT012
        for key in row.doc:
            row.doc[key + "x"] = 1
    session.rollback()
    store.expect(START)


def test_defaultdict_and_other_sources_become_plain(any_store: Store) -> None:
    """Subclasses of dict and list, tuples and mappings put in are stored as JSON and tracked."""
    from collections import OrderedDict, defaultdict

    session, row = _row(any_store)
    row.doc = {"o": OrderedDict(a=1), "d": defaultdict(list, k=[1]), "t": (1, [2])}
    row.doc["o"]["b"] = 2
    row.doc["d"]["k"].append(2)
    session.commit()
    session.refresh(row)
    row.doc["t"][1].append(3)
    session.commit()
    any_store.expect({"o": {"a": 1, "b": 2}, "d": {"k": [1, 2]}, "t": [1, [2, 3]]})
