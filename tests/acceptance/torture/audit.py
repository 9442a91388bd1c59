"""Compares what is stored with what was acknowledged."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Entry = dict[str, Any]
MAYBE = ("acknowledged", "unknown")


@dataclass
class Report:
    """What an audit found: how many changes had which outcome, and each that is not as it was acknowledged."""

    acknowledged: int = 0
    refused: int = 0
    unknown: int = 0
    kills: int = 0
    lost: list[str] = field(default_factory=list)
    """Acknowledged, and neither there nor removed or replaced by somebody who had seen it."""
    doubled: list[str] = field(default_factory=list)
    refused_but_stored: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Tell whether everything is as it was acknowledged."""
        return not (self.lost or self.doubled or self.refused_but_stored)


def read_log(path: Path) -> Iterator[tuple[str, list[Entry]]]:
    """Yield each transaction's outcome and entries; the last one of a killed writer is unknown."""
    entries: list[Entry] | None = None
    for text in path.read_text().splitlines():
        try:
            line = json.loads(text)
        except ValueError:
            break  # cut off by the kill, before the commit
        if "entries" in line:
            entries = line["entries"]
        elif entries is not None:
            yield line["outcome"], entries
            entries = None
    if entries is not None:
        yield "unknown", entries


def audit(documents: dict[int, Any], logs: Iterable[Path]) -> Report:
    """Return what the logs of all writers say of the stored documents."""
    report = Report()
    boards: defaultdict[int, list[tuple[str, Entry]]] = defaultdict(list)
    for log in logs:
        for outcome, entries in read_log(log):
            setattr(report, outcome, getattr(report, outcome) + len(entries))
            for entry in entries:
                boards[entry["board"]].append((outcome, entry))
    for number, document in documents.items():
        _Board(document, boards[number], report, f"board {number}").audit()
    return report


class _Board:
    def __init__(self, document: Any, entries: list[tuple[str, Entry]], report: Report, name: str) -> None:
        self._document = document
        self._entries = entries
        self._report = report
        self._name = name
        deletes = [entry for outcome, entry in entries if outcome in MAYBE and entry["kind"] == "delete"]
        self._deleted = {entry["token"] for entry in deletes}
        self._removed = {url for entry in deletes for url in entry["urls"]}
        puts = [(outcome, entry) for outcome, entry in entries if entry["kind"] == "put"]
        self._replaced = {entry["seen"] for outcome, entry in puts if outcome in MAYBE}
        self._replaced |= {entry["title"] for entry in deletes}
        self._acknowledged_puts = [entry for outcome, entry in puts if outcome == "acknowledged"]

    def audit(self) -> None:
        scenes = self._document["scenes"]
        images = Counter((scene["id"], url) for scene in scenes for url in scene["urls"])
        values = {*self._document["slots"].values(), *(scene["title"] for scene in scenes)}
        log, ids = Counter(self._document["log"]), Counter(scene["id"] for scene in scenes)
        for outcome, entry in self._entries:
            token = entry.get("token")
            match entry["kind"]:
                case "append":
                    self._once(outcome, f"append of {token}", log[token])
                case "image":
                    there = images[entry["scene"], token]
                    self._once(outcome, f"image {token}", there, may_be_gone=token in self._removed)
                case "scene":
                    self._once(outcome, f"scene {token}", ids[token], may_be_gone=token in self._deleted)
                case "put":
                    self._once(
                        outcome, f"put of {token}", token in values, may_be_gone=token in self._replaced
                    )
                case "delete":
                    if outcome == "acknowledged" and ids[token]:
                        self._report.lost.append(f"{self._name}: deletion of {token}")
        self._twice_replaced()
        self._counted()
        for name, count in (*log.items(), *images.items(), *ids.items()):
            if count > 1:
                self._report.doubled.append(f"{self._name}: {name} {count} times")

    def _once(self, outcome: str, what: str, count: int, *, may_be_gone: bool = False) -> None:
        if outcome == "acknowledged" and not count and not may_be_gone:
            self._report.lost.append(f"{self._name}: {what}")
        if outcome == "refused" and count:
            self._report.refused_but_stored.append(f"{self._name}: {what}")

    def _twice_replaced(self) -> None:
        """Of two who replaced one value, the second had not seen what the first put there."""
        seen = Counter((entry["place"], entry["seen"]) for entry in self._acknowledged_puts)
        for (place, value), count in seen.items():
            if count > 1:
                self._report.lost.append(f"{self._name}: a put at {place} over {value}")

    def _counted(self) -> None:
        amounts = {
            outcome: sum(
                entry["amount"]
                for each, entry in self._entries
                if each == outcome and entry["kind"] == "count"
            )
            for outcome in MAYBE
        }
        count = self._document["count"]
        if count < amounts["acknowledged"]:
            self._report.lost.append(f"{self._name}: {amounts['acknowledged'] - count} of the count")
        if count > sum(amounts.values()):
            self._report.doubled.append(f"{self._name}: {count - sum(amounts.values())} of the count")
