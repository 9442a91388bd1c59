"""Says from a function's text whether interpreting it can matter: most functions never touch a document."""

from __future__ import annotations

import re
from collections.abc import Iterable

_MUTATORS = "append|extend|insert|remove|pop|clear|sort|reverse|update|setdefault|popitem|add|discard"
_CHANGING = re.compile(
    rf"\]\s*[-+|*]?=(?!=)|\.(?:{_MUTATORS})\(|^\s*del\s|[|+]=|\b(?:heappush|heappop|insort|shuffle)\(",
    re.MULTILINE,
)
_GIVING_ROWS = re.compile(
    r"\b(?:query|select|scalars?|scalar_one\w*|first|one|one_or_none|\w+_or_404|get_one)\(|\.get\(\s*[A-Z]"
    r"|return\s+[A-Z]\w*\(|\b[A-Z]\w+\.(?:get|find|by|fetch|load|lookup|first|one|create|ensure)\w*\("
)
_LISTENING = re.compile(r"\blistens?(?:_for)?\(")
_WORD = re.compile(r"[^\W\d]\w*")
_STARTS = (
    r"create_task\(|ensure_future\(|add_task\(|\.delay\(|\.apply_async\(|\.enqueue|\.send_task\(|\.submit\(|"
    r"Thread\(|gather\("
)
_MARKING_WORDS = frozenset(
    {
        "flag_modified", "create_task", "ensure_future", "add_task", "delay", "apply_async", "enqueue", "enqueue_call",
        "enqueue_job", "enqueue_in", "enqueue_at", "enqueue_many", "send_task", "submit", "Thread", "gather",
    }
)  # fmt: skip
_MARKING = re.compile(rf"flag_modified|{_STARTS}")
# one of these words must be in a text that _MARKING matches
_MARKING_PARTS = tuple(re.findall(r"\w+", _MARKING.pattern))
_BY_NAME = re.compile(r"\b[gs]etattr\(|\bcase\s+[\w.]+\(")
# one of these must be in a text that _BY_NAME matches
_NAMING_WORDS = frozenset({"getattr", "setattr", "case"})
COMMITTING_WORDS = frozenset({"commit", "flush"})
COMMITTING = re.compile(r"\.(?:commit|flush)\(")
_SHORT = 6  # lines


def may_mark(words: str) -> bool:
    """Say by the words of a file whether any of its functions may mark a document or start a task."""
    return any(part in words for part in _MARKING_PARTS)


def may_flag(text: str) -> bool:
    """Say whether a function's text calls `flag_modified`."""
    return "flag_modified" in text


def marks_in_listener(text: str) -> bool:
    """Say whether a function listens to SQLAlchemy's events, and something in it marks: what is flushed, perhaps."""
    return may_flag(text) and _LISTENING.search(text) is not None


def changes_containers(text: str) -> bool:
    """Say whether a function's text has an in-place change of anything."""
    return _CHANGING.search(text) is not None


class Screen:
    """Patterns made from the names of a project's JSON attributes, and of the constants that hold one of these."""

    def __init__(self, attributes: Iterable[str], constants: Iterable[str] = ()) -> None:
        self._attributes = frozenset(attributes) | frozenset(constants)
        self._words = self._attributes | _MARKING_WORDS
        names = "|".join(map(re.escape, sorted(attributes))) or r"(?!)"
        self._mentioning = re.compile(rf"\.\s*(?:{names})\b|[\w)\]],\s*['\"](?:{names})['\"]\s*[,)]")
        self._using = re.compile(
            rf"\.(?:{names})\s*(?:=(?!=)|\[|[,)])|setattr\(|\.(?:{names})\s+(?:or|if)\b"
            rf"|(?:return|yield)\s+(?:[\w.]+,\s*)*[\w.]*\.(?:{names})\b"
            # a method that keeps a document for the others
            rf"|\bself\.\w+(?::[^=\n]+)?\s=\s[^\n]*\.(?:{names})\b"
            # a function that is told the name of a column
            rf"|[\w)\]],\s*['\"](?:{names})['\"]\s*[,)]"
        )

    def attributes_in(self, words: Iterable[str]) -> frozenset[str]:
        """Return the attributes that some words name."""
        return self._attributes.intersection(words)

    def file(self, words: Iterable[str]) -> bool:
        """Say by its words whether a file may have functions that matter by themselves."""
        return not self._words.isdisjoint(words)

    def by_itself(self, text: str, attributes: Iterable[str], marking: bool) -> bool:
        """Say whether a function may change a document, mark one, or pass one on.

        `attributes` are those that the words of the file name, `marking` says whether these may mark anything: most
        functions name none, which a search for a few words tells much faster than the patterns do.
        """
        if marking and _MARKING.search(text):
            return True
        if not any(name in text for name in attributes):
            return False
        if not (self._mentioning.search(text) or self._given_by_name(text)):
            return False
        return bool(self._using.search(text) or _CHANGING.search(text))

    def names(self, words: frozenset[str]) -> bool:
        """Say by its words whether a file may use one of the attributes."""
        return not (self._attributes.isdisjoint(words) and _NAMING_WORDS.isdisjoint(words))

    def _given_by_name(self, text: str) -> bool:
        """Say whether a function may name an attribute in a string."""
        return bool(_BY_NAME.search(text)) and not self._attributes.isdisjoint(_WORD.findall(text))

    def called(self, text: str, lines: int, annotated: bool) -> bool:
        """Say whether a function that is called without a document may do something to its arguments, or give rows."""
        if self._mentioning.search(text) or _MARKING.search(text) or _BY_NAME.search(text):
            return True
        return not annotated and "return" in text and bool(lines <= _SHORT or _GIVING_ROWS.search(text))
