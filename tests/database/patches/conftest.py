"""The databases that patch documents themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.database.conftest import _new
from tests.database.stores import DRIVERS, EVERY, Store

PATCHING = [name for name in EVERY if DRIVERS[name].dialect.startswith(("postgresql", "sqlite"))]


@pytest.fixture(params=PATCHING)
def any_store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A database with the table of `Row`, on each driver of one that patches."""
    return _new(request, tmp_path)


@pytest.fixture(params=["sqlite3", "psycopg"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A database with the table of `Row`, one driver for each kind of database that patches."""
    return _new(request, tmp_path)
