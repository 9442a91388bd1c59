"""A Redis server, new for each run, and addresses where none answers."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

_PATIENCE_SECONDS = 20.0


@contextmanager
def redis_server(directory: Path) -> Iterator[str]:
    """Give the address of an empty Redis server, which is gone afterwards."""
    binary = shutil.which("redis-server")
    if binary is None:
        raise SystemExit("The bench needs redis-server on the path.")
    path = directory / "redis.sock"
    command = [binary, "--port", "0", "--unixsocket", str(path), "--save", "", "--appendonly", "no"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        url = f"unix://{path}"
        end = time.monotonic() + _PATIENCE_SECONDS
        while not _answers(url):
            if time.monotonic() > end:
                raise SystemExit("Redis does not start.")
            time.sleep(0.02)
        yield url
    finally:
        server.kill()
        server.wait()


@contextmanager
def refusing_address() -> Iterator[str]:
    """Give an address at which connections are refused."""
    with socket.socket() as reserved:  # bound, and never listening
        reserved.bind(("127.0.0.1", 0))
        yield f"redis://127.0.0.1:{reserved.getsockname()[1]}/0"


@contextmanager
def silent_address() -> Iterator[str]:
    """Give an address that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


def _answers(url: str) -> bool:
    try:
        return bool(Redis.from_url(url).ping())
    except RedisError:
        return False
