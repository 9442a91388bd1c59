"""History, `session.dirty`, and attribute, mapper and session events tell the truth about a document."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from sqlalchemy import event, inspect
from sqlalchemy.orm import DeclarativeBase, Mapped, PassiveFlag, Session, mapped_column, validates
from sqlalchemy.orm.attributes import get_history

from indelible import Document, NotJSON, StaleContainer, pending_delta
from tests.database.rows import Row
from tests.database.stores import Store, typed

START: dict[str, Any] = {"a": {"n": [1]}, "k": 1}
CHANGED: dict[str, Any] = {"a": {"n": [1, 2]}, "k": 1}


class Base(DeclarativeBase):
    """The tables of this module."""


class Guarded(Base):
    """A row whose document is checked, and completed, when it is assigned."""

    __tablename__ = "event_guarded"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[Any] = mapped_column(Document, default=dict)

    @validates("doc")
    def _complete(self, key: str, value: Any) -> Any:
        if "bad" in value:
            raise ValueError("bad is not allowed")
        if "same" in value:
            return value
        return {**value, "checked": [key]}


class InPlace(Base):
    """A row whose validator changes the value it was given, in place."""

    __tablename__ = "event_in_place"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[Any] = mapped_column(Document, default=dict)

    @validates("doc")
    def _complete(self, key: str, value: Any) -> Any:
        value["checked"] = [key]
        return value


class ActiveHistory(Base):
    """A row whose old document is loaded when a new one is assigned."""

    __tablename__ = "event_active"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[Any] = mapped_column(Document, default=dict, active_history=True)


@contextmanager
def _listening(target: Any, **handlers: Callable[..., Any]) -> Iterator[None]:
    """Listen to events for the length of a block."""
    with ExitStack() as stack:
        for name, handler in handlers.items():
            event.listen(target, name, handler)
            stack.callback(event.remove, target, name, handler)
        yield


def _row(store: Store, cls: type[Any] = Row, **options: Any) -> tuple[Session, Any]:
    cls.metadata.create_all(store.engine)
    store.keep(cls(id=1, doc=copy.deepcopy(START)))
    session = store.session(**options)
    row = session.get_one(cls, 1)
    _ = row.doc
    return session, row


def _seen(row: Any) -> tuple[Any, Any, Any]:
    """Return an independent copy of a document's history."""
    history = get_history(row, "doc")
    return (
        copy.deepcopy(list(history.added or ())),
        copy.deepcopy(list(history.unchanged or ())),
        copy.deepcopy(list(history.deleted or ())),
    )


def _old(row: Any) -> Any:
    """Return the very old value that a document's history gives."""
    (old,) = list(get_history(row, "doc").deleted)
    return old


def _expect_change(seen: tuple[Any, Any, Any], new: Any = CHANGED, old: Any = START) -> None:
    assert typed(seen[0]) == typed([new])
    assert seen[1] == []
    assert typed(seen[2]) == typed([old])


def test_history_of_an_unchanged_document(store: Store) -> None:
    """The history of a loaded document says it is unchanged; reading it makes nothing dirty."""
    session, row = _row(store)
    assert list(_seen(row)) == [[], [START], []]
    assert not get_history(row, "doc").has_changes()
    assert row not in session.dirty
    assert not session.is_modified(row)


def test_history_of_a_change_in_place(any_store: Store) -> None:
    """The history of a change at depth has the new value and the old one, as often as it is asked."""
    session, row = _row(any_store)
    row.doc["a"]["n"].append(2)
    _expect_change(_seen(row))
    _expect_change(_seen(row))
    row.doc["k"] = True
    _expect_change(_seen(row), {"a": {"n": [1, 2]}, "k": True})
    assert row in session.dirty
    assert session.is_modified(row)
    session.flush()
    assert list(_seen(row)) == [[], [{"a": {"n": [1, 2]}, "k": True}], []]
    assert row not in session.dirty


def test_history_through_inspection(store: Store) -> None:
    """`inspect(row).attrs.doc.history` and `load_history` say the same."""
    _, row = _row(store)
    row.doc["a"]["n"].append(2)
    for history in (inspect(row).attrs.doc.history, inspect(row).attrs.doc.load_history()):
        _expect_change((list(history.added), list(history.unchanged), list(history.deleted)))


def test_history_of_a_change_taken_back(store: Store) -> None:
    """A change that was taken back has no history."""
    session, row = _row(store)
    row.doc["a"]["n"].append(2)
    row.doc["a"]["n"].pop()
    assert not get_history(row, "doc").has_changes()
    assert not session.is_modified(row)


def test_history_of_an_assignment_and_changes_in_it(store: Store) -> None:
    """After an assignment and a change in the assigned value the old value is the database's."""
    _, row = _row(store)
    row.doc = {"b": []}
    row.doc["b"].append(1)
    _expect_change(_seen(row), {"b": [1]})


def test_history_of_a_change_and_then_an_assignment(store: Store) -> None:
    """After a change in place and then an assignment the old value is the database's, not the changed one."""
    _, row = _row(store)
    row.doc["a"]["n"].append(2)
    row.doc = {"b": 1}
    _expect_change(_seen(row), {"b": 1})
    row.doc = {"c": 1}
    row.doc["c"] = 2
    _expect_change(_seen(row), {"c": 2})


def test_history_of_the_same_object_assigned_back(store: Store) -> None:
    """After changes and an assignment of the same object the old value is the database's."""
    session, row = _row(store)
    doc = row.doc
    doc["a"]["n"].append(2)
    row.doc = doc
    _expect_change(_seen(row))
    row.doc = doc
    doc["a"]["n"].pop()
    assert not session.is_modified(row)


def test_history_of_none(store: Store) -> None:
    """From a document to `None` and back to another one."""
    session, row = _row(store)
    row.doc = None
    assert list(_seen(row)) == [[None], [], [START]]
    session.flush()
    row.doc = {}
    row.doc["x"] = 1
    assert list(_seen(row)) == [[{"x": 1}], [], [None]]
    session.commit()
    store.expect({"x": 1})


def test_history_after_a_rollback_to_a_savepoint(store: Store) -> None:
    """After a savepoint's rollback the old value is what the database has."""
    session, row = _row(store)
    row.doc["a"]["n"].append(2)
    savepoint = session.begin_nested()
    row.doc["a"]["n"].append(3)
    session.flush()
    savepoint.rollback()
    row.doc["a"]["n"].append(4)
    _expect_change(_seen(row), {"a": {"n": [1, 2, 4]}, "k": 1}, CHANGED)


def test_history_kept_outside_a_flush_stays(store: Store) -> None:
    """An old value that `get_history` gave does not change with the document afterwards."""
    _, row = _row(store)
    row.doc["a"]["n"].append(2)
    old = _old(row)
    row.doc["a"]["n"].append(3)
    row.doc["a"]["m"] = 1
    assert typed(old) == typed(START)


def test_the_old_value_can_be_used(store: Store) -> None:
    """The old value of a history can be changed or assigned elsewhere without touching the row."""
    session, row = _row(store)
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
    _, row = _row(store)
    row.doc["a"]["n"].append(2)
    value = Row.doc.impl.get_committed_value(inspect(row), inspect(row).dict)
    assert typed(value) == typed(START)


def test_set_event(store: Store) -> None:
    """The `set` event has the old and the new value; what it returns with `retval` is tracked."""
    session, row = _row(store)
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
    session, row = _row(store)
    sets: list[Any] = []
    changes: list[Any] = []

    def on_set(target: Any, value: Any, old: Any, initiator: Any) -> None:
        sets.append(value)

    def on_modified(target: Any, initiator: Any) -> None:
        changes.append((target, initiator.key))

    with _listening(Row.doc, set=on_set, modified=on_modified):
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
    session, row = _row(any_store)
    seen: list[Any] = []

    def handler(mapper: Any, connection: Any, target: Any) -> None:
        seen.append((_seen(target), copy.deepcopy(target.doc), session.is_modified(target)))

    row.doc["a"]["n"].append(2)
    with _listening(Row, **{name: handler}):
        session.commit()
    ((history, value, modified),) = seen
    _expect_change(history)
    assert typed(value) == typed(CHANGED)
    assert modified


def test_mapper_events_of_a_change_taken_back(store: Store) -> None:
    """A change that was taken back sends no UPDATE, and no event that says it did."""
    session, row = _row(store)
    calls: list[Any] = []

    def handler(mapper: Any, connection: Any, target: Any) -> None:
        calls.append(session.is_modified(target))

    row.doc["a"]["n"].append(2)
    row.doc["a"]["n"].pop()
    with _listening(Row, before_update=handler, after_update=handler), store.statements() as statements:
        session.commit()
    assert statements == []
    assert True not in calls


@pytest.mark.parametrize("name", ["before_flush", "after_flush"])
def test_session_events_see_old_and_new(any_store: Store, name: str) -> None:
    """`before_flush` and `after_flush` see the row in `session.dirty`, with both values."""
    session, row = _row(any_store)
    seen: list[Any] = []

    def handler(session: Session, context: Any, instances: Any = None) -> None:
        seen.append((row in session.dirty, session.is_modified(row), _seen(row)))

    row.doc["a"]["n"].append(2)
    with _listening(session, **{name: handler}):
        session.flush()
    ((dirty, modified, history),) = seen
    assert dirty
    assert modified
    _expect_change(history)


def test_after_flush_postexec_and_after_commit_see_a_clean_row(store: Store) -> None:
    """After the flush is over the history says that the document is unchanged."""
    session, row = _row(store)
    seen: list[Any] = []

    def handler(session: Session, context: Any) -> None:
        seen.append((row in session.dirty, _seen(row)))

    row.doc["a"]["n"].append(2)
    with _listening(session, after_flush_postexec=handler):
        session.flush()
    assert seen == [(False, ([], [CHANGED], []))]


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


@pytest.mark.parametrize("change", list(EXPECTED))
@pytest.mark.parametrize("name", ["before_update", "after_update"])
def test_changes_made_in_mapper_events(any_store: Store, name: str, change: Callable[[Any], None]) -> None:
    """A change that a mapper event's handler makes is saved by the commit, and later changes too."""
    session, row = _row(any_store)

    def handler(mapper: Any, connection: Any, target: Any) -> None:
        change(target)

    row.doc["a"]["n"].append(2)
    with _listening(Row, **{name: handler}):
        session.commit()
    any_store.expect(EXPECTED[change])
    if change is _other:
        any_store.expect(["handler"], attribute="other")
    row.doc["later"] = 1
    session.commit()
    any_store.expect({**EXPECTED[change], "later": 1})


@pytest.mark.parametrize("change", list(EXPECTED))
@pytest.mark.parametrize("name", ["before_flush", "after_flush", "after_flush_postexec", "before_commit"])
def test_changes_made_in_session_events(any_store: Store, name: str, change: Callable[[Any], None]) -> None:
    """A change that a session event's handler makes is saved by the commit, and later changes too."""
    session, row = _row(any_store)

    def handler(session: Session, *rest: Any) -> None:
        change(row)

    row.doc["a"]["n"].append(2)
    with _listening(session, **{name: handler}):
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
    with _listening(Row, **{name: handler}):
        session.commit()
    any_store.expect(EXPECTED[change])


@pytest.mark.parametrize("name", ["after_update", "after_flush"])
def test_a_handler_that_takes_the_change_back(store: Store, name: str) -> None:
    """A handler that takes back, after the statement was sent, what was just written is obeyed by the commit."""
    session, row = _row(store)
    done: list[bool] = []

    def handler(*args: Any) -> None:
        if not done:
            done.append(True)
            row.doc["a"]["n"].pop()

    row.doc["a"]["n"].append(2)
    with _listening(Row if name == "after_update" else session, **{name: handler}):
        session.commit()
    store.expect(START)


def test_a_handler_that_takes_the_change_back_before_the_update(store: Store) -> None:
    """A handler that takes the change back in `before_update` leaves the database as it was."""
    session, row = _row(store)

    def handler(mapper: Any, connection: Any, target: Any) -> None:
        target.doc["a"]["n"].pop()

    row.doc["a"]["n"].append(2)
    with _listening(Row, before_update=handler):
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
    with _listening(Row, after_update=handler):
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
    with _listening(Row, load=handler):
        row = session.get_one(Row, 1)
    assert session.is_modified(row)
    session.commit()
    store.expect({**START, "loaded": [1]})


@pytest.mark.xfail(
    strict=True, reason="a limit that the reference names: SQLAlchemy takes the row for clean after the event"
)
def test_refresh_event(store: Store) -> None:
    """A document changed in the `refresh` event is tracked and saved."""
    session, row = _row(store)

    def handler(target: Any, context: Any, names: Any) -> None:
        target.doc["refreshed"] = [1]

    with _listening(Row, refresh=handler):
        session.refresh(row)
    session.commit()
    store.expect({**START, "refreshed": [1]})


def test_init_event(store: Store) -> None:
    """A document given in the `init` event is tracked."""

    def handler(target: Any, args: Any, kwargs: dict[str, Any]) -> None:
        kwargs["doc"] = {"n": [1]}

    with _listening(Row, init=handler):
        row = Row(id=1)
    row.doc["n"].append(2)
    session = store.session()
    session.add(row)
    session.flush()
    row.doc["n"].append(3)
    session.commit()
    store.expect({"n": [1, 2, 3]})


def test_init_scalar_event(store: Store) -> None:
    """A default that the `init_scalar` event gives is tracked."""

    def handler(target: Any, value: Any, dict_: dict[str, Any]) -> Any:
        dict_["doc"] = {"n": []}
        target.doc = dict_["doc"]
        return target.doc

    event.listen(Row.doc, "init_scalar", handler, retval=True, propagate=True)
    try:
        row = Row(id=1)
        row.doc["n"].append(1)
    finally:
        event.remove(Row.doc, "init_scalar", handler)
    session = store.session()
    session.add(row)
    row.doc["n"].append(2)
    session.commit()
    store.expect({"n": [1, 2]})


def test_validator_that_completes(store: Store) -> None:
    """What `@validates` makes of the value is what is stored and tracked."""
    session, row = _row(store, Guarded)
    row.doc = {"b": []}
    row.doc["checked"].append("later")
    row.doc["b"].append(1)
    session.commit()
    store.expect({"b": [1], "checked": ["doc", "later"]}, Guarded)


@pytest.mark.parametrize("new", [True, False])
def test_validator_that_refuses(store: Store, new: bool) -> None:
    """A value that `@validates` refuses leaves the document, and changes made to it before, in place."""
    session, row = _row(store, Guarded)
    row.doc["a"]["n"].append(2)
    held = row.doc
    with pytest.raises(ValueError, match="bad is not allowed"):
        row.doc = {"bad": 1} if new else {**held, "bad": 1}
    assert row.doc is held
    held["a"]["n"].append(3)
    session.commit()
    store.expect({"a": {"n": [1, 2, 3]}, "k": 1, "checked": ["doc"]}, Guarded)


def test_validator_that_gets_the_rows_own_document(store: Store) -> None:
    """A validator that passes the row's own document on keeps its changes."""
    session, row = _row(store, Guarded)
    row.doc["same"] = []
    doc = row.doc
    row.doc = doc
    row.doc["same"].append(1)
    session.commit()
    store.expect({**START, "checked": ["doc"], "same": [1]}, Guarded)


def test_validator_that_changes_in_place(store: Store) -> None:
    """A validator that changes the given value in place has that stored, for a new value and the row's own."""
    session, row = _row(store, InPlace)
    row.doc = {"b": []}
    row.doc["b"].append(1)
    session.flush()
    doc = row.doc
    doc["checked"].append("more")
    row.doc = doc
    session.commit()
    store.expect({"b": [1], "checked": ["doc"]}, InPlace)


def test_validator_that_returns_no_json(store: Store) -> None:
    """What a listener makes of the value is refused at the flush; a rollback gives the document back."""
    session, row = _row(store)

    def spoil(target: Any, value: Any, old: Any, initiator: Any) -> Any:
        return {"x": float("nan")}

    def assign_and_flush() -> None:
        row.doc = {"fine": 1}
        session.flush()

    event.listen(Row.doc, "set", spoil, retval=True)
    try:
        with pytest.raises(NotJSON):
            assign_and_flush()
    finally:
        event.remove(Row.doc, "set", spoil)
    session.rollback()
    assert typed(row.doc) == typed(START)


def test_active_history(store: Store) -> None:
    """With `active_history` an assignment to an expired document loads the old one."""
    session, row = _row(store, ActiveHistory)
    session.expire(row)
    row.doc = {"b": []}
    row.doc["b"].append(1)
    _expect_change(_seen(row), {"b": [1]})
    session.commit()
    store.expect({"b": [1]}, ActiveHistory)


def test_history_of_an_expired_document_assigned_anew(store: Store) -> None:
    """Without `active_history` an assignment to an expired document loads nothing and has no old value."""
    session, row = _row(store)
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
    session, row = _row(store)
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


def test_delta_inside_handlers(store: Store) -> None:
    """`pending_delta` inside `before_flush` and `before_update` is what is about to be written."""
    session, row = _row(store)
    seen: list[int] = []

    def handler(*args: Any) -> None:
        seen.append(len(pending_delta(row, "doc")))

    row.doc["a"]["n"].append(2)
    with _listening(session, before_flush=handler), _listening(Row, before_update=handler):
        session.flush()
    assert seen == [1, 1]
    assert pending_delta(row, "doc") == ()


@pytest.mark.parametrize("name", ["before_update", "after_update", "after_flush"])
@pytest.mark.parametrize("later", [False, True])
def test_an_unwritten_document_changed_in_a_handler(store: Store, name: str, later: bool) -> None:
    """A handler's change in place to a document that this flush does not write is saved by the commit."""
    session, row = _row(store)
    done: list[bool] = []

    def handler(*args: Any) -> None:
        if not done:
            done.append(True)
            row.doc["a"]["n"].append(2)

    row.title = "only the title is written"
    with _listening(session if name == "after_flush" else Row, **{name: handler}):
        session.flush()
    expected: Any = CHANGED
    if later:
        row.doc["k"] = 2
        expected = {**CHANGED, "k": 2}
    session.commit()
    store.expect(expected)
