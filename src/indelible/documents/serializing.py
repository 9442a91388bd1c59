"""JSON text of documents: exact numbers, and errors that name the path."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DontWrapMixin

from indelible.changes.paths import Path, format_path
from indelible.changes.values import atom_problem, key_problem
from indelible.errors import NotJSON

# From here on `repr` of a float has an exponent. PostgreSQL's jsonb would read 1e+16 as an integer.
EXPONENT_FROM = 1e16

_PROBE = 2**64 + 1

_MANY_DIGITS = re.compile(r"\d{19}")

_SURROGATE_PAIR = re.compile(r"\\ud[89ab]..\\ud[c-f]")


class Unwritable(NotJSON, DontWrapMixin):
    """`NotJSON`, raised while a statement is prepared, where SQLAlchemy would wrap it in a `StatementError`."""


class Writer:
    """Writes documents as JSON text for one kind of database.

    Objects that are no JSON go through the engine's own `json_serializer`, where it has one.
    """

    def __init__(self, dialect: Dialect) -> None:
        self._is_jsonb = dialect.name == "postgresql"
        self._is_sqlite = dialect.name == "sqlite"
        self._is_mysql = dialect.name == "mysql" and not getattr(dialect, "is_mariadb", False)
        self._convert = _foreign(dialect)
        # Tracked containers are a tree. Looking for circles, a fifth of the time, is left to the recursion limit.
        self._encode = json.JSONEncoder(allow_nan=False, check_circular=False, default=self._convert).encode

    def text(self, value: Any, describe: Callable[[], str]) -> str:
        """Return a document's text.

        Raises:
            NotJSON: JSON or the database cannot keep the value; the error has the path.
        """
        text = self.text_of_part(value, describe)
        if self._is_sqlite and isinstance(value, int | float) and _changes_in_sqlite(value):
            problem = (
                "SQLite would not keep a bare number like this one as it is; put it into an object or a list"
            )
            raise Unwritable(problem, document=describe(), path="$")
        return text

    def text_of_part(self, value: Any, describe: Callable[[], str]) -> str:
        """Return the text of what is to be inside a document; raises as `text` does."""
        try:
            text = self._encode(value)
        except (ValueError, TypeError, RecursionError) as error:
            raise self._refusal(value, describe, error) from error
        # Each test is a search for one character first: in CPython that is memchr, a hundred times faster.
        if "\\" in text:
            self._check_escapes(text, value, describe)
        if self._is_mysql and _MANY_DIGITS.search(text):
            for path, problem in _integers_beyond_64_bits(value, ()):
                raise Unwritable(problem, document=describe(), path=format_path(path))
        if self._is_jsonb and "+" in text and "e+" in text:
            return self._with_all_digits(value)
        return text

    def _check_escapes(self, text: str, value: Any, describe: Callable[[], str]) -> None:
        """Raise for characters that the database does not take; text that looks like their escapes does no harm."""
        if "\\ud" in text and text.count("\\ud") != 2 * len(_SURROGATE_PAIR.findall(text)):
            check(value, describe)
        if self._is_jsonb and "\\u0000" in text:
            for path, problem in _nul_characters(value, ()):
                raise Unwritable(problem, document=describe(), path=format_path(path))

    def _with_all_digits(self, value: Any) -> str:
        numbers: dict[str, str] = {}
        text = self._encode(_spell_out(value, numbers))
        for placeholder, number in numbers.items():
            text = text.replace(json.dumps(placeholder), number)
        return text

    def _refusal(self, value: Any, describe: Callable[[], str], error: Exception) -> Unwritable:
        try:
            for path, problem in _problems(value, ()):
                return Unwritable(problem, document=describe(), path=format_path(path))
            for path, problem in _foreign_objects(value, (), self._convert):
                return Unwritable(problem, document=describe(), path=format_path(path))
        except RecursionError:
            return Unwritable(
                "the value contains itself, or is nested too deeply", document=describe(), path="$"
            )
        return Unwritable(f"the value cannot be written as JSON: {error}", document=describe(), path="$")


def check(value: Any, describe: Callable[[], str]) -> None:
    """Raise `NotJSON` for a plain value that no tracked container has checked."""
    try:
        for path, problem in _problems(value, ()):
            raise Unwritable(problem, document=describe(), path=format_path(path))
    except RecursionError:
        problem = "the value contains itself, or is nested too deeply"
        raise Unwritable(problem, document=describe(), path="$") from None


def loader(dialect: Dialect) -> Callable[[str | bytes], Any]:
    """Return what turns stored text into plain values: the engine's `json_deserializer`, unless it loses digits."""
    if loses_digits(dialect):
        return json.loads
    return getattr(dialect, "_json_deserializer", None) or json.loads


def loses_digits(dialect: Dialect) -> bool:
    """Tell whether the engine's `json_deserializer` takes large integers for floats or refuses them."""
    deserializer: Callable[[str | bytes], Any] | None = getattr(dialect, "_json_deserializer", None)
    if deserializer is None:
        return False
    try:
        value = deserializer(str(_PROBE))
    except (ValueError, TypeError):
        return True
    return value != _PROBE or not isinstance(value, int)


def _foreign(dialect: Dialect) -> Callable[[Any], Any]:
    serializer = getattr(dialect, "_json_serializer", None)

    def convert(value: Any) -> Any:
        if serializer is None:
            raise TypeError(f"{value.__class__.__name__} is not JSON")
        return json.loads(serializer(value))

    return convert


def _changes_in_sqlite(number: float) -> bool:
    """Tell whether the numeric affinity of SQLite's JSON columns makes another JSON value of a bare number."""
    if isinstance(number, bool):
        return False
    return number.is_integer() if isinstance(number, float) else not -(2**63) <= number < 2**63


def _spell_out(value: Any, numbers: dict[str, str]) -> Any:
    """Replace large floats by placeholders and note their digits: jsonb keeps `1e16` a float only as `10…0.0`."""
    if isinstance(value, dict):
        return {key: _spell_out(item, numbers) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_spell_out(item, numbers) for item in value]
    if isinstance(value, float) and abs(value) >= EXPONENT_FROM:
        placeholder = f"\ufdd0{len(numbers)}\ufdd0"
        numbers[placeholder] = f"{value:.1f}"
        return placeholder
    return value


def _problems(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            problem = key_problem(key)
            if problem:
                yield (*path, key), problem
            yield from _problems(item, (*path, key))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _problems(item, (*path, index))
    else:
        problem = atom_problem(value)
        if problem:
            yield path, problem


def _foreign_objects(value: Any, path: Path, convert: Callable[[Any], Any]) -> Iterator[tuple[Path, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _foreign_objects(item, (*path, key), convert)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _foreign_objects(item, (*path, index), convert)
    elif not isinstance(value, str | int | float | None):
        try:
            convert(value)
        except (TypeError, ValueError):
            kind = value.__class__.__name__
            yield (
                path,
                f"a {kind} is not JSON; convert it, or give create_engine a json_serializer that knows it",
            )


def _nul_characters(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    problem = "PostgreSQL's jsonb cannot keep the character U+0000; remove it"
    if isinstance(value, dict):
        for key, item in value.items():
            if isinstance(key, str) and "\0" in key:
                yield (*path, key), problem
            yield from _nul_characters(item, (*path, key))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _nul_characters(item, (*path, index))
    elif isinstance(value, str) and "\0" in value:
        yield path, problem


def _integers_beyond_64_bits(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _integers_beyond_64_bits(item, (*path, key))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _integers_beyond_64_bits(item, (*path, index))
    elif isinstance(value, int) and not -(2**63) <= value < 2**64:
        yield path, "MySQL's JSON would make a float of an integer beyond 64 bits; keep it as a string"
