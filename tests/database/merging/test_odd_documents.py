"""Documents that are unlike most: keys, numbers, texts, nothing, depth; and such as other programs write."""

from __future__ import annotations

import json
from typing import Any

import pytest

from indelible import Conflict, add, union
from indelible.changes.values import plain
from tests.database.merging.papers import Paper
from tests.database.merging.paths_taken import merges_seen, only_merging
from tests.database.merging.two import Two, both
from tests.database.stores import Store

KEYS = [
    "",
    "'",
    '"',
    "\\",
    "\\u0041",
    "a.b",
    "a/b",
    "$",
    "$.a",
    "[0]",
    "0",
    "01",
    "-1",
    "-",
    "+1",
    "#",
    "last",
    "%s",
    ":a",
    "?",
    "{0}",
    "é",
    "😀",
    "\t",
    " ",
    "null",
    "id",
    "k" * 300,
]


def stored_as(store: Store, text: str) -> None:
    """Store a document as another program writes it."""
    cast = "CAST(:text AS jsonb)" if store.driver.is_postgresql else ":text"
    store.sql(f"UPDATE papers SET doc = {cast}", text=text)


@pytest.mark.parametrize("key", KEYS)
def test_any_key_is_a_place(any_store: Store, key: str) -> None:
    """Put, changed, appended to and removed in an object, next to the same key elsewhere and another writer's."""
    two = Two.of(any_store, {"x": {key: 1, "other": 1}, "list": {key: []}, "gone": {key: 0, f"{key}x": 0}})
    two.one.doc["x"]["other"] = 2
    two.one.doc["list"][key].append("theirs")
    two.one.doc["list"]["new"] = 1
    two.sessions[0].commit()
    two.other.doc["x"][key] = 2
    two.other.doc["list"][key].append("mine")
    del two.other.doc["gone"][key]
    two.other.doc["new"] = {key: {key: None}}
    two.other.doc[key] = "here"
    two.second.commit()
    expected: dict[str, Any] = {
        "x": {key: 2, "other": 2},
        "list": {key: ["theirs", "mine"], "new": 1},
        "gone": {f"{key}x": 0},
        "new": {key: {key: None}},
    }
    any_store.expect(expected | {key: "here"}, Paper)


@pytest.mark.parametrize("key", KEYS)
def test_the_same_key_clashes(store: Store, key: str) -> None:
    """Added by both, or changed by both."""
    two = Two.of(store, {"x": {key: 1}, "y": {}})
    for row, value in ((two.one, "a"), (two.other, "b")):
        row.doc["x"][key] = value
        row.doc["y"][key] = value
    two.sessions[0].commit()
    with pytest.raises(Conflict) as caught:
        two.second.commit()
    assert {clash.path for clash in caught.value.clashes} == {("x", key), ("y", key)}


NUMBERS = [
    0,
    1,
    1.0,
    True,
    False,
    -1,
    0.1,
    2**53 + 1,
    2**63,
    2**64,
    -(10**40),
    1e300,
    5e-324,
    1.7976931348623157e308,
]


@pytest.mark.parametrize("old", NUMBERS)
def test_numbers_are_told_by_json_type_and_digit(store: Store, old: Any) -> None:
    """A put over any number finds it as it was; a number that only looks equal is another writer's change."""
    two = Two.of(store, {"n": old, "list": [old], "m": old})
    for number in NUMBERS:
        two.one.doc["n"] = two.one.doc["list"][0] = number
        two.sessions[0].commit()
        store.expect({"n": number, "list": [number], "m": old}, Paper)
    two.other.doc["m"] = "mine"
    with merges_seen() as merged:
        two.second.commit()
    assert not merged
    if repr(old) != repr(NUMBERS[-1]):
        two.other.doc["n"] = "mine"
        with pytest.raises(Conflict):
            two.second.commit()


@pytest.mark.parametrize(
    ("was", "looks_like"), [(1, 1.0), (1, True), (0, False), (1.0, 1), ("1", 1), (None, "null")]
)
def test_what_looks_equal_is_another_value(store: Store, was: Any, looks_like: Any) -> None:
    """`1.0` and `true` are no `1` in guards either."""
    two = Two.of(store, {"n": was})
    two.one.doc["n"] = looks_like
    two.sessions[0].commit()
    two.other.doc["n"] = "mine"
    with pytest.raises(Conflict) as caught:
        two.second.commit()
    assert repr(caught.value.clashes[0].theirs) == repr(looks_like)


def test_null_is_not_nothing(store: Store) -> None:
    """A member that is `null` is there: changed from and to it, told from one that is missing."""
    two = Two.of(store, {"null": None, "x": 1})
    two.one.doc["null"] = 1
    two.one.doc["x"] = None
    two.one.doc["new"] = None
    with merges_seen() as merged:
        two.sessions[0].commit()
    assert not merged
    store.expect({"null": 1, "x": None, "new": None}, Paper)
    two.other.doc["new"] = 2
    with pytest.raises(Conflict) as caught:
        two.second.commit()
    assert caught.value.clashes[0].theirs is None
    two.second.rollback()
    two.second.refresh(two.other)
    del two.other.doc["x"]
    two.second.commit()
    store.expect({"null": 1, "new": None}, Paper)


def nested(depth: int, innermost: Any) -> Any:
    value = innermost
    for _ in range(depth):
        value = {"d": value}
    return value


@pytest.mark.parametrize("way", ["any", "merge"])
def test_deep_documents(store: Store, way: str) -> None:
    """Two writers of the innermost object, 150 levels down."""
    two = Two.of(store, nested(150, {"a": 1}))
    for row, key in ((two.one, "b"), (two.other, "c")):
        document = row.doc
        while "d" in document:
            document = document["d"]
        document[key] = 1
    two.sessions[0].commit()
    if way == "merge":
        with only_merging():
            two.second.commit()
    else:
        two.second.commit()
    store.expect(nested(150, {"a": 1, "b": 1, "c": 1}), Paper)


@pytest.mark.parametrize(
    "text",
    [
        '{ "a" : { "b" : 1 } , "list" : [ {"id":"x" , "n":1} ] }',
        '{"list":[{"n":1,"id":"x"}],"a":{"b":1}}',
        '{"\\u0061":{"\\u0062":1},"l\\u0069st":[{"\\u0069d":"\\u0078","n":1}]}',
    ],
)
def test_documents_that_other_programs_wrote(store: Store, text: str) -> None:
    """In other orders, with spaces and escapes: read, changed and merged as any."""
    two = Two.of(store, {})
    stored_as(store, text)
    for session, row in zip(two.sessions, (two.one, two.other), strict=True):
        session.refresh(row)
        session.commit()
    two.one.doc["a"]["c"] = 2
    two.one.doc["list"].append({"id": "y"})
    two.sessions[0].commit()
    two.other.doc["a"]["b"] = 3
    two.other.doc["list"][0]["n"] = 2
    two.other.doc["new"] = 1
    two.second.commit()
    store.expect({"a": {"b": 3, "c": 2}, "list": [{"id": "x", "n": 2}, {"id": "y"}], "new": 1}, Paper)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('{"a\\/b": 1}', "a/b"),
        ('{"\\u0061": 1}', "a"),
        ('{"\\u00e9": 1}', "é"),
        ('{"é": 1}', "é"),
        ('{"\\u0022": 1}', '"'),
    ],
)
def test_a_key_that_another_program_wrote_otherwise_is_the_same_key(
    store: Store, text: str, key: str
) -> None:
    """Adding it is a conflict with that program, never a second member of one name."""
    two = Two.of(store, {})
    stored_as(store, text)
    two.one.doc[key] = 2
    with pytest.raises(Conflict):
        two.sessions[0].commit()
    two.sessions[0].rollback()
    store.expect({key: 1}, Paper)


@pytest.mark.parametrize(
    ("text", "key"),
    [('{"x": [{"id": "a\\/b"}]}', "a/b"), ('{"x": [{"id": "é"}]}', "é"), ('{"x": [{"\\u0069d": "z"}]}', "z")],
)
def test_an_element_that_another_program_added_is_the_same_element(store: Store, text: str, key: str) -> None:
    """However it wrote key and value."""
    two = Two.of(store, {"x": []})
    stored_as(store, text)
    two.one.doc["x"].append({"id": key, "n": 1})
    two.sessions[0].commit()
    store.expect({"x": [{"id": key, "n": 1}]}, Paper)


@pytest.mark.parametrize("way", ["any", "merge"])
def test_counters_of_many_writers(store: Store, way: str) -> None:
    """Each amount counts once, whoever was first, from nothing too."""
    two = Two.of(store, {"n": 5, "deep": [{"id": 1}]})
    for row in (two.one, two.other):
        add(row.doc, "n", 3)
        add(row.doc, "n", -1)
        add(row.doc["deep"][0], "m", 2**40)
    two.sessions[0].commit()
    if way == "merge":
        with only_merging():
            two.second.commit()
    else:
        two.second.commit()
    store.expect({"n": 9, "deep": [{"id": 1, "m": 2**41}]}, Paper)


def test_a_counter_of_fractions_or_large_numbers(store: Store) -> None:
    """Is added to as Python adds."""
    two = Two.of(store, {"f": 0.1, "big": 2**63, "huge": 2**62})
    for row in (two.one, two.other):
        add(row.doc, "f", 0.2)
        add(row.doc, "big", 1)
        add(row.doc, "huge", 2**62)
    two.commit()
    store.expect({"f": 0.1 + 0.2 + 0.2, "big": 2**63 + 2, "huge": 3 * 2**62}, Paper)


@pytest.mark.parametrize("way", ["any", "merge"])
def test_sets_of_many_writers(store: Store, way: str) -> None:
    """Each value is there once; 1, 1.0, true and "1" are four."""
    two = Two.of(store, {"tags": ["a"]})
    union(two.one.doc["tags"], ["a", "b", 1, "é"])
    union(two.other.doc["tags"], ["c", "b", 1.0, True, "1", "é", 2**70])
    two.sessions[0].commit()
    if way == "merge":
        with only_merging():
            two.second.commit()
    else:
        two.second.commit()
    store.expect({"tags": ["a", "b", 1, "é", "c", 1.0, True, "1", 2**70]}, Paper)


def test_long_texts_and_many_members(store: Store) -> None:
    """Values that are compared by their digest on some databases, and objects of a thousand members."""
    long = "é😀'\"\\\n" * 2000
    document = {
        "text": long,
        "big": {f"k{number}": number for number in range(1000)},
        "list": [[long], [long, 1]],
    }
    two = both(
        store,
        document,
        lambda doc: doc["big"].update(k5="theirs"),
        lambda doc: (doc.update(text=long + "!"), doc["big"].pop("k7"), doc["list"][0].append(2)),
    )
    expected = plain(document)
    expected["big"]["k5"] = "theirs"
    expected["text"] = long + "!"
    del expected["big"]["k7"]
    expected["list"][0].append(2)
    store.expect(expected, Paper)
    assert json.loads(json.dumps(two.other.doc["text"])) == long + "!"


@pytest.mark.parametrize("root", [[], [1, [2]], [{"id": 1}], {}])
def test_any_root(store: Store, root: Any) -> None:
    """Lists at the root are appended to by both."""

    def change(value: Any) -> Any:
        return lambda doc: doc.append({"id": value}) if isinstance(doc, list) else doc.update({value: 1})

    both(store, root, change("a"), change("b"))
    store.expect([*root, {"id": "a"}, {"id": "b"}] if isinstance(root, list) else {"a": 1, "b": 1}, Paper)
