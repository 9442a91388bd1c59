"""Documents behave as plain dicts and lists for whoever reads them, and copies are independent of the row."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from typing import Any

import orjson
import pydantic
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session, object_session

from tests.database.rows import Row
from tests.database.stores import Store, typed

VALUE: dict[str, Any] = {
    "a": {"b": [1, 2.5, None, True, "é😀"]},
    "scenes": [{"id": "x", "urls": ["u"]}, [], {}],
    "": 0,
}


def _loaded(store: Store) -> Row:
    store.keep(Row(id=1, doc=copy.deepcopy(VALUE), other=[1, [2], {"c": 3}]))
    return store.session().get_one(Row, 1)


def _session_of(row: Row) -> Session:
    session = object_session(row)
    assert session is not None
    return session


def test_documents_are_real_dicts_and_lists_when_loaded(any_store: Store) -> None:
    """Real `dict` and `list` subclasses, at every depth, from the moment the value is loaded (eagerly)."""
    row = _loaded(any_store)
    assert isinstance(row.doc, dict)
    assert isinstance(row.doc["scenes"], list)
    assert isinstance(dict(row.doc)["a"], dict)
    dict(row.doc)["a"]["b"].append("through a C-level copy")
    {**row.doc}["scenes"][0]["urls"] += ["v"]
    (row.other + [])[1].append(3)  # noqa: RUF005
    row.other[1:2][0].append(4)
    next(iter(row.doc["scenes"]))["id"] = "y"
    row.doc.copy()["a"]["c"] = 1
    [*row.other][2]["d"] = 4
    _session_of(row).commit()
    expected = copy.deepcopy(VALUE)
    expected["a"]["b"].append("through a C-level copy")
    expected["a"]["c"] = 1
    expected["scenes"][0] = {"id": "y", "urls": ["u", "v"]}
    any_store.expect(expected)
    any_store.expect([1, [2, 3, 4], {"c": 3, "d": 4}], attribute="other")


def test_equality_works_both_ways(store: Store) -> None:
    """`==`, `!=`, `in`, `<` on lists, `hash` refused: as for plain ones."""
    row = _loaded(store)
    assert row.doc == VALUE
    assert VALUE == row.doc  # noqa: SIM300 - the other way round is the point
    assert not (row.doc != VALUE)  # noqa: SIM202
    assert row.other == [1, [2], {"c": 3}]
    assert [2] in row.other
    assert row.other[1] < [3]
    assert row.other.index({"c": 3}) == 2
    assert row.other + [1] == [1, [2], {"c": 3}, 1]  # noqa: RUF005
    assert row.doc | {"z": 1} == {**VALUE, "z": 1}
    assert {"z": 1} | row.doc == {**VALUE, "z": 1}
    assert repr(row.other) == "[1, [2], {'c': 3}]"
    with pytest.raises(TypeError):
        hash(row.doc)


def test_match_statements_take_documents_apart(store: Store) -> None:
    """`match` treats a document as mapping and sequence, and as `dict()` and `list()` class patterns."""
    match _loaded(store).doc:
        case dict() as whole if len(whole) == 3:
            pass
        case _:
            pytest.fail("no dict")
    match _loaded_again(store).doc:
        case {"a": {"b": [1, *rest]}, "scenes": [{"id": str(name)}, list(), dict()]}:
            assert rest == [2.5, None, True, "é😀"]
            assert name == "x"
        case _:
            pytest.fail("the pattern did not match")


def _loaded_again(store: Store) -> Row:
    return store.session().get_one(Row, 1)


def test_json_libraries_write_documents(store: Store) -> None:
    """`json.dumps` (C and Python encoders) and `orjson.dumps` write a document as they write a plain value."""
    row = _loaded(store)
    # jsonb stores its keys in an order of its own
    plain = json.loads(json.dumps(row.doc))
    assert plain == VALUE
    assert json.dumps(row.doc, sort_keys=True) == json.dumps(VALUE, sort_keys=True)
    assert json.dumps(row.doc, indent=1) == json.dumps(plain, indent=1)
    assert orjson.dumps(row.doc) == orjson.dumps(plain)
    assert orjson.dumps(row.other) == b'[1,[2],{"c":3}]'


class _Model(pydantic.BaseModel):
    a: dict[str, list[Any]]
    scenes: list[dict[str, Any] | list[int]]


class _Strict(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(strict=True, from_attributes=True)
    doc: dict[str, Any]
    other: list[Any]


def test_pydantic_validates_and_writes_documents(store: Store) -> None:
    """pydantic takes documents, also in strict mode and from attributes, and writes them without warnings."""
    row = _loaded(store)
    assert _Model.model_validate(row.doc).a == VALUE["a"]
    model = _Strict.model_validate(row)
    assert json.loads(model.model_dump_json()) == {"doc": VALUE, "other": [1, [2], {"c": 3}]}
    assert model.model_dump() == {"doc": VALUE, "other": [1, [2], {"c": 3}]}
    assert pydantic.TypeAdapter(Any).dump_python(row.doc) == VALUE
    assert type(pydantic.TypeAdapter(Any).dump_python(row.doc, mode="json")) is dict


def test_fastapi_answers_with_documents(store: Store) -> None:
    """FastAPI answers with a document, with and without a response model."""
    row = _loaded(store)
    app = FastAPI()
    app.get("/raw")(lambda: row.doc)
    app.get("/model", response_model=_Strict)(lambda: row)
    app.get("/inside", response_model=dict[str, Any])(lambda: {"inside": row.doc, "more": row.other})
    with TestClient(app) as client:
        assert client.get("/raw").json() == VALUE
        assert client.get("/model").json() == {"doc": VALUE, "other": [1, [2], {"c": 3}]}
        assert client.get("/inside").json() == {"inside": VALUE, "more": [1, [2], {"c": 3}]}


def _pickled(protocol: int) -> Callable[[Any], Any]:
    return lambda value: pickle.loads(pickle.dumps(value, protocol))


COPIES: dict[str, Callable[[Any], Any]] = {
    "deepcopy": copy.deepcopy,
    **{f"pickle {protocol}": _pickled(protocol) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)},
}


@pytest.mark.parametrize("part", ["root", "child"])
@pytest.mark.parametrize("duplicate", COPIES.values(), ids=COPIES)
def test_a_deep_copy_is_independent_of_the_row(
    store: Store, duplicate: Callable[[Any], Any], part: str
) -> None:
    """`deepcopy` and `pickle` give an equal value at every depth whose changes do not reach the row."""
    row = _loaded(store)
    source = row.doc if part == "root" else row.doc["a"]
    made = duplicate(source)
    assert typed(made) == typed(source)
    (made["a"] if part == "root" else made)["b"].append("only in the copy")
    made["new"] = 1
    made.pop("new")
    session = _session_of(row)
    assert not session.is_modified(row)
    session.commit()
    store.expect(VALUE)


def test_a_shallow_copy_is_a_new_container_independent_of_the_row(store: Store) -> None:
    """`copy.copy` and `.copy()` behave as for plain ones: a new outer container, whose changes are its own."""
    row = _loaded(store)
    for made in (copy.copy(row.doc), row.doc.copy(), dict(row.doc), copy.copy(row.other), row.other.copy()):
        if isinstance(made, dict):
            made["only here"] = 1
        else:
            made.append(1)
    session = _session_of(row)
    assert not session.is_modified(row)
    session.commit()
    store.expect(VALUE)
    store.expect([1, [2], {"c": 3}], attribute="other")


def test_a_pickled_copy_does_not_carry_the_row(store: Store) -> None:
    """A pickled child is as large as its own content, not as its row."""
    store.keep(Row(id=1, doc={"small": [1], "large": "x" * 100_000}))
    row = store.session().get_one(Row, 1)
    assert len(pickle.dumps(row.doc["small"])) < 1_000


def test_a_copy_put_back_is_saved(store: Store) -> None:
    """A copy of a document, changed and assigned back, is saved; changes through it later are saved too."""
    row = _loaded(store)
    session = _session_of(row)
    made = copy.deepcopy(row.doc)
    made["a"]["b"] = []
    row.doc = made
    row.doc["a"]["b"].append(1)
    session.commit()
    store.expect({**VALUE, "a": {"b": [1]}})
