"""What is known of MySQL without its server: what it is asked, and what it is not given."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.dialects.mysql.pymysql import MySQLDialect_pymysql
from sqlalchemy.schema import Table

from indelible import NotJSON
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
from indelible.changes.paths import By
from indelible.documents.dialects.choosing import expressions_for, locks_rows
from indelible.documents.dialects.expressions import CannotExpress, Expressions, Values
from indelible.documents.dialects.mysql import MariaDB, MySQL
from indelible.documents.serializing import Writer
from indelible.documents.statements import RowUpdate
from tests.database.rows import Row

ROWS: Table = Row.metadata.tables["rows"]


def dialect(version: tuple[int, ...] = (8, 0, 36), *, is_mariadb: bool = False) -> MySQLDialect_pymysql:
    """Return a dialect as it is when it has met its server."""
    made = MySQLDialect_pymysql(is_mariadb=is_mariadb)
    made.server_version_info = version
    return made


def mysql() -> Expressions:
    found = expressions_for(dialect())
    assert found is not None
    return found


def test_the_server_tells_which_of_the_two_it_is() -> None:
    """Under one name of a dialect, MySQL is spoken to as MySQL, MariaDB as MariaDB; both lock rows."""
    assert isinstance(expressions_for(dialect()), MySQL)
    assert isinstance(expressions_for(dialect((10, 11, 6), is_mariadb=True)), MariaDB)
    assert locks_rows(dialect())


@pytest.mark.parametrize(
    ("version", "is_mariadb"),
    [((5, 7, 44), False), ((8, 0, 3), False), ((10, 6, 18), True), ((5, 5, 68), True)],
)
def test_older_servers_are_always_merged_on(version: tuple[int, ...], *, is_mariadb: bool) -> None:
    """Without JSON_TABLE or JSON_EQUALS nothing is left to the database."""
    expressions = expressions_for(dialect(version, is_mariadb=is_mariadb))
    assert expressions is not None
    with pytest.raises(CannotExpress):
        expressions.holds("rows.doc", IsList(("a",)), Values())


@pytest.mark.parametrize("number", [2**64, -(2**63) - 1, 10**30])
def test_integers_beyond_64_bits_are_refused_with_their_path(number: int) -> None:
    """MySQL's JSON would make floats of them; the error names the document and the place."""
    with pytest.raises(NotJSON, match=r"Row\.doc") as caught:
        Writer(dialect()).text({"a": [{"n": number}]}, lambda: "Row.doc")
    assert caught.value.path == "a[0].n"


@pytest.mark.parametrize("value", [2**64 - 1, -(2**63), str(2**64), 1e300, 1e22, {"1" * 30: 1}])
def test_what_has_as_many_digits_and_can_be_kept_is_kept(value: Any) -> None:
    """Integers of 64 bits, strings, keys and floats go to MySQL as they are."""
    assert Writer(dialect()).text([value], str)


def test_mariadb_keeps_integers_of_any_size() -> None:
    """MariaDB's text has all digits."""
    assert Writer(dialect((10, 11, 6), is_mariadb=True)).text(2**70, str) == str(2**70)


def test_what_mysql_cannot_keep_is_refused_with_the_whole_documents_path() -> None:
    """A delta with such a number is left to the writing of the whole document, whose error has the path."""
    with pytest.raises(CannotExpress):
        mysql().edited("rows.doc", "rows.doc", Put(("a",), 2**64), Values())


def test_each_guard_and_edit_makes_a_statement() -> None:
    """An UPDATE with every guard and edit names each of its parameters, and compares JSON as text, byte by byte."""
    values, expressions = Values(), mysql()
    guards: list[Guard] = [
        Same(("a", 0, 'q"'), 1.0),
        Same((), None),
        Missing(("é",)),
        IsList(()),
        IsInteger(("n",)),
        NoElement(("s",), By("id", "x")),
        NotIn(("s",), 1),
        OnlyOne(("s", 1)),
    ]
    conditions = [expressions.holds("rows.doc", guard, values) for guard in guards]
    edited = "rows.doc"
    edits: list[Edit] = [
        Append(("s",), (1, {})),
        Put(("a", 0, "é"), None),
        Remove(("b",), 1),
        Add(("n",), -2),
    ]
    for edit in edits:
        edited = expressions.edited("rows.doc", edited, edit, values)
    update = RowUpdate(
        ROWS,
        {ROWS.c.id: 1},
        expressions={ROWS.c.doc: edited},
        conditions=conditions,
        parameters=values.parameters,
    )
    compiled = update.statement().compile(dialect=dialect())
    assert set(compiled.params) == set(update.all_parameters())
    assert "COLLATE utf8mb4_bin" in str(compiled)
    assert values.parameters["v1"] == '$."a"[0]."q\\""'
    assert '$."\\u00e9"' in values.parameters.values()


def test_a_first_element_is_looked_for_in_lists_only() -> None:
    """`$.a[0]` finds what is at `$.a` where that is no list, so that it is asked whether it is one."""
    with_list = mysql().holds("rows.doc", Same(("a", 0), 1), Values())
    assert with_list.startswith("JSON_TYPE(JSON_EXTRACT(rows.doc, :v0)) = 'ARRAY' AND ")
    assert "'ARRAY'" not in mysql().holds("rows.doc", Same(("a", 1), 1), Values())
