"""A database of its own for each test, on the drivers that the contract names."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from indelible import set_strict
from tests.database.mariadb.choosing import left_out
from tests.database.mariadb.server import NoServer, running_server
from tests.database.stores import DRIVERS, EVERY, Store, new_store


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what need not run on MariaDB too."""
    out = [item for item in items if left_out(item)]
    if out:
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item in items if not left_out(item)]


@pytest.fixture(scope="session")
def mariadb_url() -> Iterator[URL]:
    """The address of a MariaDB server that lives as long as the tests."""
    try:
        with running_server() as url:
            yield url
    except NoServer as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


def _new(request: pytest.FixtureRequest, directory: Path) -> Store:
    return new_store(
        DRIVERS[request.param],
        directory,
        lambda: request.getfixturevalue("postgres_uri"),
        lambda: request.getfixturevalue("mariadb_url"),
    )


@pytest.fixture(params=["sqlite3", "psycopg", "pymysql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A database with the table of `Row`, one driver for each kind of database."""
    return _new(request, tmp_path)


@pytest.fixture(params=EVERY)
def any_store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A database with the table of `Row`, on each driver."""
    return _new(request, tmp_path)


@pytest.fixture
def lax() -> Iterator[None]:
    """Strict mode is off, as in production."""
    was = set_strict(False)
    yield
    set_strict(was)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a test that uses a store as the store's driver needs it."""
    stores = [value for value in pyfuncitem.funcargs.values() if isinstance(value, Store)]
    if not stores:
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    stores[0].run(lambda: pyfuncitem.obj(**arguments))
    return True
