"""Seconds and peak memory of `indelible check`, cold and warm, beside `ast.parse` of the same files in one run.

    python -m bench.lint PATH…          # trees on disk; by default the installed SQLAlchemy

Each measurement is a process of its own. `cold` has no cache; `warm` is a second check of an unchanged tree.
Peak memory is the sum of the largest process and the number of its children times the largest child.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

_PARSE = """
import ast, sys, time
from indelible.lint.discovering import python_files, read_text
start = time.perf_counter()
for path, _ in python_files(sys.argv[1:]):
    try:
        ast.parse(read_text(path))
    except (SyntaxError, ValueError):
        pass
print(time.perf_counter() - start)
"""
_CHECK = """
import json, resource, sys, time
start = time.perf_counter()
from indelible.lint.caching import key_of, load, store
from indelible.lint.discovering import python_files
from indelible.lint.engine import check_files
files = python_files(sys.argv[2:])
key = key_of(files)
known = load(sys.argv[1], key)
if known is None:
    result = check_files(files)
    store(sys.argv[1], key, result.findings, result.problems)
seconds = time.perf_counter() - start
own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps([seconds, (own + 2 * child) / 1024]))
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print one line for each tree."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("paths", nargs="*")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    trees = options.paths or [_installed("sqlalchemy")]
    measured = {os.path.basename(os.path.normpath(tree)): measure(tree) for tree in trees}
    print(
        f"{'tree':<24} {'lines':>8} {'parse s':>8} {'cold s':>8} {'ratio':>6} {'warm s':>8} {'ratio':>6} {'MB':>6}"
    )
    for name, one in measured.items():
        parse, cold, warm = one["parse"], one["cold"], one["warm"]
        print(
            f"{name:<24} {one['lines']:>8.0f} {parse:>8.2f} {cold:>8.2f} {cold / parse:>6.2f} {warm:>8.2f} "
            f"{warm / parse:>6.2f} {one['megabytes']:>6.0f}"
        )
    if options.json:
        options.json.write_text(json.dumps(measured, indent=1))


def measure(tree: str) -> dict[str, float]:
    """Return lines, seconds of parsing, of a cold and a warm check, and megabytes of the cold one."""
    from indelible.lint.discovering import python_files

    lines = sum(Path(path).read_bytes().count(b"\n") for path, _ in python_files([tree]))
    parse = float(_run(_PARSE, tree))
    with tempfile.TemporaryDirectory() as cache:
        cold, megabytes = json.loads(_run(_CHECK, cache, tree))
        warm, _ = json.loads(_run(_CHECK, cache, tree))
    return {"lines": lines, "parse": parse, "cold": cold, "warm": warm, "megabytes": megabytes}


def _run(code: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout


def _installed(package: str) -> str:
    from importlib.util import find_spec

    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return os.path.dirname(spec.origin)


if __name__ == "__main__":
    main()
