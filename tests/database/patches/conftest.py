"""The databases that patch documents themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.database.conftest import _new
from tests.database.stores import EVERY, Store


@pytest.fixture(params=EVERY)
def any_store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A database with the table of `Row`, on each driver."""
    return _new(request, tmp_path)


@pytest.fixture(params=["sqlite3", "psycopg", "pymysql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A database with the table of `Row`, one driver for each kind of database."""
    return _new(request, tmp_path)
