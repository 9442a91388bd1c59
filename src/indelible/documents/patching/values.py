"""The bound values of patches: how each kind of database takes keys, positions and JSON."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Text
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DontWrapMixin
from sqlalchemy.types import TypeDecorator

from indelible.changes.paths import Path, format_path
from indelible.documents.patching.failing import Label
from indelible.documents.serializing import Unwritable, Writer
from indelible.errors import CannotPatch

# SQLite before 3.45 compares a key in a path with the stored text as it is written; some programs write `\/`.
_PLAIN_KEY = re.compile(r"[\x20-\x21\x23-\x2e\x30-\x5b\x5d-\x7e]*")

_BEYOND = 2**31 - 1
"""No list is as long; PostgreSQL takes no larger positions."""

_EXACT = 2**62
"""SQLite tells larger integers from floats no more; sums of others stay within 64 bits."""


def is_odd(key: str) -> bool:
    """Tell whether some database cannot name a key in a path as it is."""
    return not _PLAIN_KEY.fullmatch(key)


def is_quoted(key: str) -> bool:
    """Tell whether a key cannot stand between the quotation marks of a path at all."""
    return '"' in key


def database_of(dialect: Dialect) -> str:
    """Return what a database calls itself; of mysql:// and mariadb:// alike, the server tells which it is."""
    if dialect.name in ("mysql", "mariadb"):
        return "MariaDB" if getattr(dialect, "is_mariadb", False) else "MySQL"
    return {"postgresql": "PostgreSQL", "sqlite": "SQLite"}.get(dialect.name, dialect.name)


class Unpatchable(CannotPatch, DontWrapMixin):
    """`CannotPatch`, raised while a statement is prepared, where SQLAlchemy would wrap it in a `StatementError`."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A value with the place that it is for."""

    value: Any
    document: str
    path: Path

    def describe(self) -> str:
        """Return where the value is to go."""
        place = f"a value for {format_path(self.path)}" if self.path else "its new value"
        return f"{self.document}, {place}"

    def refusal(self, problem: str) -> Unwritable:
        """Return the error for a value that the database cannot keep or compare."""
        return Unwritable(problem, document=self.document, path=format_path(self.path))

    def unpatchable(self, problem: str) -> Unpatchable:
        """Return the error for a change that the database cannot make exactly."""
        return Unpatchable(problem, document=self.document, path=format_path(self.path))


class _Text(TypeDecorator[Any]):
    impl = Text
    cache_ok = True

    def process_literal_param(self, value: Any, dialect: Dialect) -> str:
        return self.process_bind_param(value, dialect) or ""


class PathKey(_Text):
    """A key as a part of a path."""

    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        sent: Sent = value
        match database_of(dialect):
            case "PostgreSQL":
                return _without_nul(sent)
            case "SQLite":
                return f'."{sent.value}"'
        return _part(sent, dialect)


class OddKey(_Text):
    """A key as it is."""

    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        sent: Sent = value
        match database_of(dialect):
            case "PostgreSQL":
                return _without_nul(sent)
            case "MySQL" | "MariaDB":
                return _part(sent, dialect)
        if "\0" in sent.value:
            raise sent.refusal(
                "SQLite cannot find a key with the character U+0000; load the row and change it"
            )
        return str(sent.value)


class NewOddKey(_Text):
    """An odd key as the part of a path that makes it."""

    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        key = value.value
        if dialect.name == "sqlite" and (dialect.server_version_info or ()) < (3, 45):
            return f'."{key}"'  # taken as it is
        return f".{json.dumps(key, ensure_ascii=False)}"


class PathPosition(_Text):
    """A position as a part of a path."""

    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        position = max(-_BEYOND, min(value, _BEYOND))
        if dialect.name != "sqlite":
            return str(position)
        return f"[{position}]" if position >= 0 else f"[#{position}]"


class Number(_Text):
    """A position as a number."""

    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        return str(max(-_BEYOND, min(value, _BEYOND)))


class JSONText(_Text):
    """A value inside a document."""

    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        return _writer(dialect).text_of_part(value.value, value.describe)


class WholeText(_Text):
    """A value that becomes the whole document."""

    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        return _writer(dialect).text(value.value, value.describe)


class Comparable(JSONText):
    """A list of values that the database must tell from each other, or one of an element's key."""

    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        if dialect.name != "postgresql":
            for each in value.value if isinstance(value.value, list) else [value.value]:
                _check_comparable(value, each, database_of(dialect))
        return super().process_bind_param(value, dialect)


class Amount(JSONText):
    """What is added to a number."""

    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        if dialect.name != "postgresql" and (isinstance(value.value, float) or abs(value.value) > _EXACT):
            raise value.unpatchable(
                f"{database_of(dialect)} adds exactly only integers of 64 bits. Load the row and use add()."
            )
        return super().process_bind_param(value, dialect)


class LabelText(_Text):
    """What an error says in the database's own log."""

    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        label: Label = value
        return label.text.replace("\0", "")


def _without_nul(sent: Sent) -> str:
    if "\0" in sent.value:
        raise sent.refusal("PostgreSQL's jsonb cannot keep the character U+0000; remove it")
    return str(sent.value)


def _part(sent: Sent, dialect: Dialect) -> str:
    """Return a key as a part of a path, in the words of MySQL and MariaDB."""
    if sent.value.startswith("-") and database_of(dialect) == "MariaDB":
        raise sent.unpatchable(
            "MariaDB reads no path with a key that begins with -. Load the row and change it."
        )
    return f".{json.dumps(sent.value)}"


def _check_comparable(sent: Sent, value: Any, database: str) -> None:
    if isinstance(value, dict | list | float):
        raise sent.unpatchable(
            f"{database} cannot tell whether a {type(value).__name__} is in a list; load the row and use union()"
        )
    if database == "SQLite" and isinstance(value, str) and "\0" in value:
        raise sent.unpatchable(
            "SQLite cannot compare text with the character U+0000; load the row and change it"
        )
    if isinstance(value, int) and abs(value) > _EXACT:
        raise sent.unpatchable(f"{database} compares integers of 64 bits only; load the row and change it")


_writers: WeakKeyDictionary[Dialect, Writer] = WeakKeyDictionary()


def _writer(dialect: Dialect) -> Writer:
    if dialect not in _writers:
        _writers[dialect] = Writer(dialect)
    return _writers[dialect]
