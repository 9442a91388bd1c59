"""Processes that change shared documents and are killed at random lose nothing that was acknowledged to them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import make_url

from tests.acceptance.torture.audit import Report, audit
from tests.acceptance.torture.storyboard import DELETED, IMAGES, SCENES

ROOT = Path(__file__).parents[2]
SECONDS = os.environ.get("INDELIBLE_TORTURE_SECONDS", "6")
SEEDS = os.environ.get("INDELIBLE_TORTURE_SEEDS", "0")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/torture.sqlite3"
    uri = request.getfixturevalue("postgres_uri")
    name = f"torture_{uuid4().hex}"
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return (
        make_url(uri)
        .set(drivername="postgresql+psycopg", database=name)
        .render_as_string(hide_password=False)
    )


def run(module: str, *arguments: str) -> list[Any]:
    """Run a module and return the lines of JSON that it writes."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=3000,
        check=False,
    )
    assert not done.stderr, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.timeout(3600)
def test_nothing_acknowledged_is_lost_or_doubled(url: str) -> None:
    """Contract 4: 8 processes append, put, edit by key, move, delete and count, and are killed at random.

    INDELIBLE_TORTURE_SECONDS (6) and INDELIBLE_TORTURE_SEEDS (0, or as 0-9) make it longer.
    """
    reports = run("tests.acceptance.torture", "--url", url, "--seconds", SECONDS, "--seeds", SEEDS)
    assert reports
    for report in reports:
        print(report)  # noqa: T201 - with its seed
        assert report["lost"] == report["doubled"] == report["refused_but_stored"] == [], report["seed"]
        assert report["acknowledged"] > 20
        assert report["kills"] > 2


def test_the_audit_finds_what_whole_documents_lose(url: str) -> None:
    """With deltas switched off (a plain JSON column, written as a whole) the same run has losses, and they are told."""
    [report] = run("tests.acceptance.torture", "--url", url, "--seconds", "6", "--seeds", "1", "--whole")
    assert report["acknowledged"] > 20
    assert report["lost"]


@pytest.mark.parametrize("how", [[], ["--patches"]], ids=["loaded", "patches"])
def test_story_003(url: str, how: list[str]) -> None:
    """20 scenes x 4 images from 8 processes at once, scenes reversed and one deleted: 76 stored, 4 reported."""
    [answer] = run("tests.acceptance.torture.storyboard", url, *how)
    scenes = answer["project"]["scenes"]
    assert [scene["id"] for scene in scenes] == [
        f"scene-{number}" for number in range(SCENES, 0, -1) if f"scene-{number}" != DELETED
    ]
    images = {(scene["id"], image) for scene in scenes for image in scene["imageUrls"]}
    assert images == {
        (f"scene-{scene}", f"{scene}-{image}.png")
        for scene in range(1, SCENES + 1)
        for image in range(IMAGES)
        if f"scene-{scene}" != DELETED
    }
    assert sum(len(scene["imageUrls"]) for scene in scenes) == len(answer["saved"]) == 76
    assert sorted(answer["reported"]) == [[DELETED, f"7-{image}.png"] for image in range(IMAGES)]
    assert answer["project"]["title"] == "Dusk"


DOCUMENT = {
    "log": ["a1", "a2"],
    "slots": {"a": "p2", "b": None, "c": None},
    "scenes": [{"id": "s1", "urls": ["i1"], "title": None}, {"id": "s2", "urls": [], "title": "t1"}],
    "count": 5,
}
LOG: list[tuple[str, dict[str, Any]]] = [
    ("acknowledged", {"kind": "append", "token": "a1"}),
    ("unknown", {"kind": "append", "token": "a2"}),
    ("unknown", {"kind": "append", "token": "a3"}),
    ("refused", {"kind": "append", "token": "a4"}),
    ("acknowledged", {"kind": "put", "place": "a", "token": "p1", "seen": None}),
    ("acknowledged", {"kind": "put", "place": "a", "token": "p2", "seen": "p1"}),
    ("acknowledged", {"kind": "put", "place": "s2", "token": "t1", "seen": None}),
    ("acknowledged", {"kind": "image", "scene": "s1", "token": "i1"}),
    ("acknowledged", {"kind": "image", "scene": "s3", "token": "i3"}),
    ("acknowledged", {"kind": "scene", "token": "s2"}),
    ("acknowledged", {"kind": "delete", "token": "s3", "urls": ["i3"], "title": None}),
    ("acknowledged", {"kind": "count", "amount": 3}),
    ("unknown", {"kind": "count", "amount": 2}),
]


def audited(directory: Path, document: Any, log: list[tuple[str, dict[str, Any]]]) -> Report:
    lines = [
        line
        for outcome, entry in log
        for line in ({"entries": [{"board": 1, **entry}]}, {"outcome": outcome})
    ]
    file = directory / "1.log"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return audit({1: document}, [file])


def test_an_audit_is_clean_when_all_is_as_acknowledged(tmp_path: Path) -> None:
    """What nobody knows may be there or not; what was seen may be replaced or removed."""
    report = audited(tmp_path, DOCUMENT, LOG)
    assert report.is_clean, report
    assert (report.acknowledged, report.unknown, report.refused) == (9, 3, 1)


@pytest.mark.parametrize(
    ("stored", "found"),
    [
        ({"log": ["a2"]}, "append of a1"),
        ({"slots": {"a": "p1"}}, "put of p2"),
        ({"slots": {}}, "put of p2"),
        ({"scenes": [{"id": "s1", "urls": [], "title": None}, DOCUMENT["scenes"][1]]}, "image i1"),  # type: ignore[index]
        ({"scenes": [{"id": "s1", "urls": ["i1"], "title": "t1"}]}, "scene s2"),
        ({"scenes": [*DOCUMENT["scenes"], {"id": "s3", "urls": [], "title": None}]}, "deletion of s3"),  # type: ignore[misc]
        ({"count": 2}, "1 of the count"),
    ],
)
def test_an_audit_finds_what_is_lost(tmp_path: Path, stored: dict[str, Any], found: str) -> None:
    """Each kind of change."""
    assert audited(tmp_path, DOCUMENT | stored, LOG).lost == [f"board 1: {found}"]


@pytest.mark.parametrize(
    ("stored", "found"),
    [
        ({"log": ["a1", "a2", "a2"]}, "a2 2 times"),
        ({"scenes": [*DOCUMENT["scenes"], DOCUMENT["scenes"][1]]}, "s2 2 times"),  # type: ignore[misc, index]
        ({"count": 6}, "1 of the count"),
    ],
)
def test_an_audit_finds_what_is_doubled(tmp_path: Path, stored: dict[str, Any], found: str) -> None:
    """Also what nobody knows of may be there once only."""
    assert audited(tmp_path, DOCUMENT | stored, LOG).doubled == [f"board 1: {found}"]


def test_an_audit_finds_what_was_overwritten_unseen(tmp_path: Path) -> None:
    """Two replaced the same value, so the second had not seen the first one's."""
    unseen = ("acknowledged", {"kind": "put", "place": "a", "token": "p2", "seen": None})
    log = [unseen if entry.get("token") == "p2" else (outcome, entry) for outcome, entry in LOG]
    assert audited(tmp_path, DOCUMENT, log).lost == ["board 1: put of p1", "board 1: a put at a over None"]


def test_an_audit_finds_what_was_refused_and_stored(tmp_path: Path) -> None:
    """A conflict writes nothing."""
    report = audited(tmp_path, DOCUMENT | {"log": ["a1", "a4"]}, LOG)
    assert report.refused_but_stored == ["board 1: append of a4"]
