"""One way to a database for the worker, whether its engine is sync or async."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import (
    DataError,
    IntegrityError,
    InvalidRequestError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
    SQLAlchemyError,
)
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from sqlalchemy.orm import Session, sessionmaker

from indelible.errors import WrongEngine
from indelible.outbox.dialects import dialect_of
from indelible.outbox.threads import DaemonThreads

P = ParamSpec("P")
T = TypeVar("T")

Target = Engine | AsyncEngine | sessionmaker[Any] | async_sessionmaker[Any]

# Errors of the network come as they are from asyncpg.
DATABASE_ERRORS = (SQLAlchemyError, OSError, TimeoutError)

# Errors that a second attempt would meet again.
PERMANENT_ERRORS = (DataError, IntegrityError, NotSupportedError, ProgrammingError, InvalidRequestError)


# A connection whose other end has vanished may say nothing for hours. After this long another one is tried.
_LONGEST_SECONDS = 60.0


class Database(Protocol):
    """Runs the worker's own short transactions."""

    @property
    def sync_engine(self) -> Engine:
        """The engine, or the one inside the asynchronous engine."""

    async def run(
        self, work: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a function in a transaction of its own and commit it. Raises DATABASE_ERRORS."""


class ThreadedDatabase:
    """An `Engine`, used in threads."""

    def __init__(self, target: Engine | sessionmaker[Any]) -> None:
        self.sync_engine, self.open_session = _sync_parts(target)
        self._engine = _for_the_worker(self.sync_engine)
        # Threads of its own, since handlers may fill the event loop's. SQLite has one writer: no use in more threads.
        threads = 1 if self.sync_engine.dialect.name == "sqlite" else 4
        self._threads = DaemonThreads(threads, "indelible database")

    async def run(
        self, work: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a function in a transaction of its own and commit it. Raises DATABASE_ERRORS."""

        def in_transaction() -> T:
            with self._engine.begin() as connection:
                return work(connection, *args, **kwargs)

        with translated(self.sync_engine):
            async with asyncio.timeout(_LONGEST_SECONDS):
                return await self._threads.run(in_transaction)

    def close(self) -> None:
        """End the threads."""
        self._threads.close()


class AsyncDatabase:
    """An `AsyncEngine`."""

    def __init__(self, target: AsyncEngine | async_sessionmaker[Any]) -> None:
        self.engine, self.open_session = _async_parts(target)
        self.sync_engine = self.engine.sync_engine
        self._engine = AsyncEngine(_for_the_worker(self.sync_engine))
        self._turn = asyncio.Semaphore(1 if self.sync_engine.dialect.name == "sqlite" else 4)

    async def run(
        self, work: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a function in a transaction of its own and commit it. Raises DATABASE_ERRORS."""
        with translated(self.sync_engine):
            async with (
                self._turn,
                asyncio.timeout(_LONGEST_SECONDS),
                self._engine.begin() as connection,
            ):
                return await connection.run_sync(work, *args, **kwargs)


def databases(targets: tuple[Target, ...]) -> tuple[ThreadedDatabase | None, AsyncDatabase | None]:
    """Return the sync and the async one of what a worker was given. Raises WrongEngine."""
    threaded: ThreadedDatabase | None = None
    asynchronous: AsyncDatabase | None = None
    for target in targets:
        if isinstance(target, (AsyncEngine, async_sessionmaker)):
            asynchronous = AsyncDatabase(target)
        else:
            threaded = ThreadedDatabase(target)
    if len(targets) != sum(one is not None for one in (threaded, asynchronous)) or not targets:
        raise WrongEngine(
            "A worker takes an engine, an async engine, or one of each; or their session makers."
        )
    return threaded, asynchronous


def _for_the_worker(engine: Engine) -> Engine:
    dialect_of(engine.dialect)
    # SKIP LOCKED and reading one's own claims want the newest state, whatever the program has chosen for itself.
    return (
        engine.execution_options(isolation_level="READ COMMITTED") if engine.name == "postgresql" else engine
    )


@contextmanager
def translated(engine: Engine) -> Iterator[None]:
    """Raise errors that come from an engine's driver as they are, as SQLAlchemy's."""
    driver = engine.dialect.loaded_dbapi
    assert driver is not None
    # What asyncpg raises when it connects, to a server that is just starting for example, SQLAlchemy does not wrap; nor
    # what any driver raises that is asked by itself, for notices.
    asyncpg = getattr(driver, "asyncpg", None)
    others = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) if asyncpg else ()
    try:
        yield
    except (driver.Error, *others) as error:
        raise OperationalError(None, None, error) from error


def _sync_parts(target: Engine | sessionmaker[Any]) -> tuple[Engine, Callable[[], Session]]:
    if isinstance(target, Engine):
        return target, sessionmaker(target, expire_on_commit=False)
    bind = target.kw.get("bind") if isinstance(target, sessionmaker) else None
    if not isinstance(bind, Engine):
        raise WrongEngine(f"{target!r} is no engine, nor a session maker that is bound to one.")
    return bind, target


def _async_parts(
    target: AsyncEngine | async_sessionmaker[Any],
) -> tuple[AsyncEngine, Callable[[], AsyncSession]]:
    if isinstance(target, AsyncEngine):
        return target, async_sessionmaker(target, expire_on_commit=False)
    bind = target.kw.get("bind")
    if not isinstance(bind, AsyncEngine):
        raise WrongEngine(f"{target!r} is a session maker that is bound to no engine.")
    return bind, target
