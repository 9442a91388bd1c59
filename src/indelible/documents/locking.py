"""The write lock of SQLite, taken before anything is read."""

from __future__ import annotations

from sqlalchemy import TableClause, delete, false
from sqlalchemy.orm import Session


def take_write_lock(session: Session, table: TableClause) -> None:
    """Make this transaction the writer, on a database that has one at a time; others lock rows and need nothing.

    A transaction that reads first and writes later fails on SQLite with SQLITE_BUSY_SNAPSHOT when another one has
    written between; no waiting helps it. A DELETE of nothing takes the lock, and waits for it, without reading.
    """
    if session.get_bind(clause=table).dialect.name == "sqlite":
        session.execute(delete(table).where(false()))
