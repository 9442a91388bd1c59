"""Loads and drops many rows by one peer, in a process of its own so that its memory can be told apart.

Run by `bench.documents`, as `python -m bench.many_rows URL PEER PREFIX WAY CLOCK`; writes JSON to the standard output.
"""

from __future__ import annotations

import gc
import json
import resource
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, make_url, select
from sqlalchemy.orm import Session

from bench.databases import connected
from bench.measuring import CLOCKS, Clock
from bench.peers import Peer, peers

_BATCH = 100


@dataclass
class Cost:
    """What loading and dropping the rows took: seconds, bytes and objects."""

    load: float = 0.0
    drop: float = 0.0
    peak_memory: int = 0
    collections: int = 0
    full_collections: int = 0
    collecting: float = 0.0
    """Seconds of `load` and `drop` in which the garbage collector ran."""
    garbage: int = 0
    """Objects that only the garbage collector can free, after everything was dropped."""
    final_collection: float = 0.0


class _Collector:
    """Notes the runs of the garbage collector and the time they take."""

    def __init__(self, cost: Cost, clock: Clock) -> None:
        self._cost = cost
        self._clock = clock
        self._start = 0.0

    def __call__(self, phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            self._start = self._clock()
            return
        self._cost.collecting += self._clock() - self._start
        self._cost.collections += 1
        self._cost.full_collections += info["generation"] == 2


def hold_all(session: Session, rows: Any, clock: Clock) -> Cost:
    """Load all rows, then drop them."""
    return _measured(clock, lambda cost: _hold_all(session, rows, clock, cost))


def let_pass(session: Session, rows: Any, clock: Clock) -> Cost:
    """Load the rows in batches and drop each batch before the next."""
    return _measured(clock, lambda cost: _let_pass(session, rows, clock, cost))


WAYS = {"held": hold_all, "passing": let_pass}


def _hold_all(session: Session, rows: Any, clock: Clock, cost: Cost) -> None:
    start = clock()
    held = session.scalars(rows).all()
    loaded = clock()
    session.expunge_all()
    del held
    cost.load, cost.drop = loaded - start, clock() - loaded


def _let_pass(session: Session, rows: Any, clock: Clock, cost: Cost) -> None:
    start = clock()
    for _batch in session.scalars(rows.execution_options(yield_per=_BATCH)).partitions():
        pass
    del _batch
    cost.load = clock() - start


def _measured(clock: Clock, work: Callable[[Cost], None]) -> Cost:
    cost = Cost()
    collector = _Collector(cost, clock)
    gc.collect()
    before = _reset_peak_memory()
    gc.callbacks.append(collector)
    work(cost)
    gc.callbacks.remove(collector)
    cost.peak_memory = _peak_memory() - before
    start = clock()
    cost.garbage = gc.collect()
    cost.final_collection = clock() - start
    return cost


def _reset_peak_memory() -> int:
    """Forget the peak so far where the system can; return the resident bytes from which to count."""
    clear = Path("/proc/self/clear_refs")
    if clear.exists():
        clear.write_text("5")
    return _peak_memory()


def _peak_memory() -> int:
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def run(engine: Engine, peer: Peer, prefix: str, way: str, clock: Clock) -> Cost:
    """Load and drop the rows whose names begin with a prefix."""
    rows = select(peer.row).where(peer.row.name.startswith(prefix))
    with peer.mode(), Session(engine) as session:
        session.scalars(rows.limit(_BATCH)).all()  # compiles the statement and the mappers
        session.expunge_all()
        return WAYS[way](session, rows, clock)


def main(arguments: list[str]) -> None:
    """Measure one peer and write its cost."""
    url, name, prefix, way, clock = arguments
    peer = next(peer for peer in peers() if peer.name == name)
    with connected(make_url(url)) as engine:
        print(json.dumps(asdict(run(engine, peer, prefix, way, CLOCKS[clock]))))


if __name__ == "__main__":
    main(sys.argv[1:])
