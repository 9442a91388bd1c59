"""A row as the flush sees it: which table holds its documents, how to find it, what else of it changed."""

from __future__ import annotations

from typing import Any, cast
from weakref import WeakKeyDictionary

from sqlalchemy.orm import Mapper
from sqlalchemy.orm.base import NO_VALUE
from sqlalchemy.orm.state import InstanceState
from sqlalchemy.schema import Column, Table
from sqlalchemy.sql import ClauseElement

from indelible.changes.values import Rules
from indelible.documents.column import Document

DOCUMENTS = "indelible.documents"
"""Where a mapped class keeps the names of its tracked attributes."""

_NONE: dict[str, Rules] = {}
_documents: WeakKeyDictionary[Mapper[Any], dict[str, Column[Any]]] = WeakKeyDictionary()
_layouts: WeakKeyDictionary[Mapper[Any], dict[Table, Layout]] = WeakKeyDictionary()


def documents_of(state: InstanceState[Any]) -> dict[str, Rules]:
    """Return the names of a row's tracked attributes, with what they may hold."""
    documents: dict[str, Rules] = state.manager.info.get(DOCUMENTS, _NONE)
    return documents


class Layout:
    """The columns of one table that a mapped class uses."""

    def __init__(self, mapper: Mapper[Any], table: Table) -> None:
        self.table = table
        self.primary_key = {column: mapper.get_property_by_column(column).key for column in table.primary_key}
        self.attributes: dict[str, Column[Any]] = {
            attribute.key: column
            for attribute in mapper.column_attrs
            for column in attribute.columns
            if isinstance(column, Column) and column.table is table and column not in self.primary_key
        }
        self.version = cast("Column[Any] | None", mapper.version_id_col)
        self.version_is_elsewhere = self.version is not None and self.version.table is not table
        self.on_update = {
            key: column
            for key, column in self.attributes.items()
            if column.onupdate is not None or column.server_onupdate is not None
        }
        """The attributes that each UPDATE of the row changes by itself."""
        self._identity = [mapper.get_property_by_column(column).key for column in mapper.primary_key]

    def find(self, state: InstanceState[Any]) -> dict[Column[Any], Any]:
        """Return the primary key that the row has in the database."""
        assert state.key is not None
        values = dict(zip(self._identity, state.key[1], strict=True))
        return {column: values[key] for column, key in self.primary_key.items()}

    def other_changes(self, state: InstanceState[Any], documents: set[str]) -> dict[str, Any]:
        """Return the attributes, those documents apart, that were given another value than the row has.

        Those that were given a SQL expression are left to SQLAlchemy.
        """
        committed = state.committed_state
        return {
            key: state.dict[key]
            for key in committed.keys() & self.attributes.keys() - documents
            if self.attributes[key] is not self.version and self._differs(state, key, committed[key])
        }

    def _differs(self, state: InstanceState[Any], key: str, old: Any) -> bool:
        value = state.dict.get(key, NO_VALUE)
        if value is NO_VALUE or isinstance(value, ClauseElement) or hasattr(value, "__clause_element__"):
            return False
        return state.manager[key].impl.is_equal(value, old) is not True


def document_columns(mapper: Mapper[Any]) -> dict[str, Column[Any]]:
    """Return a mapped class's attributes that are documents."""
    columns = _documents.get(mapper)
    if columns is None:
        columns = _documents[mapper] = {
            attribute.key: attribute.columns[0]
            for attribute in mapper.column_attrs
            if isinstance(attribute.columns[0], Column) and isinstance(attribute.columns[0].type, Document)
        }
    return columns


def layout_of(mapper: Mapper[Any], table: Table) -> Layout:
    """Return a mapped class's layout in a table, made once."""
    tables = _layouts.setdefault(mapper, {})
    if table not in tables:
        tables[table] = Layout(mapper, table)
    return tables[table]
