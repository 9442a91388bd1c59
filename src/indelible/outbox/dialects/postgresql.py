"""What the outbox needs of PostgreSQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, Table, func
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.sql.elements import ColumnElement

CHANNEL = "indelible_jobs"


def insert_into(table: Table) -> Insert:
    """Begin an INSERT that can say what to do on conflict."""
    return insert(table)


def moment(seconds: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the database's time, so many seconds from now."""
    return func.clock_timestamp() + func.make_interval(0, 0, 0, 0, 0, 0, seconds)


def free_only(rows: Select[Any]) -> Select[Any]:
    """Lock the rows, leaving out those that another transaction holds."""
    return rows.with_for_update(skip_locked=True)


def begin_writing(connection: Connection) -> None:
    """Do nothing: rows are locked one by one."""


def notices(queue: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    """Return what tells the workers of other processes, when this transaction commits, for a RETURNING clause."""
    return [func.pg_notify(CHANNEL, queue)]
