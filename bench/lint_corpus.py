"""Scores a checker against `tests/lint/corpus.toml` on clones that you have on disk.

    python -m bench.lint_corpus CLONES [--checker 'COMMAND {tree}'] [--within 3] [--only NAME] [--corpus FILE]

`CLONES` has one git clone for each project with its history, bare or not, in a folder `owner+name`. The Python files of
each commit that the corpus names are unpacked from it into a folder for the time of the run. A project whose clone or
commit is missing is left out and told.

A checker is any command that prints findings as `path:line: ...`, or as a JSON list of objects with `path`, `line` and
perhaps `rule`; by default it is `indelible check`. A finding is taken to mean the closest place in its file, if that is
within some lines. Findings at places that the corpus does not know are counted, and neither right nor wrong.
"""

from __future__ import annotations

import argparse
import io
import json
import re
import shlex
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

CORPUS = Path(__file__).parents[1] / "tests" / "lint" / "corpus.toml"
CHECKER = f"{shlex.quote(sys.executable)} -m indelible.lint check --no-cache --format json {{tree}}"
ADVICE = ("IND2", "IND3")
_LINE = re.compile(r"^(?P<path>[^:\n]+\.pyi?):(?P<line>\d+)(?::\d+)?:?\s+(?P<rule>[A-Z]+\d+)?", re.MULTILINE)
_TREE_SECONDS = 300


class Place(NamedTuple):
    """One judged place. `verdict` is `bug` or `right`, `fix` the later commit that proves a bug, if there is one."""

    project: str
    commit: str
    held_out: bool
    path: str
    line: int
    verdict: str
    rule: str
    fix: str
    saved: str


class Judged(NamedTuple):
    """A place, whether the checker found fault with it, and by which rule."""

    place: Place
    hit: bool
    rule: str = ""


class Score(NamedTuple):
    """Counts of places and of what a checker said about them."""

    bugs: int = 0
    found: int = 0
    right: int = 0
    false: int = 0

    def __str__(self) -> str:
        recall = f"{self.found / self.bugs:.2f}" if self.bugs else "-"
        said = self.found + self.false
        precision = f"{self.found / said:.2f}" if said else "-"
        return (
            f"{self.bugs:4} bugs {self.found:4} found {self.right:4} right {self.false:3} false"
            f"   recall {recall:>4}   precision {precision:>4}"
        )


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the misses and the false findings, then the scores by rule, by project, held out or not, and of all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("clones", type=Path)
    parser.add_argument("--checker", default=CHECKER, metavar="COMMAND")
    parser.add_argument("--within", type=int, default=3, metavar="LINES")
    parser.add_argument("--corpus", type=Path, default=CORPUS, metavar="FILE")
    parser.add_argument("--only", default="", metavar="NAME", help="only projects with this in their name")
    options = parser.parse_args(arguments)
    judged: list[Judged] = []
    for tree in trees(read(options.corpus)):
        if options.only in tree[0].project:
            judged += _judge_tree(tree, options.clones, options.checker, options.within)
    for one in judged:
        if one.hit != (one.place.verdict == "bug"):
            print(_told(one))
    print_scores("rule", [one.place.rule or one.rule for one in judged], judged)
    print_scores("project", [one.place.project for one in judged], judged)
    print_scores("group", ["held out" if one.place.held_out else "others" for one in judged], judged)
    proved = [one for one in judged if one.place.fix or one.place.verdict == "right"]
    print(f"{'only bugs that a fix proves':42}{score(proved)}")
    print(f"{'all':42}{score(judged)}")


def read(corpus: Path) -> list[Place]:
    """Read the places of a corpus file in its order."""
    projects = tomllib.loads(corpus.read_text())["project"]
    return [_place(project, place) for project in projects for place in project["places"]]


def trees(places: Sequence[Place]) -> Iterator[list[Place]]:
    """Group places by project and commit."""
    groups: dict[tuple[str, str], list[Place]] = {}
    for place in places:
        groups.setdefault((place.project, place.commit), []).append(place)
    yield from groups.values()


def unpack(clone: Path, commit: str, into: Path) -> bool:
    """Write the Python files of a commit into a folder; False when the clone or the commit is missing."""
    for folder in (clone, clone / ".git", clone / "repo", clone / "repo" / ".git"):
        if (folder / "HEAD").is_file():
            git = ["git", "--git-dir", str(folder), "archive", commit, ":(glob)**/*.py"]
            archive = subprocess.run(git, capture_output=True, check=False)
            if archive.returncode == 0:
                with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
                    files.extractall(into, filter="data")
                return True
    return False


def findings(checker: str, tree: Path) -> dict[tuple[str, int], str]:
    """Run a checker; return the paths, relative to the tree, and lines that it found fault with, and by which rules.

    A checker that is not done with a tree after five minutes has found nothing in it.
    """
    command = [part.format(tree=tree) for part in shlex.split(checker)]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=_TREE_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        print(f"{tree.name}: not done after {_TREE_SECONDS} s")
        return {}
    try:
        listed = [_listed(found) for found in json.loads(ran.stdout) if not _is_advice(found)]
    except json.JSONDecodeError:
        listed = [
            (match["path"], int(match["line"]), match["rule"] or "") for match in _LINE.finditer(ran.stdout)
        ]
    prefix = f"{tree.resolve()}/"
    return {(str((tree / path).resolve()).removeprefix(prefix), line): rule for path, line, rule in listed}


def meant(
    places: Sequence[Place], found: Collection[tuple[str, int]], within: int
) -> dict[Place, set[tuple[str, int]]]:
    """Return for each place the findings that mean it: those to which no other place of the file is closer."""
    meaning: dict[Place, set[tuple[str, int]]] = {place: set() for place in places}
    for path, line in found:
        distances = {place: abs(place.line - line) for place in places if place.path == path}
        closest = min(distances.values(), default=within + 1)
        if closest <= within:
            for place, distance in distances.items():
                if distance == closest:
                    meaning[place].add((path, line))
    return meaning


def score(judged: Sequence[Judged]) -> Score:
    """Count places by their verdict, and how many of them a checker found fault with."""
    counts = Counter((one.place.verdict, one.hit) for one in judged)
    bugs = counts["bug", True] + counts["bug", False]
    right = counts["right", True] + counts["right", False]
    return Score(bugs, counts["bug", True], right, counts["right", True])


def print_scores(title: str, groups: Sequence[str], judged: Sequence[Judged]) -> None:
    """Print one line of scores for each group; `groups` names the group of each judged place, or none."""
    print(f"\nby {title}")
    for group in sorted(set(groups) - {""}):
        members = [one for one, name in zip(judged, groups, strict=True) if name == group]
        print(f"{group:42}{score(members)}")


def _judge_tree(places: list[Place], clones: Path, checker: str, within: int) -> list[Judged]:
    project, commit = places[0].project, places[0].commit
    with tempfile.TemporaryDirectory(prefix="corpus-") as folder:
        tree = Path(folder) / f"{project.replace('/', '+')}@{commit}"
        tree.mkdir()
        if not unpack(clones / project.replace("/", "+"), commit, tree):
            print(f"{project} {commit}: not on disk")
            return []
        found = findings(checker, tree)
    near = meant(places, found, within)
    if unknown := set(found).difference(*near.values()):
        print(f"{project} {commit}: {len(unknown)} findings at places that nobody judged")
    return [Judged(place, bool(hits), found[min(hits)] if hits else "") for place, hits in near.items()]


def _place(project: Mapping[str, Any], place: Mapping[str, Any]) -> Place:
    return Place(
        project["name"],
        project["commit"],
        project.get("held_out", False),
        place["path"],
        place["line"],
        place["verdict"],
        place.get("rule", ""),
        place.get("fix", ""),
        place.get("saved", ""),
    )


def _listed(found: Mapping[str, Any]) -> tuple[str, int, str]:
    return str(found["path"]), int(found["line"]), str(found.get("rule", ""))


def _is_advice(found: Mapping[str, Any]) -> bool:
    return str(found.get("rule", "")).startswith(ADVICE)


def _told(one: Judged) -> str:
    place = one.place
    said = f"missed {place.rule}" if place.verdict == "bug" else f"false {one.rule} ({place.saved})"
    return f"{place.project} {place.commit} {place.path}:{place.line} {said}"


if __name__ == "__main__":
    main()
