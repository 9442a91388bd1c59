"""PostgreSQL: documents are `jsonb`.

`->` with typed steps tells a list from an object, as `#>` and `jsonb_set` do not: there `'0'` is a key and a position.
Values are compared as text, since `jsonb` takes 1.0 and 1 for equal. All conditions look at the row's own column only,
so that PostgreSQL evaluates them again after it has waited for another writer's lock.
"""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
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
from indelible.documents.serializing import EXPONENT_FROM, Writer

_LONGEST = 200
"""A longer value is compared by its SHA-256, so that it need not be sent."""

_MOST_INSERTED = 8


class PostgreSQL:
    """Guards and edits for `jsonb`."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def holds(self, column: str, guard: Guard, values: Values) -> str:
        """Return a condition that is true only where the guard holds."""
        there = _at(column, guard.path, values)
        match guard:
            case Same(path, value):
                return self._is(there, path, value, values)
            case Missing(path):
                above = _at(column, path[:-1], values)
                return f"jsonb_typeof({above}) = 'object' AND ({there}) IS NULL"
            case IsList():
                return f"jsonb_typeof({there}) = 'array'"
            case IsInteger():
                return f"jsonb_typeof({there}) = 'number' AND position('.' in CAST({there} AS text)) = 0"
            case NoElement(_, step):
                element = values.name(json.dumps([{step.key: step.value}]))
                return f"NOT ({there}) @> CAST(CAST({element} AS text) AS jsonb)"
            case NotIn(_, value):
                return f"NOT ({there}) @> {self._json(value, values)}"
            case OnlyOne(path):
                # `=` takes 1.0 and 1 for equal: it may count one too many, never one too few.
                above = _at(column, path[:-1], values)
                elements = f"jsonb_array_elements(CASE jsonb_typeof({above}) WHEN 'array' THEN {above} ELSE '[]' END)"
                return f"(SELECT count(*) FROM {elements} AS each (element) WHERE each.element = {there}) = 1"
        assert_never(guard)

    def edited(self, column: str, expression: str, edit: Edit, values: Values) -> str:
        """Return an expression for the document that `expression` gives, after an edit."""
        if not edit.path:
            return self._whole(column, edit, values)
        if isinstance(edit, Append) and len(edit.values) <= _MOST_INSERTED:
            return self._inserted(expression, edit, values)
        path = _path(edit.path, values)
        match edit:
            case Put(_, value):
                return f"jsonb_set({expression}, {path}, {self._json(value, values)})"
            case Remove():
                return f"({expression}) #- {path}"
            case Append(_, new):
                longer = f"({_at(column, edit.path, values)}) || {self._json(list(new), values)}"
                return f"jsonb_set({expression}, {path}, {longer})"
            case Add(_, amount):
                number = f"CAST(CAST({_at(column, edit.path, values)} AS text) AS numeric)"
                total = f"coalesce({number}, 0) + CAST(CAST({values.name(str(amount))} AS text) AS numeric)"
                return f"jsonb_set({expression}, {path}, to_jsonb({total}))"
        assert_never(edit)

    def _inserted(self, expression: str, append: Append, values: Values) -> str:
        """Put values at a list's end; unlike `||` this does not unpack the stored document once more."""
        end = _path((*append.path, -1), values)
        for value in append.values:
            expression = f"jsonb_insert({expression}, {end}, {self._json(value, values)}, true)"
        return expression

    def _whole(self, column: str, edit: Edit, values: Values) -> str:
        match edit:
            case Put(_, value):
                return self._json(value, values)
            case Append(_, new):
                return f"{column} || {self._json(list(new), values)}"
        raise CannotExpress

    def _json(self, value: Any, values: Values) -> str:
        return f"CAST(CAST({values.name(self._writer.text(value, str))} AS text) AS jsonb)"

    def _is(self, there: str, path: Path, value: Any, values: Values) -> str:
        if value is None and not path:
            return f"({there} IS NULL OR {there} = 'null')"
        text = jsonb_text(value)
        if len(text) <= _LONGEST:
            return f"CAST({there} AS text) = CAST({values.name(text)} AS text)"
        digest = hashlib.sha256(text.encode()).hexdigest()
        return f"encode(sha256(convert_to(CAST({there} AS text), 'UTF8')), 'hex') = CAST({values.name(digest)} AS text)"


def _at(column: str, path: Path, values: Values) -> str:
    steps = "".join(
        f" -> CAST({values.name(step)} AS {'integer' if isinstance(step, int) else 'text'})"
        for step in _plain_steps(path)
    )
    return f"({column}{steps})"


def _path(path: Path, values: Values) -> str:
    return f"CAST({values.name([str(step) for step in _plain_steps(path)])} AS text[])"


def _plain_steps(path: Path) -> list[str | int]:
    steps: list[str | int] = []
    for step in path:
        if isinstance(step, By):
            raise CannotExpress
        steps.append(step)
    return steps


def jsonb_text(value: Any) -> str:
    """Return a value as PostgreSQL writes `jsonb` as text.

    Keys are sorted by their length in bytes, then bytewise; numbers are spelled out.
    Source: `lengthCompareJsonbStringValue` and `JsonbToCString` in PostgreSQL's src/backend/utils/adt/jsonb*.c.
    """
    if isinstance(value, dict):
        members = sorted(
            ((key.encode(), key, item) for key, item in value.items()), key=lambda m: (len(m[0]), m[0])
        )
        return "{" + ", ".join(f"{_string(key)}: {jsonb_text(item)}" for _, key, item in members) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(jsonb_text, value)) + "]"
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, float):
        return _float(value)
    return json.dumps(value)


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _float(number: float) -> str:
    if number == 0:
        return "0.0"  # jsonb has no negative zero
    if abs(number) >= EXPONENT_FROM:
        return f"{number:.1f}"  # as `Writer` spells it out
    text = format(Decimal(repr(number)), "f")
    return text if "." in text else f"{text}.0"
