"""A database that nobody knows: SQLite under another name, so that nothing is used that only SQLite has."""

from __future__ import annotations

from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

NAME = "unheardof"


class UnheardOf(SQLiteDialect_pysqlite):
    """SQLite that does not say so."""

    name = NAME
    supports_statement_cache = True


registry.register(NAME, __name__, UnheardOf.__name__)
