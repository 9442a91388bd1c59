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

from indelible.lint.result import Result

TYPE_CHECKING = False  # see `result`
if TYPE_CHECKING:
    from indelible.lint.facts import FileFacts
    from indelible.lint.findings import Finding

FOLDER = ".indelible_cache"
_FOUND, _FACTS = "found.jsonl", "facts.json"
_RECENT = 2_000_000_000
"""Nanoseconds: a file changed so shortly before it was looked at may change again and keep its times."""


Stamp = list[int]
"""What the file system says of a file without reading it: size, times of change in nanoseconds, inode."""


class Cache:
    """What is known of earlier checks of these files, given with the roots that they were found under.

    The first line of what was found holds the findings and one digest of all stamps, the second the stamp and digest of
    each file. Where nothing changed, which is what most checks find, the first is enough.
    """

    def __init__(self, folder: str, files: Sequence[tuple[str, str]]) -> None:
        self._folder = folder
        self._files = files
        self._checker = _checker()
        self._taken = time.time_ns()
        self._stamps = [_stamp(path) for path, _ in files]
        self._stored: dict[str, object] = {}
        self._digests: dict[str, str] = {}
        """The digest of each file that did not change; empty if all stamps are the known ones."""
        self._all_unchanged = False
        try:
            self._compare()
        except (OSError, KeyError, TypeError, ValueError, AttributeError):
            self._stored, self._digests, self._all_unchanged = {}, {}, False

    def _compare(self) -> None:
        with open(os.path.join(self._folder, _FOUND), encoding="utf-8") as file:
            stored = json.loads(file.readline())
            if stored["checker"] != self._checker:
                return
            self._stored, young = stored, stored["young"]
            entries = file.read()
        if stored["stamps"] == self._digest_of_stamps() and all(
            _digest_of_file(path) == digest for path, digest in young.items()
        ):
            self._all_unchanged = True
            still = young and self._young(young)
            if len(still) < len(young):
                self._write(_FOUND, _as_json({**stored, "young": still}), entries)
            return
        self._compare_each(json.loads(entries), young)

    def _compare_each(self, entries: Mapping[str, tuple[str, Stamp, str]], young: Mapping[str, str]) -> None:
        looked = False
        for (path, root), now in zip(self._files, self._stamps, strict=True):
            known_root, stamp, digest = entries.get(path, ("", None, ""))
            if stamp is None or known_root != root or now is None:
                continue
            if now == stamp and path not in young:
                self._digests[path] = digest
            elif now[0] == stamp[0] and _digest_of_file(path) == digest:
                self._digests[path] = digest
                looked = True
        self._all_unchanged = len(self._digests) == len(self._files) == len(entries)
        if looked and self._all_unchanged:
            self._write_found(self._stored["findings"], self._stored["problems"], self._digests)

    def _young(self, digests: Mapping[str, str]) -> dict[str, str]:
        """Return the digests of the files that were changed so shortly ago that their times may not tell a change."""
        since = self._taken - _RECENT
        return {
            path: digests[path]
            for (path, _), stamp in zip(self._files, self._stamps, strict=True)
            if stamp is not None and path in digests and max(stamp[1], stamp[2]) >= since
        }

    def _digest_of_stamps(self) -> str:
        return digest_of(repr((self._files, self._stamps)).encode())

    def result(self) -> Result | None:
        """Return what an earlier check of the very same files found, None if it is not known."""
        if not self._all_unchanged:
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
        if not self._digests:
            return found
        try:
            with open(os.path.join(self._folder, _FACTS), encoding="utf-8") as file:
                stored = json.load(file)
            if stored["checker"] != self._checker:
                return {}
            for path in self._digests.keys() & stored["facts"].keys():
                facts = file_from_json(stored["facts"][path])
                if facts.digest == self._digests[path] and facts.path == path:
                    found[path] = facts
        except (OSError, KeyError, TypeError, ValueError, IndexError, AttributeError):
            return {}
        return found

    def store(self, result: Result, facts: Iterable[FileFacts]) -> None:
        """Keep what a check found, and nothing older; a folder that cannot be written is no error."""
        from indelible.lint.facts import file_to_json

        kept = {one.path: one for one in facts}
        written = {path: file_to_json(one) for path, one in kept.items()}
        self._write(_FACTS, _as_json({"checker": self._checker, "facts": written}))
        self._write_found(
            result.findings, result.problems, {path: one.digest for path, one in kept.items() if one.digest}
        )

    def _write_found(self, findings: object, problems: object, digests: Mapping[str, str]) -> None:
        entries = {
            path: (root, stamp, digests[path])
            for (path, root), stamp in zip(self._files, self._stamps, strict=True)
            if stamp is not None and path in digests
        }
        found = {
            "checker": self._checker,
            # a file that could not be read is looked at again
            "stamps": self._digest_of_stamps() if len(entries) == len(self._files) else "",
            "young": self._young(digests),
            "findings": findings,
            "problems": problems,
        }
        self._write(_FOUND, _as_json(found), _as_json(entries))

    def _write(self, name: str, *lines: str) -> None:
        path = os.path.join(self._folder, name)
        try:
            os.makedirs(self._folder, exist_ok=True)
            with open(os.path.join(self._folder, ".gitignore"), "w", encoding="utf-8") as file:
                file.write("*\n")
            beside = f"{path}.{os.getpid()}"
            with open(beside, "w", encoding="utf-8") as file:
                file.write("\n".join(lines))
            os.replace(beside, path)
        except OSError:
            return


def _as_json(value: Mapping[str, object]) -> str:
    # made here, without circles: not to look for them saves a fifth
    return json.dumps(value, check_circular=False)


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
    from indelible.lint.findings import Confidence, Finding, Related

    finding = Finding(*values)  # type: ignore[arg-type]  # as `store` wrote them
    related = tuple(Related(*one) for one in finding.related)
    return finding._replace(confidence=Confidence(finding.confidence), related=related)
