"""Compares ways to let several processes change one document: changes a second, what is lost, bytes and round trips.

    uv run python -m bench.writers

Each round runs all ways right after each other, each for some seconds with all its writers; the ratios are medians over
rounds, to SQL written by hand. Lost is what was acknowledged and is not in the document at the end.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any, TypedDict

from sqlalchemy import URL, create_engine, make_url

from bench import ways_of_writing
from bench.samples import chat
from bench.servers import BACKENDS, database
from bench.ways_of_writing import WAYS
from bench.wire import counted

_LIMIT = "SQL by hand"
_SPAWN = multiprocessing.get_context("spawn")


class Run(TypedDict):
    """What one way did in one round."""

    written: int
    lost: int
    seconds: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the measurements and print their tables."""
    options = _parser().parse_args(arguments)
    results: dict[str, Any] = {}
    for backend in options.backend or BACKENDS:
        with database(backend) as url:
            for size in options.size or ([1_000] if options.quick else [1_000, 10_000, 100_000, 1_000_000]):
                for writers in options.writers or ([2] if options.quick else [1, 8, 32]):
                    name = f"{backend}, {size // 1000} kB, {writers} writers"
                    results[name] = _measure(url, size, writers, options)
                    _print_table(name, results[name])
            if backend == "postgresql":
                results["wire"] = _measure_wire(url, options)
    if options.json:
        options.json.write_text(json.dumps(results, indent=1))
    if options.plot:
        _plot(results, options.plot)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.writers", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--quick", action="store_true", help="a run of some seconds, whose numbers mean little"
    )
    parser.add_argument("--rounds", type=int, help="how often each way is measured (default 3, quick 1)")
    parser.add_argument(
        "--seconds", type=float, help="how long each way writes in a round (default 2, quick 0.2)"
    )
    parser.add_argument(
        "--size", type=int, action="append", help="bytes of the document; may be given several times"
    )
    parser.add_argument("--writers", type=int, action="append", help="processes; may be given several times")
    parser.add_argument("--backend", choices=BACKENDS, action="append", help="measure this one (default all)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every single measurement there")
    parser.add_argument(
        "--plot", type=Path, metavar="FILE", help="draw the changes a second there (needs matplotlib)"
    )
    return parser


def _measure(url: URL, size: int, writers: int, options: argparse.Namespace) -> dict[str, list[Run]]:
    seconds = options.seconds or (0.2 if options.quick else 2)
    runs: defaultdict[str, list[Run]] = defaultdict(list)
    for _ in range(options.rounds or (1 if options.quick else 3)):
        for way in WAYS:
            runs[way].append(_run(url, way, size, writers, seconds))
    return dict(runs)


def _run(url: URL, way: str, size: int, writers: int, seconds: float) -> Run:
    """Let all writers write at once, and count what is there afterwards."""
    engine = create_engine(url)
    ways_of_writing.wait_for_locks(engine)
    ways_of_writing.store(engine, chat(size) | {"log": []})
    barrier = _SPAWN.Barrier(writers + 1)
    results: Any = _SPAWN.Queue()
    address = url.render_as_string(hide_password=False)
    processes = [
        _SPAWN.Process(target=_write, args=(address, way, number, seconds, barrier, results))
        for number in range(writers)
    ]
    for process in processes:
        process.start()
    barrier.wait()
    started = time.perf_counter()
    acknowledged = [entry for _ in processes for entry in results.get()]
    elapsed = time.perf_counter() - started
    for process in processes:
        process.join()
    with engine.connect() as connection:
        there = set(ways_of_writing.entries(connection, way))
    engine.dispose()
    return Run(written=len(acknowledged), lost=len(set(acknowledged) - there), seconds=elapsed)


def _write(address: str, way: str, number: int, seconds: float, barrier: Barrier, results: Any) -> None:
    engine = create_engine(make_url(address))
    ways_of_writing.wait_for_locks(engine)
    with engine.connect():
        pass
    written: list[str] = []
    barrier.wait()
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        entry = f"{number}-{len(written)}"
        WAYS[way](engine, entry)
        written.append(entry)
    engine.dispose()
    results.put(written)


def _rate(run: Run) -> float:
    return run["written"] / run["seconds"]


def _ratio(runs: dict[str, list[Run]], way: str) -> float:
    pairs = zip(runs[way], runs[_LIMIT], strict=True)
    return statistics.median(_rate(ours) / max(_rate(limit), 1e-9) for ours, limit in pairs)


def _print_table(name: str, runs: dict[str, list[Run]]) -> None:
    print(f"\n## {name}\n\n{'':24} changes/s  of SQL by hand  lost")
    for way, each in runs.items():
        rate = statistics.median(map(_rate, each))
        lost, written = sum(run["lost"] for run in each), sum(run["written"] for run in each)
        print(f"{way:24} {rate:9.0f}  {_ratio(runs, way):14.2f}  {lost} of {written}")


def _measure_wire(url: URL, options: argparse.Namespace) -> dict[str, dict[str, float]]:
    """Count bytes and round trips of a change in a document of 100 kB, commits and loads included."""
    changes = 5 if options.quick else 50
    figures = {}
    print(f"\n## On PostgreSQL's wire, for one change of 100 kB\n\n{'':24} sent, B  received, B  round trips")
    for way in WAYS:
        with (
            tempfile.TemporaryDirectory(prefix="wire-") as directory,
            counted(Path(str(url.query["host"])), Path(directory)) as traffic,
        ):
            engine = create_engine(url.update_query_dict({"host": directory}))
            ways_of_writing.store(engine, chat(100_000) | {"log": []})
            WAYS[way](engine, "first")
            traffic.reset()
            for number in range(changes):
                WAYS[way](engine, str(number))
            figures[way] = {
                "sent": traffic.sent / changes,
                "received": traffic.received / changes,
                "turns": traffic.turns / changes,
            }
            engine.dispose()
        print(
            f"{way:24} {figures[way]['sent']:7.0f}  {figures[way]['received']:11.0f}  {figures[way]['turns']:11.1f}"
        )
    return figures


def _plot(results: dict[str, Any], file: Path) -> None:
    from matplotlib import pyplot

    tables = {name: runs for name, runs in results.items() if name != "wire"}
    figure, axes = pyplot.subplots(figsize=(12, 0.5 + 0.9 * len(tables)), layout="constrained")
    height = 0.8 / len(WAYS)
    for index, way in enumerate(WAYS):
        rates = [statistics.median(map(_rate, runs[way])) for runs in tables.values()]
        places = [row + index * height for row in range(len(tables))]
        axes.barh(places, rates, height=height, label=way)
    axes.set_yticks([row + 0.4 for row in range(len(tables))], list(tables))
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlabel("changes a second, all writers together")
    axes.legend()
    figure.savefig(file, dpi=110)


if __name__ == "__main__":
    main()
