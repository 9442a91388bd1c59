"""What MariaDB says in other words than the tests do: its databases, names and types."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import URL, String, create_engine
from sqlalchemy.dialects.mysql import VARCHAR
from sqlalchemy.ext.compiler import compiles


@compiles(String, "mysql")
@compiles(String, "mariadb")
def _with_length(type_: String, compiler: Any, **options: Any) -> str:
    """Give a length to the tests' strings that have none, as MariaDB wants."""
    return str(compiler.visit_VARCHAR(VARCHAR(type_.length or 255), **options))


def new_database(server: URL, name: str) -> URL:
    """Make an empty database and return its address."""
    engine = create_engine(server.set(drivername="mariadb+pymysql"))
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    engine.dispose()
    return server.set(database=name)


def in_mariadbs_words(statement: str) -> str:
    """Return plain SQL with names in backticks, and casts to text as MariaDB has them; strings stay as they are."""
    parts = re.split(r"('(?:[^']|'')*')", statement)
    parts[::2] = [_in_words(part) for part in parts[::2]]
    return "".join(parts)


def _in_words(part: str) -> str:
    quoted = re.sub(r"""(?<!["`])\brows\b""", "`rows`", part)  # a reserved word
    return quoted.replace('"', "`").replace(" AS TEXT)", " AS CHAR)")
