"""What JSON or the database cannot keep is refused, with the path, and leaves row and session as they were."""

from __future__ import annotations

import datetime
import decimal
import sys
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session

from indelible import NotJSON
from tests.database.rows import Row
from tests.database.stores import Store, typed

START: dict[str, Any] = {"a": [{"b": 1}], "keep": [1]}


def _cyclic() -> Any:
    value: dict[str, Any] = {}
    value["self"] = [value]
    return value


def _deep(depth: int = 100_000) -> Any:
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


# What is refused, and what must be in the message beside the path of the place it was put.
VALUES: dict[str, tuple[Callable[[], Any], str]] = {
    "NaN": (lambda: float("nan"), ""),
    "inf": (lambda: float("inf"), ""),
    "-inf nested": (lambda: {"x": [1, float("-inf")]}, ".x[1]"),
    "lone surrogate": (lambda: "a\ud800b", ""),
    "lone low surrogate nested": (lambda: [["\udfff"]], "[0][0]"),
    "lone surrogate as key": (lambda: {"\ud800": 1}, ""),
    "integer key": (lambda: {1: "a"}, ""),
    "None key": (lambda: {"x": {None: "a"}}, ".x"),
    "tuple key": (lambda: {("a", "b"): 1}, ""),
    "bool key": (lambda: {True: 1}, ""),
    "bytes": (lambda: b"x", ""),
    "bytearray": (lambda: [bytearray(b"x")], "[0]"),
    "set": (lambda: {"x": {1}}, ".x"),
    "frozenset": (lambda: frozenset({1}), ""),
    "datetime": (lambda: {"at": datetime.datetime(2025, 1, 1)}, ".at"),
    "decimal": (lambda: decimal.Decimal("1.1"), ""),
    "uuid": (lambda: uuid.UUID(int=0), ""),
    "object": (lambda: object(), ""),
    "complex": (lambda: 1j, ""),
    "function": (lambda: len, ""),
    "ellipsis": (lambda: ..., ""),
    "generator": (lambda: (i for i in range(2)), ""),
    "cyclic": (_cyclic, ""),
    "too deep": (_deep, ""),
    "too many digits": (lambda: 10 ** (sys.get_int_max_str_digits() + 5), ""),
}
# There is no one place to name in these.
ENDLESS = {"cyclic", "too deep"}
PUT: dict[str, tuple[Callable[[Any, Any], object], str]] = {
    "item": (lambda row, value: row.doc["a"][0].__setitem__("new", value), "a[0].new"),
    "append": (lambda row, value: row.doc["a"].append(value), "a[1]"),
    "update": (lambda row, value: row.doc.update(one=1, two=value), "two"),
    "assign": (lambda row, value: setattr(row, "doc", {"whole": value}), "whole"),
    "insert": (lambda row, value: row.doc["a"].insert(0, {"i": value}), "a[0].i"),
    "slice": (lambda row, value: row.doc["a"].__setitem__(slice(0, 0), [1, value]), "a[1]"),
    "setdefault": (lambda row, value: row.doc.setdefault("s", [value]), "s[0]"),
}


def _refused(session: Session, put: Callable[[], object]) -> str:
    """Do it, flush, and return what the refusal says, whether or not SQLAlchemy wrapped it at the flush."""
    with pytest.raises((NotJSON, StatementError)) as refusal:  # noqa: PT012 - either of the two may refuse
        put()
        session.flush()
    error = refusal.value.orig if isinstance(refusal.value, StatementError) else refusal.value
    assert isinstance(error, NotJSON)
    return str(error)


@pytest.mark.parametrize("kind", ["bytes", "datetime", "set"])
def test_a_flush_raises_the_refusal_itself(store: Store, kind: str) -> None:
    """What a flush refuses is a `NotJSON` that `except NotJSON` catches, as `Document` says."""
    store.keep(Row(id=1, doc=START))
    session = store.session()
    row = session.get_one(Row, 1)
    with pytest.raises(NotJSON):  # noqa: PT012 - either of the two may refuse
        row.doc["new"] = VALUES[kind][0]()
        session.flush()


def _ways() -> list[tuple[str, str]]:
    everything = [(kind, how) for kind in VALUES for how in ("item", "append")]
    others = PUT.keys() - {"item", "append", "assign"}
    return everything + [(kind, how) for kind in ("NaN", "-inf nested", "set") for how in sorted(others)]


@pytest.mark.parametrize(("kind", "how"), _ways())
def test_what_json_cannot_hold_is_refused_with_its_path(store: Store, kind: str, how: str) -> None:
    """NaN, infinities, lone surrogates and what is no JSON are refused when assigned or flushed, with the path."""
    make, inner = VALUES[kind]
    put, path = PUT[how]
    store.keep(Row(id=1, doc=START))
    session = store.session()
    row = session.get_one(Row, 1)
    message = _refused(session, lambda: put(row, make()))
    if kind not in ENDLESS:
        assert f"{path}{inner}" in message, message
    session.rollback()
    assert typed(row.doc) == typed(START)
    row.doc["keep"].append(2)
    session.commit()
    store.expect({"a": [{"b": 1}], "keep": [1, 2]})


@pytest.mark.parametrize("kind", ["NaN", "lone surrogate", "integer key", "cyclic"])
@pytest.mark.parametrize("read", [False, True])
def test_a_refused_assignment_then_a_rollback_leaves_the_document(
    store: Store, kind: str, read: bool
) -> None:
    """A refused assignment of a whole document leaves the row as it was, also after the rollback that follows."""
    store.keep(Row(id=1, doc=START))
    session = store.session()
    row = session.get_one(Row, 1)
    with pytest.raises(NotJSON, match="whole" if kind != "cyclic" else ""):
        row.doc = {"whole": VALUES[kind][0]()}
    if read:
        assert typed(row.doc) == typed(START)
        assert not session.is_modified(row)
    session.rollback()
    assert typed(row.doc) == typed(START)
    row.doc["keep"].append(2)
    session.commit()
    store.expect({"a": [{"b": 1}], "keep": [1, 2]})


@pytest.mark.parametrize("kind", VALUES)
def test_a_refusal_at_assignment_leaves_the_document_as_it_was(store: Store, kind: str) -> None:
    """When it is refused at once, the document is as it was and the same session goes on without a rollback."""
    store.keep(Row(id=1, doc=START))
    session = store.session()
    row = session.get_one(Row, 1)
    try:
        row.doc["a"].append(VALUES[kind][0]())
    except NotJSON:
        assert typed(row.doc) == typed(START)
        assert not session.is_modified(row)
    else:
        _refused(session, lambda: None)
        session.rollback()
    row.doc["keep"].append(2)
    session.commit()
    store.expect({"a": [{"b": 1}], "keep": [1, 2]})


@pytest.mark.parametrize("kind", VALUES)
def test_a_new_row_with_what_json_cannot_hold(store: Store, kind: str) -> None:
    """A new row with such a value is refused when made or flushed; the session is usable after a rollback."""
    session = store.session()
    _refused(session, lambda: session.add(Row(id=1, doc={"deep": [VALUES[kind][0]()]})))
    session.rollback()
    session.add(Row(id=2, doc={"fine": True}))
    session.commit()
    assert store.sql("SELECT id FROM rows") == [(2,)]


@pytest.mark.parametrize("value", ["a\x00b", {"k\x00": 1}, [["\x00"]]], ids=["value", "key", "nested"])
def test_nul_is_refused_on_postgresql_and_kept_on_sqlite(any_store: Store, value: Any) -> None:
    r"""On PostgreSQL, `\u0000` is refused when assigned or flushed, with the path in the error."""
    any_store.keep(Row(id=1, doc=START))
    session = any_store.session()
    row = session.get_one(Row, 1)
    if any_store.driver.is_postgresql:
        message = _refused(session, lambda: row.doc["a"][0].__setitem__("nul", value))
        assert "a[0].nul" in message
        session.rollback()
        row.doc["keep"].append(2)
        session.commit()
        any_store.expect({"a": [{"b": 1}], "keep": [1, 2]})
    else:
        row.doc["a"][0]["nul"] = value
        session.commit()
        any_store.expect({"a": [{"b": 1, "nul": value}], "keep": [1]})


def test_an_escaped_nul_is_no_nul(any_store: Store) -> None:
    r"""A text that only looks like `\u0000` is kept everywhere."""
    any_store.keep(Row(id=1, doc=["\\u0000", "\\\\u0000", {"\\u0000": 1}]))
    any_store.expect(["\\u0000", "\\\\u0000", {"\\u0000": 1}])


def test_a_deep_document_that_fits_is_kept(store: Store) -> None:
    """A document of a hundred levels is kept and tracked to the bottom."""
    store.keep(Row(id=1, doc=_deep(100)))
    session = store.session()
    value = session.get_one(Row, 1).doc
    while value:
        value = value[0]
    value.append("bottom")
    session.commit()
    assert '"bottom"' in (store.stored_text() or "")


@pytest.mark.parametrize("depth", [300, 500, 900, 1_500, 5_000, 20_000])
def test_a_document_of_any_depth_is_kept_or_refused(store: Store, depth: int) -> None:
    """Whatever can be put in can be saved, read again, changed, copied and taken out; else it is `NotJSON`."""
    session = store.session()
    try:
        session.add(Row(id=1, doc=_deep(depth)))
        session.commit()
    except NotJSON:
        session.rollback()
        assert store.sql("SELECT id FROM rows") == []
        return
    with store.session() as fresh:
        row = fresh.get_one(Row, 1)
        value = row.doc
        while value:
            value = value[0]
        value.append("bottom")
        fresh.commit()
    assert '"bottom"' in (store.stored_text() or "")


@pytest.mark.parametrize("kind", ["NaN", "bytes", "lone surrogate", "integer key"])
def test_core_statements_refuse_too(store: Store, kind: str) -> None:
    """A Core or bulk statement does not slip past the refusal."""
    store.keep(Row(id=1, doc=START))
    session = store.session()
    options = {"synchronize_session": False}
    value = [VALUES[kind][0]()]
    _refused(session, lambda: session.execute(update(Row).values(doc=value), execution_options=options))
    session.rollback()
    _refused(session, lambda: session.execute(insert(Row).values(id=2, doc=value)))
    session.rollback()
    store.expect(START)


def test_the_error_names_document_and_path(store: Store) -> None:
    """The error says which document of which row, where in it, and what to do."""
    store.keep(Row(id=7, doc={"a b": [{}]}))
    session = store.session()
    row = session.get_one(Row, 7)
    message = _refused(session, lambda: row.doc["a b"][0].__setitem__("é", {1, 2}))
    assert "Row" in message
    assert "doc" in message
    assert '["a b"][0]' in message
    assert "é" in message
    session.rollback()
