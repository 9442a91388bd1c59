"""Documents beside others in a row, without a value, by default, under a composite key."""

import copy
import gc
from typing import Any

import pytest
from sqlalchemy import select

from tests.database.mappings.custom_types import ByJSON, ByJSONB, ByPickle, ByVariant
from tests.database.mappings.declarative import Composite, Nullable, Plain, Swapped
from tests.database.mappings.rows import START, create_tables, expect, new_row
from tests.database.mappings.sqlmodels import Hero
from tests.database.stores import Store


@pytest.mark.parametrize("store", ["psycopg"], indirect=True)
def test_jsonb_on_postgresql(store: Store) -> None:
    """Tracked `JSONB` with options of its own, on PostgreSQL."""
    store.keep(new_row(store, ByJSONB, "doc", copy.deepcopy(START)))
    session = store.session()
    row = session.scalars(select(ByJSONB).where(ByJSONB.doc["k"].astext == "1")).one()
    row.doc["a"]["n"].append(2)
    session.commit()
    expect(store, {"a": {"n": [1, 2]}, "k": 1}, ByJSONB, "doc")


@pytest.mark.parametrize("cls", [Nullable, ByJSON, ByVariant, ByPickle, Hero])
def test_none_and_back(store: Store, cls: type[Any]) -> None:
    """From `None` to a document and back to `None`, with changes in between."""
    name = "maybe" if cls is Hero else "doc"
    store.keep(new_row(store, cls, name, None))
    session = store.session()
    row = session.get_one(cls, 1)
    setattr(row, name, [])
    getattr(row, name).append({})
    session.flush()
    getattr(row, name)[0]["x"] = 1
    session.commit()
    expect(store, [{"x": 1}], cls, name)
    setattr(row, name, None)
    session.commit()
    assert getattr(row, name) is None


def test_composite_key(any_store: Store) -> None:
    """A row with a composite key."""
    create_tables(any_store, Composite)
    any_store.keep(
        Composite(owner="a", number=1, doc=copy.deepcopy(START)),
        Composite(owner="a", number=2, doc={"z": []}),
    )
    session = any_store.session()
    session.get_one(Composite, ("a", 1)).doc["a"]["n"].append(2)
    session.get_one(Composite, ("a", 2)).doc["z"].append(3)
    gc.collect()
    session.commit()
    any_store.expect({"a": {"n": [1, 2]}, "k": 1}, Composite, ("a", 1))
    any_store.expect({"z": [3]}, Composite, ("a", 2))


def test_several_documents_of_a_row(store: Store) -> None:
    """Each of several documents is written when it changed, and only then."""
    store.keep(new_row(store, Swapped, "doc", {"n": []}))
    session = store.session()
    row = session.get_one(Swapped, 1)
    row.second = {"m": []}
    session.flush()
    row.second["m"].append(2)
    with store.statements() as statements:
        session.flush()
    (statement,) = statements
    assert "doc" in statement
    assert "second" not in statement
    row.doc["n"].append(1)
    row.second["m"].append(3)
    with store.statements() as statements:
        session.commit()
    assert len(statements) == 1
    expect(store, {"n": [1]}, Swapped, "doc")
    expect(store, {"m": [2, 3]}, Swapped, "second")


def test_a_container_moved_between_documents_of_a_row(store: Store) -> None:
    """Putting a container of one document in another one of the row copies it."""
    store.keep(new_row(store, Swapped, "doc", {"n": [[1]]}))
    session = store.session()
    row = session.get_one(Swapped, 1)
    row.second = {"m": row.doc["n"]}
    row.second["m"][0].append("second")
    row.doc["n"][0].append("doc")
    session.commit()
    expect(store, {"n": [[1, "doc"]]}, Swapped, "doc")
    expect(store, {"m": [[1, "second"]]}, Swapped, "second")


def test_default_of_each_row_is_its_own(store: Store) -> None:
    """The default that two rows get at their flush is tracked, and each row has its own."""
    create_tables(store, Plain)
    session = store.session()
    one, two = Plain(id=1), Plain(id=2)
    session.add_all([one, two])
    session.flush()
    one.doc["x"] = []
    one.doc["x"].append(1)
    session.commit()
    expect(store, {"x": [1]}, Plain, "doc", 1)
    expect(store, {}, Plain, "doc", 2)
