"""An `AsyncSession` keeps every change, and changing a document never needs a connection."""

from __future__ import annotations

import copy
import gc
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import Session

from indelible import StaleContainer, pending_delta
from tests.database.rows import Row
from tests.database.stores import Driver, Store, new_store, typed

START: dict[str, Any] = {"a": {"n": [1]}, "k": 1}

# psycopg speaks both ways under one name.
ASYNC = {
    "aiosqlite": Driver("aiosqlite", "sqlite+aiosqlite", is_async=True),
    "asyncpg": Driver("asyncpg", "postgresql+asyncpg", is_async=True),
    "psycopg": Driver("psycopg", "postgresql+psycopg", is_async=True),
}


class Bank:
    """A database with one row, used asynchronously. (No `Store`, so that the test itself is a coroutine.)"""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.engine: AsyncEngine = store.new_async_engine()

    def session(self, **options: Any) -> AsyncSession:
        """Open an asynchronous session."""
        return AsyncSession(self.engine, **options)

    async def expect(self, expected: Any, key: int = 1, attribute: str = "doc") -> None:
        """Check, in plain SQL and in a fresh session, what the database holds."""
        async with self.session() as session:
            await session.run_sync(lambda _: self.store.expect(expected, key=key, attribute=attribute))


@pytest.fixture(params=list(ASYNC))
async def bank(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bank]:
    """A database with one row, on each asynchronous driver."""
    store = new_store(ASYNC[request.param], tmp_path, lambda: request.getfixturevalue("postgres_uri"))
    bank = Bank(store)
    store.use(bank.engine.sync_engine)
    async with bank.engine.begin() as connection:
        await connection.run_sync(Row.metadata.create_all)
    async with bank.session() as session:
        session.add(Row(id=1, doc=copy.deepcopy(START)))
        await session.commit()
    yield bank
    await bank.engine.dispose()


async def test_commit(bank: Bank) -> None:
    """A change at depth is saved, though nothing holds the row."""
    async with bank.session() as session:
        (await session.get_one(Row, 1)).doc["a"]["n"].append(2)
        gc.collect()
        await session.commit()
    await bank.expect({"a": {"n": [1, 2]}, "k": 1})


async def test_a_held_row_over_commits(bank: Bank) -> None:
    """With `expire_on_commit=False` row and document stay in use over commits."""
    async with bank.session(expire_on_commit=False) as session:
        row = await session.get_one(Row, 1)
        numbers = row.doc["a"]["n"]
        for i in range(3):
            numbers.append(i)
            await session.commit()
            assert row.doc["a"]["n"] is numbers
            assert pending_delta(row, "doc") == ()
    await bank.expect({"a": {"n": [1, 0, 1, 2]}, "k": 1})


async def test_an_expired_document(bank: Bank) -> None:
    """After a commit that expires, a held container refuses changes, plainly; after a refresh all works."""
    async with bank.session() as session:
        row = await session.get_one(Row, 1)
        held = row.doc
        held["k"] = 2
        await session.commit()
        assert held["k"] == 2
        with pytest.raises(StaleContainer):
            held["k"] = 3
        await session.refresh(row)
        row.doc["k"] = 4
        await session.commit()
    await bank.expect({"a": {"n": [1]}, "k": 4})


async def test_no_hidden_io(bank: Bank) -> None:
    """Reading, changing, asking and flushing a loaded document need no further connection."""
    async with bank.session() as session:
        row = await session.get_one(Row, 1)
        with bank.store.statements() as statements:
            row.doc["a"]["n"].append(2)
            row.doc["b"] = {"c": row.doc["a"]}
            assert row in session.dirty
            assert session.is_modified(row)
            assert pending_delta(row, "doc") != ()
            _ = str(row.doc), row.doc == START, list(row.doc)
            assert statements == []
            await session.flush()
            assert [statement.split()[0] for statement in statements] == ["UPDATE"]
            row.doc["b"]["c"]["n"].append(3)
            assert row.title == ""
            assert len(statements) == 1
        await session.commit()
    await bank.expect({"a": {"n": [1, 2]}, "k": 1, "b": {"c": {"n": [1, 2, 3]}}})


async def test_a_new_row(bank: Bank) -> None:
    """A new row is tracked before its flush, after it, and its default too, without a SELECT."""
    async with bank.session(expire_on_commit=False) as session:
        row = Row(id=2, doc={"n": []})
        default = Row(id=3)
        session.add_all([row, default])
        row.doc["n"].append(1)
        await session.flush()
        row.doc["n"].append(2)
        default.doc["x"] = [1]
        await session.commit()
        row.doc["n"].append(3)
        default.doc["x"].append(2)
        await session.commit()
    await bank.expect({"n": [1, 2, 3]}, 2)
    await bank.expect({"x": [1, 2]}, 3)


async def test_refresh(bank: Bank) -> None:
    """A refresh discards changes in place."""
    async with bank.session() as session:
        row = await session.get_one(Row, 1)
        row.doc["a"]["n"].append("gone")
        await session.refresh(row)
        assert typed(row.doc) == typed(START)
        row.doc["a"]["n"].append("kept")
        await session.commit()
    await bank.expect({"a": {"n": [1, "kept"]}, "k": 1})


async def test_rollback(bank: Bank) -> None:
    """After a rollback a held container refuses changes, and the refreshed row takes them."""
    async with bank.session() as session:
        row = await session.get_one(Row, 1)
        held = row.doc["a"]["n"]
        held.append("gone")
        await session.flush()
        await session.rollback()
        with pytest.raises(StaleContainer):
            held.append("lost")
        await session.refresh(row)
        row.doc["a"]["n"].append("kept")
        await session.commit()
    await bank.expect({"a": {"n": [1, "kept"]}, "k": 1})


async def test_awaitable_attrs_of_the_document(bank: Bank) -> None:
    """`run_sync` reads an expired document, and changes made in it and after it are saved."""
    async with bank.session() as session:
        row = await session.get_one(Row, 1)
        await session.commit()

        def change(_: Session) -> Any:
            row.doc["a"]["n"].append("in run_sync")
            return row.doc["a"]["n"]

        numbers = await session.run_sync(change)
        numbers.append("after it")
        await session.commit()
    await bank.expect({"a": {"n": [1, "in run_sync", "after it"]}, "k": 1})


@pytest.mark.parametrize("flushed", [True, False])
async def test_savepoint_released(bank: Bank, flushed: bool) -> None:
    """A change inside a savepoint that is released is saved, and the ones around it."""
    async with bank.session() as session:
        row = await session.get_one(Row, 1)
        row.doc["before"] = 1
        async with session.begin_nested():
            row.doc["inside"] = 1
            if flushed:
                await session.flush()
        row.doc["after"] = 1
        await session.commit()
    await bank.expect({**START, "before": 1, "inside": 1, "after": 1})


async def test_savepoint_rolled_back(bank: Bank) -> None:
    """A change inside a savepoint that is rolled back is gone; those around it are saved."""
    async with bank.session() as session:
        row = await session.get_one(Row, 1)
        row.doc["before"] = 1
        savepoint = await session.begin_nested()
        row.doc["inside"] = 1
        await session.flush()
        await savepoint.rollback()
        await session.refresh(row)
        row.doc["after"] = 1
        await session.commit()
    await bank.expect({**START, "before": 1, "after": 1})


async def test_merge(bank: Bank) -> None:
    """A detached row, changed in place, is merged; both go their own ways afterwards."""
    async with bank.session(expire_on_commit=False) as session:
        detached = await session.get_one(Row, 1)
        await session.commit()
        session.expunge(detached)
    detached.doc["a"]["n"].append("detached")
    async with bank.session() as session:
        row = await session.merge(detached)
        detached.doc["a"]["n"].append("too late")
        row.doc["a"]["n"].append("merged")
        await session.commit()
    await bank.expect({"a": {"n": [1, "detached", "merged"]}, "k": 1})


async def test_a_row_added_to_another_session(bank: Bank) -> None:
    """A row changed while it was detached is saved by the next session that it is added to."""
    async with bank.session(expire_on_commit=False) as session:
        row = await session.get_one(Row, 1)
    row.doc["a"]["n"].append(2)
    async with bank.session() as session:
        session.add(row)
        row.doc["a"]["n"].append(3)
        await session.commit()
    await bank.expect({"a": {"n": [1, 2, 3]}, "k": 1})


async def test_streamed_rows(bank: Bank) -> None:
    """Rows that a stream gave and nothing holds keep their changes."""
    async with bank.session() as session:
        session.add_all([Row(id=i, doc={"n": [i]}) for i in range(2, 30)])
        await session.commit()
    async with bank.session() as session:
        async for row in await session.stream_scalars(select(Row).where(Row.id > 1)):
            row.doc["n"].append("x")
        del row
        gc.collect()
        await session.commit()
    for key in (2, 15, 29):
        await bank.expect({"n": [key, "x"]}, key)


async def test_autoflush(bank: Bank) -> None:
    """A query after a change in place sees it, by autoflush."""
    async with bank.session() as session:
        row = await session.get_one(Row, 1)
        row.doc["k"] = 5
        count = select(func.count(Row.id)).where(Row.doc["k"].as_integer() == 5)
        assert await session.scalar(count) == 1


async def test_two_sessions_at_once(bank: Bank) -> None:
    """Two sessions that hold the same row do not see each other's document."""
    async with bank.session() as one, bank.session() as two:
        first = await one.get_one(Row, 1)
        second = await two.get_one(Row, 1)
        first.doc["a"]["n"].append("first")
        assert typed(second.doc) == typed(START)
        assert not two.is_modified(second)
        await two.rollback()
        await one.commit()
    await bank.expect({"a": {"n": [1, "first"]}, "k": 1})
