"""The same operation sent by several at the same moment: one applies it, the others wait for that one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_scoped_session, async_sessionmaker
from sqlalchemy.orm import Session

from indelible import is_transient, retry_transaction
from tests.database.once import apply, enter, metadata, operations, stored
from tests.database.stores import DRIVERS, Store, new_store

LIMIT_SECONDS = 60


def sent_meanwhile(store: Store, work: Callable[[], Any], pool: ThreadPoolExecutor) -> Future[Any]:
    """Run `work` in a thread and return when it has sent the statement that has to wait."""
    sent = threading.Event()
    word = "DELETE" if store.driver.name == "sqlite3" else "INSERT"

    def watch(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith(word) and threading.current_thread() is not threading.main_thread():
            sent.set()

    event.listen(store.engine, "before_cursor_execute", watch)
    future = pool.submit(work)
    assert sent.wait(LIMIT_SECONDS)
    if store.driver.is_postgresql:
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        while store.sql(waiting) == [(0,)] and not future.done():
            pass
    return future


@pytest.fixture
def sync_store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A database whose driver threads can share."""
    return new_store(
        DRIVERS[request.param],
        tmp_path,
        lambda: request.getfixturevalue("postgres_uri"),
        lambda: request.getfixturevalue("mariadb_url"),
    )


every_sync = pytest.mark.parametrize(
    "sync_store", ["sqlite3", "psycopg", "psycopg2", "pymysql"], indirect=True
)


@every_sync
def test_the_second_waits_and_replays(sync_store: Store) -> None:
    """While the first has not committed the second gets no answer; then it gets the first one's."""
    sync_store.create(metadata)

    def second() -> Any:
        with Session(sync_store.engine) as session:
            answer = apply(session, "a")
            session.commit()
            return answer

    with ThreadPoolExecutor(1) as pool, Session(sync_store.engine) as session:
        apply(session, "a")
        future = sent_meanwhile(sync_store, second, pool)
        assert not future.done()
        session.commit()
        assert future.result(LIMIT_SECONDS) == (True, {"entries": 1})
        assert stored(session) == ["a"]


@every_sync
def test_the_second_applies_when_the_first_rolls_back(sync_store: Store) -> None:
    """The one that waited has the turn."""
    sync_store.create(metadata)

    def second() -> Any:
        with Session(sync_store.engine) as session:
            answer = apply(session, "a")
            session.commit()
            return answer

    with ThreadPoolExecutor(1) as pool, Session(sync_store.engine) as session:
        enter(session, "never")
        apply(session, "a")
        future = sent_meanwhile(sync_store, second, pool)
        session.rollback()
        assert future.result(LIMIT_SECONDS) == (False, {"entries": 1})
        assert stored(session) == ["a"]


@pytest.mark.parametrize("sync_store", ["psycopg", "psycopg2"], indirect=True)
@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
def test_a_snapshot_that_is_too_old_is_run_again(sync_store: Store, level: Any) -> None:
    """The one that waited gets PostgreSQL's 40001, its transaction stays usable, and run again it replays."""
    sync_store.create(metadata)
    engine = sync_store.engine.execution_options(isolation_level=level)
    refused = []

    def second() -> Any:
        for attempt in retry_transaction(first_delay=0):
            with attempt, Session(engine) as session:
                try:
                    answer = apply(session, "a")
                except OperationalError as error:
                    refused.append(is_transient(error))
                    session.execute(text("SELECT 1"))
                    raise
                session.commit()
        return answer

    with ThreadPoolExecutor(1) as pool, Session(engine) as session:
        apply(session, "a")
        future = sent_meanwhile(sync_store, second, pool)
        session.commit()
        assert future.result(LIMIT_SECONDS) == (True, {"entries": 1})
    assert refused == [True]


def async_engine(driver: str, directory: Path, postgres_uri: str) -> AsyncEngine:
    """Make a database and an asynchronous engine on it; psycopg has one of each kind."""
    return new_store(DRIVERS[driver], directory, lambda: postgres_uri).new_async_engine()


@pytest.mark.parametrize("driver", ["aiosqlite", "asyncpg", "psycopg"])
async def test_async_sessions_apply_once(driver: str, tmp_path: Path, postgres_uri: str) -> None:
    """Twenty tasks send one of four operations each; every operation is applied once and answered alike."""
    engine = async_engine(driver, tmp_path, postgres_uri)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)

    @retry_transaction
    async def send(op_id: str) -> tuple[bool, Any]:
        async with AsyncSession(engine) as session:
            async with operations.once(session, op_id, scope="tasks", request={"op": op_id}) as op:
                if not op.replayed:
                    op.result = await session.run_sync(enter, op_id)
            await session.commit()
            return op.replayed, op.result

    answers = await asyncio.gather(*(send(f"op-{number % 4}") for number in range(20)))
    for number in range(4):
        mine = answers[number::4]
        assert len({result for _, result in mine}) == 1
        assert sorted(replayed for replayed, _ in mine) == [False, True, True, True, True]
    async with AsyncSession(engine) as session:
        assert sorted(await session.run_sync(stored)) == [f"op-{number}" for number in range(4)]
    await engine.dispose()


async def test_a_scoped_async_session_is_the_session_that_it_stands_for(
    tmp_path: Path, postgres_uri: str
) -> None:
    """What web frameworks hand around works as the session itself."""
    engine = async_engine("asyncpg", tmp_path, postgres_uri)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    session = async_scoped_session(async_sessionmaker(engine), asyncio.current_task)
    for expected in (False, True):
        async with operations.once(session, "a") as op:
            assert op.replayed is expected
    assert await operations.purge(session, timedelta(0)) == 1
    await session.remove()
    await engine.dispose()


@pytest.mark.parametrize("driver", ["aiosqlite", "asyncpg"])
async def test_a_cancelled_task_leaves_nothing_behind(driver: str, tmp_path: Path, postgres_uri: str) -> None:
    """A request that is given up in the midst of the block is neither applied nor recorded."""
    engine = async_engine(driver, tmp_path, postgres_uri)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    inside = asyncio.Event()

    async def give_up() -> None:
        async with AsyncSession(engine) as session, operations.once(session, "a"):
            await session.run_sync(enter, "never")
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(give_up())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with AsyncSession(engine) as session:
        async with operations.once(session, "a") as op:
            assert not op.replayed
        assert await session.run_sync(stored) == []
    await engine.dispose()
