"""Documents on the levels of a hierarchy."""

from typing import Any

import pytest
from sqlalchemy import select

from tests.database.mappings.hierarchies import Animal, Dog, Person, Writer
from tests.database.mappings.rows import expect, new_row
from tests.database.stores import Store


@pytest.mark.parametrize("cls", [Writer, Dog])
def test_documents_of_parent_and_child(store: Store, cls: type[Any]) -> None:
    """Documents on both levels of a hierarchy, loaded through the parent, are saved together and apart."""
    own = "works" if cls is Writer else "tricks"
    parent: Any = Person if cls is Writer else Animal
    store.keep(new_row(store, cls, own, {"n": []}))
    session = store.session()
    row = session.scalars(select(parent)).one()
    assert type(row) is cls
    row.doc["p"] = []
    row.doc["p"].append(1)
    session.flush()
    getattr(row, own)["n"].append(2)
    session.flush()
    row.doc["p"].append(3)
    getattr(row, own)["n"].append(4)
    session.commit()
    expect(store, {"p": [1, 3]}, cls, "doc")
    expect(store, {"n": [2, 4]}, cls, own)


def test_joined_inheritance_updates_one_table(store: Store) -> None:
    """In joined inheritance a change to one level's document writes that level's table only."""
    store.keep(new_row(store, Writer, "works", {"n": []}))
    session = store.session()
    row = session.get_one(Writer, 1)
    row.works["n"].append(1)
    with store.statements() as statements:
        session.flush()
    assert [statement.split()[:2] for statement in statements] == [["UPDATE", "writers"]]
    row.doc["x"] = 1
    with store.statements() as statements:
        session.flush()
    assert [statement.split()[:2] for statement in statements] == [["UPDATE", "people"]]
