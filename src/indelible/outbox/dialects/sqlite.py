"""What the outbox needs of SQLite."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, Table, func
from sqlalchemy.dialects.sqlite import Insert, insert
from sqlalchemy.sql.elements import ColumnElement


def insert_into(table: Table) -> Insert:
    """Begin an INSERT that can say what to do on conflict."""
    return insert(table)


def moment(seconds: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the database's time, so many seconds from now, in the form in which SQLAlchemy keeps moments."""
    return func.strftime("%Y-%m-%d %H:%M:%f000", "now", func.printf("%+.3f seconds", seconds))


def free_only(rows: Select[Any]) -> Select[Any]:
    """Return the rows as they are: there is one writer at a time."""
    return rows


def begin_writing(connection: Connection) -> None:
    """Take the write lock now, while the busy timeout still helps: a reader that turns writer can fail at once."""
    driver = connection.connection.driver_connection
    # A program whose engine begins transactions itself takes the lock with the first write, which comes next.
    if driver is not None and not driver.in_transaction:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def notices(queue: ColumnElement[Any]) -> list[ColumnElement[Any]]:  # noqa: ARG001
    """Return nothing: SQLite tells nobody, other processes poll."""
    return []
