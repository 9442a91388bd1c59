"""A database of its own for each test, on the drivers that the contract names."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from indelible import set_strict
from tests.database.stores import DRIVERS, EVERY, Store, new_store


def _new(request: pytest.FixtureRequest, directory: Path) -> Store:
    return new_store(DRIVERS[request.param], directory, lambda: request.getfixturevalue("postgres_uri"))


@pytest.fixture(params=["sqlite3", "psycopg"])
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
