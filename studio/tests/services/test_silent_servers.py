"""Servers that take a connection and say nothing more do not hold Studio up for long."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import closing

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from studio.database import Database
from studio.jobs.redis import open_redis, ping_redis
from studio.migrating import MigrationError, read_revisions
from studio.problems import DatabaseUnavailable
from studio.settings import SettingsError

LIMIT = 60


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a server that never answers."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        yield "{}:{}".format(*listener.getsockname())


async def options_of(url: str) -> dict[str, str]:
    database = Database(url)
    async with database.reading() as session:
        await session.execute(text("SELECT 1"))
        raw = await (await session.connection()).get_raw_connection()
        assert raw.driver_connection is not None
        options: dict[str, str] = raw.driver_connection.info.get_parameters()
    await database.close()
    return options


async def test_connections_to_postgresql_notice_a_server_that_is_cut_off(migrated_postgres_url: str) -> None:
    """The kernel is told to look whether the other end is there, and when to give up."""
    options = await options_of(migrated_postgres_url)
    assert {
        "tcp_user_timeout",
        "keepalives_idle",
        "keepalives_interval",
        "keepalives_count",
    } <= options.keys()
    assert int(options["connect_timeout"]) <= 10


async def test_the_url_has_the_last_word(migrated_postgres_url: str) -> None:
    """What STUDIO_DATABASE_URL says of timeouts is what the driver is told; the others stay."""
    sign = "&" if "?" in migrated_postgres_url else "?"
    url = f"{migrated_postgres_url}{sign}connect_timeout=31&tcp_user_timeout=47000"
    options = await options_of(url)
    assert (options["connect_timeout"], options["tcp_user_timeout"]) == ("31", "47000")
    assert "keepalives_idle" in options


async def test_a_postgresql_that_says_nothing_is_given_up(silent: str) -> None:
    """After the seconds that the URL grants, by requests as by migrations."""
    url = f"postgresql+psycopg://studio@{silent}/studio?connect_timeout=2"
    database = Database(url)
    with pytest.raises(DatabaseUnavailable):
        async with asyncio.timeout(LIMIT), database.reading() as session:
            await session.execute(text("SELECT 1"))
    with pytest.raises(MigrationError, match="cannot be reached"):
        await asyncio.to_thread(read_revisions, url)
    await database.close()


def test_a_redis_that_says_nothing_is_given_up(silent: str) -> None:
    """It takes connections, as one does whose process is stopped; asking it ends all the same."""
    assert open_redis(SecretStr(f"redis://{silent}/0")).get_connection_kwargs()["socket_timeout"] == 5
    with pytest.raises(SettingsError, match="does not answer"):
        ping_redis(SecretStr(f"redis://{silent}/0?socket_timeout=1"))
