"""A document is tracked however its class is mapped: every style, every kind of inheritance, every tracked type."""

import copy
import gc
import pickle
from typing import Any

import pytest

from indelible import pending_delta
from tests.database.mappings.custom_types import (
    ByDecorator,
    ByJSON,
    ByJSONDecorator,
    ByPickle,
    ByVariant,
    DocumentVariant,
)
from tests.database.mappings.declarative import (
    AsDataclass,
    ByAlias,
    ByAnnotation,
    ColumnProperty,
    Deferred,
    Instance,
    Mixed,
    MixedDeclared,
    MixedToo,
    Nullable,
    OfAbstract,
    OtherName,
    Plain,
    Swapped,
    Synonym,
)
from tests.database.mappings.hierarchies import Animal, Circle, Dog, Person, Puppy, Shape, Writer
from tests.database.mappings.imperative import (
    DecoratedDataclass,
    HybridTable,
    Imperative,
    ImperativeDataclass,
    ImperativeRenamed,
)
from tests.database.mappings.rows import START, expect, new_row
from tests.database.mappings.sqlmodels import Hero, HeroColumn
from tests.database.stores import Store, typed

CLASSES: list[tuple[type[Any], str]] = [
    *((cls, "doc") for cls in (Plain, Nullable, Instance, OtherName, Swapped, ColumnProperty, Synonym)),
    *((cls, "doc") for cls in (Deferred, ByAnnotation, ByAlias, AsDataclass, Mixed, MixedToo)),
    *((cls, "doc") for cls in (MixedDeclared, OfAbstract, Animal, Dog, Puppy, Person, Writer, Shape, Circle)),
    *((cls, "doc") for cls in (ByDecorator, ByJSONDecorator, ByJSON, ByPickle, ByVariant, DocumentVariant)),
    *((cls, "doc") for cls in (Hero, HeroColumn, Imperative, ImperativeRenamed, ImperativeDataclass)),
    *((cls, "doc") for cls in (DecoratedDataclass, HybridTable)),
    *((cls, "second") for cls in (Swapped,)),
    *((cls, "tricks") for cls in (Dog, Puppy)),
    *((cls, "works") for cls in (Writer,)),
    *((cls, "maybe") for cls in (ByAnnotation, AsDataclass, Hero)),
]


every_mapping = pytest.mark.parametrize(
    ("cls", "attribute"), CLASSES, ids=[f"{cls.__name__}.{name}" for cls, name in CLASSES]
)


@every_mapping
def test_changes_before_and_after_the_first_flush(store: Store, cls: type[Any], attribute: str) -> None:
    """A new row's document is tracked before it is added, before its flush, after it, and after the commit."""
    row = new_row(store, cls, attribute, {"n": [1]})
    getattr(row, attribute)["n"].append(2)
    session = store.session()
    session.add(row)
    getattr(row, attribute)["n"].append(3)
    session.flush()
    getattr(row, attribute)["n"].append(4)
    session.commit()
    expect(store, {"n": [1, 2, 3, 4]}, cls, attribute)
    getattr(row, attribute)["n"].insert(0, {"deep": []})
    getattr(row, attribute)["n"][0]["deep"].append(5)
    session.commit()
    expect(store, {"n": [{"deep": [5]}, 1, 2, 3, 4]}, cls, attribute)


@every_mapping
def test_changes_to_a_loaded_row(store: Store, cls: type[Any], attribute: str) -> None:
    """A loaded row's document is tracked at any depth, also when nothing else holds the row."""
    store.keep(new_row(store, cls, attribute, copy.deepcopy(START)))
    session = store.session()
    getattr(session.get_one(cls, 1), attribute)["a"]["n"].append(2)
    gc.collect()
    session.commit()
    expect(store, {"a": {"n": [1, 2]}, "k": 1}, cls, attribute)


@every_mapping
def test_assignment_and_then_in_place(store: Store, cls: type[Any], attribute: str) -> None:
    """A value that is assigned is tracked from then on: before a flush, after it, after a commit."""
    store.keep(new_row(store, cls, attribute, copy.deepcopy(START)))
    session = store.session()
    row = session.get_one(cls, 1)
    setattr(row, attribute, {"b": [[]]})
    getattr(row, attribute)["b"][0].append(1)
    session.flush()
    getattr(row, attribute)["b"][0].append(2)
    session.commit()
    getattr(row, attribute)["b"][0].append(3)
    session.commit()
    expect(store, {"b": [[1, 2, 3]]}, cls, attribute)


@every_mapping
def test_the_same_object_assigned_back(store: Store, cls: type[Any], attribute: str) -> None:
    """Assigning the same object back, with changes inside, saves the changes."""
    store.keep(new_row(store, cls, attribute, copy.deepcopy(START)))
    session = store.session()
    row = session.get_one(cls, 1)
    doc = getattr(row, attribute)
    doc["a"]["n"].append(2)
    setattr(row, attribute, doc)
    session.commit()
    expect(store, {"a": {"n": [1, 2]}, "k": 1}, cls, attribute)


@every_mapping
def test_rollback_and_a_later_change(store: Store, cls: type[Any], attribute: str) -> None:
    """After a rollback the document is the database's, and later changes are saved."""
    store.keep(new_row(store, cls, attribute, copy.deepcopy(START)))
    session = store.session()
    row = session.get_one(cls, 1)
    getattr(row, attribute)["a"]["n"].append("gone")
    session.flush()
    session.rollback()
    assert typed(getattr(row, attribute)) == typed(START)
    getattr(row, attribute)["a"]["n"] += ["kept"]
    session.commit()
    expect(store, {"a": {"n": [1, "kept"]}, "k": 1}, cls, attribute)


@every_mapping
def test_a_change_taken_back(store: Store, cls: type[Any], attribute: str) -> None:
    """A change that is taken back leaves nothing to write."""
    store.keep(new_row(store, cls, attribute, copy.deepcopy(START)))
    session = store.session()
    row = session.get_one(cls, 1)
    numbers = getattr(row, attribute)["a"]["n"]
    numbers.append(2)
    numbers.pop()
    assert not session.is_modified(row)
    with store.statements() as statements:
        session.commit()
    assert statements == []


@every_mapping
def test_pending_delta_of_each_mapping(store: Store, cls: type[Any], attribute: str) -> None:
    """The delta is empty for a loaded row, and not after a change, and empty again after the flush."""
    store.keep(new_row(store, cls, attribute, copy.deepcopy(START)))
    session = store.session()
    row = session.get_one(cls, 1)
    name = "stored" if cls is Synonym else attribute
    getattr(row, attribute)
    assert pending_delta(row, name) == ()
    getattr(row, attribute)["a"]["n"].append(2)
    assert len(pending_delta(row, name)) == 1
    session.flush()
    assert pending_delta(row, name) == ()


@every_mapping
def test_a_detached_and_pickled_row(store: Store, cls: type[Any], attribute: str) -> None:
    """A row that was detached, pickled and added again goes on tracking."""
    store.keep(new_row(store, cls, attribute, copy.deepcopy(START)))
    session = store.session()
    row = session.get_one(cls, 1)
    getattr(row, attribute)["a"]["n"].append(2)
    session.expunge(row)
    again = pickle.loads(pickle.dumps(row))
    getattr(again, attribute)["a"]["n"].append(3)
    session.add(again)
    session.commit()
    expect(store, {"a": {"n": [1, 2, 3]}, "k": 1}, cls, attribute)
