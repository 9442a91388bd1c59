"""Resolves names across the modules of a project."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from indelible.lint.facts import ClassFacts, FileFacts, Shape

_MOST_STEPS = 16


class ClassRef(NamedTuple):
    """A class of the project: the file it is in, and its qualified name."""

    path: str
    name: str


class Symbol(NamedTuple):
    """What a name stands for.

    `kind` is `class`, `function`, `module`, `alias`, `member` (of the project: `path`, `name`), `external` (a dotted
    name in `name`) or `unknown`.
    """

    kind: str
    path: str = ""
    name: str = ""


UNKNOWN = Symbol("unknown")


class Names:
    """The modules of a project by every dotted name that an import may use for them."""

    def __init__(self, files: Iterable[FileFacts]) -> None:
        self.files = {facts.path: facts for facts in files}
        self._by_name: dict[str, list[FileFacts]] = defaultdict(list)
        for facts in self.files.values():
            parts = facts.module.split(".")
            for start in range(len(parts)):
                self._by_name[".".join(parts[start:])].append(facts)
        self._known: dict[tuple[str, str], Symbol] = {}

    def module(self, name: str, importer: FileFacts) -> FileFacts | None:
        """Return the file that `import name` means in another file, if it is of this project."""
        inside = name.startswith(".")
        name = name.lstrip(".")
        found = self._by_name.get(name)
        if not found:
            return None
        top = name.partition(".")[0]
        if not inside and top in sys.stdlib_module_names:
            return None
        usable = [facts for facts in found if inside or self._importable(facts, name, importer)]
        return max(usable, key=lambda facts: _shared(facts.path, importer.path), default=None)

    def _importable(self, facts: FileFacts, name: str, importer: FileFacts) -> bool:
        # The folder that the name is relative to holds the importing file, or the name says enough by itself.
        if facts.module == name or "." in name:
            return True
        root = facts.module[: -len(name)].rstrip(".")
        return facts.is_package or f"{importer.module}.".startswith(root + ".")

    def resolve(self, facts: FileFacts, name: str, steps: int = _MOST_STEPS) -> Symbol:
        """Say what a dotted name means in a module."""
        key = (facts.path, name)
        known = self._known.get(key)
        if known is None:
            known = self._resolve(facts, name, steps) if steps else UNKNOWN
            self._known[key] = known
        return known

    def _resolve(self, facts: FileFacts, name: str, steps: int) -> Symbol:
        head, _, rest = name.partition(".")
        symbol = self._in_module(facts, head, steps)
        while rest and symbol.kind != "unknown":
            head, _, rest = rest.partition(".")
            symbol = self._attribute(symbol, head, steps)
        return symbol

    def _in_module(self, facts: FileFacts, name: str, steps: int) -> Symbol:
        if name in facts.classes:
            return Symbol("class", facts.path, name)
        if name in facts.functions:
            return Symbol("function", facts.path, name)
        if name in facts.aliases:
            return self._alias(facts, name, facts.aliases[name], steps)
        if name in facts.imports:
            return self._imported(facts, *facts.imports[name], steps)
        for star in facts.stars:
            module = self.module(star, facts)
            if module is not None and module is not facts:
                found = self.resolve(module, name, steps - 1)
                if found.kind != "unknown":
                    return found
        return UNKNOWN

    def _alias(self, facts: FileFacts, name: str, value: Shape, steps: int) -> Symbol:
        if value.kind == "name" and value.text != name:
            target = self.resolve(facts, value.text, steps - 1)
            if target.kind != "unknown":
                return target
        return Symbol("alias", facts.path, name)

    def imported(self, facts: FileFacts, module: str, name: str) -> Symbol:
        """Say what `from module import name` means in a file, or `import module` if the name is empty."""
        return self._imported(facts, module, name, _MOST_STEPS)

    def below(self, symbol: Symbol, name: str) -> Symbol:
        """Say what a dotted name means below something else."""
        for part in name.split("."):
            symbol = self._attribute(symbol, part, _MOST_STEPS)
        return symbol

    def _imported(self, facts: FileFacts, module_name: str, name: str, steps: int) -> Symbol:
        module = self.module(module_name, facts) if module_name.strip(".") else None
        if not name:
            return Symbol("module", module.path) if module else Symbol("external", "", module_name)
        if module is not None and module is not facts:
            found = self.resolve(module, name, steps - 1)
            if found.kind != "unknown":
                return found
        below = self.module(f"{module_name}.{name}" if module_name else "." + name, facts)
        if below is not None:
            return Symbol("module", below.path)
        if module is not None or module_name.startswith("."):
            return UNKNOWN
        return Symbol("external", "", f"{module_name}.{name}")

    def _attribute(self, symbol: Symbol, name: str, steps: int) -> Symbol:
        if symbol.kind == "external":
            return Symbol("external", "", f"{symbol.name}.{name}")
        if symbol.kind == "module":
            facts = self.files[symbol.path]
            found = self.resolve(facts, name, steps - 1)
            if found.kind == "unknown" and facts.is_package:
                below = self.module(f".{facts.module}.{name}", facts)
                return Symbol("module", below.path) if below else UNKNOWN
            return found
        if symbol.kind == "class":
            inner = f"{symbol.name}.{name}"
            if inner in self.files[symbol.path].classes:
                return Symbol("class", symbol.path, inner)
            return Symbol("member", symbol.path, inner)
        if symbol.kind == "alias":
            # db = SQLAlchemy(); db.JSON = OurJSON
            facts, put = self.files[symbol.path], f"{symbol.name}.{name}"
            if put in facts.aliases:
                return self._alias(facts, put, facts.aliases[put], steps)
        return UNKNOWN

    def class_facts(self, ref: ClassRef) -> ClassFacts:
        """Return a class as written."""
        return self.files[ref.path].classes[ref.name]


def _shared(one: str, other: str) -> tuple[int, int]:
    count = 0
    for a, b in zip(one.split("/"), other.split("/"), strict=False):
        if a != b:
            break
        count += 1
    return count, -len(one)
