"""Runs the writers side by side, kills some, and audits."""

from __future__ import annotations

import json
import multiprocessing
import random
import time
from multiprocessing.context import ForkProcess
from pathlib import Path

from sqlalchemy import text

from tests.acceptance.torture.audit import Report, audit
from tests.acceptance.torture.boards import new_engine, prepare
from tests.acceptance.torture.writing import Writer

# Forked, so that they need not import everything again: a writer is killed and replaced every second or so.
_processes = multiprocessing.get_context("fork")


def run(
    url: str, directory: Path, *, seed: int, seconds: float, writers: int = 8, deltas: bool = True
) -> Report:
    """Let processes change shared documents for so long, killing some at random; return what an audit finds."""
    prepare(url)
    team = _Team(url, directory, seed, until=time.time() + seconds, deltas=deltas)
    team.work(writers)
    report = audit(_stored(url), sorted(directory.glob(f"{seed}-*.log")))
    report.kills = team.kills
    return report


class _Team:
    def __init__(self, url: str, directory: Path, seed: int, *, until: float, deltas: bool) -> None:
        self._url = url
        self._directory = directory
        self._seed = seed
        self._until = until
        self._deltas = deltas
        self._rng = random.Random(seed)
        self._started = 0
        self.kills = 0

    def work(self, writers: int) -> None:
        """Keep so many processes at work until the time is over."""
        running = [self._start() for _ in range(writers)]
        try:
            while time.time() < self._until:
                time.sleep(self._rng.uniform(0.05, 0.6))
                number = self._rng.randrange(writers)
                running[number].kill()
                running[number].join()
                self.kills += 1
                running[number] = self._start()
            for process in running:
                process.join(60)
        finally:
            for process in running:
                process.kill()
                process.join()
        failed = [process.exitcode for process in running if process.exitcode]
        if failed:
            raise RuntimeError(f"writers of seed {self._seed} ended with {failed}")

    def _start(self) -> ForkProcess:
        self._started += 1
        name = f"{self._seed}-{self._started}"
        process = _processes.Process(
            target=_write, args=(self._url, name, self._directory, self._until, self._deltas)
        )
        process.start()
        return process


def _write(url: str, name: str, directory: Path, until: float, deltas: bool) -> None:
    Writer(url, name, directory / f"{name}.log", deltas=deltas).run(until)


def _stored(url: str) -> dict[int, object]:
    engine = new_engine(url)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT id, CAST(doc AS TEXT) FROM boards")).all()
    engine.dispose()
    return {number: json.loads(document) for number, document in rows}
