"""What event handlers change in documents is saved."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.database.events.rows import CHANGED, START, listening, loaded_row
from tests.database.rows import Row
from tests.database.stores import Store


def _in_place(row: Any) -> None:
    if "by" not in row.doc:
        row.doc["by"] = []
        row.doc["by"].append("handler")


def _deep(row: Any) -> None:
    if "handler" not in row.doc["a"]["n"]:
        row.doc["a"]["n"].append("handler")


def _assign(row: Any) -> None:
    if "by" not in row.doc:
        row.doc = {**row.doc, "by": []}
        row.doc["by"].append("handler")


def _other(row: Any) -> None:
    if row.other is None:
        row.other = []
        row.other.append("handler")


EXPECTED: dict[Callable[[Any], None], Any] = {
    _in_place: {**CHANGED, "by": ["handler"]},
    _deep: {"a": {"n": [1, 2, "handler"]}, "k": 1},
    _assign: {**CHANGED, "by": ["handler"]},
    _other: CHANGED,
}


MAPPER_EVENTS = ("before_update", "after_update")
SESSION_EVENTS = ("before_flush", "after_flush", "after_flush_postexec", "before_commit")


@pytest.mark.parametrize("change", list(EXPECTED))
@pytest.mark.parametrize("name", [*MAPPER_EVENTS, *SESSION_EVENTS])
def test_changes_made_in_events(any_store: Store, name: str, change: Callable[[Any], None]) -> None:
    """A change that a handler makes around a flush is saved by the commit, and later changes too."""
    session, row = loaded_row(any_store)

    def handler(*_: object) -> None:
        change(row)

    row.doc["a"]["n"].append(2)
    with listening(Row if name in MAPPER_EVENTS else session, **{name: handler}):
        session.commit()
    any_store.expect(EXPECTED[change])
    if change is _other:
        any_store.expect(["handler"], attribute="other")
    row.doc["later"] = 1
    session.commit()
    any_store.expect({**EXPECTED[change], "later": 1})


@pytest.mark.parametrize("change", [_in_place, _assign])
@pytest.mark.parametrize("name", ["before_insert", "after_insert"])
def test_changes_made_while_inserting(any_store: Store, name: str, change: Callable[[Any], None]) -> None:
    """A change that a handler makes to a new row's document while it is inserted is saved by the commit."""
    session = any_store.session()

    def handler(mapper: Any, connection: Any, target: Any) -> None:
        change(target)

    session.add(Row(id=1, doc=copy.deepcopy(CHANGED)))
    with listening(Row, **{name: handler}):
        session.commit()
    any_store.expect(EXPECTED[change])


@pytest.mark.parametrize("name", ["after_update", "after_flush"])
def test_a_handler_that_takes_the_change_back(store: Store, name: str) -> None:
    """A handler that takes back, after the statement was sent, what was just written is obeyed by the commit."""
    session, row = loaded_row(store)
    done: list[bool] = []

    def handler(*args: Any) -> None:
        if not done:
            done.append(True)
            row.doc["a"]["n"].pop()

    row.doc["a"]["n"].append(2)
    with listening(Row if name == "after_update" else session, **{name: handler}):
        session.commit()
    store.expect(START)


def test_a_handler_that_takes_the_change_back_before_the_update(store: Store) -> None:
    """A handler that takes the change back in `before_update` leaves the database as it was."""
    session, row = loaded_row(store)

    def handler(mapper: Any, connection: Any, target: Any) -> None:
        target.doc["a"]["n"].pop()

    row.doc["a"]["n"].append(2)
    with listening(Row, before_update=handler):
        session.commit()
    store.expect(START)
    row.doc["a"]["n"].append(3)
    session.commit()
    store.expect({"a": {"n": [1, 3]}, "k": 1})


def test_a_handler_that_changes_another_row(store: Store) -> None:
    """A handler that changes the document of another row, before or after it, has that change saved."""
    store.keep(*[Row(id=i, doc={"n": []}) for i in (1, 2, 3)])
    session = store.session()
    rows = [session.get_one(Row, i) for i in (1, 2, 3)]

    def handler(mapper: Any, connection: Any, target: Any) -> None:
        for row in rows:
            if row is not target and target.id not in row.doc["n"]:
                row.doc["n"].append(target.id)

    rows[1].doc["n"].append("start")
    with listening(Row, after_update=handler):
        session.commit()
    store.expect({"n": [2, 3]}, key=1)
    store.expect({"n": ["start", 1, 3]}, key=2)
    store.expect({"n": [2, 1]}, key=3)


@pytest.mark.xfail(
    strict=True, reason="a limit that the reference names: SQLAlchemy takes the row for clean after the event"
)
def test_load_event(store: Store) -> None:
    """A document changed in the `load` event is tracked and saved."""
    store.keep(Row(id=1, doc=copy.deepcopy(START)))

    def handler(target: Any, context: Any) -> None:
        target.doc["loaded"] = [1]

    session = store.session()
    with listening(Row, load=handler):
        row = session.get_one(Row, 1)
    assert session.is_modified(row)
    session.commit()
    store.expect({**START, "loaded": [1]})


@pytest.mark.xfail(
    strict=True, reason="a limit that the reference names: SQLAlchemy takes the row for clean after the event"
)
def test_refresh_event(store: Store) -> None:
    """A document changed in the `refresh` event is tracked and saved."""
    session, row = loaded_row(store)

    def handler(target: Any, context: Any, names: Any) -> None:
        target.doc["refreshed"] = [1]

    with listening(Row, refresh=handler):
        session.refresh(row)
    session.commit()
    store.expect({**START, "refreshed": [1]})


@pytest.mark.parametrize("name", ["before_update", "after_update", "after_flush"])
@pytest.mark.parametrize("later", [False, True])
def test_an_unwritten_document_changed_in_a_handler(store: Store, name: str, later: bool) -> None:
    """A handler's change in place to a document that this flush does not write is saved by the commit."""
    session, row = loaded_row(store)
    done: list[bool] = []

    def handler(*args: Any) -> None:
        if not done:
            done.append(True)
            row.doc["a"]["n"].append(2)

    row.title = "only the title is written"
    with listening(session if name == "after_flush" else Row, **{name: handler}):
        session.flush()
    expected: Any = CHANGED
    if later:
        row.doc["k"] = 2
        expected = {**CHANGED, "k": 2}
    session.commit()
    store.expect(expected)
