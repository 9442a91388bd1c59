"""Chaos: saves go on while workers are killed and paused and servers go away; then quiet, and the audit."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import DBAPIError

from tests.acceptance.chaos.ledger import Audit, audit, has_no_effects, save, unfinished
from tests.acceptance.chaos.processes import Crew

_SAVED_AT_ONCE = 5
_QUIET_SECONDS = 240.0

Blow = Callable[[], None]


def _wait_for_no_lock_for_long(connection: Any, _record: object) -> None:
    # A worker that is paused within a transaction keeps its locks, and whoever saves is who wakes it.
    if hasattr(connection, "pgconn"):
        connection.execute("SET lock_timeout = '2s'")
        connection.commit()


class Storm:
    """Blows to workers and servers, in an order that the seed decides, while jobs are saved."""

    def __init__(self, engine: Engine, crew: Crew, *, seed: int) -> None:
        self._engine = engine
        event.listen(engine, "connect", _wait_for_no_lock_for_long)
        self._crew = crew
        self._dice = random.Random(seed)
        self._jobs = 0
        self._number = 0

    def rage(self, *, jobs: int, kills: int, pauses: int, others: Sequence[Blow] = ()) -> Audit:
        """Let all blows fall while so many jobs are saved, wait until nothing is left to do, and return the audit."""
        self._jobs += jobs
        blows: list[Blow] = [
            *[lambda: self._crew.kill_one(self._dice)] * kills,
            *[lambda: self._crew.pause_one(self._dice, self._save)] * pauses,
            *others,
        ]
        self._dice.shuffle(blows)
        # Most jobs are there before the first blow, so that each one strikes workers that are busy.
        for _ in range(jobs // (2 * _SAVED_AT_ONCE)):
            self._save()
        self._wait_while(lambda: has_no_effects(self._engine))  # processes need seconds to start
        between = max(1, jobs // (2 * _SAVED_AT_ONCE * len(blows)))
        for blow in blows:
            for _ in range(between):
                self._save()
            time.sleep(self._dice.uniform(0.0, 0.5))
            blow()
        self._wait_while(lambda: unfinished(self._engine) > 0)
        return audit(self._engine)

    def _save(self) -> None:
        if self._number >= self._jobs:
            return
        numbers = range(self._number, self._number + _SAVED_AT_ONCE)
        self._number += _SAVED_AT_ONCE
        try:
            save(self._engine, numbers, self._dice)
        except DBAPIError:
            # The database was away. Whether the save was committed, its own table says.
            time.sleep(0.1)

    def _wait_while(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + _QUIET_SECONDS + self._jobs / 10
        while time.monotonic() < end:
            with contextlib.suppress(DBAPIError):  # the database is still starting
                if not condition():
                    return
            time.sleep(0.05)
