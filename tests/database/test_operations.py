"""An operation is applied once, however often it is sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, create_engine, select, update
from sqlalchemy.dialects import mysql
from sqlalchemy.exc import IntegrityError, InvalidRequestError
from sqlalchemy.orm import Session, scoped_session, sessionmaker
from sqlalchemy.schema import CreateTable

from indelible import InvalidOperationId, NotJSON, OperationLog, OperationReused, OperationUnfinished
from indelible.documents.claiming import Claim
from tests.database.once import apply, enter, entries_in, ledger, metadata, operations, stored
from tests.database.rows import Row
from tests.database.stores import Store


@pytest.fixture(params=["its own", "any other"])
def every_way(request: pytest.FixtureRequest, any_store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Each driver, with the statements of its database and with those for databases that are not known."""
    if request.param == "any other":
        monkeypatch.setattr(Claim, "_dialect", lambda claim, session: "another database")
    return any_store


def answer(session: Session, op_id: str, result: Any) -> None:
    """Enter something and give this result."""
    with operations.once(session, op_id) as op:
        enter(session, op_id)
        op.result = result


def fail(session: Session, op_id: str | None) -> None:
    """Enter something and leave the block with an exception."""
    with operations.once(session, op_id):
        enter(session, "lost")
        raise KeyError


def commit_inside(session: Session, op_id: str) -> None:
    """Do in the block what is to be done after it."""
    with operations.once(session, op_id):
        enter(session, op_id)
        session.commit()


def test_an_operation_sent_again_gets_the_first_result(every_way: Store) -> None:
    """The second one is not applied; it gets what the first one got, in another session as well."""
    every_way.create(metadata)
    with every_way.session() as session:
        assert apply(session, "a") == (False, {"entries": 1})
        session.commit()
        assert apply(session, "b") == (False, {"entries": 2})
        session.commit()
    with every_way.session() as session:
        assert apply(session, "a") == (True, {"entries": 1})
        assert stored(session) == ["a", "b"]


def test_a_duplicate_leaves_the_transaction_usable(every_way: Store) -> None:
    """After a replay the same transaction goes on and commits."""
    every_way.create(metadata)
    with every_way.session() as session:
        apply(session, "a")
        assert apply(session, "a")[0] is True
        session.commit()
        assert apply(session, "a")[0] is True
        apply(session, "b")
        session.commit()
        assert stored(session) == ["a", "b"]


def test_what_is_rolled_back_is_not_recorded(every_way: Store) -> None:
    """Without the caller's commit neither the change nor the operation is there: it can be sent again."""
    every_way.create(metadata)
    with every_way.session() as session:
        apply(session, "a")
        session.rollback()
        assert apply(session, "a") == (False, {"entries": 1})
        session.commit()
        assert stored(session) == ["a"]


def test_a_savepoint_around_it_takes_the_record_along(every_way: Store) -> None:
    """Rolling back a savepoint of the caller's takes change and record back, and nothing else."""
    every_way.create(metadata)
    with every_way.session() as session:
        enter(session, "before")
        savepoint = session.begin_nested()
        apply(session, "a")
        savepoint.rollback()
        assert apply(session, "a") == (False, {"entries": 2})
        session.commit()
        assert stored(session) == ["before", "a"]


def test_an_exception_in_the_block_takes_back_the_block_alone(every_way: Store) -> None:
    """What the block did is gone and not recorded, also when the caller catches the exception and commits."""
    every_way.create(metadata)
    with every_way.session() as session:
        enter(session, "before")
        with pytest.raises(KeyError):
            fail(session, "a")
        session.commit()
        assert stored(session) == ["before"]
        assert apply(session, "a") == (False, {"entries": 2})


def test_a_result_that_is_no_json_applies_nothing(store: Store) -> None:
    """What could not be given to those who repeat the operation is refused while it can still be taken back."""
    store.create(metadata)
    with store.session() as session:
        for result in (datetime.now(UTC), {1: "key"}, float("nan")):
            with pytest.raises(NotJSON, match="the result of operation 'a'"):
                answer(session, "a", result)
        session.commit()
        assert stored(session) == []


@pytest.mark.parametrize("result", [None, True, 0, "Zoë \0 🎬", ["a"], {"n": 2**70, "x": 1e300}])
def test_any_json_is_a_result(store: Store, result: Any) -> None:
    """A replay gives the same value of the same type, `None` included."""
    store.create(metadata)
    with store.session() as session:
        with operations.once(session, "a") as op:
            op.result = result
        session.commit()
        with operations.once(session, "a") as again:
            assert again.replayed
        assert (again.result, type(again.result)) == (result, type(result))


def test_the_first_answer_is_what_the_replays_are(store: Store) -> None:
    """After the block the result is as JSON has it, so that nobody can tell a replay from the first answer."""
    store.create(metadata)
    with store.session() as session:
        with operations.once(session, "a") as op:
            op.result = {"pair": (1, 2)}
        assert op.result == {"pair": [1, 2]}


def test_an_id_with_another_request_is_an_error(store: Store) -> None:
    """It is neither applied nor answered; the order of keys is no difference, and the transaction goes on."""
    store.create(metadata)
    with store.session() as session:
        apply(session, "a", request={"text": "x", "base": 1})
        session.commit()
        assert apply(session, "a", request={"base": 1, "text": "x"})[0] is True
        for other in ({"text": "y", "base": 1}, {"text": "x", "base": 1.0}, None, b"x"):
            with pytest.raises(OperationReused, match=r"operation 'a' of scope ''.*IND-E021"):
                apply(session, "a", request=other)
        apply(session, "b")
        session.commit()
        assert stored(session) == ["a", "b"]


def test_a_request_is_json_or_bytes(store: Store) -> None:
    """Anything else has no certain fingerprint."""
    store.create(metadata)
    with store.session() as session:
        apply(session, "a", request=b"raw \xff")
        assert apply(session, "a", request=b"raw \xff")[0] is True
        with pytest.raises(NotJSON, match="the request"):
            apply(session, "b", request={"at": datetime.now(UTC)})


def test_scopes_and_letter_case_keep_ids_apart(any_store: Store) -> None:
    """Two people may make the same id; `a` is not `A`."""
    any_store.create(metadata)
    with any_store.session() as session:
        for op_id, scope in (("a", ""), ("A", ""), ("a", "ana"), ("a", "ben"), ("a", "Ben")):
            assert apply(session, op_id, scope=scope)[0] is False
        assert entries_in(session) == 5


def test_without_an_id_nothing_is_recorded(store: Store) -> None:
    """The block is a savepoint all the same; sent again it is applied again."""
    store.create(metadata)
    with store.session() as session:
        assert [apply(session, None)[0] for _ in range(2)] == [False, False]
        with pytest.raises(KeyError):
            fail(session, None)
        assert entries_in(session) == 2
        assert session.execute(select(operations.table)).all() == []


@pytest.mark.parametrize("op_id", ["", " a", "a ", "a\n", "nul\0", "half \ud83d", "x" * 256, 7])
def test_an_id_that_databases_would_change_is_refused(store: Store, op_id: Any) -> None:
    """Before anything is written; 255 characters of any script are fine."""
    store.create(metadata)
    with store.session() as session:
        with pytest.raises(InvalidOperationId):
            apply(session, op_id)
        with pytest.raises(InvalidOperationId):
            apply(session, "a", scope=op_id or "\t")
        assert apply(session, "語" * 255, scope="é" * 255)[0] is False
        assert apply(session, "語" * 255, scope="é" * 255)[0] is True


def test_a_block_that_commits_in_its_midst_is_told(store: Store) -> None:
    """The block ends with an error, and the operation is not taken for one that has a result."""
    store.create(metadata)
    with store.session() as session:
        with pytest.raises(InvalidRequestError):
            commit_inside(session, "a")
        session.rollback()
        with pytest.raises(OperationUnfinished):
            apply(session, "a")


def test_pending_changes_are_flushed_into_the_block(store: Store) -> None:
    """A change that fails in the database at the end of the block leaves no record behind."""
    store.create(metadata)
    store.keep(Row(id=1, doc={}))
    with store.session() as session:
        with pytest.raises(IntegrityError), operations.once(session, "a"):
            session.add(Row(id=1, doc={}))
        session.commit()
        assert session.execute(select(operations.table)).all() == []


def test_operations_expire_by_age(any_store: Store) -> None:
    """Those older than asked for are forgotten and can be applied again; the others stay."""
    any_store.create(metadata)
    table = operations.table
    with any_store.session() as session:
        for op_id in ("old", "new"):
            apply(session, op_id)
        eight_days_ago = datetime.now(UTC) - timedelta(days=8)
        session.execute(update(table).where(table.c.op_id == "old").values(applied_at=eight_days_ago))
        session.commit()
        assert operations.purge(session, timedelta(days=9)) == 0
        assert operations.purge(session, timedelta(days=7)) == 1
        session.commit()
        assert [apply(session, op_id)[0] for op_id in ("old", "new")] == [False, True]


def test_the_table_is_the_callers(store: Store) -> None:
    """Its name is the caller's choice, and a metadata can hold several."""
    mine = MetaData()
    first, second = OperationLog(mine), OperationLog(mine, "payments")
    assert set(mine.tables) == {"operations", "payments"}
    store.create(mine)
    with store.session() as session:
        for log in (first, second):
            with log.once(session, "a") as op:
                assert not op.replayed


def test_a_replay_costs_no_write_of_a_row(store: Store) -> None:
    """One statement finds the duplicate and one reads the result, besides the savepoint's own."""
    store.create(metadata)
    with store.session() as session:
        apply(session, "a")
        session.commit()
        with store.statements() as statements:
            apply(session, "a")
    plain = [s.split()[0] for s in statements if "SAVEPOINT" not in s]
    assert plain in (["INSERT", "SELECT"], ["DELETE", "INSERT", "SELECT"]), statements


def test_ledger_and_log_live_in_one_transaction(store: Store) -> None:
    """What another connection sees before the commit is neither the entry nor the operation."""
    store.create(metadata)
    with store.session() as session:
        apply(session, "a")
        with Session(store.engine) as other:
            assert other.execute(select(operations.table)).all() == []
            assert other.execute(select(ledger)).all() == []
        session.commit()
    with Session(store.engine) as other:
        assert len(other.execute(select(operations.table)).all()) == 1


def test_an_engine_as_it_comes_keeps_it_whole_on_sqlite(tmp_path: Path) -> None:
    """Also where the driver begins transactions by itself, and too late for savepoints that come first."""
    engine = create_engine(f"sqlite:///{tmp_path / 'default.sqlite3'}")
    metadata.create_all(engine)
    with Session(engine) as session:
        apply(session, "rolled back")
        session.rollback()
        with pytest.raises(KeyError):
            fail(session, "failed")
        apply(session, "kept")
        session.commit()
        assert stored(session) == ["kept"]
        assert [row.op_id for row in session.execute(select(operations.table))] == ["kept"]
    engine.dispose()


def test_a_scoped_session_is_the_session_that_it_stands_for(store: Store) -> None:
    """What web frameworks hand around works as the session itself."""
    store.create(metadata)
    session = scoped_session(sessionmaker(store.engine))
    with operations.once(session, "a") as op:
        op.result = 1
    session.commit()
    with operations.once(session, "a") as again:
        assert (again.replayed, again.result) == (True, 1)
    assert operations.purge(session, timedelta(0)) == 1
    session.remove()


def test_mysql_keeps_letter_case_and_long_results() -> None:
    """Its text compares without regard to case, and its TEXT ends at 64 kB, unless the table says otherwise."""
    ddl = str(CreateTable(operations.table).compile(dialect=mysql.dialect()))
    assert ddl.count("VARCHAR(255) COLLATE utf8mb4_bin NOT NULL") == 2
    assert "result LONGTEXT" in ddl
