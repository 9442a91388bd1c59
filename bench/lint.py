"""Seconds and peak memory of `indelible check`, cold and warm, beside `ast.parse` of the same files in one run.

    python -m bench.lint [PATH…] [--lines 100000 300000 700000] [--runs 3]

Trees on disk, or, without any, the installed SQLAlchemy; and projects generated with so many lines. Each is copied,
so that nothing is written beside it. `cold` has no cache, `changed` is a check after one file was changed, `warm` one
after none was. Each is the whole command, from the start of Python to its end, the quickest of some runs; parsing is
measured inside a process. The last ratio compares seconds of processors instead, all processes together: it says more
where others use the machine too. The check's modules are compiled before, as an installer does.

Megabytes are the most that all processes of a cold check hold together, looked up twenty times a second in a run of its
own: the proportional set size, which counts a page that forked processes share once. Where the system does not tell it,
they are the largest process, times the cores, which counts shared pages several times.
"""

from __future__ import annotations

import argparse
import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from bench.lint_trees import generate

_PARSE = """
import ast, sys, time
from indelible.lint.discovering import python_files, read_text
start, used = time.perf_counter(), time.process_time()
for path, _ in python_files(["."]):
    try:
        ast.parse(read_text(path))
    except (SyntaxError, ValueError):
        pass
print(time.perf_counter() - start, time.process_time() - used)
"""
_LOOK_SECONDS = 0.05
# as an installer's `indelible` does
_CHECK = ("-c", "from indelible.cli import script; script()", "check", ".", "--format", "json")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print one line of a Markdown table for each tree."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--lines", nargs="*", type=int, default=[100_000, 300_000, 700_000])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    measured: dict[str, dict[str, float]] = {}
    print(
        "| tree | lines | `ast.parse` s | cold s | times | changed s | times | warm s | times | cold CPU | MB |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for name, tree in _trees(options.paths or [_installed("sqlalchemy")], options.lines):
        one = measured[name] = measure(tree, options.runs)
        cells = [f"{one['parse']:.2f}"]
        for kind in ("cold", "changed", "warm"):
            cells += [f"{one[kind]:.2f}", f"{one[kind] / one['parse']:.2f}"]
        cells += [f"{one['cold_cpu'] / one['parse_cpu']:.2f}", f"{one['megabytes']:.0f}"]
        print(f"| {name} | {one['lines']:,.0f} | {' | '.join(cells)} |", flush=True)
    if options.json:
        options.json.write_text(json.dumps(measured, indent=1))


def _trees(paths: Sequence[Path], lines: Sequence[int]) -> Iterator[tuple[str, Path]]:
    for path in paths:
        with _folder() as folder:
            shutil.copytree(path, folder / path.name, ignore=_other_files, symlinks=True)
            yield path.name, folder
    for count in lines:
        with _folder() as folder:
            generate(folder, count)
            yield "generated", folder


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "pyproject.toml").write_text("")
        yield Path(folder)


def _other_files(folder: str, names: list[str]) -> list[str]:
    return [
        name for name in names if not name.endswith(".py") and not os.path.isdir(os.path.join(folder, name))
    ]


def measure(tree: Path, runs: int) -> dict[str, float]:
    """Return lines, seconds of parsing, of a cold check, one with a changed file, a warm one, and megabytes."""
    files = sorted(path for path in tree.rglob("*.py") if path.is_file())
    found: dict[str, list[float]] = defaultdict(list)
    _check(tree, "cold", defaultdict(list))  # compiles the modules of the check
    for run in range(runs):
        parsed = subprocess.run(
            [sys.executable, "-c", _PARSE], check=True, stdout=subprocess.PIPE, cwd=tree, env=_environment()
        )
        wall, used = map(float, parsed.stdout.split())
        found["parse"].append(wall)
        found["parse_cpu"].append(used)
        shutil.rmtree(tree / ".indelible_cache", ignore_errors=True)
        _check(tree, "cold", found)
        with files[len(files) // 2].open("a") as file:
            file.write(f"\n\ndef bench_{run}(value):\n    return value\n")
        _check(tree, "changed", found)
        _check(tree, "warm", found)
    best = {name: min(values) for name, values in found.items()}
    lines = sum(path.read_bytes().count(b"\n") for path in files)
    return {**best, "megabytes": _megabytes(tree) or max(found["megabytes"]), "lines": lines}


def _megabytes(tree: Path) -> float:
    """Return the most memory that the processes of a cold check hold at a time, 0 where the system does not tell."""
    shutil.rmtree(tree / ".indelible_cache", ignore_errors=True)
    most = 0.0
    with _started(tree) as process:
        while process.poll() is None:
            most = max(most, sum(map(_proportional_kilobytes, _with_children(process.pid))))
            time.sleep(_LOOK_SECONDS)
    return most / 1024


def _with_children(process: int) -> list[int]:
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:  # it ended, or this is no Linux
        return [process]
    return [process, *(below for child in children for below in _with_children(int(child)))]


def _proportional_kilobytes(process: int) -> int:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def _environment() -> dict[str, str]:
    """Return the environment with compiled modules kept, in a folder of this run."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": _compiled()}


@cache
def _compiled() -> str:
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _check(tree: Path, kind: str, found: dict[str, list[float]]) -> None:
    start = time.perf_counter()
    with _started(tree) as process:
        _, status, resources = os.wait4(process.pid, 0)  # with those of its own children
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise RuntimeError(f"the check of {tree} ended with {process.returncode}")
    found[kind].append(seconds)
    found[f"{kind}_cpu"].append(resources.ru_utime + resources.ru_stime)
    found["megabytes"].append((os.cpu_count() or 1) * resources.ru_maxrss / 1024)


def _started(tree: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, *_CHECK], cwd=tree, stdout=subprocess.DEVNULL, env=_environment()
    )


def _installed(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise LookupError(package)
    return Path(spec.origin).parent


if __name__ == "__main__":
    main()
