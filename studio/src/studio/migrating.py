"""Bring a database to the newest tables, once, however many processes try at the same time."""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from studio.database import begin_sqlite, server_options

# Any number that no other program on the same PostgreSQL database takes a lock with.
ADVISORY_LOCK = 7_305_808_640_142
LONGEST_WAIT_SECONDS = 60


class MigrationError(RuntimeError):
    """The database's tables are not those that this Studio works with; the message says what to run."""


@dataclass(frozen=True)
class Revisions:
    """Where a database stands and where this version of Studio wants it."""

    current: str | None
    newest: str
    known: frozenset[str]

    @property
    def is_newest(self) -> bool:
        """Tell whether there is nothing to migrate."""
        return self.current == self.newest

    def check_known(self) -> None:
        """Raise MigrationError when a newer Studio made the tables."""
        if self.current is not None and self.current not in self.known:
            raise MigrationError(
                f"The database is at revision {self.current}, which this Studio does not know: a newer one "
                "made it. Start that newer Studio, or point STUDIO_DATABASE_URL to another database."
            )


def migrate(url: str) -> Revisions:
    """Bring the database at `url` to the newest revision and return where it stood before.

    Everything happens in one transaction that holds a lock from its start: a second process waits and then
    finds nothing left to do; a killed one leaves no half step.

    Raises MigrationError.
    """
    with _locked(url) as connection:
        before = _revisions(connection)
        before.check_known()
        if not before.is_newest:
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    return before


def read_revisions(url: str) -> Revisions:
    """Return where the database at `url` stands, without changing it."""
    with _connected(url, "BEGIN") as connection:
        return _revisions(connection)


def check_newest(url: str) -> None:
    """Raise MigrationError unless the database at `url` is at the newest revision."""
    revisions = read_revisions(url)
    revisions.check_known()
    if not revisions.is_newest:
        raise MigrationError(
            f"The database is at revision {revisions.current or 'none'} and this Studio needs "
            f"{revisions.newest}: run `studio migrate`."
        )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _revisions(connection: Connection) -> Revisions:
    scripts = ScriptDirectory.from_config(_config())
    newest = scripts.get_current_head()
    assert newest is not None
    known = frozenset(step.revision for step in scripts.walk_revisions())
    return Revisions(MigrationContext.configure(connection).get_current_revision(), newest, known)


@contextmanager
def _locked(url: str) -> Iterator[Connection]:
    with _connected(url, "BEGIN IMMEDIATE") as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
        yield connection


@contextmanager
def _connected(url: str, sqlite_begin: str) -> Iterator[Connection]:
    engine = _sync_engine(url, sqlite_begin)
    with ExitStack() as stack:
        stack.callback(engine.dispose)
        try:
            connection = stack.enter_context(engine.begin())
        except (DBAPIError, sqlite3.Error) as error:
            raise MigrationError(_unreachable(engine.url, error)) from error
        yield connection


def _sync_engine(url: str, sqlite_begin: str) -> Engine:
    # Alembic is synchronous; psycopg is the same driver for both, SQLite has one for each.
    sync_url = make_url(url)
    if sync_url.get_backend_name() != "sqlite":
        return create_engine(sync_url, poolclass=NullPool, connect_args=server_options(sync_url))
    engine = create_engine(
        sync_url.set(drivername="sqlite"),
        poolclass=NullPool,
        connect_args={"timeout": LONGEST_WAIT_SECONDS, "isolation_level": None},
        execution_options={"sqlite_begin": sqlite_begin},
    )
    event.listen(engine, "connect", _read_header if sqlite_begin == "BEGIN" else _keep_write_ahead_log)
    event.listen(engine, "begin", begin_sqlite)
    return engine


def _read_header(connection: sqlite3.Connection, _record: object) -> None:
    # BEGIN alone does not look at the file; a file that is no database must fail here.
    connection.execute("PRAGMA schema_version")


def _keep_write_ahead_log(connection: sqlite3.Connection, _record: object) -> None:
    # Readers do not wait for the writer then. The file remembers it, so this is done here and nowhere else.
    connection.execute("PRAGMA journal_mode=WAL")


def _unreachable(url: URL, error: DBAPIError | sqlite3.Error) -> str:
    reason = str(error.orig if isinstance(error, DBAPIError) else error).strip().splitlines()[0]
    if url.get_backend_name() == "sqlite":
        return (
            f"The database file {url.database} cannot be opened: {reason}. Check that it is an SQLite file "
            "that you may write, or point STUDIO_DATA_DIR to another directory."
        )
    return (
        f"The database {url.render_as_string()} cannot be reached: {reason}. "
        "Check that the server runs and that STUDIO_DATABASE_URL is right."
    )
