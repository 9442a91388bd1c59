"""Runs the torture from the command line and writes each report as a line of JSON."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import tempfile
from pathlib import Path

from tests.acceptance.torture.running import run


def main() -> int:
    """Return 0 when every audit is clean."""
    parser = argparse.ArgumentParser(prog="python -m tests.acceptance.torture", description=__doc__)
    parser.add_argument("--url", help="an SQLAlchemy URL; by default a SQLite file")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seeds", default="0", help="as 0 or 0-9")
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument(
        "--whole", action="store_true", help="write whole documents, as plain JSON columns do"
    )
    options = parser.parse_args()
    first, _, last = options.seeds.partition("-")
    clean = True
    for seed in range(int(first), int(last or first) + 1):
        with tempfile.TemporaryDirectory(prefix="indelible-torture-") as directory:
            url = options.url or f"sqlite:///{directory}/torture.sqlite3"
            report = run(
                url,
                Path(directory),
                seed=seed,
                seconds=options.seconds,
                writers=options.writers,
                deltas=not options.whole,
            )
        clean &= report.is_clean
        sys.stdout.write(
            json.dumps({"seed": seed, "url": url.split(":")[0], **dataclasses.asdict(report)}) + "\n"
        )
        sys.stdout.flush()
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())
