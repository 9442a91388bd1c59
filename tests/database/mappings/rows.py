"""New rows of any of the classes, and what the database has of them."""

import pickle
import zlib
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import Session

from tests.database.mappings.custom_types import ByDecorator, ByPickle
from tests.database.mappings.declarative import ByAnnotation, Swapped, Synonym
from tests.database.mappings.hierarchies import Dog, Puppy, Writer
from tests.database.stores import Store, typed

START: dict[str, Any] = {"a": {"n": [1]}, "k": 1}


def create_tables(store: Store, *classes: type[Any]) -> None:
    """Make the tables of some classes, and no others."""
    for cls in classes:
        tables: Any = inspect(cls).tables
        tables[0].metadata.create_all(store.engine, tables=tables)


def new_row(store: Store, cls: type[Any], attribute: str, doc: Any, id: int = 1) -> Any:
    """Make the tables of a class and a row of it."""
    create_tables(store, cls)
    row = cls(**({"id": id, "doc": {}} | {attribute: doc}))
    if cls in (Swapped, Dog, Puppy, Writer, ByAnnotation) and attribute != "doc":
        row.doc = {}
    return row


def expect(store: Store, expected: Any, cls: type[Any], attribute: str, key: Any = 1) -> None:
    """Check what is stored, in plain SQL where the type is text, and in a fresh session."""
    if cls in (ByDecorator, ByPickle):
        column = inspect(cls).columns[attribute]
        ((raw,),) = store.sql(f"SELECT doc FROM {column.table.name}")
        value = pickle.loads(raw) if cls is ByPickle else pickle.loads(zlib.decompress(raw))["wrapped"]
        assert typed(value) == typed(expected)
        assert type(value) is type(expected)
        with Session(store.engine) as session:
            assert typed(getattr(session.get_one(cls, key), attribute)) == typed(expected)
        return
    store.expect(expected, cls, key, "stored" if cls is Synonym else attribute)
