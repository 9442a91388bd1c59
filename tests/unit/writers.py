"""Random writers: documents, and edits in plain Python that work on tracked and on built-in containers alike."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from indelible.changes.deltas import Delta
from indelible.changes.merging import Merged, merge
from indelible.changes.policies import Policies
from indelible.changes.values import plain
from tests.unit.sheets import Sheet

KEYS = {"chapters": "slug", "scenes[*].shots": "slug"}
POLICIES = Policies(keys=KEYS)

ODD_KEYS = ("", "0", "01", "-", "a.b", 'q"', "b\\", "é", "[0]", "$", "a/b", "~", " ", "x" * 70)
VALUES = (0, 1, 1.0, True, False, None, "", "a", "b", -0.0, 2**64, 1e300, 0.1, "é😀")


def cases(default: int) -> range:
    """Return the seeds to try: as many as INDELIBLE_CASES says, from INDELIBLE_SEED on."""
    start = int(os.environ.get("INDELIBLE_SEED", "0"))
    return range(start, start + int(os.environ.get("INDELIBLE_CASES", default)))


class Source:
    """Makes values: unique ones, or such as are often equal."""

    def __init__(self, rng: random.Random, name: str, *, unique: bool, flat: bool = False) -> None:
        self.rng = rng
        self.unique = unique
        self.values: Sequence[Any] = VALUES
        self.flat = flat
        """Lists without keys hold no containers."""
        self._name = name
        self._count = 0

    def token(self) -> str:
        """Return a text that was not there before."""
        self._count += 1
        return f"{self._name}{self._count}"

    def atom(self) -> Any:
        """Return a value that is no container."""
        return self.token() if self.unique else self.rng.choice(self.values)

    def value(self, depth: int = 0) -> Any:
        """Return any value."""
        kind = self.rng.random()
        if kind < 0.6 or depth > 2:
            return self.atom()
        if kind < 0.8:
            return {self.key(): self.value(depth + 1) for _ in range(self.rng.randrange(3))}
        return self.atoms() if self.flat else [self.value(depth + 1) for _ in range(self.rng.randrange(4))]

    def key(self) -> str:
        """Return an object key, an odd one now and then."""
        return self.rng.choice(ODD_KEYS) if self.rng.random() < 0.1 else self.rng.choice("abcxyz")

    def element(self, kind: str) -> Any:
        """Return a new element for the list that a member of this name holds."""
        if kind == "scenes":
            shots = [self.element("shots") for _ in range(self.rng.randrange(3))]
            return {"id": self.token(), "urls": self.atoms(), "shots": shots, "x": self.value(2)}
        if kind == "shots":
            return {"slug": self.token(), "note": self.atom()}
        if kind == "chapters":
            return {"slug": self.rng.randrange(10**9), "text": self.atom()}
        return self.atom() if self.flat else self.value(2)

    def atoms(self) -> list[Any]:
        """Return a short list of atoms."""
        return [self.atom() for _ in range(self.rng.randrange(4))]

    def document(self) -> dict[str, Any]:
        """Return a document with lists of each kind."""
        count = self.rng.randrange
        return {
            "scenes": [self.element("scenes") for _ in range(count(4))],
            "chapters": [self.element("chapters") for _ in range(count(3))],
            "tags": self.atoms(),
            "mixed": [self.element("mixed") for _ in range(count(5))],
            "settings": {self.key(): self.value(1) for _ in range(count(5))},
            "a": self.value(),
        }


_LISTS = ("scenes", "chapters", "shots", "tags", "mixed", "urls")
_IDENTITIES = ("id", "slug")


def edit(document: Any, source: Source, times: int, *, puts_in: bool = True, renames: bool = True) -> None:
    """Change a document as a program does; `puts_in`: elements into lists too; `renames`: keys of elements too."""
    for _ in range(times):
        name, container = source.rng.choice(list(_containers("", document)))
        if isinstance(container, dict):
            _edit_object(container, source, puts_in=puts_in, renames=renames)
        else:
            _edit_list(name, container, source, puts_in=puts_in)


def _containers(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    yield name, value
    for step, item in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(item, dict | list):
            yield from _containers(step if isinstance(step, str) else "", item)


def _edit_object(container: dict[str, Any], source: Source, *, puts_in: bool, renames: bool) -> None:
    rng = source.rng
    value = source.value(1) if puts_in else source.atom()
    free = [key for key in container if key not in _LISTS and key not in _IDENTITIES]
    kind = rng.random()
    if free and kind < 0.5:
        container[rng.choice(free)] = value
    elif free and kind < 0.7:
        del container[rng.choice(free)]
    elif kind < 0.75 and renames and "id" in container:
        container["id"] = source.token()
    else:
        container[source.key()] = value


def _edit_list(name: str, elements: list[Any], source: Source, *, puts_in: bool) -> None:
    rng = source.rng
    kind = rng.randrange(7)
    if kind < 2 and puts_in:
        elements.append(source.element(name))
    elif kind == 2 and puts_in:
        elements.insert(rng.randrange(len(elements) + 1), source.element(name))
    elif kind == 3 and elements:
        elements.pop(rng.randrange(len(elements)))
    elif kind == 4 and elements:
        elements.insert(rng.randrange(len(elements)), elements.pop(rng.randrange(len(elements))))
    elif kind == 5 and elements and puts_in:
        elements[rng.randrange(len(elements))] = source.element(name)
    elif kind == 6 and len(elements) > 1 and rng.random() < 0.3:
        elements.reverse()


class Writer:
    """Somebody who read a document and changed it."""

    def __init__(self, base: Any, policies: Policies = POLICIES) -> None:
        self.base = plain(base)
        self.sheet = Sheet(base)
        self.policies = policies

    @property
    def document(self) -> Any:
        """The tracked document."""
        return self.sheet.root

    @property
    def mine(self) -> Any:
        """The document as the writer has it."""
        return plain(self.sheet.root)

    @property
    def delta(self) -> Delta:
        """The writer's changes."""
        return self.sheet.delta()

    def merged_into(self, theirs: Any) -> Merged:
        """Merge the changes into what is stored."""
        return merge(self.base, self.delta, theirs, self.policies, document="doc")


def wrote(
    base: Any,
    source: Source,
    times: int,
    policies: Policies = POLICIES,
    *,
    puts_in: bool = True,
    renames: bool = True,
) -> Writer:
    """Return a writer that changed a document so many times."""
    writer = Writer(base, policies)
    edit(writer.document, source, times, puts_in=puts_in, renames=renames)
    return writer


def atoms_in(value: Any) -> Counter[str]:
    """Count the texts in a document."""
    if isinstance(value, dict):
        return sum((atoms_in(item) for item in value.values()), Counter())
    if isinstance(value, list):
        return sum((atoms_in(item) for item in value), Counter())
    return Counter([repr(value)])


def unordered(value: Any) -> Any:
    """Return something that is equal for two documents that differ in the order of elements only."""
    if isinstance(value, dict):
        return "object", sorted((key, unordered(item)) for key, item in value.items())
    if isinstance(value, list):
        return "list", sorted((unordered(item) for item in value), key=repr)
    return value.__class__.__name__, repr(value)
