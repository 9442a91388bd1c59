"""Systems to run the contract on."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import URL, make_url

from tests.database.outbox.systems import System, embedded

# Name, kind of database, whether handlers are async.
EMBEDDED = {
    "embedded-sqlite": ("sqlite", False),
    "embedded-sqlite-async": ("sqlite", True),
    "embedded-postgresql": ("postgresql", False),
    "embedded-postgresql-async": ("postgresql", True),
}


def _place(kind: str, directory: Path, request: pytest.FixtureRequest) -> tuple[URL, str]:
    schema = f"outbox_{uuid4().hex}"
    if kind == "sqlite":
        return URL.create("sqlite", database=str(directory / f"{schema}.sqlite3")), schema
    uri = request.getfixturevalue("postgres_uri")
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}".encode())
    return make_url(uri).set(drivername="postgresql+psycopg"), schema


@pytest.fixture(params=EMBEDDED)
def system(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[System]:
    """A program with a database and workers, in each way that the outbox can be run."""
    kind, is_async = EMBEDDED[request.param]
    system = embedded(request.param, *_place(kind, tmp_path, request), is_async=is_async)
    yield system
    system.close()
