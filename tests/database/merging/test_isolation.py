"""Two transactions that are open at the same time, at each isolation level, with threads and with asyncio."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from indelible import Conflict, add, is_transient, retry_transaction
from tests.database.merging.papers import Base, Paper
from tests.database.merging.paths_taken import only_merging
from tests.database.stores import DRIVERS, Store, new_store

LIMIT_SECONDS = 60
DOCUMENT = {"a": 0, "b": 0, "urls": [], "x": [{}, {}]}

LEVELS = ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"]


@pytest.fixture(params=["psycopg", "psycopg2"])
def postgres(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A PostgreSQL database whose sessions threads can use."""
    made = new_store(DRIVERS[request.param], tmp_path, lambda: request.getfixturevalue("postgres_uri"))
    Base.metadata.create_all(made.engine)
    made.keep(Paper(id=1, doc=DOCUMENT))
    return made


def open_session(store: Store, level: str) -> tuple[Session, Any]:
    """Begin a transaction that has read the row."""
    session = Session(store.engine.execution_options(isolation_level=level))
    row = session.get_one(Paper, 1)
    assert row.doc["a"] == 0
    return session, row


def waiting_for_a_lock(store: Store) -> bool:
    return store.sql("SELECT count(*) FROM pg_locks WHERE NOT granted") != [(0,)]


def commit_behind(store: Store, first: Session, second: Session) -> Any:
    """Flush the first, let the second wait for it, then commit the first; return what the second's commit raises."""
    first.flush()
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(second.commit)
        limit = threading.Event()
        while not waiting_for_a_lock(store) and not future.done():
            assert not limit.wait(0.01)
        first.commit()
        return future.exception(LIMIT_SECONDS)


@pytest.mark.parametrize("way", ["any", "merge"])
def test_read_committed_waits_and_lands(postgres: Store, way: str) -> None:
    """Contract 2: the second waits for the first one's lock, and its guards are looked at again after that."""
    (first, one), (second, other) = (open_session(postgres, "READ COMMITTED") for _ in range(2))
    one.doc["a"] = 1
    one.doc["urls"].append("first")
    other.doc["b"] = 1
    other.doc["urls"].append("second")
    if way == "merge":
        with only_merging():
            assert commit_behind(postgres, first, second) is None
    else:
        assert commit_behind(postgres, first, second) is None
    postgres.expect(DOCUMENT | {"a": 1, "b": 1, "urls": ["first", "second"]}, Paper)


@pytest.mark.parametrize("way", ["any", "merge"])
def test_read_committed_tells_a_conflict(postgres: Store, way: str) -> None:
    """Contract 3: guards that held when the second began to wait do not hold any more."""
    (first, one), (second, other) = (open_session(postgres, "READ COMMITTED") for _ in range(2))
    one.doc["a"] = 1
    other.doc["a"] = 2
    if way == "merge":
        with only_merging():
            error = commit_behind(postgres, first, second)
    else:
        error = commit_behind(postgres, first, second)
    second.rollback()
    assert isinstance(error, Conflict)
    postgres.expect(DOCUMENT | {"a": 1}, Paper)


@pytest.mark.parametrize("level", LEVELS[1:])
def test_snapshots_are_serialisation_failures(postgres: Store, level: str) -> None:
    """A transaction that cannot see what the other wrote gets PostgreSQL's 40001, even for another place."""
    (first, one), (second, other) = (open_session(postgres, level) for _ in range(2))
    one.doc["a"] = 1
    other.doc["b"] = 1
    error = commit_behind(postgres, first, second)
    second.rollback()
    assert isinstance(error, DBAPIError)
    assert is_transient(error)
    state = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)
    assert state == "40001"
    postgres.expect(DOCUMENT | {"a": 1}, Paper)


@pytest.mark.parametrize("level", LEVELS)
def test_running_the_transaction_again_helps(postgres: Store, level: str) -> None:
    """`retry_transaction`: many writers of one document all land, at any isolation level.

    They count with `add`: two who read 5 and write 6 want the same, so that `+= 1` of both may come to one.
    """
    engine = postgres.engine.execution_options(isolation_level=level)

    @retry_transaction(attempts=100, longest_delay=0.2)
    def append(number: int) -> None:
        with Session(engine) as session:
            row = session.get_one(Paper, 1)
            row.doc["urls"].append(number)
            add(row.doc, "b")
            session.commit()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(append, range(24)))
    stored = json.loads(postgres.stored_text(Paper) or "")
    assert sorted(stored["urls"]) == list(range(24))
    assert stored["b"] == 24


def test_sqlite_writers_of_many_threads(tmp_path: Path) -> None:
    """The driver as it comes: writers wait for each other, and each change is there once."""
    store = new_store(DRIVERS["sqlite3"], tmp_path, str)

    def test() -> None:
        Base.metadata.create_all(store.engine)
        store.keep(Paper(id=1, doc=DOCUMENT))

        @retry_transaction(attempts=100, longest_delay=0.2)
        def append(number: int) -> None:
            with Session(store.engine) as session:
                row = session.get_one(Paper, 1)
                row.doc["urls"].append(number)
                add(row.doc, "b")
                session.commit()

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(append, range(24)))
        stored = json.loads(store.stored_text(Paper) or "")
        assert sorted(stored["urls"]) == list(range(24))
        assert stored["b"] == 24

    store.run(test)


@pytest.fixture(params=["aiosqlite", "asyncpg", "psycopg"])
def asynchronous(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Store]:
    """Makes a store on an asynchronous driver."""
    return lambda: new_store(
        DRIVERS[request.param], tmp_path, lambda: request.getfixturevalue("postgres_uri")
    )


async def test_async_sessions(asynchronous: Callable[[], Store]) -> None:
    """Twelve tasks that have all read the document append to it; nothing is lost, and a conflict is raised."""
    store = asynchronous()
    engine = store.new_async_engine()
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        async with AsyncSession(engine) as session:
            session.add(Paper(id=1, doc=DOCUMENT))
            await session.commit()
        sessions = [AsyncSession(engine, expire_on_commit=False) for _ in range(12)]
        rows = [await session.get_one(Paper, 1) for session in sessions]
        for session in sessions:
            await session.commit()

        async def append(number: int) -> None:
            rows[number].doc["urls"].append(number)
            rows[number].doc[f"own {number}"] = True
            async for attempt in retry_transaction(attempts=50, longest_delay=0.2):
                with attempt:
                    if attempt.number > 1:
                        await sessions[number].rollback()
                        document = await sessions[number].run_sync(lambda _: rows[number].doc)
                        document["urls"].append(number)
                        document[f"own {number}"] = True
                    await sessions[number].commit()

        await asyncio.gather(*map(append, range(12)))
        async with AsyncSession(engine) as session:
            stored = (await session.get_one(Paper, 1)).doc
            assert sorted(stored["urls"]) == list(range(12))
            assert all(stored[f"own {number}"] for number in range(12))
        rows[0].doc["a"] = 1
        await sessions[0].commit()
        rows[1].doc["a"] = 2
        with pytest.raises(Conflict):
            await sessions[1].commit()
        for session in sessions:
            await session.close()
    finally:
        await engine.dispose()
