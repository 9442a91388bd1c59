"""Which functions may call those that turned out to matter, judged by names and imports alone."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable

from indelible.lint.naming import ClassRef
from indelible.lint.project import Project

Key = tuple[str, str]
"""A function: the file it is in, and its qualified name."""
_OF_BUILT_INS = {name for kind in (dict, list, set, str) for name in dir(kind)}
_COMMON = 3  # classes with a method of one name
_NEVER = re.compile(r"(?!)")


class Reach:
    """What the names of a project's files and classes say about who can call whom."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._words: dict[str, frozenset[str]] = {}
        self._bearers: Counter[str] | None = None

    def words(self, path: str) -> frozenset[str]:
        """Return the identifiers of a file."""
        found = self._words.get(path)
        if found is None:
            found = self._words[path] = frozenset(self.project.names.files[path].words.split())
        return found

    def is_common(self, name: str) -> bool:
        """Say whether a method's name says little about its class."""
        if name in _OF_BUILT_INS:
            return True
        if self._bearers is None:
            classes = (made for facts in self.project.names.files.values() for made in facts.classes.values())
            self._bearers = Counter(member for made in classes for member in made.members)
        return self._bearers[name] >= _COMMON

    def family(self, ref: ClassRef) -> set[str]:
        """Return the names of a class and of all below it."""
        return {cls.name.rpartition(".")[2] for cls in (ref, *self.project.classes_below(ref))}


class Told:
    """Functions that turned out to matter to their callers."""

    def __init__(self, reach: Reach, keys: Iterable[Key]) -> None:
        self._reach = reach
        self._by_name: defaultdict[str, list[Key]] = defaultdict(list)
        for path, name in keys:
            last = name.removesuffix(".setter").rpartition(".")[2]
            if not last.startswith("__"):
                self._by_name[last].append((path, name))
        self._patterns: dict[str, re.Pattern[str]] = {}

    def calls(self, path: str) -> re.Pattern[str]:
        """Return a pattern for what may be a call of one of the functions in a file, or the use of a property."""
        found = self._patterns.get(path)
        if found is None:
            names = self._by_name.keys() & self._reach.words(path)
            spelled = {
                text for name in names for key in self._by_name[name] for text in self._spelled(path, key)
            }
            found = self._patterns[path] = re.compile("|".join(sorted(spelled))) if spelled else _NEVER
        return found

    def in_reach(self, path: str) -> bool:
        """Say whether a file may call one of the functions at all."""
        return self.calls(path) is not _NEVER

    def called_in(self, path: str, text: str) -> bool:
        """Say whether a function's text, from a file, may call one of the functions."""
        return self.calls(path).search(text) is not None

    def passed_on_in(self, path: str, text: str) -> bool:
        """Say whether what one of the functions gives back may be given back by another one in turn."""
        calls = self.calls(path).pattern
        return bool(
            re.search(rf"return[^\n]*(?:{calls})", text)
            or re.search(rf"(\w+)(?::[^\n=]+)? = [^\n]*(?:{calls})(?s:.*)return[^\n]*\b\1\b", text)
        )

    def _spelled(self, path: str, key: Key) -> Iterable[str]:
        project = self._reach.project
        owner, _, name = key[1].removesuffix(".setter").rpartition(".")
        if not owner:
            symbol = project.names.resolve(project.names.files[path], name)
            if symbol.kind == "unknown" or symbol[1:] == key:
                yield rf"(?<!def )\b{name}(?:\(|[,)])"
            else:
                yield rf"\.{name}(?:\(|[,)])"
            return
        ref = ClassRef(key[0], owner)
        made = project.names.files[key[0]].classes.get(owner)
        if made is None:
            return
        if self._reach.is_common(name) and self._reach.family(ref).isdisjoint(self._reach.words(path)):
            return
        member = made.members.get(name)
        is_method = member is not None and member.kind == "method"
        yield rf"\.{name}(?:\(|[,)])" if is_method else rf"\.{name}\b"
