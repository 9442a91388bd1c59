"""A unit of work is run again after what other writers caused, and after nothing else."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import create_engine, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from indelible import Conflict, Contended, OperationUnseen, is_transient, retry_transaction
from tests.database.rows import Row, Versioned
from tests.database.stores import DRIVERS, Store, new_store


class Flaky:
    """A unit of work that fails so many times."""

    def __init__(self, failures: int, error: BaseException | None = None) -> None:
        self.runs = 0
        self.failures = failures
        self.error = error or StaleDataError("another writer")

    def __call__(self) -> int:
        self.runs += 1
        if self.runs <= self.failures:
            raise self.error
        return self.runs


def test_a_function_is_run_until_it_succeeds() -> None:
    """With and without options, and its answer is the last run's."""
    work = Flaky(2)

    @retry_transaction
    def run() -> int:
        """Say what it does."""
        return work()

    assert (run(), run.__doc__) == (3, "Say what it does.")
    assert retry_transaction(first_delay=0)(Flaky(7))() == 8


async def test_a_coroutine_function_is_run_until_it_succeeds() -> None:
    """It stays a coroutine function."""
    work = Flaky(2)

    @retry_transaction(first_delay=0)
    async def run(more: int) -> int:
        await asyncio.sleep(0)
        return work() + more

    assert asyncio.iscoroutinefunction(run)
    assert await run(10) == 13


async def test_a_loop_ends_with_the_first_success() -> None:
    """The attempts are numbered, in a loop and in an asynchronous one."""
    work = Flaky(2)
    numbers = []
    for attempt in retry_transaction(first_delay=0):
        with attempt:
            numbers.append(attempt.number)
            work()
    work = Flaky(1)
    async for attempt in retry_transaction(first_delay=0):
        with attempt:
            numbers.append(attempt.number)
            work()
    assert numbers == [1, 2, 3, 1, 2]


def test_the_last_error_is_raised_after_so_many_attempts() -> None:
    """With a note that says how many there were."""
    work = Flaky(9)
    with pytest.raises(StaleDataError) as caught:
        retry_transaction(attempts=3, first_delay=0)(work)()
    assert work.runs == 3
    assert caught.value.__notes__ == ["indelible: gave up after 3 attempts"]
    with pytest.raises(ValueError, match="at least one"):
        retry_transaction(attempts=0)


def test_other_errors_are_not_run_again() -> None:
    """Unless their type is asked for."""
    for error in (KeyError("bug"), IntegrityError("INSERT", {}, Exception("UNIQUE")), KeyboardInterrupt()):
        work = Flaky(1, error)
        with pytest.raises(type(error)):
            retry_transaction(first_delay=0)(work)()
        assert work.runs == 1
    assert retry_transaction(first_delay=0, retry_on=(KeyError,))(Flaky(1, KeyError()))() == 2


def test_delays_are_any_time_up_to_a_limit_that_doubles() -> None:
    """Full jitter: between nothing and the limit, which is bounded."""
    policy = retry_transaction(first_delay=0.1, longest_delay=1.0)
    for failures, limit in ((1, 0.1), (2, 0.2), (4, 0.8), (5, 1.0), (5000, 1.0)):
        delays = [policy.delay(failures) for _ in range(300)]
        assert min(delays) >= 0
        assert max(delays) <= limit
        assert min(delays) < limit * 0.1
        assert max(delays) > limit * 0.9


class Failure(Exception):
    """What a driver raises, with its codes."""

    def __init__(self, *args: Any, **codes: Any) -> None:
        super().__init__(*args)
        self.__dict__.update(codes)


@pytest.mark.parametrize(
    ("orig", "transient"),
    [
        (Failure(sqlstate="40001"), True),
        (Failure(sqlstate="40P01"), True),
        (Failure(pgcode="40001"), True),
        (Failure("40001", "SQL Server"), True),
        (Failure(1213, "Deadlock found"), True),
        (Failure(1205, "Lock wait timeout exceeded"), True),
        (Failure(1020, "Record has changed since last read"), True),
        (Failure("locked", sqlite_errorcode=5), True),
        (Failure("snapshot", sqlite_errorcode=5 | 2 << 8), True),
        (Failure("table locked", sqlite_errorcode=6), True),
        (Failure("full", sqlite_errorcode=13), False),
        (Failure(sqlstate="23505"), False),
        (Failure(sqlstate="08006"), False),
        (Failure(1062, "Duplicate entry"), False),
        (Failure(), False),
    ],
)
def test_the_codes_of_databases_are_known(orig: Failure, transient: bool) -> None:
    """Those of serialization failures, deadlocks and busy databases, as each driver spells them."""
    assert is_transient(DBAPIError("SELECT 1", {}, orig)) is transient


def test_errors_of_the_mapper_and_of_indelible_are_known() -> None:
    """A stale row, a conflict, contention, an operation that cannot be seen yet; not an error that only looks alike."""
    assert all(
        is_transient(error) for error in (StaleDataError(), Conflict(), Contended(), OperationUnseen())
    )
    assert not is_transient(Failure(sqlstate="40001"))


def test_a_stale_row_is_met_again(any_store: Store) -> None:
    """Another writer commits between read and flush; the second run reads what that one stored."""
    any_store.keep(Versioned(id=1, doc={"n": 0}))
    runs = []
    for attempt in retry_transaction(first_delay=0):
        with attempt, Session(any_store.engine, expire_on_commit=False) as session:
            runs.append(attempt.number)
            row = session.get_one(Versioned, 1)
            session.commit()
            if attempt.number == 1:
                with Session(any_store.engine) as other:
                    other.get_one(Versioned, 1).doc["n"] = 10
                    other.commit()
            row.doc["n"] += 1
            session.commit()
    assert runs == [1, 2]
    any_store.expect({"n": 11}, Versioned)


@pytest.fixture(params=["sqlite3", "aiosqlite", "psycopg", "psycopg2", "asyncpg"])
def snapshot_store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A database that refuses to write what another transaction has written since this one read."""
    return new_store(DRIVERS[request.param], tmp_path, lambda: request.getfixturevalue("postgres_uri"))


@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
def test_a_serialization_failure_is_run_again(snapshot_store: Store, level: Any) -> None:
    """PostgreSQL's own 40001, as each driver raises it; on SQLite the snapshot that has become too old."""
    snapshot_store.keep(Row(id=1, title="0"))
    engine = snapshot_store.engine
    if snapshot_store.driver.is_postgresql:
        engine = engine.execution_options(isolation_level=level)
    runs = []
    add = text("UPDATE rows SET title = title || :more")
    for attempt in retry_transaction(first_delay=0):
        with attempt, engine.connect() as connection:
            runs.append(attempt.number)
            connection.scalar(text("SELECT title FROM rows"))
            if attempt.number == 1:
                with snapshot_store.engine.begin() as other:
                    other.execute(add, {"more": "a"})
            connection.execute(add, {"more": "b"})
            connection.commit()
    assert snapshot_store.sql("SELECT title FROM rows") == [("0ab",)]
    assert runs == [1, 2]


@pytest.fixture(params=["psycopg", "psycopg2", "pymysql"])
def locking_store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A database that locks rows."""
    return new_store(
        DRIVERS[request.param],
        tmp_path,
        lambda: request.getfixturevalue("postgres_uri"),
        lambda: request.getfixturevalue("mariadb_url"),
    )


def test_a_deadlock_is_run_again(locking_store: Store) -> None:
    """Of two transactions that lock two rows in different orders the database ends one, which is run again."""
    locking_store.keep(Row(id=1), Row(id=2))
    both_hold_one = Barrier(2)
    runs = []

    def write(first: int, second: int) -> None:
        for attempt in retry_transaction(first_delay=0):
            with attempt, Session(locking_store.engine) as session:
                runs.append(attempt.number)
                session.execute(update(Row).where(Row.id == first).values(title=Row.title + f"{first}"))
                if attempt.number == 1:
                    both_hold_one.wait(60)
                session.execute(update(Row).where(Row.id == second).values(title=Row.title + f"{first}"))
                session.commit()

    with ThreadPoolExecutor(2) as pool:
        for done in (pool.submit(write, 1, 2), pool.submit(write, 2, 1)):
            done.result(60)
    assert runs.count(1) == 2
    assert 2 in runs
    with Session(locking_store.engine) as session:
        assert {"".join(sorted(title)) for title in session.scalars(select(Row.title))} == {"12"}


def test_a_database_that_stays_locked_is_told(tmp_path: Path) -> None:
    """SQLITE_BUSY is run again, and raised when it does not end."""
    engine = create_engine(f"sqlite:///{tmp_path / 'busy.sqlite3'}", connect_args={"timeout": 0})
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (n INTEGER)"))
        connection.execute(text("INSERT INTO t VALUES (1)"))

        @retry_transaction(attempts=3, first_delay=0)
        def write() -> None:
            runs.append(1)
            with engine.begin() as other:
                other.execute(text("INSERT INTO t VALUES (2)"))

        runs: list[int] = []
        with pytest.raises(OperationalError, match="locked"):
            write()
    write()
    assert len(runs) == 4
    engine.dispose()
