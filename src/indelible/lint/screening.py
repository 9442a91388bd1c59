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
COMMITTING = re.compile(r"\.(?:commit|flush)\(")
_SHORT = 6  # lines


def calls_of(names: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern for calls of functions, and for properties read, by name."""
    words = "|".join(map(re.escape, sorted(names))) or r"\0"
    return re.compile(rf"\b(?:{words})\(|\.(?:{words})\b")


class Screen:
    """Patterns made from the names of a project's JSON attributes."""

    def __init__(self, attributes: Iterable[str], starts: str) -> None:
        words = "|".join(map(re.escape, sorted(attributes))) or r"\0"
        self.mentioning = re.compile(rf"\.\s*(?:{words})\b|flag_modified|setattr\(|getattr\(|{starts}")
        self._using = re.compile(
            rf"\.(?:{words})\s*(?:=(?!=)|\[|[,)])|flag_modified|setattr\(|{starts}|\.(?:{words})\s+(?:or|if)\b"
            rf"|return\s+[\w.]*\.(?:{words})\b"
        )
        self.told: re.Pattern[str] | None = None

    def tell(self, names: Iterable[str]) -> None:
        """Add names of functions that turned out to matter."""
        self.told = calls_of(names)

    def by_itself(self, text: str) -> bool:
        """Say whether a function may change a document, mark one, or pass one on."""
        if not self.mentioning.search(text):
            return False
        return bool(self._using.search(text) or _CHANGING.search(text))

    def called(self, text: str, lines: int, annotated: bool, with_document: bool) -> bool:
        """Say whether a function that is called may do something to its arguments, or give rows back."""
        if self.mentioning.search(text) or (self.told is not None and self.told.search(text)):
            return True
        if with_document and (_CHANGING.search(text) or "return" in text):
            return True
        return not annotated and "return" in text and bool(lines <= _SHORT or _GIVING_ROWS.search(text))
