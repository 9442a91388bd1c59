"""What operations and versions need of a session: which one it is, and the write lock of SQLite."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import TableClause, delete, false
from sqlalchemy.orm import Session, scoped_session

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession, async_scoped_session

    SyncSession = Session | scoped_session[Any]
    AnyAsyncSession = AsyncSession | async_scoped_session[Any]


def sync_session(session: SyncSession | AnyAsyncSession) -> Session | None:
    """Return the session that is meant, that of a `scoped_session` included; None for an asynchronous one."""
    if isinstance(session, scoped_session):
        session = session()
    return session if isinstance(session, Session) else None


def async_session(session: SyncSession | AnyAsyncSession) -> AsyncSession:
    """Return the asynchronous session that is meant, that of an `async_scoped_session` included."""
    given: Any = session
    meant: AsyncSession = given() if callable(given) else given
    return meant


def take_write_lock(session: Session, table: TableClause) -> None:
    """Make this transaction the writer, on a database that has one at a time; others lock rows and need nothing.

    A transaction that reads first and writes later fails on SQLite with SQLITE_BUSY_SNAPSHOT when another one has
    written between; no waiting helps it. A DELETE of nothing takes the lock, and waits for it, without reading.
    """
    if session.get_bind(clause=table).dialect.name == "sqlite":
        session.execute(delete(table).where(false()))
