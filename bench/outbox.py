"""Compares saves with a job, by the outbox, plain RQ, Procrastinate and huey; and saves while Redis is away.

    uv run python -m bench.outbox

Each job comes with a save on the same database: in its transaction with ours, after it with the others. Times of one
round are taken right after each other; figures are medians over rounds. The peers on Redis promise less: their job is
not part of the save's transaction, and a worker that dies takes the job with it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import URL

from bench.outbox_peers import Huey, Indelible, Peer, PlainRQ, Procrastinate, Scenes, started, wait_for
from bench.outbox_saves import CONDITIONS, save_times
from bench.redis_servers import redis_server
from bench.servers import database


@dataclass(frozen=True)
class Figures:
    """One round of one peer: saves with a job, jobs run, and both together, each per second; and the latency.

    That is from the commit of a save to the start of its job on an idle worker, in milliseconds.
    """

    saved_per_second: float
    run_per_second: float
    both_per_second: float
    latency_ms: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the measurements and print their tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.outbox", description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=500, help="how many jobs a round runs (default 500)")
    parser.add_argument("--rounds", type=int, default=3, help="how often each peer is measured (default 3)")
    parser.add_argument(
        "--saves", type=int, default=300, help="how many saves for each state of Redis (default 300)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure there")
    options = parser.parse_args(arguments)
    logging.disable(logging.WARNING)  # that Redis is away is what is measured
    result = run(options.jobs, options.rounds, options.saves)
    if options.json:
        options.json.write_text(json.dumps(result, indent=1))


def run(jobs: int, rounds: int, saves: int) -> dict[str, Any]:
    """Measure everything, print it, and return it."""
    directory = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        with database("postgresql") as postgres, redis_server(directory) as redis:
            sqlite = URL.create("sqlite+aiosqlite", database=str(directory / "bench.sqlite3"))
            on_postgres, on_sqlite = Scenes(postgres), Scenes(sqlite)
            peers: list[Peer] = [
                Indelible(on_postgres, "indelible, PostgreSQL"),
                Procrastinate(on_postgres),
                Indelible(on_sqlite, "indelible, SQLite"),
                Huey(on_postgres, redis),
                PlainRQ(on_postgres, redis),
            ]
            figures = asyncio.run(_measure(peers, jobs, rounds))
            times = save_times(postgres, redis, saves)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    _print_figures(figures)
    _print_saves(times)
    return {
        "peers": {name: [asdict(one) for one in each] for name, each in figures.items()},
        "saves": times,
    }


async def _measure(peers: Sequence[Peer], jobs: int, rounds: int) -> dict[str, list[Figures]]:
    figures: dict[str, list[Figures]] = {peer.name: [] for peer in peers}
    for peer in peers:
        await peer.prepare()
    for _ in range(rounds):
        for peer in peers:
            figures[peer.name].append(await _round(peer, jobs))
    for peer in peers:
        await peer.close()
    return figures


async def _round(peer: Peer, jobs: int) -> Figures:
    started.clear()
    before = len(peer.started())
    began = time.perf_counter()
    for _ in range(jobs):
        await peer.save()
    enqueued = time.perf_counter()
    async with peer.working():
        # From the first job: starting a worker's process is not what is measured.
        await wait_for(peer, before + 1)
        first = time.perf_counter()
        await wait_for(peer, before + jobs)
        ran = time.perf_counter()
        latency = await _latency(peer)
    running, enqueuing = ran - first, enqueued - began
    return Figures(jobs / enqueuing, (jobs - 1) / running, jobs / (enqueuing + running), latency)


async def _latency(peer: Peer) -> float:
    """Return the median milliseconds from the commit of one job to its start, on an idle worker."""
    times = []
    for _ in range(20):
        await asyncio.sleep(0.05)  # idle again
        before = len(peer.started())
        await peer.save()
        committed = time.time()
        await wait_for(peer, before + 1)
        times.append((peer.started()[-1] - committed) * 1000)
    return median(times)


def _print_figures(figures: dict[str, list[Figures]]) -> None:
    print(f"{'':<24}{'save/s':>11}{'run/s':>9}{'both/s':>9}{'commit to start, ms':>21}")
    for name, rounds in figures.items():
        columns = [
            median(getattr(one, part) for one in rounds)
            for part in ("saved_per_second", "run_per_second", "both_per_second", "latency_ms")
        ]
        print("{:<24}{:>11.0f}{:>9.0f}{:>9.0f}{:>21.1f}".format(name, *columns))
    ours, theirs = (median(one.both_per_second for one in figures[name]) for name in _COMPARED)
    print(f"\n{' / '.join(_COMPARED)}, save and run: {ours / theirs:.2f}\n")


def _print_saves(times: dict[str, list[float]]) -> None:
    healthy = median(times["healthy"])
    for condition in CONDITIONS:
        middle = median(times[condition])
        print(f"save, Redis {condition:<12}{middle * 1000:>8.2f} ms{middle / healthy:>8.2f} x healthy")


_COMPARED = ("indelible, PostgreSQL", "procrastinate")

if __name__ == "__main__":
    main()
