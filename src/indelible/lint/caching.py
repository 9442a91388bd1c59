"""Remembers what a check found, for as long as no file it read changes."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from importlib.metadata import version

from indelible.lint.findings import Confidence, Finding, Related

FOLDER = ".indelible_cache"


def key_of(files: Iterable[tuple[str, str]]) -> str:
    """Return a digest of the names and contents of files, and of the checker itself."""
    digest = hashlib.blake2b(f"{version('indelible')}\0{_own_code()}".encode(), digest_size=20)
    for path, root in files:
        digest.update(f"\0{path}\0{root}\0".encode())
        try:
            with open(path, "rb") as file:
                digest.update(hashlib.blake2b(file.read(), digest_size=20).digest())
        except OSError:
            digest.update(b"unreadable")
    return digest.hexdigest()


def _own_code() -> str:
    """Return what changes when the checker is edited, so that its developers see no old findings."""
    here = os.path.dirname(__file__)
    folders = (here, os.path.join(here, "rules"))
    stats = (os.stat(os.path.join(d, n)) for d in folders for n in sorted(os.listdir(d)) if n.endswith(".py"))
    return ",".join(f"{stat.st_size}:{stat.st_mtime_ns}" for stat in stats)


def load(folder: str, key: str) -> tuple[list[Finding], dict[str, str]] | None:
    """Return the findings and problems stored under a key, None if there are none or they cannot be read."""
    try:
        with open(os.path.join(folder, f"{key}.json"), encoding="utf-8") as file:
            stored = json.load(file)
        return [_finding(one) for one in stored["findings"]], dict(stored["problems"])
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return None


def _finding(values: list[object]) -> Finding:
    finding = Finding(*values)  # type: ignore[arg-type]  # as `store` wrote them
    related = tuple(Related(*one) for one in finding.related)
    return finding._replace(confidence=Confidence(finding.confidence), related=related)


def store(folder: str, key: str, findings: list[Finding], problems: dict[str, str]) -> None:
    """Keep what a check found, and nothing older; a folder that cannot be written is no error."""
    try:
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, ".gitignore"), "w", encoding="utf-8") as file:
            file.write("*\n")
        for name in os.listdir(folder):
            if name.endswith(".json"):
                os.remove(os.path.join(folder, name))
        with open(os.path.join(folder, f"{key}.json"), "w", encoding="utf-8") as file:
            json.dump({"findings": findings, "problems": problems}, file)
    except OSError:
        return
