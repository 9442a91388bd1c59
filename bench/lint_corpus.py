"""Scores `indelible check` against `tests/lint/corpus.toml` on trees that you have on disk.

    python -m bench.lint_corpus FOLDER [--within 3]

`FOLDER` has one git clone for each project, in a folder `owner+name`, checked out at the commit that the corpus
names. A project whose folder is missing is left out and told. A place counts as found when a finding is shown within
some lines of it in the same file.
"""

from __future__ import annotations

import argparse
import os
import tomllib
from collections.abc import Sequence
from pathlib import Path

from indelible.lint.engine import check
from indelible.lint.findings import Confidence

CORPUS = Path(__file__).parents[1] / "tests" / "lint" / "corpus.toml"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print found, missed and false places by project, then recall and precision."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--within", type=int, default=3, metavar="LINES")
    options = parser.parse_args(arguments)
    found = bugs = false = right = 0
    for project in tomllib.loads(CORPUS.read_text())["project"]:
        tree = options.folder / project["name"].replace("/", "+")
        if not tree.is_dir():
            print(f"{project['name']}: not on disk")
            continue
        shown = _shown(tree)
        for place in project["place"]:
            hit = any(
                (place["path"], place["line"] + by) in shown
                for by in range(-options.within, options.within + 1)
            )
            if place["verdict"] == "bug":
                bugs, found = bugs + 1, found + hit
            else:
                right, false = right + 1, false + hit
            if hit != (place["verdict"] == "bug"):
                print(f"{project['name']} {place['path']}:{place['line']} {'missed' if not hit else 'false'}")
    print(f"{bugs} bugs, {found} found; {right} right places, {false} found fault with")
    if bugs and found + false:
        print(f"recall {found / bugs:.2f}, precision {found / (found + false):.2f}")


def _shown(tree: Path) -> set[tuple[str, int]]:
    findings = check([str(tree)]).findings
    return {
        (os.path.relpath(finding.path, tree), finding.line)
        for finding in findings
        if finding.confidence >= Confidence.MEDIUM
    }


if __name__ == "__main__":
    main()
