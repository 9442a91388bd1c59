"""What listeners make of a document before a row has it is stored and tracked."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, validates

from indelible import Document, NotJSON
from tests.database.events.rows import START, listening, loaded_row
from tests.database.rows import Row
from tests.database.stores import Store, typed


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


def test_init_event(store: Store) -> None:
    """A document given in the `init` event is tracked."""

    def handler(target: Any, args: Any, kwargs: dict[str, Any]) -> None:
        kwargs["doc"] = {"n": [1]}

    with listening(Row, init=handler):
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
    session, row = loaded_row(store, Guarded)
    row.doc = {"b": []}
    row.doc["checked"].append("later")
    row.doc["b"].append(1)
    session.commit()
    store.expect({"b": [1], "checked": ["doc", "later"]}, Guarded)


@pytest.mark.parametrize("new", [True, False])
def test_validator_that_refuses(store: Store, new: bool) -> None:
    """A value that `@validates` refuses leaves the document, and changes made to it before, in place."""
    session, row = loaded_row(store, Guarded)
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
    session, row = loaded_row(store, Guarded)
    row.doc["same"] = []
    doc = row.doc
    row.doc = doc
    row.doc["same"].append(1)
    session.commit()
    store.expect({**START, "checked": ["doc"], "same": [1]}, Guarded)


def test_validator_that_changes_in_place(store: Store) -> None:
    """A validator that changes the given value in place has that stored, for a new value and the row's own."""
    session, row = loaded_row(store, InPlace)
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
    session, row = loaded_row(store)

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
