"""The sentinel with `AsyncSession`, on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from indelible import UnsavedChange, sentinel
from tests.sentinel.models import Base, Row

START: dict[str, Any] = {"a": {"b": [1]}, "l": [3, 2, 1]}
Factory = async_sessionmaker[AsyncSession]


@pytest.fixture(params=["aiosqlite", "asyncpg"])
def url(request: pytest.FixtureRequest) -> Any:
    """The address of an empty database for an asynchronous driver."""
    if request.param == "aiosqlite":
        path: Path = request.getfixturevalue("sqlite_file")
        return make_url(f"sqlite+aiosqlite:///{path}")
    return make_url(request.getfixturevalue("postgres_url")).set(drivername="postgresql+asyncpg")


async def _lost_line(url: Any, change: Callable[[AsyncSession], Awaitable[int]], target: Any = None) -> None:
    """Run a change that returns its line, and expect the commit to name it."""
    engine = create_async_engine(url)
    factory: Factory = async_sessionmaker(engine)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        async with factory() as session:
            session.add(Row(id=1, doc=START))
            await session.commit()
        with sentinel.watch(target(factory) if target else Session):
            async with factory() as session:
                line = await change(session)
                if not line:
                    await session.commit()
                    return
                with pytest.raises(UnsavedChange) as caught:
                    await session.commit()
        assert (caught.value.file, caught.value.line) == (__file__, line)
    finally:
        await engine.dispose()


def _line() -> int:
    frame = inspect.currentframe()
    assert frame is not None
    assert frame.f_back is not None
    return frame.f_back.f_lineno


async def _in_place(session: AsyncSession) -> int:
    row = await session.get_one(Row, 1)
    row.doc["a"]["b"].append(2)
    return _line() - 1


async def _in_another_task(session: AsyncSession) -> int:
    row = (await session.scalars(select(Row))).one()
    lines = []

    async def work() -> None:
        row.doc["l"].sort()
        lines.append(_line() - 1)

    await asyncio.gather(work())
    return lines[0]


async def _in_run_sync(session: AsyncSession) -> int:
    def work(sync: Session) -> int:
        sync.get_one(Row, 1).doc["x"] = 1
        return _line() - 1

    return await session.run_sync(work)


async def _with_a_name(session: AsyncSession) -> int:
    value: dict[str, Any] = {"a": {}}
    row = await session.get_one(Row, 1)
    row.doc = value
    await session.flush()
    value["x"] = 1
    line = _line() - 1
    await session.scalars(select(Row.id))
    return line


async def _marked(session: AsyncSession) -> int:
    row = await session.get_one(Row, 1)
    row.doc["a"]["b"].append(2)
    await session.flush()
    flag_modified(row, "doc")
    return 0


@pytest.mark.parametrize("change", [_in_place, _in_another_task, _in_run_sync, _with_a_name, _marked])
async def test_a_lost_change_is_found(url: Any, change: Callable[[AsyncSession], Awaitable[int]]) -> None:
    """The awaited commit raises, with the line of the coroutine that made the change; marked changes are fine."""
    await _lost_line(url, change)


@pytest.mark.parametrize(
    "target", [lambda factory: factory, lambda factory: AsyncSession], ids=["factory", "class"]
)
async def test_an_asynchronous_target(sqlite_file: Path, target: Any) -> None:
    """An `async_sessionmaker` or `AsyncSession` can be watched."""
    await _lost_line(make_url(f"sqlite+aiosqlite:///{sqlite_file}"), _in_place, target)
