"""The database: one engine, transactions that read and transactions that write."""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, nullcontext
from datetime import UTC, datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import URL, Connection, DateTime, MetaData, event, make_url
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.types import TypeDecorator

from indelible import Conflict, OperationUnseen, is_transient, retry_transaction
from studio.problems import DatabaseBusy, DatabaseUnavailable, Overtaken, Problem

P = ParamSpec("P")
R = TypeVar("R")

logger = logging.getLogger(__name__)

BUSY_TIMEOUT_SECONDS = 5.0
# Who waits for a server that is cut off is told after 16 seconds (measured), not after a quarter of an hour: what was
# sent must be acknowledged, and in a silence the kernel asks whether the other end is still there.
SERVER_OPTIONS: Mapping[str, int] = {
    "connect_timeout": 10,
    "tcp_user_timeout": 15_000,
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
}
# With 8 writers at one place, each of them needs 8 turns at most when all go on; the rest is for bad luck.
ATTEMPTS = 16


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC; SQLite forgets the zone, so it is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Every table of Studio."""

    # Named constraints, so that a migration can drop what another one made.
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Database:
    """Open sessions on the database that the settings name."""

    def __init__(self, url: str, *, busy_timeout: float = BUSY_TIMEOUT_SECONDS) -> None:
        self.engine = open_engine(url, busy_timeout)
        self._is_sqlite = self.engine.dialect.name == "sqlite"
        # SQLite has one writer at a time. Writers of this process queue here, in order; SQLite's own
        # waiting, which is a race and starves some, is left for writers of other processes.
        self._writer = asyncio.Lock()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """Open a session for one transaction that only reads, all from one moment of the database.

        Raises DatabaseBusy, DatabaseUnavailable.
        """
        options: dict[str, Any] = {} if self._is_sqlite else {"isolation_level": "REPEATABLE READ"}
        async with self._session(options) as session:
            yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """Open a session for one transaction that writes, committed when the block ends well.

        Raises DatabaseBusy, DatabaseUnavailable.
        """
        if not self._is_sqlite:
            async with self._session({}) as session:
                yield session
                await session.commit()
            return
        async with self._writer, self._session({"sqlite_begin": "BEGIN IMMEDIATE"}) as session:
            yield session
            await session.commit()

    @asynccontextmanager
    async def taking_turns(self) -> AsyncIterator[None]:
        """Stand in line with this process's other writers, for a transaction that is opened elsewhere.

        Raises DatabaseBusy, DatabaseUnavailable.
        """
        try:
            async with self._writer if self._is_sqlite else nullcontext():
                yield
        except (OperationalError, PoolTimeout) as error:
            raise as_problem(error) from error

    @asynccontextmanager
    async def _session(self, options: dict[str, Any]) -> AsyncIterator[AsyncSession]:
        engine = self.engine.execution_options(**options)
        try:
            async with AsyncSession(engine, expire_on_commit=False) as session:
                yield session
        except (OperationalError, PoolTimeout) as error:
            raise as_problem(error) from error

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


def retried(transaction: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    """Make a function that is one transaction run again, whole, when another writer was faster at the same place.

    Raises Overtaken after `ATTEMPTS`.
    """

    @retry_transaction(attempts=ATTEMPTS, longest_delay=0.5, retry_on=(Overtaken,))
    @wraps(transaction)
    async def attempt(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return await transaction(*args, **kwargs)
        except (Conflict, OperationUnseen, StaleDataError) as error:
            raise Overtaken from error

    return attempt


def server_options(url: str | URL) -> dict[str, int]:
    """Return how to connect to a PostgreSQL server that may fall silent; what the URL says itself is left out."""
    said = make_url(url).query
    return {name: value for name, value in SERVER_OPTIONS.items() if name not in said}


def open_engine(url: str, busy_timeout: float) -> AsyncEngine:
    """Make the engine; SQLite gets real transactions and foreign keys."""
    if not url.startswith("sqlite"):
        return create_async_engine(url, pool_pre_ping=True, connect_args=server_options(url))
    # isolation_level=None stops the driver from beginning transactions on its own, late and half.
    engine = create_async_engine(url, connect_args={"timeout": busy_timeout, "isolation_level": None})
    event.listen(engine.sync_engine, "connect", enforce_foreign_keys)
    event.listen(engine.sync_engine, "begin", begin_sqlite)
    return engine


def enforce_foreign_keys(connection: Any, _record: object) -> None:
    """Make a new SQLite connection hold foreign keys, which it does not by itself."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def begin_sqlite(connection: Connection) -> None:
    """Begin the transaction; a writer takes the lock at once, since a reader that turns writer can fail."""
    connection.exec_driver_sql(connection.get_execution_options().get("sqlite_begin", "BEGIN"))


def as_problem(error: DBAPIError | PoolTimeout) -> Problem:
    """Return what to tell a person about a database that does not answer."""
    if isinstance(error, DBAPIError) and _is_overtaken(error):
        return Overtaken()
    logger.warning("The database did not answer: %s", error)
    if isinstance(error, PoolTimeout) or "locked" in str(error) or "busy" in str(error):
        return DatabaseBusy()
    return DatabaseUnavailable()


def _is_overtaken(error: DBAPIError) -> bool:
    # A deadlock, or a snapshot that was too old. SQLite's waiting for its one writer is over by then: no use to go on.
    return is_transient(error) and not isinstance(error.orig, sqlite3.Error)
