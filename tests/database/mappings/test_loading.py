"""Documents that are loaded late, or with the rows of others."""

import copy
import gc
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import aliased, joinedload, load_only, selectinload, undefer

from tests.database.mappings.declarative import Deferred, Plain
from tests.database.mappings.hierarchies import Book, Shelf
from tests.database.mappings.rows import START, create_tables, expect, new_row
from tests.database.stores import Store


def test_a_deferred_document_is_loaded_once(store: Store) -> None:
    """A deferred document costs the one SELECT that a plain deferred column costs, and is tracked."""
    store.keep(new_row(store, Deferred, "doc", copy.deepcopy(START)))
    session = store.session()
    row = session.get_one(Deferred, 1)
    with store.statements() as statements:
        assert not session.is_modified(row)
        session.flush()
    assert statements == []
    with store.statements() as statements:
        row.doc["a"]["n"].append(2)
        row.doc["a"]["n"].append(3)
    assert len(statements) == 1
    session.commit()
    expect(store, {"a": {"n": [1, 2, 3]}, "k": 1}, Deferred, "doc")


def test_assignment_to_a_deferred_document(store: Store) -> None:
    """Assigning to a deferred document that was never read loads nothing, and the value is tracked."""
    store.keep(new_row(store, Deferred, "doc", copy.deepcopy(START)))
    session = store.session()
    row = session.get_one(Deferred, 1)
    with store.statements() as statements:
        row.doc = {"n": []}
        row.doc["n"].append(1)
    assert statements == []
    session.commit()
    expect(store, {"n": [1]}, Deferred, "doc")


@pytest.mark.parametrize("changed", [False, True])
def test_undefer_of_a_row_in_the_session(store: Store, changed: bool) -> None:
    """`undefer` loads a document of a row that is in the session already, and keeps one that is changed."""
    store.keep(new_row(store, Deferred, "doc", copy.deepcopy(START)))
    session = store.session(autoflush=False)
    row = session.get_one(Deferred, 1)
    if changed:
        row.doc["a"]["n"].append(2)
    with store.statements() as statements:
        session.scalars(select(Deferred).options(undefer(Deferred.doc))).one()
        row.doc["k"] = 2
    assert len(statements) == 1
    session.commit()
    expect(store, {"a": {"n": [1, 2] if changed else [1]}, "k": 2}, Deferred, "doc")


def test_load_only_without_the_document(store: Store) -> None:
    """A row loaded with `load_only` reads its document on access, and tracks it."""
    store.keep(new_row(store, Plain, "doc", copy.deepcopy(START)))
    session = store.session()
    row = session.scalars(select(Plain).options(load_only(Plain.id))).one()
    with store.statements() as statements:
        row.doc["a"]["n"].append(2)
    assert len(statements) == 1
    session.commit()
    expect(store, {"a": {"n": [1, 2]}, "k": 1}, Plain, "doc")


def test_undeferred_in_the_query(store: Store) -> None:
    """A document undeferred by the query is there without another SELECT."""
    store.keep(new_row(store, Deferred, "doc", copy.deepcopy(START)))
    session = store.session()
    row = session.scalars(select(Deferred).options(undefer(Deferred.doc))).one()
    with store.statements() as statements:
        row.doc["a"]["n"].append(2)
    assert statements == []
    session.commit()
    expect(store, {"a": {"n": [1, 2]}, "k": 1}, Deferred, "doc")


@pytest.mark.parametrize("load", [None, joinedload, selectinload])
def test_rows_reached_through_a_relationship(store: Store, load: Callable[..., Any] | None) -> None:
    """Rows loaded by a relationship, lazily or eagerly, track their documents."""
    create_tables(store, Shelf, Book)
    books = [Book(id=i, doc={"n": [i]}) for i in range(1, 4)]
    store.keep(Shelf(id=1, doc={}, books=books))
    session = store.session()
    query = select(Shelf) if load is None else select(Shelf).options(load(Shelf.books))
    shelf = session.scalars(query).unique().one()
    for book in shelf.books:
        book.doc["n"].append("x")
    shelf.books[0].shelf.doc["seen"] = True
    del shelf, book
    gc.collect()
    session.commit()
    for i in range(1, 4):
        expect(store, {"n": [i, "x"]}, Book, "doc", i)
    expect(store, {"seen": True}, Shelf, "doc")


def test_rows_of_an_aliased_class(store: Store) -> None:
    """Rows selected through an alias track their documents."""
    store.keep(new_row(store, Plain, "doc", copy.deepcopy(START)))
    session = store.session()
    alias = aliased(Plain)
    session.scalars(select(alias).where(alias.id == 1)).one().doc["a"]["n"].append(2)
    gc.collect()
    session.commit()
    expect(store, {"a": {"n": [1, 2]}, "k": 1}, Plain, "doc")
