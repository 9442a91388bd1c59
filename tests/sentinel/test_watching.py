"""How the sentinel is used in a program, and that the program does not notice it."""

from __future__ import annotations

import copy
import gc
import heapq
import inspect
import json
import logging
import pickle
import sys
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, event, update
from sqlalchemy.ext.mutable import MutableDict
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.orm.attributes import flag_modified

from indelible import LostChange, UnsavedChange, UnsavedChangeWarning, sentinel
from tests.sentinel.models import Row
from tests.sentinel.running import keep, stored

START: dict[str, Any] = {"a": {"b": [1]}, "l": [3, 2, 1]}
HERE = __file__


def _line() -> int:
    """Return the caller's line."""
    frame = inspect.currentframe()
    assert frame is not None
    assert frame.f_back is not None
    return frame.f_back.f_lineno


@pytest.fixture
def engine(sqlite: Engine) -> Engine:
    """A database with one row."""
    keep(sqlite, "doc", START)
    return sqlite


def test_the_error_says_everything(engine: Engine) -> None:
    """Column, primary key, path, file, line and function of each change are in the error and its message."""
    with sentinel.watch(Session), Session(engine) as session:
        row = session.get_one(Row, 1)
        row.doc["a"]["b"].append(2)
        first = _line() - 1
        row.doc["new"] = 1
        with pytest.raises(LostChange) as caught:
            session.commit()
    error = caught.value
    assert isinstance(error, UnsavedChange)
    assert (error.column, error.primary_key, error.file, error.line) == ("Row.doc", 1, HERE, first)
    assert [(change.path, change.line) for change in error.changes] == [
        (("a", "b"), first),
        (("new",), first + 2),
    ]
    assert {change.function for change in error.changes} == {"test_the_error_says_everything"}
    assert f"Row.doc['a']['b'] of row 1: {HERE}:{first} in test_the_error_says_everything" in str(error)
    assert "[IND-E011]" in str(error)


def test_nothing_is_committed_when_it_raises(engine: Engine) -> None:
    """The transaction is still open when the commit raises, and can be mended or rolled back."""
    with sentinel.watch(Session), Session(engine) as session:
        row = session.get_one(Row, 1)
        row.title = "half"
        row.doc["x"] = 1
        with pytest.raises(UnsavedChange):
            session.commit()
        flag_modified(row, "doc")
        session.commit()
    assert stored(engine, "doc") == {**START, "x": 1}


def test_it_can_warn_log_or_call(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    """`on_lost` warns, logs or calls a function; the commit goes on, and one change is told once."""

    def lose(on_lost: Any) -> sentinel.Sentinel:
        with (
            sentinel.watch(Session, on_lost=on_lost) as watching,
            Session(engine, expire_on_commit=False) as session,
        ):
            row = session.get_one(Row, 1)
            row.title = "new"
            row.doc["x"] = 1
            session.commit()
            session.commit()
        return watching

    with pytest.warns(UnsavedChangeWarning, match=r"Row\.doc\['x'\]"):
        assert len(lose("warn").found) == 1
    with caplog.at_level(logging.ERROR, "indelible.sentinel"):
        lose("log")
    assert "Row.doc['x']" in caplog.text
    told: list[UnsavedChange] = []
    assert lose(told.append).found == told
    assert len(told) == 1
    with pytest.raises(ValueError, match="on_lost"):
        sentinel.watch(Session, on_lost="nothing")  # type: ignore[arg-type]


def test_columns_can_be_left_alone(engine: Engine) -> None:
    """`ignore` takes `Model.attribute` or its text, and nothing else."""
    for ignored in (Row.doc, "Row.doc"):
        with sentinel.watch(Session, ignore=[ignored]), Session(engine) as session:
            session.get_one(Row, 1).doc["x"] = 1
            session.commit()
    with pytest.raises(ValueError, match=r"Model\.attribute"):
        sentinel.watch(Session, ignore=["doc"])


def test_only_what_was_asked_for_is_watched(engine: Engine) -> None:
    """A factory or one session can be watched; others are left alone, and all are when it is stopped."""
    factory = sessionmaker(engine)

    def lose(session: Session) -> None:
        with session:
            session.get_one(Row, 1).doc["x"] = 1
            session.commit()

    with sentinel.watch(factory):
        lose(Session(engine))
        with pytest.raises(UnsavedChange):
            lose(factory())
    lose(factory())
    one = Session(engine)
    with sentinel.watch(one):
        lose(Session(engine))
        with pytest.raises(UnsavedChange):
            lose(one)


CHANGES_IN_C: dict[str, Callable[[Any], object]] = {
    "heappush": lambda doc: heapq.heappush(doc["l"], 0),
    "heapify": lambda doc: heapq.heapify(doc["l"]),
    "dict.__setitem__": lambda doc: dict.__setitem__(doc["a"], "x", 1),
    "list.append": lambda doc: list.append(doc["l"], 1),
}


@pytest.mark.parametrize("name", CHANGES_IN_C)
def test_changes_by_c_code_are_found(engine: Engine, name: str) -> None:
    """What C code writes past the containers is found by comparison; with `trace`, its line too."""
    change = CHANGES_IN_C[name]
    with sentinel.watch(Session), Session(engine) as session:
        change(session.get_one(Row, 1).doc)
        with pytest.raises(UnsavedChange, match="could not be seen"):
            session.commit()
    with sentinel.watch(Session, trace=True), Session(engine) as session:
        row = session.get_one(Row, 1)
        change(row.doc)
        with pytest.raises(UnsavedChange) as caught:
            session.commit()
        assert (caught.value.file, caught.value.line) == (HERE, change.__code__.co_firstlineno)
    assert sys.gettrace() is None


def test_a_debugger_keeps_its_trace_function(engine: Engine) -> None:
    """While another tool traces, the change of a value with a name is found without its line."""
    before = sys.gettrace()

    def tool(frame: Any, kind: str, argument: Any) -> None:
        return None

    sys.settrace(tool)
    try:
        with sentinel.watch(Session), Session(engine) as session:
            value = {"a": [1]}
            row = session.get_one(Row, 1)
            row.doc = value
            session.flush()
            held = sys.gettrace()
            value["b"] = [2]
            with pytest.raises(UnsavedChange, match="could not be seen"):
                session.commit()
    finally:
        sys.settrace(before)
    assert held is tool


def test_at_flush_each_flush_is_the_last_chance(engine: Engine) -> None:
    """With `at_flush` a flush raises, also one that has nothing to write; without, a mark may follow it."""
    with sentinel.watch(Session, at_flush=True), Session(engine) as session:
        row = session.get_one(Row, 1)
        row.doc["x"] = 1
        with pytest.raises(UnsavedChange):
            session.flush()
    with sentinel.watch(Session), Session(engine) as session:
        row = session.get_one(Row, 1)
        row.doc["x"] = 1
        session.flush()
        flag_modified(row, "doc")
        session.commit()
    assert stored(engine, "doc") == {**START, "x": 1}


def test_a_close_on_an_open_connection_is_judged(engine: Engine) -> None:
    """A session that flushed and closed on a connection whose transaction goes on has lost what it did not write."""
    with engine.connect() as connection, connection.begin(), sentinel.watch(Session):
        session = Session(connection)
        row = session.get_one(Row, 1)
        row.doc["x"] = 1
        session.flush()
        with pytest.raises(UnsavedChange):
            session.close()
        session = Session(connection, join_transaction_mode="create_savepoint")
        row = session.get_one(Row, 1)
        row.doc["x"] = 1
        session.flush()
        session.rollback()  # given up on purpose
    with sentinel.watch(Session), Session(engine) as session:
        session.get_one(Row, 1).doc["x"] = 1  # prepared for an answer, not to be saved


def test_writing_by_core_is_no_loss(engine: Engine) -> None:
    """A value that a statement wrote is not lost: the database is asked before anything is said."""
    with sentinel.watch(Session), Session(engine) as session:
        row = session.get_one(Row, 1)
        row.doc["x"] = 1
        session.connection().execute(update(Row).values(doc=dict(row.doc)))
        session.commit()
    with sentinel.watch(Session), Session(engine) as session:
        row = session.get_one(Row, 1)
        row.doc["x"] = 2
        session.execute(update(Row).values(doc=dict(row.doc)))
        session.commit()
    assert stored(engine, "doc") == {**START, "x": 2}


def test_listeners_that_mark_the_row_are_heard_first(engine: Engine) -> None:
    """A program that calls `flag_modified` in a listener of its own saves its changes."""

    def mark(session: Session, *_: object) -> None:
        for row in session.identity_map.values():
            flag_modified(row, "doc")

    for name in ("before_commit", "before_flush"):
        factory = sessionmaker(engine)
        with sentinel.watch(Session):
            event.listen(factory, name, mark)
            with factory() as session:
                row = session.get_one(Row, 1)
                row.title = name
                row.doc[name] = name
                session.commit()
        assert stored(engine, "doc")[name] == name


def test_values_behave_as_plain_ones(engine: Engine) -> None:
    """They are dicts and lists that compare, print, dump, match, copy and pickle as plain ones; copies are plain."""
    with sentinel.watch(Session), Session(engine) as session:
        doc = session.get_one(Row, 1).doc
        assert doc == START
        assert repr(doc) == repr(START)
        assert json.dumps(doc) == json.dumps(START)
        assert isinstance(doc, dict)
        assert isinstance(doc["l"], list)
        match doc:
            case {"a": {"b": [one]}, "l": [_, *_]}:
                assert one == 1
        for copied in (
            copy.copy(doc),
            copy.deepcopy(doc),
            pickle.loads(pickle.dumps(doc)),
            doc.copy(),
            {**doc},
        ):
            assert type(copied) is dict
            assert copied == START
        assert type(copy.deepcopy(doc)["a"]["b"]) is list
        assert type(copy.deepcopy(doc["l"])) is type(doc["l"][:]) is type(doc["l"] + [1]) is list
        with pytest.raises(TypeError):
            hash(doc)


def test_mutable_values_keep_their_class_and_identity(engine: Engine) -> None:
    """A `MutableDict` stays the object that it is, tracks as before, and pickles as a `MutableDict`."""
    with sentinel.watch(Session), Session(engine) as session:
        value = MutableDict({"a": [1]})
        row = session.get_one(Row, 1)
        row.objects = value
        session.commit()
        assert isinstance(row.objects, MutableDict)
        row.objects["b"] = 1
        assert row in session.dirty
        session.commit()
        loaded = pickle.loads(pickle.dumps(row.objects))
        assert type(loaded) is MutableDict
        assert loaded == {"a": [1], "b": 1}


def test_a_value_with_a_name_stays_that_object(engine: Engine) -> None:
    """What program code still holds is never replaced: after a flush `row.doc` is the very dict that was assigned."""
    with sentinel.watch(Session), Session(engine, expire_on_commit=False) as session:
        inner = [1]
        value: dict[str, Any] = {"inner": inner}
        row = session.get_one(Row, 1)
        row.doc = value
        session.commit()
        assert row.doc is value
        assert row.doc["inner"] is inner
        value["x"] = 1
        flag_modified(row, "doc")
        session.commit()
    assert stored(engine, "doc") == {"inner": [1], "x": 1}


def test_no_row_is_kept_alive(engine: Engine) -> None:
    """Rows are collected as without the sentinel, and a session that reads many forgets those that are gone."""
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM plain_rows")
        for key in range(600):
            connection.exec_driver_sql(
                f"INSERT INTO plain_rows (id, title, doc) VALUES ({key}, '', '{{\"a\": [1]}}')"
            )
    with sentinel.watch(Session), Session(engine) as session:
        gone = weakref.ref(session.get_one(Row, 1))
        gc.collect(0)
        assert gone() is None
        values = []
        for key in range(600):
            values.append(weakref.ref(session.get_one(Row, key)))
            watched = sum(type(one).__name__ == "Watch" for one in gc.get_objects()) if key % 100 == 99 else 0
            assert watched < 450
    assert all(one() is None for one in values)


def test_a_row_deleted_or_left_alone_is_no_loss(engine: Engine) -> None:
    """A changed row that is deleted, or whose transaction is rolled back, loses nothing."""
    with sentinel.watch(Session), Session(engine) as session:
        row = session.get_one(Row, 1)
        row.doc["x"] = 1
        session.flush()
        session.rollback()
        session.commit()
        row.doc["x"] = 1
        session.delete(row)
        session.commit()


def test_a_change_taken_back_with_a_savepoint_is_no_loss(engine: Engine) -> None:
    """A change made inside a savepoint that is rolled back was given up; one made before it is lost."""
    with sentinel.watch(Session), Session(engine) as session:
        row = session.get_one(Row, 1)
        savepoint = session.begin_nested()
        row.doc["x"] = 1
        savepoint.rollback()
        session.commit()
        row.doc["before"] = 1
        line = _line() - 1
        savepoint = session.begin_nested()
        row.title = "new"
        savepoint.rollback()
        with pytest.raises(UnsavedChange) as caught:
            session.commit()
        assert caught.value.line == line
