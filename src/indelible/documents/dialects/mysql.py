"""MySQL and MariaDB: the same functions on two kinds of documents, MySQL's own binary JSON and MariaDB's JSON text.

In both, `$[0]` also finds what is no list, so that a path through a first element needs a look at what is above.
MariaDB compares keys and strings as they are written: what looks for something that is *not* there holds only in text
that is written as Python writes it. Conditions look at the row's own column only, which InnoDB reads as last committed.
"""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, assert_never

from indelible.changes.deltas import Add, Put, Remove
from indelible.changes.guarding import (
    Append,
    Edit,
    Guard,
    IsInteger,
    IsList,
    Missing,
    NoElement,
    NotIn,
    OnlyOne,
    Same,
)
from indelible.changes.paths import By, Path
from indelible.documents.dialects.expressions import CannotExpress, Values
from indelible.documents.serializing import Writer
from indelible.errors import NotJSON

OLDEST_MYSQL = (8, 0, 4)
"""The first version with `JSON_TABLE`."""

OLDEST_MARIADB = (10, 7)
"""The first version with `JSON_EQUALS`."""

_LONGEST = 200
"""MariaDB compares a longer value by its SHA-256, so that it need not be sent."""

_ADDS_EXACTLY = 2**62
"""The largest amount that a stored integer of up to 18 digits takes without leaving 64 bits."""

SMALL_INTEGER = "^-?[0-9]{1,18}$"
"""Of 64 bits, and a few to spare."""

_DEEPEST = 31
"""MariaDB's functions give NULL for text with more containers in one another, and its JSON columns refuse it."""

OTHERWISE_WRITTEN = r"[^ -~]|(?<!\\)(\\\\)*\\(/|u00[2-6]|u007[0-9a-e]|u000[89acd]|u[0-9a-f]{0,3}[A-F])"
"""Characters and escapes that Python's `json` writes in another way."""

# JSON_EQUALS compares digits: of two floats that Python reads as one, it misses one only where there are that many.
_FINE_NUMBER = r"[0-9.]{17}|[eE]-[0-9]{3}"


class _JSONFunctions(ABC):
    """Guards and edits by the functions that both have."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def holds(self, column: str, guard: Guard, values: Values) -> str:
        """Return a condition that is true only where the guard holds."""
        conditions = [*self._lists_above(column, guard.path, values), self._holds(column, guard, values)]
        return " AND ".join(conditions)

    def _lists_above(self, column: str, path: Path, values: Values) -> Iterator[str]:
        for position, step in enumerate(path):
            if isinstance(step, int) and step == 0:
                yield f"JSON_TYPE({self._at(column, path[:position], values)}) = 'ARRAY'"

    def _holds(self, column: str, guard: Guard, values: Values) -> str:
        match guard:
            case Same((), None):
                return f"({column} IS NULL OR JSON_TYPE({column}) = 'NULL')"
            case Same(path, value):
                return self._is(column, path, value, values)
            case Missing(path):
                above = self._at(column, path[:-1], values)
                return f"JSON_TYPE({above}) = 'OBJECT' AND NOT {self._exists(column, path, values)}"
            case IsList(path):
                return f"JSON_TYPE({self._at(column, path, values)}) = 'ARRAY'"
            case IsInteger(path):
                return f"{self._text(self._at(column, path, values))} REGEXP {values.name(SMALL_INTEGER)}"
            case NoElement(path, step):
                found = self._extract(column, f"{self._path(path)}[*]{self._path((step.key,))[1:]}", values)
                return self._lacks(self._at(column, path, values), found, step.value, values)
            case NotIn(path, value):
                there = self._at(column, path, values)
                return self._lacks(there, there, value, values)
            case OnlyOne(path):
                above, there = (self._at(column, each, values) for each in (path[:-1], path))
                return self._is_only(above, there, values)
        assert_never(guard)

    def _lacks(self, elements: str, found: str, value: str | int, values: Values) -> str:
        # Where it takes two numbers for equal that are not, or looks into lists in the list, it finds one too many.
        contains = f"JSON_CONTAINS({found}, {self._json(value, values)})"
        return f"{self._is_readable(elements, values)} AND NOT COALESCE({contains}, 0)"

    def edited(self, column: str, expression: str, edit: Edit, values: Values) -> str:
        """Return an expression for the document that `expression` gives, after an edit."""
        if isinstance(edit, Put) and not edit.path:
            return self._document(edit.value, values)
        if isinstance(edit, Append) and not edit.values:
            return expression
        path = values.name(self._path(edit.path))
        match edit:
            case Put(_, value):
                return f"JSON_SET({expression}, {path}, {self._json(value, values)})"
            case Remove():
                return f"JSON_REMOVE({expression}, {path})"
            case Append(_, new):
                appended = ", ".join(f"{path}, {self._json(each, values)}" for each in new)
                return f"JSON_ARRAY_APPEND({expression}, {appended})"
            case Add(_, amount):
                if abs(amount) > _ADDS_EXACTLY:
                    raise CannotExpress
                number = f"CAST({self._text(self._at(column, edit.path, values))} AS SIGNED)"
                return f"JSON_SET({expression}, {path}, COALESCE({number}, 0) + CAST({values.name(amount)} AS SIGNED))"
        assert_never(edit)

    def _at(self, column: str, path: Path, values: Values) -> str:
        return self._extract(column, self._path(path), values) if path else column

    def _extract(self, column: str, path: str, values: Values) -> str:
        return f"JSON_EXTRACT({column}, {values.name(path)})"

    def _path(self, path: Path) -> str:
        return "$" + "".join(map(self._step, path))

    def _step(self, step: object) -> str:
        if isinstance(step, By):
            raise CannotExpress
        return f"[{step}]" if isinstance(step, int) else f".{json.dumps(step)}"

    def _written(self, value: Any) -> str:
        try:
            return self._writer.text(value, str)
        except NotJSON:
            # Writing the whole document tells its name, and the path.
            raise CannotExpress from None

    @abstractmethod
    def _json(self, value: Any, values: Values) -> str:
        """Return a value as an argument of a JSON function."""

    @abstractmethod
    def _document(self, value: Any, values: Values) -> str:
        """Return a value as a whole document."""

    @abstractmethod
    def _text(self, expression: str) -> str:
        """Return the text of a JSON value, which is compared byte by byte."""

    @abstractmethod
    def _is(self, column: str, path: Path, value: Any, values: Values) -> str:
        """Return a condition that is true only where there is this value."""

    @abstractmethod
    def _exists(self, column: str, path: Path, values: Values) -> str:
        """Return a condition that is false only where there is nothing at the path."""

    @abstractmethod
    def _is_readable(self, there: str, values: Values) -> str:
        """Return a condition that is true only where searching finds whatever is there."""

    @abstractmethod
    def _is_only(self, above: str, there: str, values: Values) -> str:
        """Return a condition that is true only where no other element of a list is as the one there."""


class MySQL(_JSONFunctions):
    """Guards and edits for MySQL's JSON."""

    def __init__(self, writer: Writer, version: tuple[Any, ...]) -> None:
        super().__init__(writer)
        self._can = version >= OLDEST_MYSQL

    def holds(self, column: str, guard: Guard, values: Values) -> str:
        """Return a condition that is true only where the guard holds."""
        if not self._can:
            raise CannotExpress
        return super().holds(column, guard, values)

    def _json(self, value: Any, values: Values) -> str:
        return f"CAST({values.name(self._written(value))} AS JSON)"

    def _document(self, value: Any, values: Values) -> str:
        return self._json(value, values)

    def _text(self, expression: str) -> str:
        return f"CAST({expression} AS CHAR CHARACTER SET utf8mb4) COLLATE utf8mb4_bin"

    def _is(self, column: str, path: Path, value: Any, values: Values) -> str:
        # As JSON, 1 and 1.0 would be equal. The server writes both sides, so that they have one order of keys.
        return f"{self._text(self._at(column, path, values))} = {self._text(self._json(value, values))}"

    def _exists(self, column: str, path: Path, values: Values) -> str:
        return f"JSON_CONTAINS_PATH({column}, 'one', {values.name(self._path(path))})"

    def _is_readable(self, there: str, values: Values) -> str:
        return f"JSON_TYPE({there}) = 'ARRAY'"

    def _is_only(self, above: str, there: str, values: Values) -> str:
        elements = f"JSON_TABLE({above}, '$[*]' COLUMNS (element JSON PATH '$')) AS listed"
        return f"(SELECT COUNT(*) FROM {elements} WHERE listed.element = {there}) = 1"


class MariaDB(_JSONFunctions):
    """Guards and edits for MariaDB's JSON text, in which its functions leave the spaces that Python writes."""

    def __init__(self, writer: Writer, version: tuple[Any, ...]) -> None:
        super().__init__(writer)
        self._can = version >= OLDEST_MARIADB

    def holds(self, column: str, guard: Guard, values: Values) -> str:
        """Return a condition that is true only where the guard holds."""
        if not self._can:
            raise CannotExpress
        # Of text that is no JSON, or too deep, the functions would make NULL.
        valid = values.once(f"COALESCE(JSON_VALID({column}), 1)")
        condition = super().holds(column, guard, values)
        return f"{valid} AND {condition}" if valid else condition

    def _step(self, step: object) -> str:
        if isinstance(step, str) and step.startswith("-"):
            raise CannotExpress  # MariaDB takes the path for one with a syntax error
        return super()._step(step)

    def edited(self, column: str, expression: str, edit: Edit, values: Values) -> str:
        """Return an expression for the document that `expression` gives, after an edit."""
        depth = len(edit.path)
        match edit:
            case Put(_, value):
                depth += _depth(value)
            case Append(_, new):
                depth += 1 + max(map(_depth, new), default=0)
        if depth > _DEEPEST:
            raise CannotExpress
        return super().edited(column, expression, edit, values)

    def _json(self, value: Any, values: Values) -> str:
        return f"JSON_COMPACT({values.name(self._written(value))})"

    def _document(self, value: Any, values: Values) -> str:
        return values.name(self._written(value))

    def _text(self, expression: str) -> str:
        return f"CAST({expression} AS BINARY)"

    def _is(self, column: str, path: Path, value: Any, values: Values) -> str:
        text = self._written(value)
        there = self._text(self._extract(column, self._path(path), values))
        if len(text) <= _LONGEST:
            return f"{there} = {self._text(values.name(text))}"
        return f"SHA2({there}, 256) = {values.name(hashlib.sha256(text.encode()).hexdigest())}"

    def _exists(self, column: str, path: Path, values: Values) -> str:
        # Unlike JSON_CONTAINS_PATH and JSON_EXTRACT, it knows a key in whatever way it is written.
        return f"JSON_EXISTS({column}, {values.name(self._path(path))})"

    def _is_readable(self, there: str, values: Values) -> str:
        return f"NOT ({self._text(there)} REGEXP {values.name(OTHERWISE_WRITTEN)})"

    def _is_only(self, above: str, there: str, values: Values) -> str:
        fine = f"{self._text(above)} REGEXP {values.name(_FINE_NUMBER)}"
        elements = f"JSON_TABLE({above}, '$[*]' COLUMNS (element JSON PATH '$')) AS listed"
        # Not by JSON_EQUALS alone: that of 10.11 was seen to miss the same text, once in thousands of random cases,
        # and not when asked again.
        is_it = (
            f"{self._text('listed.element')} = {self._text(there)} OR JSON_EQUALS(listed.element, {there})"
        )
        count = f"(SELECT COUNT(*) FROM {elements} WHERE {is_it})"
        return f"{self._is_readable(above, values)} AND NOT ({fine}) AND {count} = 1"


def _depth(value: Any) -> int:
    """Return how many containers are in one another."""
    if isinstance(value, dict):
        value = list(value.values())
    return 1 + max(map(_depth, value), default=0) if isinstance(value, list | tuple) else 0
