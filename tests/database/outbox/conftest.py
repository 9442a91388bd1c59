"""Systems to run the contract on."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import URL, make_url

from tests.database.outbox.redis_servers import RedisServer, start_rq_worker
from tests.database.outbox.systems import System, embedded, on_rq

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


@pytest.fixture(scope="session")
def short_directory() -> Iterator[Path]:
    """A directory whose path leaves room for the name of a socket."""
    directory = Path(tempfile.mkdtemp(prefix="indelible-rq-"))
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def rq_redis(short_directory: Path) -> Iterator[RedisServer]:
    """A Redis server with an RQ worker, which run the jobs of every test that has a relay."""
    redis = RedisServer(short_directory)
    workers = [
        start_rq_worker(
            redis, preload="tests.database.outbox.rq_app", OUTBOX_TEST_PLACES=str(short_directory)
        )
        for _ in range(2)
    ]
    yield redis
    for worker in workers:
        worker.kill()
        worker.wait()
    redis.stop()


@pytest.fixture
def own_redis(short_directory: Path) -> Iterator[RedisServer]:
    """A Redis server of the test's own."""
    directory = short_directory / "own"
    directory.mkdir()
    redis = RedisServer(directory)
    yield redis
    redis.stop()
    for file in directory.iterdir():
        file.unlink()
    directory.rmdir()


def _system(request: pytest.FixtureRequest, directory: Path) -> System:
    if request.param == "rq":
        redis: RedisServer = request.getfixturevalue("rq_redis")
        return on_rq(*_place("postgresql", directory, request), redis.url, redis.socket.parent)
    kind, is_async = EMBEDDED[request.param]
    return embedded(request.param, *_place(kind, directory, request), is_async=is_async)


@pytest.fixture(params=[*EMBEDDED, "rq"])
def system(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[System]:
    """A program with a database and workers, in each way that the outbox can be run."""
    system = _system(request, tmp_path)
    yield system
    system.close()


@pytest.fixture(params=EMBEDDED)
def embedded_system(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[System]:
    """A program with a database and workers in its own process."""
    system = _system(request, tmp_path)
    yield system
    system.close()
