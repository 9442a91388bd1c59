"""MariaDB's guards and edits beside the same in Python, on documents that Python or other programs wrote."""

from __future__ import annotations

import json
import os
import random
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import URL, Connection, create_engine, text

from indelible.changes.deltas import ABSENT, Add, Put, Remove
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
    Plan,
    Same,
)
from indelible.changes.paths import By, Path
from indelible.changes.values import same
from indelible.documents.dialects.expressions import CannotExpress, Expressions, Values
from indelible.documents.dialects.mysql import MariaDB, MySQL
from indelible.documents.serializing import Writer
from tests.database.mariadb.foreign import foreign_text
from tests.unit.plans import carried_out, holds
from tests.unit.writers import ODD_KEYS

CASES = int(os.environ.get("INDELIBLE_CASES", "1500"))
SEED = int(os.environ.get("INDELIBLE_SEED", random.randrange(10**6)))

KEYS = (*ODD_KEYS, *"abc", "-x", "A", "É", "'", "%s", ":v0", "a/b", "\n", "\x7f", "\x00", "id")
ATOMS = (
    0,
    1,
    -1,
    1.0,
    0.1,
    1e300,
    -0.0,
    True,
    False,
    None,
    "",
    "a",
    "A",
    "1",
    "a ",
    'q"\\',
    "é😀/",
    2**64,
    10**17,
)


@pytest.fixture(scope="module")
def connection(mariadb_url: URL) -> Iterator[Connection]:
    """A connection that says nothing of what it does to a database."""
    engine = create_engine(mariadb_url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


class Cases:
    """Random documents, guards and edits."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)

    def value(self, depth: int = 0) -> Any:
        kind = self.rng.random()
        if depth > 2 or kind < 0.3:
            return self.rng.choice(ATOMS)
        if kind < 0.65:
            return {self.rng.choice(KEYS): self.value(depth + 1) for _ in range(self.rng.randrange(4))}
        element = self.value(depth + 1)
        return [
            element if self.rng.random() < 0.3 else self.value(depth + 1)
            for _ in range(self.rng.randrange(4))
        ]

    def places(self, value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
        yield path, value
        items = (
            value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ())
        )
        for step, item in items:
            yield from self.places(item, (*path, step))

    def guard(self, document: Any) -> Guard:
        path, there = self.rng.choice(list(self.places(document)))
        kinds: list[Guard] = [
            Same(path, there if self.rng.random() < 0.7 else self.value(2)),
            IsInteger(path),
            IsList(path),
        ]
        if isinstance(there, dict):
            kinds += [Missing((*path, self.rng.choice(KEYS)))] * 3
        if isinstance(there, list):
            kinds += [NoElement(path, By("id", self.rng.choice(("a", "é😀/", 1, 2**64))))]
            kinds += [NotIn(path, self.rng.choice(("a", "é😀/", "1", 1, 0, 2**64)))]
        if path and isinstance(path[-1], int):
            kinds += [OnlyOne(path)] * 3
        return self.rng.choice(kinds)

    def elsewhere(self, guard: Guard, document: Any) -> Guard:
        """Ask for what is at a list's first element also where there is no list."""
        return Same((*guard.path, 0), document)

    def edit(self, document: Any) -> Edit | None:
        path, there = self.rng.choice(list(self.places(document)))
        if isinstance(there, list):
            return Append(path, tuple(self.value(2) for _ in range(self.rng.randrange(3))))
        if isinstance(there, dict):
            return Put((*path, self.rng.choice(KEYS)), self.value(1))
        if path and isinstance(path[-1], str):
            if isinstance(there, int) and not isinstance(there, bool) and abs(there) < 10**18:
                return Add(path, self.rng.choice((1, -5, 2**40)))
            return Remove(path, there) if self.rng.random() < 0.5 else Put(path, self.value(1))
        return None


def guard_of(edit: Edit, document: Any) -> Guard:
    """Return what a flush asks before such an edit."""
    if isinstance(edit, Append):
        return IsList(edit.path)
    if isinstance(edit, Add):
        return IsInteger(edit.path)
    there = dict(Cases(0).places(document)).get(edit.path, ABSENT)
    return Missing(edit.path) if there is ABSENT else Same(edit.path, there)


def ask(connection: Connection, document: str | None, expression: str, values: Values) -> Any:
    """Evaluate an expression over the column `doc` of one row."""
    query = text(f"SELECT {expression} FROM (SELECT :document AS doc) AS held")
    return connection.execute(query, {**values.parameters, "document": document}).scalar_one()


def says(connection: Connection, expressions: Expressions, document: str | None, guard: Guard) -> bool:
    values = Values()
    condition = expressions.holds("held.doc", guard, values)
    return bool(ask(connection, document, f"({condition})", values))


@pytest.mark.parametrize("writer", ["python", "another program"])
def test_a_guard_holds_only_where_python_says_so(connection: Connection, writer: str) -> None:
    """No guard holds that does not hold in Python, whoever wrote the text; of Python's own text few are missed."""
    expressions = MariaDB(Writer(connection.dialect), (10, 11))
    cases, seen = Cases(SEED), Counter[str]()
    for number in range(CASES):
        document = cases.value()
        guard = cases.guard(document)
        written = json.dumps(document) if writer == "python" else foreign_text(document, cases.rng)
        for each in (guard, cases.elsewhere(guard, document)):
            try:
                answer = says(connection, expressions, written, each)
            except CannotExpress:
                seen["left"] += 1
                continue
            expected = holds(each, document)
            assert expected or not answer, f"seed {SEED}, case {number}: {each} does not hold in {written}"
            seen["held" if answer else "missed" if expected else "broken"] += 1
    assert min(seen["held"], seen["broken"]) > CASES // 4, seen
    assert seen["left"] < CASES // 5, seen
    if writer == "python":
        assert seen["missed"] < CASES // 20, seen


@pytest.mark.parametrize("writer", ["python", "another program"])
def test_an_edit_makes_what_python_makes(connection: Connection, writer: str) -> None:
    """Each edit gives the document that it gives in Python, types included; of Python's text, Python's text."""
    expressions = MariaDB(Writer(connection.dialect), (10, 11))
    cases, done = Cases(SEED), 0
    for number in range(CASES):
        document = cases.value()
        edit = cases.edit(document)
        if edit is None:
            continue
        written = json.dumps(document) if writer == "python" else foreign_text(document, cases.rng)
        values = Values()
        try:
            if not says(connection, expressions, written, guard_of(edit, document)):
                continue
            expression = expressions.edited("held.doc", "held.doc", edit, values)
        except CannotExpress:
            continue
        made = ask(connection, written, expression, values)
        expected = carried_out(Plan((), (edit,)), document)
        where = f"seed {SEED}, case {number}: {edit} of {written} made {made}"
        assert made is not None, where
        assert same(json.loads(made), expected), where
        if writer == "python":
            assert made == json.dumps(expected), where
        done += 1
    assert done > CASES // (3 if writer == "python" else 20)


def test_null_is_told_from_json_null(connection: Connection) -> None:
    """A document that is NULL or `null` is Python's `None`; in neither is a member missing, or a list."""
    expressions = MariaDB(Writer(connection.dialect), (10, 11))
    for document in (None, "null"):
        assert says(connection, expressions, document, Same((), None))
        assert not says(connection, expressions, document, Missing(("a",)))
        assert not says(connection, expressions, document, IsList(()))
    assert not says(connection, expressions, "{}", Same((), None))
    assert says(connection, expressions, '{"a": null}', Same(("a",), None))
    assert not says(connection, expressions, "{}", Same(("a",), None))


@pytest.mark.parametrize(
    "document", ['{"a": 1', "", "[" * 40 + "]" * 40, '{"a": 1, "b": ' + "[" * 40 + "]" * 40 + "}"]
)
def test_no_guard_holds_in_text_that_the_functions_refuse(connection: Connection, document: str) -> None:
    """In text that is no JSON, or too deep, of which MariaDB's functions make NULL, nothing is taken for known."""
    expressions = MariaDB(Writer(connection.dialect), (10, 11))
    for guard in (Same(("a",), 1), Missing(("c",)), IsList(()), Same((), None), IsInteger(("a",))):
        assert not says(connection, expressions, document, guard), guard


@pytest.mark.parametrize("depth", [28, 29, 30, 31])
def test_what_would_be_too_deep_is_not_put_in(connection: Connection, depth: int) -> None:
    """An edit is left to a merge exactly where MariaDB would make NULL of the document."""
    expressions = MariaDB(Writer(connection.dialect), (10, 11))
    value = json.loads("[" * depth + "]" * depth)
    for edit in (Put(("a", "b"), value), Append(("a", "c"), (value,)), Put((), value)):
        values = Values()
        sound = carried_out(Plan((), (edit,)), {"a": {"b": 1, "c": []}})
        is_kept = ask(connection, None, "JSON_VALID(:deep)", _values(deep=json.dumps(sound)))
        try:
            expression = expressions.edited("held.doc", "held.doc", edit, values)
        except CannotExpress:
            assert not is_kept
        else:
            assert is_kept
            assert json.loads(ask(connection, '{"a": {"b": 1, "c": []}}', expression, values)) == sound


def _values(**parameters: Any) -> Values:
    values = Values()
    values.parameters |= parameters
    return values


@pytest.mark.parametrize(
    "mode", ["", "NO_BACKSLASH_ESCAPES", "ANSI_QUOTES,HIGH_NOT_PRECEDENCE,PIPES_AS_CONCAT"]
)
def test_the_sql_mode_changes_nothing(mariadb_url: URL, mode: str) -> None:
    """Quotes, backslashes and NOT mean the same in each of MariaDB's modes."""
    engine = create_engine(mariadb_url, connect_args={"sql_mode": mode})
    document = {'q"\\n': {"é'%s": "\\\"'%%\n"}, "s": [{"id": "a"}]}
    with engine.connect() as connection:
        expressions = MariaDB(Writer(connection.dialect), (10, 11))
        written = json.dumps(document)
        assert says(connection, expressions, written, Same(('q"\\n', "é'%s"), "\\\"'%%\n"))
        assert says(connection, expressions, written, Missing(('q"\\n', "\\")))
        assert says(connection, expressions, written, NoElement(("s",), By("id", "b")))
        assert not says(connection, expressions, written, NoElement(("s",), By("id", "a")))
        assert says(connection, expressions, written, OnlyOne(("s", 0)))
    engine.dispose()


def test_mysqls_guards_say_the_same_where_mariadb_has_the_words(connection: Connection) -> None:
    """MySQL's conditions, with JSON_COMPACT for its CAST AS JSON, hold in Python's text only where Python says so.

    This shows that they are put together rightly, not what MySQL makes of them: there was no MySQL to run them on.
    """
    expressions = _Spelled(MySQL(Writer(connection.dialect), (8, 0, 36)))
    cases, seen = Cases(SEED), Counter[str]()
    for number in range(CASES):
        document = cases.value()
        guard = cases.guard(document)
        in_mariadb_only = isinstance(guard, OnlyOne) or any(str(step).startswith("-") for step in guard.path)
        if in_mariadb_only:
            continue
        written = json.dumps(document)
        answer, expected = says(connection, expressions, written, guard), holds(guard, document)
        assert expected or not answer, f"seed {SEED}, case {number}: {guard} does not hold in {written}"
        seen["held" if answer else "missed" if expected else "broken"] += 1
    assert min(seen["held"], seen["broken"]) > CASES // 10, seen
    assert seen["missed"] < CASES // 20, seen


class _Spelled:
    """MySQL's expressions, spelled for MariaDB."""

    def __init__(self, mysql: MySQL) -> None:
        self._mysql = mysql

    def holds(self, column: str, guard: Guard, values: Values) -> str:
        return re.sub(
            r"CAST\((:v\d+) AS JSON\)", r"JSON_COMPACT(\1)", self._mysql.holds(column, guard, values)
        )

    def edited(self, column: str, expression: str, edit: Edit, values: Values) -> str:
        return re.sub(
            r"CAST\((:v\d+) AS JSON\)",
            r"JSON_COMPACT(\1)",
            self._mysql.edited(column, expression, edit, values),
        )
