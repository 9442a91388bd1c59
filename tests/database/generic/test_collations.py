"""Compare-and-swap on columns whose collation does not tell large letters from small ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Connection, Engine, create_engine, event, select, text
from sqlalchemy.dialects.mssql.base import MSDialect
from sqlalchemy.orm import Session

import tests.database.generic.dialect  # noqa: F401 - registers it
from indelible import Conflict
from indelible.documents.comparing import is_exact, probes, same_bytes
from indelible.documents.statements import RowUpdate
from tests.database.generic.dialect import NAME
from tests.database.rows import Row

TABLE: Any = Row.__table__


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """A database that nobody knows, in which `Dawn` = `dawn`; others may write between reading and writing."""
    url = URL.create(NAME, database=str(tmp_path / "any.sqlite3"))
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    Row.metadata.create_all(engine)
    with engine.begin() as connection:
        made = connection.execute(text("SELECT sql FROM sqlite_master WHERE name = 'rows'")).scalar_one()
        connection.execute(text("DROP TABLE rows"))
        connection.execute(text(made.replace("JSON", "JSON COLLATE NOCASE")))
        same = "SELECT count(*) FROM rows WHERE CAST(doc AS TEXT) = '{\"a\": 1}'"
        connection.execute(text("""INSERT INTO rows (id, title, doc) VALUES (9, '', '{"A": 1}')"""))
        assert connection.execute(text(same)).scalar_one() == 1
        connection.execute(text("DELETE FROM rows"))
    yield engine
    engine.dispose()


def _intervene(engine: Engine, written: str) -> list[str]:
    """Let another writer store this text before the first UPDATE; collect the UPDATEs."""
    updates: list[str] = []
    other = create_engine(engine.url)

    def intervene(_connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("UPDATE rows"):
            updates.append(statement)
            if len(updates) == 1:
                with other.begin() as connection:
                    connection.execute(text("UPDATE rows SET doc = :doc"), {"doc": written})

    event.listen(engine, "before_cursor_execute", intervene)
    return updates


def _keep(engine: Engine, document: Any) -> None:
    with Session(engine) as session:
        session.add(Row(id=1, doc=document))
        session.commit()


def _stored(engine: Engine) -> Any:
    with Session(engine) as session:
        return session.scalars(select(Row.doc)).one()


@pytest.mark.parametrize(
    ("before", "between"),
    [
        ({"title": "Dawn"}, '{"title": "dawn"}'),
        ({"A": 1, "B": 2}, '{"a": 1, "B": 2}'),
        ({"t": "x"}, '{"t": "X"}'),
    ],
)
def test_a_change_of_letters_only_is_not_overwritten(engine: Engine, before: Any, between: str) -> None:
    """Text that the collation takes for the same is read again, and merged."""
    _keep(engine, before)
    updates = _intervene(engine, between)
    with Session(engine) as session:
        session.get_one(Row, 1).doc["mine"] = True
        session.commit()
    assert _stored(engine) == json.loads(between) | {"mine": True}
    assert len(updates) == 2


def test_the_same_place_in_other_letters_is_a_conflict(engine: Engine) -> None:
    """The other writer's `dawn` is not replaced unseen."""
    _keep(engine, {"title": "Dawn"})
    _intervene(engine, '{"title": "dawn"}')
    with Session(engine) as session:
        session.get_one(Row, 1).doc["title"] = "Noon"
        with pytest.raises(Conflict):
            session.flush()
    assert _stored(engine) == {"title": "dawn"}


@pytest.mark.parametrize("document", [{"title": "Dawn", "é": "\u00c9"}, {"N": 1}, [1], [], "A", None])
def test_what_nobody_else_changed_is_written_at_once(engine: Engine, document: Any) -> None:
    """The exact comparison holds for the text that was read, whatever it is."""
    _keep(engine, document)
    updates: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda _c, _k, statement, *_r: updates.append(statement))
    with Session(engine) as session:
        session.get_one(Row, 1).doc = {"new": document}
        session.commit()
    assert _stored(engine) == {"new": document}
    assert sum(each.startswith("UPDATE") for each in updates) == 1


def test_a_collation_that_tells_letters_apart_costs_nothing_more(tmp_path: Path) -> None:
    """There the text is compared once, by `=`."""
    engine = create_engine(URL.create(NAME, database=str(tmp_path / "exact.sqlite3")))
    Row.metadata.create_all(engine)
    _keep(engine, {"title": "Dawn"})
    updates = []
    event.listen(engine, "before_cursor_execute", lambda _c, _k, statement, *_r: updates.append(statement))
    with Session(engine) as session:
        session.get_one(Row, 1).doc["title"] = "Noon"
        session.commit()
    [update] = [each for each in updates if each.startswith("UPDATE")]
    assert "BLOB" not in update
    engine.dispose()


def test_sql_server_is_always_asked_for_the_bytes() -> None:
    """As Unicode text, which can be compared, unlike its TEXT: what its collations take for equal has no bounds."""
    make: Any = MSDialect
    dialect = make()
    dialect.deprecate_large_types = True
    column = TABLE.c.doc
    assert probes(dialect, column) == []
    assert not is_exact(dialect, "[1]", ())
    update = RowUpdate(
        TABLE,
        {TABLE.c.id: 1},
        values={column: {}},
        conditions=[same_bytes(dialect, column, "x0")],
        parameters={"x0": "[1]"},
        texts={column: "[1]"},
    )
    sql = str(update.statement().compile(dialect=dialect))
    assert "CAST(CAST(rows.doc AS NVARCHAR(max)) AS VARBINARY(max))" in sql
    assert "CAST(CAST(:x0 AS NVARCHAR(max)) AS VARBINARY(max))" in sql
    assert "CAST(rows.doc AS NVARCHAR(max)) = :t0" in sql
