"""A database of its own for each test, on each driver, and what it says is stored."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import uuid4

import psycopg
from sqlalchemy import URL, Engine, MetaData, create_engine, event, inspect, make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import Session
from sqlalchemy.util import greenlet_spawn

from tests.database.mariadb.words import in_mariadbs_words, new_database
from tests.database.rows import Row

SYNC = ("sqlite3", "psycopg", "psycopg2", "pymysql")
ASYNC = ("aiosqlite", "asyncpg", "aiomysql")
EVERY = SYNC + ASYNC


@dataclass(frozen=True)
class Driver:
    """How to reach a database through one driver."""

    name: str
    dialect: str
    is_async: bool = False

    @property
    def is_postgresql(self) -> bool:
        """Whether the database is PostgreSQL, which alone knows JSONB."""
        return self.dialect.startswith("postgresql")

    @property
    def is_mariadb(self) -> bool:
        """Whether the database is MariaDB."""
        return self.dialect.startswith(("mariadb", "mysql"))


DRIVERS = {
    driver.name: driver
    for driver in (
        Driver("sqlite3", "sqlite+pysqlite"),
        Driver("aiosqlite", "sqlite+aiosqlite", is_async=True),
        Driver("psycopg", "postgresql+psycopg"),
        Driver("psycopg2", "postgresql+psycopg2"),
        Driver("asyncpg", "postgresql+asyncpg", is_async=True),
        # MariaDB goes by both names of SQLAlchemy's dialect.
        Driver("pymysql", "mariadb+pymysql"),
        Driver("aiomysql", "mysql+aiomysql", is_async=True),
    )
}


class Store:
    """A new database behind one driver, used through SQLAlchemy's synchronous session.

    A test on an asynchronous driver runs as a whole the way `AsyncSession.run_sync` runs a function.
    """

    def __init__(self, driver: Driver, url: URL, schema: str) -> None:
        self.driver = driver
        self.url = url
        self.schema = schema
        self._async_engines: list[AsyncEngine] = []
        self._engines: list[Engine] = []
        self._sessions: list[Session] = []
        self._engine: Engine | None = None

    @property
    def engine(self) -> Engine:
        """The engine that sessions of this store use."""
        if self._engine is None:
            self._engine = self.new_engine()
        return self._engine

    def new_async_engine(self, **options: Any) -> AsyncEngine:
        """Open another asynchronous engine on this store."""
        engine = create_async_engine(self.url, connect_args=self._connect_args(), **options)
        self._async_engines.append(engine)
        self._begin_for_sqlite(engine.sync_engine)
        return engine

    def new_engine(self, **options: Any) -> Engine:
        """Open another engine on this store, for example with other JSON functions."""
        if self.driver.is_async:
            return self.new_async_engine(**options).sync_engine
        engine = create_engine(self.url, connect_args=self._connect_args(), **options)
        self._engines.append(engine)
        self._begin_for_sqlite(engine)
        return engine

    def use(self, engine: Engine) -> None:
        """Let the sessions use this engine from now on."""
        self._engine = engine

    def session(self, **options: Any) -> Session:
        """Open a session, closed after the test."""
        session = Session(self.engine, **options)
        self._sessions.append(session)
        return session

    def create(self, metadata: MetaData) -> None:
        """Create tables."""
        metadata.create_all(self.engine)

    def keep(self, *rows: object) -> None:
        """Save these rows, through a session that is forgotten at once."""
        with Session(self.engine) as session:
            session.add_all(rows)
            session.commit()

    def sql(self, statement: str, **parameters: Any) -> list[tuple[Any, ...]]:
        """Run plain SQL on a connection of its own and commit it."""
        if self.driver.is_mariadb:
            statement = in_mariadbs_words(statement)
        with self.engine.begin() as connection:
            result = connection.execute(text(statement), parameters)
            return [tuple(row) for row in result] if result.returns_rows else []

    def stored_text(self, cls: type[Any] = Row, key: Any = 1, attribute: str = "doc") -> str | None:
        """Ask the database, in plain SQL, for the text of a document; `None` is SQL NULL."""
        mapper = inspect(cls)
        column = mapper.attrs[attribute].columns[-1]
        keys = column.table.primary_key.columns
        values = key if isinstance(key, tuple) else (key,)
        where = " AND ".join(f'"{one.name}" = :k{i}' for i, one in enumerate(keys))
        rows = self.sql(
            f'SELECT CAST("{column.name}" AS TEXT) FROM "{column.table.name}" WHERE {where}',
            **{f"k{i}": value for i, value in enumerate(values)},
        )
        if len(rows) != 1:
            raise AssertionError(f"{len(rows)} rows of {cls.__name__} with key {key!r}")
        result: str | None = rows[0][0]
        return result

    def expect(self, expected: Any, cls: type[Any] = Row, key: Any = 1, attribute: str = "doc") -> None:
        """Check, in plain SQL and in a fresh session, what the database holds."""
        stored = self.stored_text(cls, key, attribute)
        value = None if stored is None else json.loads(stored)
        if typed(value) != typed(expected) or (stored == "null"):
            raise AssertionError(f"plain SQL says {stored!r}, expected {expected!r}")
        with Session(self.engine) as session:
            row = session.get(cls, key)
            if row is None or typed(getattr(row, attribute)) != typed(expected):
                raise AssertionError(
                    f"a fresh session says {getattr(row, attribute, row)!r}, not {expected!r}"
                )

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """Collect the SQL that the store's engine runs."""
        collected: list[str] = []

        def collect(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if statement != "BEGIN":
                collected.append(statement)

        event.listen(self.engine, "before_cursor_execute", collect)
        try:
            yield collected
        finally:
            event.remove(self.engine, "before_cursor_execute", collect)

    @contextmanager
    def carried_out(self) -> Iterator[list[tuple[str, Any]]]:
        """Collect each statement that the driver gets, with its parameters; calls for many rows have several."""
        collected: list[tuple[str, Any]] = []
        dialect = self.engine.dialect
        carry_out, carry_out_many = dialect.do_execute, dialect.do_executemany

        def collect(cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
            if statement != "BEGIN":
                collected.append((statement, parameters))
            carry_out(cursor, statement, parameters, context)

        def collect_many(cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
            collected.extend((statement, each) for each in parameters)
            carry_out_many(cursor, statement, parameters, context)

        with (
            mock.patch.object(dialect, "do_execute", collect),
            mock.patch.object(dialect, "do_executemany", collect_many),
        ):
            yield collected

    def run(self, test: Callable[[], object]) -> None:
        """Run a test on this store, with its first table made, and close what it opened."""
        if self.driver.is_async:
            asyncio.run(self._run_async(test))
        else:
            try:
                self._run_sync(test)
            finally:
                self._close_sessions()
                for engine in self._engines:
                    engine.dispose()

    def _run_sync(self, test: Callable[[], object]) -> None:
        self.create(Row.metadata)
        test()

    async def _run_async(self, test: Callable[[], object]) -> None:
        try:
            await greenlet_spawn(self._run_sync, test)
        finally:
            await greenlet_spawn(self._close_sessions)
            for engine in self._async_engines:
                await engine.dispose()

    def _close_sessions(self) -> None:
        for session in self._sessions:
            session.close()

    def _connect_args(self) -> dict[str, Any]:
        if self.driver.is_mariadb:
            return {}
        if not self.driver.is_postgresql:
            return {"timeout": 2}
        if self.driver.name == "asyncpg":
            return {"server_settings": {"search_path": self.schema}}
        return {"options": f"-csearch_path={self.schema}"}

    def _begin_for_sqlite(self, engine: Engine) -> None:
        if self.driver.is_postgresql or self.driver.is_mariadb:
            return

        # sqlite3 begins a transaction too late for savepoints: this is SQLAlchemy's own recipe.
        @event.listens_for(engine, "connect")
        def connect(connection: Any, _record: object) -> None:
            connection.isolation_level = None
            cursor = connection.cursor()
            cursor.execute("PRAGMA synchronous = OFF")
            cursor.execute("PRAGMA journal_mode = WAL")  # readers do not keep a writer waiting
            cursor.close()

        @event.listens_for(engine, "begin")
        def begin(connection: Any) -> None:
            connection.exec_driver_sql("BEGIN")


def new_store(
    driver: Driver,
    directory: Path,
    postgres_uri: Callable[[], str],
    mariadb_url: Callable[[], URL] | None = None,
) -> Store:
    """Make an empty place of its own for a test: a SQLite file, or a schema of the PostgreSQL or MariaDB server."""
    schema = f"test_{uuid4().hex}"
    if mariadb_url is not None and driver.is_mariadb:
        return Store(driver, new_database(mariadb_url(), schema).set(drivername=driver.dialect), schema)
    if not driver.is_postgresql:
        return Store(
            driver, URL.create(driver.dialect, database=str(directory / f"{schema}.sqlite3")), schema
        )
    uri = postgres_uri()
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}".encode())
    url = make_url(uri).set(drivername=driver.dialect)
    return Store(driver, url, schema)


def typed(value: Any) -> Any:
    """Return something that is equal for two JSON values only when they are the same JSON, types included."""
    if isinstance(value, dict):
        return ("object", sorted((key, typed(item)) for key, item in value.items()))
    if isinstance(value, list):
        return ("array", [typed(item) for item in value])
    return (type(value).__name__, repr(value))
