"""Numbers and text come back as they were put in, on every backend and with every JSON library."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from sqlalchemy import select, update

from indelible import NotJSON
from tests.database.rows import Row
from tests.database.stores import Store, typed

INTEGERS = [
    0,
    -1,
    2**31,
    2**53 + 1,
    2**63 - 1,
    2**63,
    -(2**63) - 1,
    2**64,
    2**64 + 1,
    10**40,
    -(2**200),
    10**400,
]
FLOATS = [
    1e16,
    1e23,
    1e300,
    5e-324,
    0.1,
    1.0,
    -1.5,
    1e-7,
    1e22,
    123456789.123456789,
    1.7976931348623157e308,
    100.0,
]
TEXT: dict[str, Any] = {
    "": "empty key",
    "a.b": {"a": {"b": 1}},
    '"': "'",
    "é": "e\u0301",
    "😀": ["👩‍👩‍👧", "\U0010ffff"],
    "$": "$.a[0]",
    "a[0]": "{}",
    "\\": "\\u0041\\",
    "\n\t\x01\x1f\x7f": "\u2028\u2029\ufeff\ufffe",
    "%s %(x)s :name ?": "100% :x ? ?? {}",
    "null": "null",
    "1": 1,
}


def _cycle(store: Store, value: Any) -> None:
    store.keep(Row(id=1, doc={"v": value}, other=value))
    store.expect({"v": value})
    session = store.session()
    row = session.get_one(Row, 1)
    assert typed(row.doc["v"]) == typed(value)
    row.doc["again"] = row.doc["v"]
    session.commit()
    store.expect({"v": value, "again": value})


def test_integers_of_any_size_stay_exact(any_store: Store) -> None:
    """Numbers: keep integers of any size exact, when written, read, changed beside them and written again."""
    _cycle(any_store, INTEGERS)


def test_floats_stay_floats_and_exact(any_store: Store) -> None:
    """Floats stay floats with the same bits, also whole and very large ones that JSONB would print as integers."""
    _cycle(any_store, FLOATS)


def test_minus_zero(any_store: Store) -> None:
    """-0.0 stays a float; JSONB has no negative zero and answers 0.0."""
    any_store.keep(Row(id=1, doc=[-0.0]))
    with any_store.session() as session:
        value = session.get_one(Row, 1).doc[0]
    assert repr(value) == ("0.0" if any_store.driver.is_postgresql else "-0.0")


@pytest.mark.parametrize("value", ["text", "", "5", True, False, 5, -(2**63), 0.5, *INTEGERS, *FLOATS])
def test_a_bare_value_as_a_document(any_store: Store, value: Any) -> None:
    """A document may be a bare value, kept as exactly as inside a container; refused where SQLite would change it."""
    row = Row(id=1, doc=value)
    try:
        any_store.keep(row)
    except NotJSON:
        whole = isinstance(value, float) and value.is_integer()
        large = isinstance(value, int) and not -(2**63) <= value < 2**63
        assert not any_store.driver.is_postgresql
        assert whole or large
        return
    with any_store.session() as session:
        assert typed(session.get_one(Row, 1).doc) == typed(value)


def test_odd_keys_and_texts(any_store: Store) -> None:
    """Odd keys ("", "a.b", quotes, é, emoji, control characters, SQL parameters) are kept and can be changed."""
    _cycle(any_store, TEXT)


def _orjson_dumps(value: Any) -> str:
    return orjson.dumps(value).decode()


FUNCTIONS: dict[str, dict[str, Any]] = {
    "orjson": {"json_serializer": _orjson_dumps, "json_deserializer": orjson.loads},
    "orjson reads": {"json_deserializer": orjson.loads},
    "orjson writes": {"json_serializer": _orjson_dumps},
    "json ascii": {"json_serializer": lambda value: json.dumps(value, ensure_ascii=False)},
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_integers_stay_exact_whatever_json_library_the_engine_has(any_store: Store, name: str) -> None:
    """A JSON library that turns 2**64 into a float, or refuses it, loses data: not with a Document column."""
    any_store.use(any_store.new_engine(**FUNCTIONS[name]))
    _cycle(any_store, [*INTEGERS, *FLOATS, TEXT])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_engine_with_a_json_library_still_works(any_store: Store, name: str) -> None:
    """The engine's own JSON functions do not keep a document from being read, changed and saved."""
    any_store.use(any_store.new_engine(**FUNCTIONS[name]))
    any_store.keep(Row(id=1, doc={"a": [1]}))
    session = any_store.session()
    session.get_one(Row, 1).doc["a"].append(2**31)
    session.commit()
    any_store.expect({"a": [1, 2**31]})


def test_a_big_integer_read_next_to_plain_sql(any_store: Store) -> None:
    """Big integers that other programs stored are read exactly, and survive a change beside them."""
    any_store.sql(
        "INSERT INTO rows (id, title, doc) VALUES (1, '', '{\"n\": 123456789012345678901234567890}')"
    )
    session = any_store.session()
    row = session.get_one(Row, 1)
    assert row.doc["n"] == 123456789012345678901234567890
    row.doc["m"] = 1
    session.commit()
    any_store.expect({"n": 123456789012345678901234567890, "m": 1})


def test_numbers_in_core_statements(any_store: Store) -> None:
    """Core inserts, updates and selects of the column keep numbers exact too."""
    table = Row.__table__
    with any_store.engine.begin() as connection:
        connection.execute(table.insert(), [{"id": 1, "title": "", "doc": INTEGERS}])  # type: ignore[attr-defined]
        connection.execute(update(Row).values(other=[*INTEGERS, 1e16]))
        assert typed(connection.execute(select(Row.doc)).scalar()) == typed(INTEGERS)
    any_store.expect(INTEGERS)
    any_store.expect([*INTEGERS, 1e16], attribute="other")


def test_comparison_in_sql(any_store: Store) -> None:
    """Indexing a document in SQL compares as JSON does."""
    any_store.keep(Row(id=1, doc={"a": {"b": 5}, "s": "x"}), Row(id=2, doc={"a": {"b": 6}, "s": "y"}))
    session = any_store.session()
    assert session.scalars(select(Row.id).where(Row.doc["a"]["b"].as_integer() == 5)).all() == [1]
    assert session.scalars(select(Row.id).where(Row.doc["s"].as_string() == "y")).all() == [2]
    assert session.scalars(select(Row.doc["a"]).order_by(Row.id)).all() == [{"b": 5}, {"b": 6}]


def test_null_is_sql_null_and_json_null_can_be_inside(any_store: Store) -> None:
    """Python `None` is SQL `NULL`; inside a document it is JSON's null."""
    any_store.keep(Row(id=1, other=None), Row(id=2, other={"n": None}))
    assert any_store.sql("SELECT id FROM rows WHERE other IS NULL") == [(1,)]
    session = any_store.session()
    assert session.scalars(select(Row.id).where(Row.other.is_(None))).all() == [1]
    session.get_one(Row, 2).other = None
    session.get_one(Row, 1).other = [None]
    session.commit()
    any_store.expect(None, key=2, attribute="other")
    any_store.expect([None], key=1, attribute="other")


def test_a_json_null_that_another_program_wrote_is_read(any_store: Store) -> None:
    """A stored JSON `null` reads as None."""
    any_store.sql("INSERT INTO rows (id, title, doc) VALUES (1, '', 'null')")
    session = any_store.session()
    assert session.get_one(Row, 1).doc is None


@pytest.mark.parametrize(("old", "new"), [(1, True), (1, 1.0), (0, False), (1.0, 1), (2**53, float(2**53))])
def test_a_change_of_type_alone_is_written(any_store: Store, old: Any, new: Any) -> None:
    """`True`, `1` and `1.0` are different values: a change from one to the other reaches the database."""
    any_store.keep(Row(id=1, doc={"v": [old]}))
    session = any_store.session()
    session.get_one(Row, 1).doc["v"][0] = new
    session.commit()
    any_store.expect({"v": [new]})


def test_a_five_megabyte_document(store: Store) -> None:
    """A very large document is saved, changed in one place and saved again."""
    document = {"chapters": [{"id": i, "text": "é" * 500, "tags": [i, str(i)]} for i in range(5_000)]}
    store.keep(Row(id=1, doc=document))
    session = store.session()
    session.get_one(Row, 1).doc["chapters"][4_321]["tags"].append("new")
    with store.statements() as statements:
        session.commit()
    assert len(statements) == 1
    document["chapters"][4_321]["tags"].append("new")  # type: ignore[attr-defined]
    store.expect(document)


def test_a_list_of_ten_thousand_elements(store: Store) -> None:
    """A list of 10,000 elements is shuffled, cut, sorted and extended, and stored as on a plain list."""
    plain: list[Any] = [{"n": i} for i in range(10_000)]
    store.keep(Row(id=1, doc=plain))
    session = store.session()
    row = session.get_one(Row, 1)
    plain = json.loads(json.dumps(plain))
    for value in (row.doc, plain):
        value.insert(0, {"n": -1})
        del value[100:200]
        value.sort(key=lambda item: (item["n"] * 7919) % 10_007)
        value[5_000]["changed"] = True
        value.reverse()
        value.extend({"n": i} for i in range(100))
    session.commit()
    store.expect(plain)
