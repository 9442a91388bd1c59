"""Any other database of SQLAlchemy's: documents are read, merged, and written if their text is still the one read."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from sqlalchemy import URL, Engine, create_engine, delete, event, select, text, update
from sqlalchemy.orm import Session

from indelible import Conflict, Contended
from indelible.changes.values import same
from indelible.documents.dialects.choosing import expressions_for, locks_rows
from tests.database.generic.appending import Task
from tests.database.generic.at_once import at_once
from tests.database.generic.dialect import NAME
from tests.database.merging import agreement
from tests.database.rows import Row
from tests.database.stores import Driver, Store
from tests.unit.writers import cases


@pytest.fixture
def url(tmp_path: Path) -> URL:
    """Where the database of a test is."""
    return URL.create(NAME, database=str(tmp_path / "any.sqlite3"))


@pytest.fixture
def engine(url: URL) -> Iterator[Engine]:
    """An engine whose statements are transactions of their own: others may write between reading and writing."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    Row.metadata.create_all(engine)
    yield engine
    engine.dispose()


def keep(engine: Engine, document: Any) -> None:
    with Session(engine) as session:
        session.add(Row(id=1, doc=document))
        session.commit()
        if document is None:  # or else the column's default is taken
            session.execute(update(Row).values(doc=None))
            session.commit()


def stored(engine: Engine) -> Any:
    with Session(engine) as session:
        return session.scalars(select(Row.doc)).one()


def before_each_update(engine: Engine, *statements: str) -> list[str]:
    """Let another writer run a statement before each UPDATE, the last one again and again; collect the UPDATEs."""
    updates: list[str] = []

    def intervene(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("UPDATE rows SET doc=?"):
            updates.append(statement)
            with other.begin() as connection:
                connection.execute(text(statements[min(len(updates), len(statements)) - 1]))

    other = create_engine(engine.url)
    event.listen(engine, "before_cursor_execute", intervene)
    return updates


def test_nothing_is_known_of_it(engine: Engine) -> None:
    """No expressions and no locks are used for a dialect of another name."""
    assert expressions_for(engine.dialect) is None
    assert not locks_rows(engine.dialect)


class _Merging(agreement._Comparison):
    """The comparison, for a database on which each flush merges."""

    def _go_on(self, session: Session, rows: dict[int, Any]) -> None:
        for number, row in rows.items():
            row.doc["later"] = number
        session.commit()
        for number, stored in self._stored().items():
            expected = self._case(number).stored | {"later": number}
            assert same(stored, expected), f"row {number}, changed later: {stored}, must be {expected}"


@pytest.mark.timeout(3600)
def test_it_agrees_with_the_pure_merge(url: URL) -> None:
    """Contract 6: the same results and conflicts as everywhere, each by a SELECT and one UPDATE.

    Runs 200 cases, or as many as INDELIBLE_CASES says, from INDELIBLE_SEED on.
    """
    seeds = cases(200)

    def test() -> None:
        for start in range(0, len(seeds), 100):
            seen = _Merging(store, list(seeds[start : start + 100])).run()
            assert seen["fast"] == 0
            assert min(seen["slow"], seen["conflicts"]) > 5

    store = Store(Driver(NAME, NAME), url, "")
    store.run(test)


def test_what_another_writer_changed_meanwhile_is_read_again(engine: Engine) -> None:
    """Where the text is not the one that was read, nothing is written; the newer document is merged."""
    keep(engine, {"a": 1, "b": 1})
    updates = before_each_update(engine, """UPDATE rows SET doc = '{"a": 1, "b": 2}'""", "SELECT 1")
    with Session(engine) as session:
        session.get_one(Row, 1).doc["a"] = 2
        session.commit()
        assert session.get_one(Row, 1).doc == {"a": 2, "b": 2}
    assert stored(engine) == {"a": 2, "b": 2}
    assert len(updates) == 2


def test_null_is_compared_as_null(engine: Engine) -> None:
    """A document that was NULL is not overwritten when another writer has given it a value."""
    keep(engine, None)
    updates = before_each_update(engine, """UPDATE rows SET doc = '{"a": 1}'""", "SELECT 1")
    with Session(engine) as session:
        session.get_one(Row, 1).doc = {"b": 2}
        with pytest.raises(Conflict):
            session.flush()
    assert stored(engine) == {"a": 1}
    assert len(updates) == 1


def test_the_same_place_is_a_conflict(engine: Engine) -> None:
    """Another value at the same place is found when the document is read again."""
    keep(engine, {"a": 1})
    before_each_update(engine, """UPDATE rows SET doc = '{"a": 3}'""", "SELECT 1")
    with Session(engine) as session:
        session.get_one(Row, 1).doc["a"] = 2
        with pytest.raises(Conflict):
            session.flush()
    assert stored(engine) == {"a": 3}


def test_after_twenty_attempts_it_gives_up(engine: Engine) -> None:
    """`Contended` names the document; nothing was written, and each pause was a random one within its limit."""
    keep(engine, {"a": 1, "n": 0})
    updates = before_each_update(
        engine, "UPDATE rows SET doc = json_set(doc, '$.n', json_extract(doc, '$.n') + 1)"
    )
    pauses: list[float] = []
    with Session(engine) as session, mock.patch.object(time, "sleep", pauses.append):
        session.get_one(Row, 1).doc["a"] = 2
        with pytest.raises(Contended, match=r"Row\(id=1\)\.doc"):
            session.flush()
    assert stored(engine) == {"a": 1, "n": 20}
    assert len(updates) == len(pauses) == 20
    assert len(set(pauses)) > 10
    assert all(0 <= pause <= min(0.05, 0.001 * 2**number) for number, pause in enumerate(pauses))


@pytest.mark.parametrize("isolation", ["AUTOCOMMIT", None])
def test_processes_that_write_at_once_lose_nothing(engine: Engine, isolation: str | None) -> None:
    """Contract 4: four processes append to one list, and all that they appended is there once, in their order each."""
    names, times = "abcd", int(os.environ.get("INDELIBLE_APPENDS", "30"))
    for _ in range(8):  # until one came between another's reading and writing
        with engine.begin() as connection:
            connection.execute(delete(Row))
        keep(engine, {"all": []})
        updates = at_once(Task(str(engine.url), "", times, isolation), names)
        document = stored(engine)
        for name in names:
            mine = [value for value in document["all"] if value[0] == name]
            assert mine == [f"{name}{number}" for number in range(times)]
            assert document[name] == times - 1
        assert len(document["all"]) == len(names) * times
        if updates > len(names) * times:
            return
    raise AssertionError("no writer came between another's reading and writing: this showed nothing")
