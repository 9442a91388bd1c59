"""Databases of the sentinel's tests."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.pool import StaticPool

from tests.sentinel.models import Base


@pytest.fixture
def sqlite() -> Iterator[Engine]:
    """An empty SQLite database in memory."""
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def postgres_url(postgres_uri: str) -> Iterator[str]:
    """The address of an empty PostgreSQL database."""
    name = f"sentinel_{uuid4().hex}"
    with psycopg.connect(postgres_uri, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    yield make_url(postgres_uri).set(database=name).render_as_string(hide_password=False)
    with psycopg.connect(postgres_uri, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[Engine]:
    """An engine on an empty PostgreSQL database."""
    engine = create_engine(make_url(postgres_url).set(drivername="postgresql+psycopg"))
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def sqlite_file(tmp_path: Path) -> Path:
    """The path of a SQLite database with the tables."""
    path = tmp_path / "rows.db"
    engine = create_engine(f"sqlite:///{path}")
    Base.metadata.create_all(engine)
    engine.dispose()
    return path
