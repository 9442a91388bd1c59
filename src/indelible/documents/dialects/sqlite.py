"""SQLite: documents are JSON text, and differ between builds in which keys a path can name."""

from __future__ import annotations

import re
from functools import lru_cache
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

_ESCAPED = r"'*\u00[2-7]*'", r"'*\/*'"
"""Patterns of what other programs' writers make of safe characters, where they escape them."""

# Before 3.45 a key is compared with the stored text as it is written, so that no other key is safe in a path.
_SAFE_KEY = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]*")

_ADDS_EXACTLY = 2**62
"""Beyond this a sum may leave SQLite's integers of 64 bits, which then become floats."""

OLDEST = (3, 38, 0)
"""The first version with `->`."""


class SQLite:
    """Guards and edits for JSON text."""

    def __init__(self, writer: Writer, version: tuple[int, ...]) -> None:
        self._writer = writer
        self._version = version

    def holds(self, column: str, guard: Guard, values: Values) -> str:
        """Return a condition that is true only where the guard holds."""
        if self._version < OLDEST:
            raise CannotExpress
        match guard:
            case Same(path, value):
                return self._is(column, path, value, values)
            case Missing(path):
                above, there = (values.name(_path(each)) for each in (path[:-1], path))
                return (
                    f"json_type({column}, {above}) = 'object' AND json_type({column}, {there}) IS NULL"
                    f" AND {_has_no_escapes(column)}"
                )
            case IsList(path):
                return f"json_type({column}, {values.name(_path(path))}) = 'array'"
            case IsInteger(path):
                there = values.name(_path(path))
                return (
                    f"json_type({column}, {there}) = 'integer'"
                    f" AND json_extract({column}, {there}) BETWEEN -{_ADDS_EXACTLY} AND {_ADDS_EXACTLY}"
                )
            case NoElement(path, step):
                there, key = values.name(_path(path)), values.name(_path((step.key,)))
                # Not as JSON text, in which one string can be written in several ways.
                is_it = (
                    f"json_type(each.value, {key}) = '{_exact_type(step.value)}'"
                    f" AND each.value ->> {key} = {values.name(step.value)}"
                )
                return (
                    f"NOT EXISTS (SELECT 1 FROM json_each({column}, {there}) AS each"
                    f" WHERE CASE each.type WHEN 'object' THEN {is_it} ELSE 0 END)"
                    f" AND {_has_no_escapes(column)}"
                )
            case NotIn(path, value):
                kind = _exact_type(value)
                elements = f"json_each({column}, {values.name(_path(path))}) AS each"
                is_it = f"each.type = '{kind}' AND each.value = {values.name(value)}"
                return f"NOT EXISTS (SELECT 1 FROM {elements} WHERE {is_it})"
            case OnlyOne(path):
                above, there = (values.name(_path(each)) for each in (path[:-1], path))
                elements = f"json_each({column}, {above}) AS each"
                return f"(SELECT count(*) FROM {elements} WHERE each.value = ({column} -> {there})) = 1"
        assert_never(guard)

    def edited(self, column: str, expression: str, edit: Edit, values: Values) -> str:
        """Return an expression for the document that `expression` gives, after an edit."""
        match edit:
            case Put((), value):
                return values.name(self._writer.text(value, str))
            case Put(path, value):
                return f"json_set({expression}, {values.name(_path(path))}, {self._json(value, values)})"
            case Remove(path):
                return f"json_remove({expression}, {values.name(_path(path))})"
            case Append(path, new):
                end = values.name(f"{_path(path)}[#]")
                return f"json_insert({expression}, {', '.join(f'{end}, {self._json(each, values)}' for each in new)})"
            case Add(path, amount):
                if abs(amount) > _ADDS_EXACTLY:
                    raise CannotExpress
                there = values.name(_path(path))
                total = f"coalesce(json_extract({column}, {there}), 0) + {values.name(amount)}"
                return f"json_set({expression}, {there}, {total})"
        assert_never(edit)

    def _json(self, value: Any, values: Values) -> str:
        # A bare value would turn True into 1 and cut floats to 15 digits.
        return f"json({values.name(self._writer.text_of_part(value, str))})"

    def _is(self, column: str, path: Path, value: Any, values: Values) -> str:
        if path:
            return f"{column} -> {values.name(_path(path))} = {self._json(value, values)}"
        if value is None:
            return f"({column} IS NULL OR json({column}) = 'null')"
        return f"json({column}) = {self._json(value, values)}"


@lru_cache(500)
def _path(path: Path) -> str:
    return "$" + "".join(map(_step, path))


def _step(step: object) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    if isinstance(step, By) or not _SAFE_KEY.fullmatch(str(step)):
        raise CannotExpress
    return f'."{step}"'


def _has_no_escapes(column: str) -> str:
    """Return a condition for documents in which a key that is not found is not there: old builds miss escaped ones."""
    return " AND ".join(f"{column} NOT GLOB {pattern}" for pattern in _ESCAPED)


def _exact_type(value: str | int) -> str:
    """Return the JSON type of a value that SQLite compares exactly.

    Raises:
        CannotExpress: it does not.
    """
    if isinstance(value, str):
        return "text"
    if abs(value) > _ADDS_EXACTLY:
        raise CannotExpress
    return "integer"
