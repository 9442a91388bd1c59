"""The UPDATE statements that write documents, made once for each shape of change."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, UnicodeText, Update, bindparam, cast, text, type_coerce, update
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import Column, Table

_MOST = 500
_statements: OrderedDict[Hashable, Update] = OrderedDict()


@dataclass
class RowUpdate:
    """One UPDATE of one row: columns with plain values, documents with SQL, conditions."""

    table: Table
    found_by: dict[Column[Any], Any]
    """The primary key, and the version that was read, where rows have one."""
    values: dict[Column[Any], Any] = field(default_factory=dict)
    expressions: dict[Column[Any], str] = field(default_factory=dict)
    conditions: list[str] = field(default_factory=list)
    parameters: dict[str, Any] = field(default_factory=dict)
    texts: dict[Column[Any], str | None] = field(default_factory=dict)
    """Documents that must still have the text that was read."""

    def editing(
        self, expressions: dict[Column[Any], str], conditions: list[str], parameters: dict[str, Any]
    ) -> RowUpdate:
        """Return it with SQL for documents, whose parameters are given, where these conditions hold."""
        return RowUpdate(self.table, self.found_by, self.values, expressions, conditions, parameters)

    def statement(self) -> Update:
        """Return the statement; its parameters are apart, so that SQLAlchemy compiles it once for each shape."""
        shape = (
            self.table,
            tuple(self.found_by),
            tuple(self.values),
            tuple(self.expressions.items()),
            tuple(self.conditions),
            tuple((column, value is None) for column, value in self.texts.items()),
        )
        if shape in _statements:
            _statements.move_to_end(shape)
            return _statements[shape]
        statement = self._build()
        _statements[shape] = statement
        if len(_statements) > _MOST:
            _statements.popitem(last=False)
        return statement

    def all_parameters(self) -> dict[str, Any]:
        """Return the statement's parameters."""
        parameters = dict(self.parameters)
        for prefix, columns in (("k", self.found_by), ("s", self.values), ("t", self.texts)):
            parameters |= {f"{prefix}{number}": value for number, value in enumerate(columns.values())}
        return parameters

    def _build(self) -> Update:
        values: dict[Any, Any] = {
            column: bindparam(f"s{number}", type_=column.type) for number, column in enumerate(self.values)
        }
        values |= {column: text(expression) for column, expression in self.expressions.items()}
        statement = update(self.table).values(values)
        for number, column in enumerate(self.found_by):
            statement = statement.where(column == bindparam(f"k{number}", type_=column.type))
        for number, (column, value) in enumerate(self.texts.items()):
            parameter = bindparam(f"t{number}", type_=UnicodeText())
            # The parameter is named even where it is not compared, since it is given in any case.
            is_same = text_of(column).is_(parameter) if value is None else text_of(column) == parameter
            statement = statement.where(is_same)
        return statement.where(*(text(f"({condition})") for condition in self.conditions))


@lru_cache(_MOST)
def name_in_text(dialect: Dialect, column: Column[Any]) -> str:
    """Return a column's full name, as it is to stand in a `text()`."""
    preparer = dialect.identifier_preparer
    return f"{preparer.format_table(column.table)}.{preparer.format_column(column)}".replace(":", "\\:")


def text_of(column: Column[Any]) -> ColumnElement[Any]:
    """Return a document's stored text."""
    return cast(type_coerce(column, UnicodeText()), UnicodeText())
