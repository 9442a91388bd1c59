"""Documents of classes that make their own constructors."""

import dataclasses

from tests.database.mappings.declarative import AsDataclass, DataclassBase
from tests.database.mappings.rows import create_tables, expect
from tests.database.mappings.sqlmodels import Hero
from tests.database.stores import Store


def test_dataclass_defaults_are_tracked(store: Store) -> None:
    """The value of a `default_factory` is tracked before the row is added."""
    DataclassBase.metadata.create_all(store.engine)
    row = AsDataclass(id=1)
    row.doc["n"] = []
    row.doc["n"].append(1)
    session = store.session()
    session.add(row)
    session.flush()
    row.doc["n"].append(2)
    session.commit()
    expect(store, {"n": [1, 2]}, AsDataclass, "doc")
    expect(store, None, AsDataclass, "maybe")


def test_replaced_dataclass(store: Store) -> None:
    """A copy of a mapped dataclass by `dataclasses.replace` has a document of its own."""
    DataclassBase.metadata.create_all(store.engine)
    store.keep(AsDataclass(id=1, doc={"n": [1]}))
    session = store.session()
    row = session.get_one(AsDataclass, 1)
    other = dataclasses.replace(row, id=2)
    session.add(other)
    other.doc["n"].append("other")
    row.doc["n"].append("row")
    session.commit()
    expect(store, {"n": [1, "row"]}, AsDataclass, "doc", 1)
    expect(store, {"n": [1, "other"]}, AsDataclass, "doc", 2)


def test_sqlmodel_before_flush(store: Store) -> None:
    """A SQLModel row's default is tracked before the first flush, and its `model_dump` is plain."""
    create_tables(store, Hero)
    row = Hero(id=1)
    row.doc["n"] = [1]
    row.doc["n"].append(2)
    session = store.session()
    session.add(row)
    session.commit()
    session.refresh(row)
    assert row.model_dump() == {"id": 1, "doc": {"n": [1, 2]}, "maybe": None}
    row.sqlmodel_update({"doc": {"m": []}})
    row.doc["m"].append(3)
    session.commit()
    expect(store, {"m": [3]}, Hero, "doc")


def test_sqlmodel_validated(store: Store) -> None:
    """A SQLModel row made by `model_validate` tracks its document."""
    create_tables(store, Hero)
    row = Hero.model_validate({"id": 1, "doc": {"n": []}, "maybe": [1]})
    session = store.session()
    session.add(row)
    row.doc["n"].append(1)
    assert row.maybe is not None
    row.maybe.append(2)
    session.flush()
    row.doc["n"].append(2)
    row.maybe.append(3)
    session.commit()
    expect(store, {"n": [1, 2]}, Hero, "doc")
    expect(store, [1, 2, 3], Hero, "maybe")
