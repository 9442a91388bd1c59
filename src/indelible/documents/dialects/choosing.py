"""Which module speaks a database's dialect."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy.engine import Dialect

from indelible.documents.dialects.expressions import Expressions
from indelible.documents.dialects.mysql import MariaDB, MySQL
from indelible.documents.dialects.postgresql import PostgreSQL
from indelible.documents.dialects.sqlite import SQLite
from indelible.documents.serializing import Writer


def _mysql(writer: Writer, dialect: Dialect) -> Expressions:
    # Of mysql:// and mariadb:// alike, the server tells which it is.
    return (MariaDB if getattr(dialect, "is_mariadb", False) else MySQL)(writer, _version(dialect))


_MAKERS: dict[str, Callable[[Writer, Dialect], Expressions]] = {
    "mariadb": _mysql,
    "mysql": _mysql,
    "postgresql": lambda writer, _dialect: PostgreSQL(writer),
    "sqlite": lambda writer, dialect: SQLite(writer, _version(dialect)),
}

_known: WeakKeyDictionary[Dialect, Expressions | None] = WeakKeyDictionary()


def expressions_for(dialect: Dialect) -> Expressions | None:
    """Return who writes guards and edits for a database; `None` where documents are always read and merged."""
    if dialect not in _known:
        make = _MAKERS.get(dialect.name)
        _known[dialect] = None if make is None else make(Writer(dialect), dialect)
    return _known[dialect]


def locks_rows(dialect: Dialect) -> bool:
    """Tell whether `SELECT … FOR UPDATE` keeps other writers away until the transaction ends."""
    return dialect.name in ("postgresql", "mysql", "mariadb", "oracle")


def _version(dialect: Dialect) -> tuple[Any, ...]:
    return tuple(dialect.server_version_info or ())
