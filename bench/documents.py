"""Compares tracked documents with their peers: loading, reading, changing, and many rows, in one run.

    uv run python -m bench.documents

The times of one round are taken right after each other, and the ratios are medians over rounds, so they hold on a
machine that does other work too; the times themselves are context.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import URL, Engine, text

from bench import measuring, reporting
from bench.databases import connected, fill
from bench.many_rows import WAYS, Cost
from bench.measuring import Times
from bench.peers import STRICT, Peer, peers
from bench.samples import Sample, configuration, samples
from bench.servers import BACKENDS, database

_OPERATIONS = {
    reporting.LOAD: measuring.load,
    reporting.LOAD_AND_READ: measuring.load_and_read,
    reporting.CHANGE: measuring.change_and_flush,
}
_MANY = "many "


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the measurements and print their tables."""
    options = _parser().parse_args(arguments)
    result: dict[str, Any] = {
        "python": platform.python_version(),
        "sqlalchemy": sqlalchemy.__version__,
        "clock": options.clock,
    }
    print(", ".join(f"{name} {value}" for name, value in result.items()))
    for backend in options.backend or BACKENDS:
        with database(backend) as url:
            result[backend] = _run(url, options)
    if options.json:
        options.json.write_text(json.dumps(result, indent=1))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.documents", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--quick", action="store_true", help="a run of some seconds, whose numbers mean little"
    )
    parser.add_argument("--rounds", type=int, help="how often each peer is measured (default 40, quick 1)")
    parser.add_argument(
        "--rows", type=int, help="how many rows are loaded and dropped (default 10000, quick 100)"
    )
    parser.add_argument("--backend", choices=BACKENDS, action="append", help="measure this one (default all)")
    parser.add_argument(
        "--clock",
        choices=measuring.CLOCKS,
        default="wall",
        help="wall: what the program waits for (default); cpu: its own work, for a machine that is busy",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every single measurement there")
    return parser


def _run(url: URL, options: argparse.Namespace) -> dict[str, Any]:
    rounds = options.rounds or (1 if options.quick else 40)
    rows = options.rows or (100 if options.quick else 10_000)
    with connected(url) as engine:
        _store(engine, rows)
        _print_title(_version(engine))
        times = {
            sample.name: _measure_operations(engine, sample, measuring.CLOCKS[options.clock], rounds)
            for sample in samples()
        }
        costs = _measure_many_rows(url, rows, options.clock, 1 if options.quick else 5)
    _print_missed(times)
    return {"operations": times, "many_rows": _plain(costs)}


def _store(engine: Engine, rows: int) -> None:
    documents = [(sample.name, sample.document) for sample in samples()]
    many = [(f"{_MANY}{number:06}", configuration(number)) for number in range(rows)]
    _tell(f"storing {len(documents)} documents and {rows} rows on {engine.dialect.name}")
    fill(engine, peers()[1].row, documents + many)


def _measure_operations(
    engine: Engine, sample: Sample, clock: measuring.Clock, rounds: int
) -> dict[str, Times]:
    compared = peers()
    for peer in compared:
        measuring.check_change_is_saved(engine, sample, peer)
    times: dict[str, Times] = {}
    for name, measure in _OPERATIONS.items():
        _tell(f"{engine.dialect.name}: {sample.name}: {name}")
        times[name] = measuring.in_turns(compared, rounds, partial(measure, engine, sample, clock))
    _print_title(f"{sample.name}: {sample.size:,} bytes, {sample.containers:,} objects and arrays")
    print(reporting.operations_table(sample.name, times))
    return times


def _measure_many_rows(url: URL, rows: int, clock: str, rounds: int) -> dict[str, dict[str, list[Cost]]]:
    compared = [peer for peer in peers() if peer.name != STRICT]
    costs: dict[str, dict[str, list[Cost]]] = {}
    for way in WAYS:
        _tell(f"{url.get_backend_name()}: {rows} rows, {way}")
        costs[way] = {peer.name: [] for peer in compared}
        for _round in range(rounds):
            for peer in compared:
                costs[way][peer.name].append(_many_rows_in_a_process(url, peer, way, clock))
        _print_title(f"{rows:,} rows of 1 kB, {way} (resident memory of one process each)")
        print(reporting.many_rows_table(costs[way]))
    return costs


def _many_rows_in_a_process(url: URL, peer: Peer, way: str, clock: str) -> Cost:
    address = url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "bench.many_rows", address, peer.name, _MANY, way, clock]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=Path(__file__).parent.parent)
    return Cost(**json.loads(done.stdout))


def _plain(costs: dict[str, dict[str, list[Cost]]]) -> Any:
    return {
        way: {peer: [asdict(cost) for cost in rounds] for peer, rounds in by_peer.items()}
        for way, by_peer in costs.items()
    }


def _version(engine: Engine) -> str:
    sqlite = engine.dialect.name == "sqlite"
    question = "SELECT 'SQLite ' || sqlite_version()" if sqlite else "SELECT version()"
    with engine.connect() as connection:
        return str(connection.execute(text(question)).scalar_one()).split(" on ")[0]


def _print_missed(times: dict[str, dict[str, Times]]) -> None:
    lines = reporting.missed(times)
    print("\nAll targets met." if not lines else "\nTargets missed:\n  " + "\n  ".join(lines))


def _print_title(title: str) -> None:
    print(f"\n## {title}\n", flush=True)


def _tell(progress: str) -> None:
    print(progress, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
