"""Writers in processes of their own, and plain SQL to see what they left."""

import asyncio
import json
import sqlite3
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg

Orders = list[dict[str, Any]]

PROCESSES = 4


def query(url: str, sql: str, *parameters: str) -> list[tuple[Any, ...]]:
    """Run plain SQL, with ? for parameters, without Studio."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.split("///", 1)[1])) as connection:
            return connection.execute(sql, parameters).fetchall()
    with psycopg.connect(url.replace("+psycopg", "")) as server:
        return server.execute(sql.replace("?", "%s").encode(), parameters).fetchall()


class WritingProcess:
    """A process that runs a program of this folder, which says that it is ready, waits, writes and reports."""

    def __init__(self, program: str, orders: Orders) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"{__package__}.{program}"],
            cwd=Path(__file__).parent.parent,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.send(json.dumps(orders))

    def send(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def read(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def end(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()


async def run_together(
    program: str,
    orders: Orders,
    seconds: float,
    *,
    processes: int = PROCESSES,
    meanwhile: Callable[[], Awaitable[None]] | None = None,
) -> list[Any]:
    """Let a program's processes follow orders, all from the same moment on; return what the writers report.

    `meanwhile` is done from that moment on as well.
    """
    running: list[WritingProcess] = []
    try:
        running += [WritingProcess(program, orders[number::processes]) for number in range(processes)]
        async with asyncio.timeout(seconds):
            ready = await asyncio.gather(*(asyncio.to_thread(process.read) for process in running))
            assert ready == ["ready\n"] * processes
            for process in running:
                process.send("go")
            if meanwhile is not None:
                await meanwhile()
            lines = await asyncio.gather(*(asyncio.to_thread(process.read) for process in running))
    finally:
        for process in running:
            process.end()
    return [report for line in lines for report in json.loads(line)]
