"""Remembers what a check found, and the facts of each file, for as long as the files do not change.

A file is taken as unchanged if its size, times and inode are, or else if its content is. Everything is kept as JSON:
what lies in a project's folder may come from a stranger, and is never run.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from indelible.lint.findings import Confidence, Finding, Related, Result

if TYPE_CHECKING:
    from indelible.lint.facts import FileFacts

FOLDER = ".indelible_cache"
_FOUND, _FACTS = "found.json", "facts.json"
_RECENT = 2_000_000_000
"""Nanoseconds: a file changed so shortly before it was looked at may change again and keep its times."""


Stamp = list[int]
"""What the file system says of a file without reading it: size, times of change in nanoseconds, inode."""


class _Entry(NamedTuple):
    root: str
    stamp: Stamp
    digest: str


class Cache:
    """What is known of earlier checks of these files, given with the roots that they were found under."""

    def __init__(self, folder: str, files: Sequence[tuple[str, str]]) -> None:
        self._folder = folder
        self._files = files
        self._checker = _checker()
        self._taken = time.time_ns()
        self._stamps = {path: _stamp(path) for path, _ in files}
        self._stored = self._load(_FOUND)
        self._entries: dict[str, _Entry] = {}
        self._unchanged: set[str] = set()
        try:
            self._compare()
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            self._stored, self._entries = {}, {}

    def _load(self, name: str) -> dict[str, object]:
        try:
            with open(os.path.join(self._folder, name), encoding="utf-8") as file:
                stored = json.load(file)
            return stored if stored["checker"] == self._checker else {}
        except (OSError, ValueError, KeyError, TypeError):
            return {}

    def _compare(self) -> None:
        stored, looked = self._stored, False
        files: Mapping[str, list[object]] = stored.get("files", {})  # type: ignore[assignment]  # as `store` wrote it
        taken = int(stored.get("taken", 0))  # type: ignore[call-overload]
        self._entries = {path: _Entry(*entry) for path, entry in files.items()}  # type: ignore[arg-type]  # as written
        for path, root in self._files:
            entry = self._entries.get(path)
            now = self._stamps[path]
            if entry is None or entry.root != root or now is None:
                continue
            size, modified, changed, _ = now
            if now == entry.stamp and modified < taken - _RECENT and changed < taken - _RECENT:
                self._unchanged.add(path)
            elif size == entry.stamp[0] and _digest_of_file(path) == entry.digest:
                self._unchanged.add(path)
                self._entries[path] = entry._replace(stamp=now)
                looked = True
        if looked and self._all_unchanged():
            self._write_found(self._stored)

    def _all_unchanged(self) -> bool:
        return len(self._unchanged) == len(self._files) == len(self._entries)

    def result(self) -> Result | None:
        """Return what an earlier check of the very same files found, None if it is not known."""
        if not self._all_unchanged():
            return None
        try:
            findings: list[list[object]] = self._stored["findings"]  # type: ignore[assignment]  # as `store` wrote it
            problems: dict[str, str] = self._stored["problems"]  # type: ignore[assignment]
            return Result([_finding(one) for one in findings], problems, len(self._files))
        except (KeyError, TypeError, ValueError, IndexError):
            return None

    def facts(self) -> dict[str, FileFacts]:
        """Return the facts of the files that did not change."""
        from indelible.lint.facts import file_from_json

        found: dict[str, FileFacts] = {}
        stored: Mapping[str, list[object]] = self._load(_FACTS).get("facts", {})  # type: ignore[assignment]
        try:
            for path in self._unchanged & stored.keys():
                facts = file_from_json(stored[path])
                if facts.digest == self._entries[path].digest and facts.path == path:
                    found[path] = facts
        except (KeyError, TypeError, ValueError, IndexError):
            return {}
        return found

    def store(self, result: Result, facts: Iterable[FileFacts]) -> None:
        """Keep what a check found, and nothing older; a folder that cannot be written is no error."""
        from indelible.lint.facts import file_to_json

        kept = {one.path: one for one in facts}
        self._entries = {
            path: _Entry(root, stamp, kept[path].digest)
            for path, root in self._files
            if (stamp := self._stamps[path]) is not None and kept[path].digest
        }
        self._write(_FACTS, {"facts": {path: file_to_json(one) for path, one in kept.items()}})
        self._write_found({"findings": result.findings, "problems": result.problems})

    def _write_found(self, stored: Mapping[str, object]) -> None:
        self._write(_FOUND, {**stored, "taken": self._taken, "files": self._entries})

    def _write(self, name: str, content: Mapping[str, object]) -> None:
        path = os.path.join(self._folder, name)
        try:
            os.makedirs(self._folder, exist_ok=True)
            with open(os.path.join(self._folder, ".gitignore"), "w", encoding="utf-8") as file:
                file.write("*\n")
            beside = f"{path}.{os.getpid()}"
            with open(beside, "w", encoding="utf-8") as file:
                # made here, without circles: not to look for them saves a fifth
                file.write(json.dumps({**content, "checker": self._checker}, check_circular=False))
            os.replace(beside, path)
        except OSError:
            return


def _stamp(path: str) -> Stamp | None:
    try:
        stat = os.stat(path)
    except OSError:
        return None
    return [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino]


def digest_of(content: bytes) -> str:
    """Return what tells two contents apart."""
    try:
        # `hashlib` loads OpenSSL, which takes as long as to look whether a thousand files have changed
        from _blake2 import blake2b
    except ImportError:
        from hashlib import blake2b

    return blake2b(content, digest_size=16).hexdigest()


def _digest_of_file(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return digest_of(file.read())
    except OSError:
        return ""


def _checker() -> str:
    """Return what changes when the checker is edited or updated, or another Python reads the files."""
    here = os.path.dirname(__file__)
    folders = (here, os.path.join(here, "rules"))
    stats = (os.stat(os.path.join(d, n)) for d in folders for n in sorted(os.listdir(d)) if n.endswith(".py"))
    code = ",".join(f"{stat.st_size}:{stat.st_mtime_ns}" for stat in stats)
    return f"{sys.version_info[:3]} {code}"


def _finding(values: list[object]) -> Finding:
    finding = Finding(*values)  # type: ignore[arg-type]  # as `store` wrote them
    related = tuple(Related(*one) for one in finding.related)
    return finding._replace(confidence=Confidence(finding.confidence), related=related)
