"""Times of the peers, taken in turns so that a busy machine slows all of them alike."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from statistics import median
from time import perf_counter, process_time
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bench.peers import Peer
from bench.samples import Sample

Clock = Callable[[], float]

CLOCKS: dict[str, Clock] = {"wall": perf_counter, "cpu": process_time}
"""What a program waits for; and what its own process works, which other work on the machine hardly changes."""

Times = dict[str, list[float]]
"""Seconds by peer, one per round; those of one round were taken right after each other."""


def in_turns(peers: Sequence[Peer], rounds: int, measure: Callable[[Peer], float]) -> Times:
    """Measure each peer once a round, beginning with another one each time, after a round that is not counted."""
    times: Times = {peer.name: [] for peer in peers}
    for number in range(-1, rounds):
        for peer in _rotated(peers, number):
            gc.collect()  # no peer pays for the garbage of another
            with peer.mode():
                seconds = measure(peer)
            if number >= 0:
                times[peer.name].append(seconds)
    return times


def ratio(times: Times, peer: str, other: str) -> float:
    """Return the median over the rounds of how many times as long as the other a peer took."""
    return median(a / b for a, b in zip(times[peer], times[other], strict=True))


def load(engine: Engine, sample: Sample, clock: Clock, peer: Peer) -> float:
    """Return the seconds that loading a row takes."""
    return _mean(_load_once(engine, sample, clock, peer, _leave) for _ in range(sample.repeats))


def load_and_read(engine: Engine, sample: Sample, clock: Clock, peer: Peer) -> float:
    """Return the seconds that loading a row and reading every leaf of its document take."""
    return _mean(_load_once(engine, sample, clock, peer, read_leaves) for _ in range(sample.repeats))


def change_and_flush(engine: Engine, sample: Sample, clock: Clock, peer: Peer) -> float:
    """Return the seconds that a change deep inside a loaded document and its flush take."""
    return _mean(_change_once(engine, sample, clock, peer, f"change {n}") for n in range(sample.repeats))


def check_change_is_saved(engine: Engine, sample: Sample, peer: Peer) -> None:
    """Make sure that what is measured as a change reaches the database.

    Raises:
        RuntimeError: it does not.
    """
    with peer.mode(), Session(engine) as session:
        stored = _get(session, sample, peer)
        sample.change(stored.body, "changed")
        peer.announce(stored)
        session.flush()
        session.expire_all()
        if stored.body == sample.document:
            raise RuntimeError(f"{peer.name} did not save the change of the {sample.name}")


def read_leaves(value: Any) -> int:
    """Visit every leaf of a document; return how many there are."""
    leaves = 0
    for item in value.values() if isinstance(value, dict) else value:
        if isinstance(item, dict | list):
            leaves += read_leaves(item)
        else:
            leaves += 1
    return leaves


def _load_once(
    engine: Engine, sample: Sample, clock: Clock, peer: Peer, then: Callable[[Any], object]
) -> float:
    with Session(engine) as session:
        session.connection()
        start = clock()
        stored = _get(session, sample, peer)
        then(stored.body)
        return clock() - start


def _change_once(engine: Engine, sample: Sample, clock: Clock, peer: Peer, value: str) -> float:
    with Session(engine) as session:
        stored = _get(session, sample, peer)
        start = clock()
        sample.change(stored.body, value)
        peer.announce(stored)
        session.flush()
        return clock() - start


def _get(session: Session, sample: Sample, peer: Peer) -> Any:
    return session.get_one(peer.row, sample.name)


def _leave(_document: Any) -> None:
    """Do nothing with it."""


def _mean(seconds: Iterator[float]) -> float:
    taken = list(seconds)
    return sum(taken) / len(taken)


def _rotated(peers: Sequence[Peer], by: int) -> Sequence[Peer]:
    start = by % len(peers)
    return [*peers[start:], *peers[:start]]
