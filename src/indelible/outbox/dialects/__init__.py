"""One file for each kind of database, the same functions in each."""

from __future__ import annotations

from typing import Any, Protocol, cast

from sqlalchemy import Connection, Select, Table
from sqlalchemy.dialects.postgresql import Insert
from sqlalchemy.engine import Dialect as EngineDialect
from sqlalchemy.sql.elements import ColumnElement

from indelible.errors import WrongEngine
from indelible.outbox.dialects import postgresql, sqlite


class Dialect(Protocol):
    """The functions of each file."""

    def insert_into(self, table: Table) -> Insert:
        """Begin an INSERT that can say what to do on conflict."""

    def moment(self, seconds: ColumnElement[Any]) -> ColumnElement[Any]:
        """Return the database's time, so many seconds from now."""

    def free_only(self, rows: Select[Any]) -> Select[Any]:
        """Lock the rows, leaving out those that another transaction holds."""

    def begin_writing(self, connection: Connection) -> None:
        """Prepare a transaction that reads and then writes."""

    def notices(self, queue: ColumnElement[Any]) -> list[ColumnElement[Any]]:
        """Return what tells the workers of other processes, when this transaction commits, for a RETURNING clause."""


_DIALECTS = {"postgresql": cast(Dialect, postgresql), "sqlite": cast(Dialect, sqlite)}


def dialect_named(name: str) -> Dialect:
    """Return the functions for this kind of database. Raises WrongEngine."""
    try:
        return _DIALECTS[name]
    except KeyError:
        raise WrongEngine(f"The outbox works on PostgreSQL and SQLite, not on {name}.") from None


def dialect_of(bind: Connection | EngineDialect) -> Dialect:
    """Return the functions for the database of this connection. Raises WrongEngine."""
    return dialect_named(bind.dialect.name if isinstance(bind, Connection) else bind.name)
