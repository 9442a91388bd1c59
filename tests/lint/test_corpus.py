"""The corpus of judged places, and what scores a checker against it."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from indelible.lint.rules import RULES

ROOT = Path(__file__).parents[2]


class Place(NamedTuple):
    """A judged place with its project."""

    project: str
    commit: str
    held_out: bool
    path: str
    line: int
    verdict: str
    rule: str = ""
    fix: str = ""
    saved: str = ""


def _places(project: dict[str, Any]) -> list[Place]:
    held_out = project.get("held_out", False)
    return [Place(project["name"], project["commit"], held_out, **place) for place in project["places"]]


PLACES = [
    place
    for project in tomllib.loads(Path(__file__).with_name("corpus.toml").read_text())["project"]
    for place in _places(project)
]


def test_the_corpus_holds_enough_proved_bugs_and_places_that_are_right() -> None:
    """At least 40 bugs are proved by a later fix, 80 places are right, and 12 projects bear them."""
    proved = [place for place in PLACES if place.verdict == "bug" and place.fix]
    assert len(proved) >= 40
    assert len({place.project for place in proved}) >= 12
    assert sum(place.verdict == "right" for place in PLACES) >= 80


def test_what_is_held_out_is_whole_projects() -> None:
    """Held-out projects have bugs and right places, and none of them teaches; there may be none between two parts."""
    held_out = {place.project for place in PLACES if place.held_out}
    others = {place.project for place in PLACES if not place.held_out}
    assert not held_out & others
    assert len(held_out) <= 0.4 * len(held_out | others)
    assert not held_out or {place.verdict for place in PLACES if place.held_out} == {"bug", "right"}


def test_each_place_is_well_formed() -> None:
    """Commits are hexadecimal, bugs name a rule that exists, and nothing but a path names a place."""
    codes = set(RULES)
    for place in PLACES:
        assert re.fullmatch(r"[0-9a-f]{9,40}", place.commit)
        assert re.fullmatch(r"([0-9a-f]{10,40})?", place.fix)
        assert place.path.endswith(".py")
        assert not place.path.startswith(("/", "."))
        assert place.line > 0
        assert place.verdict in {"bug", "right"}
        assert (place.rule in codes) == (place.verdict == "bug")
        assert len(place.saved) < 80


def test_no_place_is_named_twice() -> None:
    """In one file of a commit, lines differ: a finding means the place that is closest to it."""
    assert len({(*place[:2], place.path, place.line) for place in PLACES}) == len(PLACES)


@pytest.fixture
def clones(tmp_path: Path) -> Path:
    """A folder with one clone, in which `model.py` is judged at its first commit and empty at the newest one."""
    clone = tmp_path / "clones" / "owner+name"
    clone.mkdir(parents=True)
    _git(clone, "init", "-q")
    (clone / "model.py").write_text("one\n" * 40)
    (clone / "notes.txt").write_text("no code\n")
    _commit(clone)
    (clone / "model.py").write_text("")
    _commit(clone)
    return clone.parent


PRINTS_LINES = """\
for line in (5, 20, lines):
    print(f"{sys.argv[1]}/model.py:{line}:1 IND101 told")
"""
PRINTS_JSON = """\
found = [{"path": path, "line": line, "rule": "IND101"} for path, line in
         (("model.py", 5), (sys.argv[1] + "/model.py", 20))]
advice = [{"path": "model.py", "line": 30, "rule": "IND201"}]
print(json.dumps([*found, {"path": "model.py", "line": lines}, *advice]))
"""


@pytest.mark.parametrize("prints", [PRINTS_LINES, PRINTS_JSON], ids=["lines", "json"])
def test_a_checker_is_scored_on_the_commit_that_the_corpus_names(
    clones: Path, tmp_path: Path, prints: str
) -> None:
    """Found, missed and false places are counted by rule and project; places nobody judged are told; no advice."""
    commit = _git(clones / "owner+name", "rev-parse", "HEAD~1").strip()
    checker = tmp_path / "checker.py"
    checker.write_text(
        "import json, pathlib, sys\n"
        "lines = len(pathlib.Path(sys.argv[1], 'model.py').read_text().splitlines())\n" + prints
    )
    told = _scored(clones, _corpus(tmp_path, commit), f"{sys.executable} {checker} {{tree}}")
    assert f"owner/name {commit}: 1 findings at places that nobody judged" in told
    assert f"owner/name {commit} model.py:30 missed IND102" in told
    assert f"owner/name {commit} model.py:20 false IND101 (a copy)" in told
    assert _numbers(told, "IND101") == ["1", "1", "1", "1", "1.00", "0.50"]
    assert _numbers(told, "IND102") == ["1", "0", "0", "0", "0.00"]
    assert _numbers(told, "owner/name ") == ["2", "1", "3", "1", "0.50", "0.50"]
    assert _numbers(told, "only bugs that a fix proves") == ["1", "1", "3", "1", "1.00", "0.50"]
    assert "owner/absent 0123456789: not on disk" in told


def _scored(clones: Path, corpus: Path, checker: str) -> str:
    command = [
        sys.executable,
        "-m",
        "bench.lint_corpus",
        str(clones),
        "--corpus",
        str(corpus),
        "--checker",
        checker,
    ]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def _corpus(folder: Path, commit: str) -> Path:
    corpus = folder / "corpus.toml"
    corpus.write_text(
        f'[[project]]\nname = "owner/name"\ncommit = "{commit}"\nplaces = [\n'
        '{ path = "model.py", line = 7, verdict = "bug", rule = "IND101", fix = "0123456789" },\n'
        '{ path = "model.py", line = 8, verdict = "right", saved = "the bug is closer to 5" },\n'
        '{ path = "model.py", line = 20, verdict = "right", saved = "a copy" },\n'
        '{ path = "model.py", line = 12, verdict = "right" },\n'
        '{ path = "model.py", line = 30, verdict = "bug", rule = "IND102" },\n]\n'
        '[[project]]\nname = "owner/absent"\ncommit = "0123456789"\nplaces = [\n'
        '{ path = "model.py", line = 1, verdict = "right" },\n]\n'
    )
    return corpus


def _numbers(told: str, start: str) -> list[str]:
    line = next(line for line in told.splitlines() if line.startswith(start) and " bugs " in line)
    return re.findall(r"(?<![\w.])\d[\d.]*", line.removeprefix(start))


def _commit(clone: Path) -> None:
    _git(clone, "add", "-A")
    _git(clone, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "change")


def _git(clone: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", "-C", str(clone), *arguments], capture_output=True, text=True, check=True
    ).stdout
