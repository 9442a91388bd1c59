"""Transactions of InnoDB that meet at one document."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from indelible import Conflict, is_transient
from tests.database.generic.appending import Task
from tests.database.generic.at_once import at_once
from tests.database.merging.paths_taken import merges_seen, only_merging
from tests.database.rows import Row
from tests.database.stores import DRIVERS, Store, new_store

PATIENCE_SECONDS = 30

ISOLATIONS = ["REPEATABLE READ"]  # InnoDB's own choice
if os.environ.get("INDELIBLE_MARIADB") == "all":
    ISOLATIONS += ["READ COMMITTED", "SERIALIZABLE"]


@pytest.fixture(params=["pymysql", "aiomysql"])
def store(request: pytest.FixtureRequest, tmp_path: Path, mariadb_url: URL) -> Store:
    """A database of MariaDB's with two rows."""
    return new_store(DRIVERS[request.param], tmp_path, str, lambda: mariadb_url)


def keep(store: Store) -> None:
    store.keep(Row(id=1, doc={"a": 1, "b": 1, "all": []}), Row(id=2, doc={"a": 1, "b": 1}))


def row(session: Session, number: int = 1) -> Row:
    return session.get_one(Row, number)


@pytest.mark.parametrize("merged", [False, True])
def test_repeatable_read_sees_the_newest_at_flush(store: Store, *, merged: bool) -> None:
    """A transaction that read before another one committed changes the document as the other one left it."""
    keep(store)
    one, other = store.session(), store.session()
    document = row(one).doc
    row(other).doc["b"] = 2
    other.commit()
    document["a"] = 2
    if merged:
        with only_merging():
            one.flush()
    else:
        with merges_seen() as names:
            one.flush()
        assert not names
    one.commit()
    store.expect({"a": 2, "b": 2, "all": []})


def test_the_same_place_is_a_conflict_in_repeatable_read(store: Store) -> None:
    """What another transaction committed meanwhile is not overwritten, though this one reads an older state."""
    keep(store)
    one, other = store.session(), store.session()
    document = row(one).doc
    row(other).doc["a"] = 3
    other.commit()
    document["a"] = 2
    with pytest.raises(Conflict) as caught:
        one.flush()
    assert caught.value.clashes[0].theirs == 3
    one.rollback()
    store.expect({"a": 3, "b": 1, "all": []})


def test_waiting_too_long_for_a_lock_is_transient(store: Store) -> None:
    """MariaDB's error 1205 says that the transaction may run again."""
    keep(store)
    one, other = store.session(), store.session()
    row(one).doc["a"] = 2
    one.flush()
    other.execute(text("SET innodb_lock_wait_timeout = 1"))
    row(other).doc["b"] = 2
    with pytest.raises(OperationalError, match="1205") as caught:
        other.flush()
    assert is_transient(caught.value)
    other.rollback()
    one.commit()


def test_what_changed_since_the_snapshot_is_transient(store: Store) -> None:
    """With innodb_snapshot_isolation, MariaDB's error 1020 says that the transaction may run again."""
    keep(store)
    one, other = store.session(), store.session()
    one.execute(text("SET innodb_snapshot_isolation = ON"))
    document = row(one).doc
    row(other).doc["b"] = 2
    other.commit()
    document["a"] = 2
    with pytest.raises(OperationalError, match="1020") as caught:
        one.flush()
    assert is_transient(caught.value)
    one.rollback()
    row(one).doc["a"] = 2
    one.commit()
    store.expect({"a": 2, "b": 2, "all": []})


def test_a_deadlock_is_transient(mariadb_url: URL, tmp_path: Path) -> None:
    """Of two transactions that wait for each other, one gets error 1213, which says that it may run again."""
    store = new_store(DRIVERS["pymysql"], tmp_path, str, lambda: mariadb_url)

    def test() -> None:
        keep(store)
        errors: list[OperationalError] = []
        both_hold_one = threading.Barrier(2, timeout=PATIENCE_SECONDS)
        threads = [
            threading.Thread(target=_cross, args=(store, order, both_hold_one, errors))
            for order in ((1, 2), (2, 1))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE_SECONDS)
        [error] = errors
        assert "1213" in str(error.orig)
        assert is_transient(error)

    store.run(test)


def _cross(
    store: Store, order: tuple[int, int], both: threading.Barrier, errors: list[OperationalError]
) -> None:
    """Change two rows in an order, when another thread has changed the first of its own."""
    first, second = order
    with Session(store.engine) as session:
        row(session, first).doc["a"] = f"by {first}"
        session.flush()
        both.wait()
        row(session, second).doc["b"] = f"by {first}"
        try:
            session.commit()
        except OperationalError as error:
            errors.append(error)


@pytest.mark.parametrize("isolation", ISOLATIONS)
def test_processes_that_write_at_once_lose_nothing(mariadb_url: URL, tmp_path: Path, isolation: str) -> None:
    """Contract 4: four processes append to one list, and all that they appended is there once, in their order each."""
    store = new_store(DRIVERS["pymysql"], tmp_path, str, lambda: mariadb_url)

    def test() -> None:
        keep(store)
        names, times = "cdef", 30
        url = store.url.render_as_string(hide_password=False)
        at_once(Task(url, "", times, isolation), names)
        with Session(store.engine) as session:
            document = row(session).doc
        assert sorted(document["all"]) == sorted(
            f"{name}{number}" for name in names for number in range(times)
        )
        for name in names:
            assert [value for value in document["all"] if value[0] == name] == [
                f"{name}{n}" for n in range(times)
            ]
            assert document[name] == times - 1

    store.run(test)


def test_the_number_of_rows_found_counts(store: Store) -> None:
    """A row is told from none also when the UPDATE leaves it as it was."""
    keep(store)
    with store.engine.begin() as connection:
        for expected in (1, 0):
            updated = connection.execute(
                text("UPDATE `rows` SET title = '' WHERE id = :id"), {"id": 1 if expected else 9}
            )
            assert updated.rowcount == expected


def statements_of(store: Store, change: Callable[[Row], None]) -> list[str]:
    session = store.session()
    loaded = row(session)
    with store.statements() as statements:
        change(loaded)
        session.commit()
    return [statement for statement in statements if statement.startswith(("SELECT", "UPDATE"))]


def test_a_change_is_one_statement(store: Store) -> None:
    """Contract 5: puts, removals and appends are one UPDATE, which has the functions of MariaDB and no document."""
    keep(store)

    def change(loaded: Row) -> None:
        loaded.doc["a"] = {"new": [1, 1.0]}
        del loaded.doc["b"]
        loaded.doc["all"].append({"id": "é"})

    [statement] = statements_of(store, change)
    for function in ("JSON_SET", "JSON_REMOVE", "JSON_ARRAY_APPEND"):
        assert function in statement
    store.expect({"a": {"new": [1, 1.0]}, "all": [{"id": "é"}]})


def test_a_document_too_deep_for_mariadb_is_refused(store: Store) -> None:
    """MariaDB 10.11 keeps 31 containers in one another; its own check refuses more, and what was there stays."""
    keep(store)
    deep: list[object] = []
    for _ in range(29):
        deep = [deep]
    session = store.session()
    row(session).doc["a"] = deep
    session.commit()
    store.expect({"a": deep, "b": 1, "all": []})
    row(session).doc["a"].append([deep])
    with pytest.raises(OperationalError, match="4025"):
        session.flush()
    session.rollback()
    store.expect({"a": deep, "b": 1, "all": []})


@pytest.mark.parametrize("mode", ["", "STRICT_TRANS_TABLES"])
def test_what_mariadbs_functions_refuse_is_merged(mariadb_url: URL, tmp_path: Path, mode: str) -> None:
    """Of text that is too deep, MariaDB would make NULL, or an error where it is strict; documents are kept."""
    store = new_store(DRIVERS["pymysql"], tmp_path, str, lambda: mariadb_url)

    def test() -> None:
        with store.engine.begin() as connection:
            connection.execute(text("ALTER TABLE `rows` MODIFY doc LONGTEXT"))
        engine = create_engine(store.url, connect_args={"sql_mode": mode})
        store.use(engine)
        deep = '{"n": 1, "-x": 1, "deep": ' + "[" * 40 + "]" * 40 + "}"
        with engine.begin() as connection:
            connection.execute(
                text("INSERT INTO `rows` (id, title, doc) VALUES (1, '', :deep)"), {"deep": deep}
            )
        session = store.session()
        row(session).doc["n"] = 2
        session.commit()
        row(session).doc["-x"] = 2
        session.commit()
        assert (store.stored_text() or "").startswith('{"n": 2, "-x": 2, "deep": [[')
        session.close()
        engine.dispose()

    store.run(test)


@pytest.mark.parametrize("mode", ["", "STRICT_TRANS_TABLES"])
def test_a_key_that_mariadbs_paths_refuse_is_merged(mariadb_url: URL, tmp_path: Path, mode: str) -> None:
    """A key that begins with `-` is put in, changed and removed, in strict mode or not."""
    store = new_store(DRIVERS["pymysql"], tmp_path, str, lambda: mariadb_url)

    def test() -> None:
        engine = create_engine(store.url, connect_args={"sql_mode": mode})
        store.use(engine)
        keep(store)
        session = store.session()
        row(session).doc["-x"] = {"-": 1}
        session.commit()
        row(session).doc["-x"]["-"] = 2
        del row(session).doc["a"]
        session.commit()
        store.expect({"b": 1, "all": [], "-x": {"-": 2}})
        del row(session).doc["-x"]
        session.commit()
        store.expect({"b": 1, "all": []})
        session.close()
        engine.dispose()

    store.run(test)
