"""Databases for the tests: SQLite files and a PostgreSQL server, migrated, new for each test."""

import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import pytest_asyncio
from sqlalchemy import make_url

from studio.database import Database
from studio.migrating import migrate
from studio.settings import async_url


@pytest.fixture
def empty_postgres_url(postgres_uri: str) -> Iterator[str]:
    """The address of a PostgreSQL database without tables, dropped after the test."""
    with _new_database(postgres_uri) as url:
        yield url


@pytest.fixture(scope="session")
def migrated_postgres_url(postgres_uri: str) -> Iterator[str]:
    """The address of a migrated PostgreSQL database that may hold what other tests left."""
    with _new_database(postgres_uri) as url:
        migrate(url)
        yield url


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "studio.sqlite3"
    migrate(f"sqlite+aiosqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(_sqlite_template: Path, tmp_path: Path) -> str:
    """The address of a migrated SQLite database in a file."""
    path = shutil.copy(_sqlite_template, tmp_path / "studio.sqlite3")
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a migrated database, on each of the backends that Studio runs on."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_url")
        return
    url = request.getfixturevalue("migrated_postgres_url")
    # One database for all tests, emptied before each: making and dropping one takes a second.
    _execute(url.replace("+psycopg", ""), "TRUNCATE projects, indelible_jobs, indelible_schedules CASCADE")
    yield url


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open database on each backend."""
    database = Database(database_url)
    yield database
    await database.close()


@contextmanager
def _new_database(postgres_uri: str) -> Iterator[str]:
    name = f"test_{uuid4().hex}"
    _execute(postgres_uri, f"CREATE DATABASE {name}")
    try:
        yield _url_of(postgres_uri, name)
    finally:
        _execute(postgres_uri, f"DROP DATABASE {name} WITH (FORCE)")


def _execute(postgres_uri: str, statement: str) -> None:
    with psycopg.connect(postgres_uri, autocommit=True) as connection:
        connection.execute(statement)


def _url_of(postgres_uri: str, name: str) -> str:
    return async_url(make_url(postgres_uri).set(database=name).render_as_string(hide_password=False), Path())
