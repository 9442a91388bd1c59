"""Every mutator of `dict` and `list`, at depth, found by enumerating the built-in types, judged by the database."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.database.rows import Row
from tests.database.stores import Store, typed

Program = Callable[[Any], object]


def _sort(value: Any) -> None:
    value.sort(key=repr, reverse=True)


def _del(value: Any, key: Any) -> None:
    del value[key]


def _set(value: Any, key: Any, item: Any) -> None:
    value[key] = item


def _ior(value: Any) -> None:
    alias = value
    alias |= {"m": [1]}


def _iadd(value: Any) -> None:
    alias = value
    alias += [{"m": 1}, [2]]


def _imul(value: Any) -> None:
    alias = value
    alias *= 2


DICT_PROGRAMS: dict[str, list[Program]] = {
    "__setitem__": [lambda d: _set(d, "n", {"x": []}), lambda d: _set(d, "a", None)],
    "__delitem__": [lambda d: _del(d, "a")],
    "__ior__": [_ior],
    "clear": [lambda d: d.clear()],
    "pop": [lambda d: d.pop("a"), lambda d: d.pop("b", None)],
    "popitem": [lambda d: d.popitem()],
    "setdefault": [lambda d: d.setdefault("new", []).append(1), lambda d: d.setdefault("new")],
    "update": [
        lambda d: d.update({"a": 5}, z={"q": 1}),
        lambda d: d.update([("a", [1, [2]])]),
        lambda d: d.update(k for k in [("g", {"h": 1})]),
    ],
}
LIST_PROGRAMS: dict[str, list[Program]] = {
    "__setitem__": [
        lambda v: _set(v, 0, {"x": []}),
        lambda v: _set(v, -1, 9),
        lambda v: _set(v, slice(0, 2), [[7], {"s": 1}, 3]),
        lambda v: _set(v, slice(None, None, 2), [[1], {"two": 2}]),
        lambda v: _set(v, slice(1, 1), ({"i": i} for i in range(2))),
        lambda v: _set(v, slice(None), v),
    ],
    "__delitem__": [
        lambda v: _del(v, 0),
        lambda v: _del(v, slice(0, 2)),
        lambda v: _del(v, slice(None, None, 2)),
    ],
    "__iadd__": [_iadd],
    "__imul__": [_imul],
    "append": [lambda v: v.append({"x": [1]})],
    "clear": [lambda v: v.clear()],
    "extend": [
        lambda v: v.extend([[1], {"y": 2}]),
        lambda v: v.extend(v),
        lambda v: v.extend(i for i in "ab"),
    ],
    "insert": [lambda v: v.insert(0, {"x": 1}), lambda v: v.insert(-1, [1]), lambda v: v.insert(99, None)],
    "pop": [lambda v: v.pop(), lambda v: v.pop(0)],
    "remove": [lambda v: v.remove(3)],
    "reverse": [lambda v: v.reverse()],
    "sort": [_sort],
}
# What the built-in types offer that changes nothing, or that makes or inspects an object.
READERS = {
    *dir(object),
    *[
        "__contains__",
        "__getitem__",
        "__iter__",
        "__len__",
        "__or__",
        "__ror__",
        "__reversed__",
        "__class_getitem__",
    ],
    *[
        "__add__",
        "__mul__",
        "__rmul__",
        "copy",
        "fromkeys",
        "get",
        "items",
        "keys",
        "values",
        "count",
        "index",
    ],
}
DICT_START = {"a": 1, "c": {"d": [1]}, "b": 2}
LIST_START = [1, {"d": [1]}, 3]


@pytest.mark.parametrize(("builtin", "programs"), [(dict, DICT_PROGRAMS), (list, LIST_PROGRAMS)])
def test_each_mutator_of_the_builtin_types_has_a_program(builtin: type, programs: dict[str, Any]) -> None:
    """A Python release that adds a mutator fails here, until it is tried below."""
    assert set(dir(builtin)) - READERS == set(programs)


def _cases() -> list[Any]:
    return [
        pytest.param(start, program, id=f"{type(start).__name__}.{name}-{number}")
        for start, table in ((DICT_START, DICT_PROGRAMS), (LIST_START, LIST_PROGRAMS))
        for name, programs in table.items()
        for number, program in enumerate(programs)
    ]


@pytest.mark.parametrize(("start", "program"), _cases())
def test_a_mutator_is_saved(store: Store, start: Any, program: Program) -> None:
    """Every mutator of `dict` and `list` is tracked at any depth, and gives what it gives on a plain one."""
    places: dict[int, tuple[Any, Callable[[Any], Any]]] = {
        1: (start, lambda doc: doc),
        2: ({"n": start}, lambda doc: doc["n"]),
        3: ([{"n": [start]}], lambda doc: doc[0]["n"][0]),
    }
    store.keep(*(Row(id=key, doc=copy.deepcopy(document)) for key, (document, _) in places.items()))
    expected = {key: _stored(store, key) for key in places}
    with store.session() as session:
        for key, (_, inside) in places.items():
            program(inside(session.get_one(Row, key).doc))
            program(inside(expected[key]))
        session.commit()
    for key, value in expected.items():
        store.expect(value, key=key)


def _stored(store: Store, key: int = 1) -> Any:
    # Its order of keys, which `popitem` follows, is the database's.
    return json.loads(store.stored_text(Row, key) or "")


@pytest.mark.parametrize(("start", "program"), _cases())
def test_what_a_mutator_put_in_is_tracked(store: Store, start: Any, program: Program) -> None:
    """A container put in by any of these is tracked from then on, also after the flush that saved it."""
    store.keep(Row(id=1, doc=copy.deepcopy(start)))
    expected = _stored(store)
    session = store.session(expire_on_commit=False)
    row = session.get_one(Row, 1)
    program(row.doc)
    program(expected)
    expected = json.loads(json.dumps(expected))  # `extend(self)` of a plain list shares its containers
    session.flush()
    for value in (row.doc, expected):
        _mark_all(value)
    assert typed(row.doc) == typed(expected)
    session.commit()
    store.expect(expected)


def _mark_all(value: Any) -> None:
    for child in list(value.values() if isinstance(value, dict) else value):
        if isinstance(child, dict | list):
            _mark_all(child)
    if isinstance(value, dict):
        value["mark"] = len(value)
    else:
        value.append(len(value))


FAILING: list[Any] = [
    ({"a": 1}, lambda d: d.pop("zz"), KeyError),
    ({"a": 1}, lambda d: _del(d, "zz"), KeyError),
    ({}, lambda d: d.popitem(), KeyError),
    ({"a": 1}, lambda d: d.update([("k", 1, 2)]), ValueError),
    ({"a": 1}, lambda d: d.update(5), TypeError),
    ([1], lambda v: v.pop(5), IndexError),
    ([1], lambda v: v.remove(5), ValueError),
    ([1], lambda v: _set(v, 5, 1), IndexError),
    ([1, 2, 3], lambda v: _set(v, slice(None, None, 2), [1]), ValueError),
    ([1], lambda v: v.extend(5), TypeError),
    ([1], lambda v: v.insert("x", 5), TypeError),
    ([1, "a"], lambda v: v.sort(), TypeError),
    ([2, 1], lambda v: v.sort(key=lambda _: 1 / 0), ZeroDivisionError),
]


@pytest.mark.parametrize(("start", "program", "error"), FAILING)
def test_a_mutator_that_raises_leaves_the_row_clean(
    store: Store, start: Any, program: Program, error: type[Exception]
) -> None:
    """A mutator that raises leaves the row clean."""
    store.keep(Row(id=1, doc={"n": copy.deepcopy(start)}))
    session = store.session()
    row = session.get_one(Row, 1)
    with pytest.raises(error):
        program(row.doc["n"])
    assert typed(row.doc) == typed({"n": start})
    assert not session.is_modified(row)
    with store.statements() as statements:
        session.commit()
    assert statements == []
    store.expect({"n": start})


BACK: list[tuple[Any, Program]] = [
    ({"a": 1}, lambda d: (d.update(a=2), d.update(a=1))),
    ({"a": 1}, lambda d: (d.update(b=2), d.pop("b"))),
    ({"a": 1, "b": 2}, lambda d: (d.clear(), d.update(b=2, a=1))),
    ({"a": {"b": 1}}, lambda d: _set(d, "a", d.pop("a"))),
    ({"a": {"b": 1}}, lambda d: _set(d, "a", {"b": 1})),
    ({"a": {"b": 1}}, lambda d: (d["a"].update(c=1), d["a"].pop("c"))),
    ([1, 2], lambda v: (v.append(3), v.pop())),
    ([1, 2], lambda v: (v.reverse(), v.reverse())),
    ([1, [2]], lambda v: v.insert(1, v.pop(1))),
    ([1, 2], lambda v: _set(v, slice(None), [1, 2])),
    ([1, 2], lambda v: v.sort()),
    ([], lambda v: v.extend([])),
    ([1], lambda v: v.__imul__(1)),
]


@pytest.mark.parametrize(("start", "program"), BACK)
def test_a_change_that_is_taken_back_leaves_nothing_to_write(
    store: Store, start: Any, program: Program
) -> None:
    """A change that is taken back leaves nothing to write: not dirty to `is_modified`, and no UPDATE."""
    store.keep(Row(id=1, doc={"n": copy.deepcopy(start)}))
    session = store.session()
    row = session.get_one(Row, 1)
    program(row.doc["n"])
    assert not session.is_modified(row)
    with store.statements() as statements:
        session.flush()
    assert statements == []
    row.doc["n"].__class__.clear(row.doc["n"])
    session.commit()
    store.expect({"n": type(start)()})


LITERALS: list[Any] = [True, 1, 1.0, False, 0, 0.0, "1", None, "", [], {}]


@pytest.mark.parametrize("old", LITERALS, ids=repr)
def test_comparison_is_by_json_type(store: Store, old: Any) -> None:
    """Comparison is by JSON type: `True`, `1` and `1.0` are different values, and such a change is written."""
    store.keep(*(Row(id=key, doc={"k": [old]}, other={"v": old}) for key in range(len(LITERALS))))
    session = store.session()
    for key, new in enumerate(LITERALS):
        row = session.get_one(Row, key)
        row.doc["k"][0] = new
        row.other = {"v": new}
        same = typed(old) == typed(new)
        assert session.is_modified(row) is not same, new
        with store.statements() as statements:
            session.flush()
        assert len(statements) == (0 if same else 1), new
    session.commit()
    for key, new in enumerate(LITERALS):
        store.expect({"k": [new]}, key=key)
        store.expect({"v": new}, key=key, attribute="other")
