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
    r"|return\s+[A-Z]\w*\("
)
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
_BY_NAME = re.compile(r"\b[gs]etattr\(|\bcase\s+[\w.]+\(")
COMMITTING = re.compile(r"\.(?:commit|flush)\(")
_SHORT = 6  # lines


def changes_containers(text: str) -> bool:
    """Say whether a function's text has an in-place change of anything."""
    return _CHANGING.search(text) is not None


class Screen:
    """Patterns made from the names of a project's JSON attributes."""

    def __init__(self, attributes: Iterable[str]) -> None:
        self._attributes = frozenset(attributes)
        self._words = self._attributes | _MARKING_WORDS
        names = "|".join(map(re.escape, sorted(attributes))) or r"(?!)"
        self._mentioning = re.compile(rf"\.\s*(?:{names})\b|[\w)\]],\s*['\"](?:{names})['\"]\s*[,)]")
        self._using = re.compile(
            rf"\.(?:{names})\s*(?:=(?!=)|\[|[,)])|setattr\(|\.(?:{names})\s+(?:or|if)\b"
            rf"|return\s+[\w.]*\.(?:{names})\b"
            # a function that is told the name of a column
            rf"|[\w)\]],\s*['\"](?:{names})['\"]\s*[,)]"
        )

    def file(self, words: Iterable[str]) -> bool:
        """Say by its words whether a file may have functions that matter by themselves."""
        return not self._words.isdisjoint(words)

    def by_itself(self, text: str) -> bool:
        """Say whether a function may change a document, mark one, or pass one on."""
        if _MARKING.search(text):
            return True
        if self._attributes.isdisjoint(_WORD.findall(text)):
            return False
        if not (self._mentioning.search(text) or _BY_NAME.search(text)):
            return False
        return bool(self._using.search(text) or _CHANGING.search(text))

    def called(self, text: str, lines: int, annotated: bool, with_document: bool) -> bool:
        """Say whether a function that is called may do something to its arguments, or give rows back."""
        if with_document or self._mentioning.search(text) or _MARKING.search(text) or _BY_NAME.search(text):
            return True
        return not annotated and "return" in text and bool(lines <= _SHORT or _GIVING_ROWS.search(text))
