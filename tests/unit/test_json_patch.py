"""JSON Patch in and out: exact, whole or not at all, and the same for every implementation of RFC 6902."""

from __future__ import annotations

import json
import sys
from functools import partial
from typing import Any

import jsonpatch
import jsonpointer
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indelible import (
    ABSENT,
    Add,
    InvalidJSONPatch,
    JSONPatchFailed,
    MissingExtra,
    Move,
    Put,
    Remove,
    Splice,
    StaleContainer,
    Union,
    apply_json_patch,
    by,
    from_json_patch,
    to_json_patch,
)
from indelible.changes import json_patch_operations
from indelible.changes.deltas import Delta, apply
from indelible.changes.values import plain, same
from tests.unit.agreement import outcome, within
from tests.unit.mutations import atoms, documents, fresh, keys, mutations, rich_documents
from tests.unit.sheets import Sheet

quietly = settings(
    max_examples=150, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
SCENES = {"scenes": [{"id": "a", "n": 1}, {"id": "b", "n": 2}, {"id": "c", "n": 3}], "title": "Dusk"}


# In.


def test_the_six_operations_are_the_programs_edits() -> None:
    """Each operation is told as the change that a program's own edit is."""

    def delta(op: str, path: str, **more: Any) -> Delta:
        return from_json_patch([{"op": op, "path": path, **more}], {"a": [1, 2, 3], "b": "x"})

    assert delta("add", "/c", value=4) == (Put(("c",), 4, ABSENT),)
    assert delta("add", "/b", value="y") == (Put(("b",), "y", "x"),)
    assert delta("add", "/a/1", value=4) == (Splice(("a",), 1, (), (4,)),)
    assert delta("add", "/a/-", value=4) == (Splice(("a",), 3, (), (4,)),)
    assert delta("remove", "/b") == (Remove(("b",), "x"),)
    assert delta("remove", "/a/0") == (Splice(("a",), 0, (1,), ()),)
    assert delta("replace", "/a/0", value=9) == (Splice(("a",), 0, (1,), (9,)),)
    assert delta("copy", "/c", **{"from": "/a/2"}) == (Put(("c",), 3, ABSENT),)
    assert delta("move", "/c", **{"from": "/b"}) == (Remove(("b",), "x"), Put(("c",), "x", ABSENT))
    assert delta("replace", "", value=5) == (Put((), 5, {"a": [1, 2, 3], "b": "x"}),)
    assert delta("test", "/b", value="x") == ()


def test_a_moved_element_is_told_as_moved() -> None:
    """Also one that the patch changes on its way, so that another writer's change of it is kept."""
    patch: list[dict[str, Any]] = [
        {"op": "replace", "path": "/scenes/2/n", "value": 4},
        {"op": "move", "from": "/scenes/2", "path": "/scenes/0"},
    ]
    assert from_json_patch(patch, SCENES) == (Move(("scenes",), 2, 0), Put(("scenes", 0, "n"), 4, 3))


def test_a_patch_that_changes_nothing_in_the_end_is_no_change() -> None:
    """Nor is a value replaced by the same one."""
    patch: list[dict[str, Any]] = [
        {"op": "replace", "path": "/title", "value": "Dusk"},
        {"op": "add", "path": "/x", "value": 1},
        {"op": "remove", "path": "/x"},
    ]
    assert from_json_patch(patch, SCENES) == ()


@pytest.mark.parametrize(
    ("old", "new"), [(1, True), (1, 1.0), (0.0, -0.0), (False, 0), (2**64, float(2**64))]
)
def test_a_value_of_another_json_type_is_a_change(old: Any, new: Any) -> None:
    """`True`, `1` and `1.0` are three values, on the way in and on the way out."""
    delta = from_json_patch([{"op": "replace", "path": "/v", "value": new}], {"v": old})
    assert same(apply(delta, {"v": old}), {"v": new})
    assert same(apply_json_patch({"v": old}, json.dumps(to_json_patch(delta, {"v": old}))), {"v": new})


@pytest.mark.parametrize(
    ("found", "wanted", "passes"),
    [
        (1, 1.0, True),
        (0, -0.0, True),
        (2**53 + 1, float(2**53), False),
        (10**400, 1e308, False),
        (1, True, False),
        (0, False, False),
        (None, False, False),
        ("10", 10, False),
        ([1, {"a": 2.0}], [1.0, {"a": 2}], True),
        ([1], [True], False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ([], {}, False),
        ("é", "e\u0301", False),
    ],
)
def test_test_compares_numbers_by_value(found: Any, wanted: Any, passes: bool) -> None:
    """RFC 6902, 4.6: numbers are equal when they are numerically equal, exactly so; no other types mix."""
    for document, path in ((found, ""), ({"v": found}, "/v")):
        patch = [{"op": "test", "path": path, "value": wanted}]
        if passes:
            assert same(apply_json_patch(document, patch), document)
        else:
            with pytest.raises(JSONPatchFailed, match="the document has"):
                apply_json_patch(document, patch)


def test_large_integers_stay_exact() -> None:
    """In text and out of it."""
    number = 10**30 + 1
    text = f'[{{"op": "add", "path": "/n", "value": {number}}}]'
    delta = from_json_patch(text.encode(), {})
    assert delta == (Put(("n",), number, ABSENT),)
    assert json.dumps(to_json_patch(delta, {})) == text


def test_escapes_and_strange_keys() -> None:
    """`~1` is a slash and `~0` a tilde, in this order; nothing else is special in a key."""
    keys = ["/", "~1", "~01", "-", "0", "", " ", "a.b[0]", 'é"\\']
    document = {key: number for number, key in enumerate(keys)}
    delta = tuple(Put((key,), -number, number) for number, key in enumerate(keys))
    patch = to_json_patch(delta, document)
    assert [each["path"] for each in patch[:3]] == ["/~1", "/~01", "/~001"]
    assert apply_json_patch(document, patch) == {key: -number for number, key in enumerate(keys)}


@pytest.mark.parametrize("op", ["add", "replace"])
def test_the_patch_and_the_document_stay_the_callers(op: str) -> None:
    """What is put in is a copy, and the given document is not changed."""
    value: dict[str, Any] = {"deep": [1]}
    document: dict[str, Any] = {"a": None}
    patch: list[dict[str, Any]] = [
        {"op": op, "path": "/a", "value": value},
        {"op": "add", "path": "/a/deep/-", "value": 2},
    ]
    result = apply_json_patch(document, patch)
    (change,) = from_json_patch(patch, document)
    assert document == {"a": None}
    assert apply_json_patch(document, patch, in_place=True) is document
    assert result == document == {"a": {"deep": [1, 2]}}
    assert value == {"deep": [1]}
    value["deep"].append(3)
    assert result == document == {"a": {"deep": [1, 2]}}
    assert change == Put(("a",), {"deep": [1, 2]}, None)


def test_a_copy_has_nothing_in_common_with_its_source() -> None:
    """Also in a plain document that is changed in place."""
    document: dict[str, Any] = {"a": {"deep": []}}
    patch: list[dict[str, Any]] = [
        {"op": "copy", "from": "/a", "path": "/b"},
        {"op": "add", "path": "/a/deep/-", "value": 1},
    ]
    assert apply_json_patch(document, patch, in_place=True) == {"a": {"deep": [1]}, "b": {"deep": []}}


def test_a_bare_value_is_a_document_too() -> None:
    """A document may be text or a number, and become so."""
    assert apply_json_patch("dusk", [{"op": "replace", "path": "", "value": "dawn"}]) == "dawn"
    assert apply_json_patch({"a": {"b": 1}}, [{"op": "move", "from": "/a/b", "path": ""}]) == 1
    assert apply_json_patch({"a": 1}, [{"op": "copy", "from": "", "path": "/b"}]) == {"a": 1, "b": {"a": 1}}
    assert apply_json_patch(3, [{"op": "move", "from": "", "path": ""}]) == 3


# In place.


def test_a_tracked_document_is_edited_in_place() -> None:
    """Containers keep their identity, and the delta is that of the edits."""
    sheet = Sheet(SCENES)
    held = sheet.root["scenes"][2]
    patch: list[dict[str, Any]] = [
        {"op": "move", "from": "/scenes/2", "path": "/scenes/0"},
        {"op": "replace", "path": "/scenes/0/n", "value": 4},
    ]
    assert apply_json_patch(sheet.root, patch, in_place=True) is sheet.root
    assert sheet.root["scenes"][0] is held
    assert sheet.delta() == (Move(("scenes",), 2, 0), Put(("scenes", 0, "n"), 4, 3))


@pytest.mark.parametrize(("old", "new"), [({"a": 1, "b": 2}, {"b": 2, "c": [3]}), ([1, 2], [2, {}])])
def test_the_root_is_replaced_in_place_by_its_own_kind(old: Any, new: Any) -> None:
    """An object goes on as an object and a list as a list, also when it was something else in between."""
    sheet = Sheet(old)
    root = sheet.root
    patch: list[dict[str, Any]] = [
        {"op": "add", "path": "", "value": "x"},
        {"op": "replace", "path": "", "value": new},
    ]
    assert apply_json_patch(root, patch, in_place=True) is root
    assert same(plain(sheet.root), new)
    assert same(apply(sheet.delta(), old), new)


def test_another_kind_of_root_is_refused_in_place() -> None:
    """The error says that the result is to be assigned; nothing is changed."""
    sheet = Sheet(SCENES)
    patch: list[dict[str, Any]] = [
        {"op": "remove", "path": "/title"},
        {"op": "replace", "path": "", "value": []},
    ]
    with pytest.raises(JSONPatchFailed, match=r"operation 1.*assign|operation 1.*Assign"):
        apply_json_patch(sheet.root, patch, in_place=True)
    assert sheet.delta() == ()
    assert apply_json_patch(sheet.root, patch) == []


def test_a_stale_document_is_refused() -> None:
    """A document that its row holds no more cannot be changed by a patch either."""
    sheet = Sheet(SCENES)
    stale = sheet.root
    sheet.reload()
    with pytest.raises(StaleContainer):
        apply_json_patch(stale, [{"op": "remove", "path": "/title"}], in_place=True)
    assert same(plain(sheet.root), SCENES)


# Refusals.


@pytest.mark.parametrize(
    ("operation", "says"),
    [
        ({"op": "remove", "path": ""}, "replace it by null"),
        ({"op": "remove", "path": "/scenes/3"}, "has 3 elements, so none at 3"),
        ({"op": "remove", "path": "/scenes/-"}, "nothing at '-'"),
        ({"op": "replace", "path": "/scenes/-", "value": 1}, "nothing at '-'"),
        ({"op": "test", "path": "/scenes/-", "value": 1}, "nothing at '-'"),
        ({"op": "add", "path": "/scenes/-/n", "value": 1}, "nothing at '-'"),
        ({"op": "copy", "from": "/scenes/-", "path": "/x"}, "nothing at '-'"),
        ({"op": "move", "from": "/scenes", "path": "/scenes/0"}, "into itself"),
        ({"op": "move", "from": "", "path": "/x"}, "into itself"),
        ({"op": "move", "from": "/scenes/0", "path": "/scenes/3"}, "has 2 elements"),
        ({"op": "add", "path": "/title/x", "value": 1}, '"Dusk", which has no members'),
        ({"op": "test", "path": "/title/0", "value": "D"}, '"Dusk", which has no members'),
        ({"op": "add", "path": "/scenes/" + "9" * 5000, "value": 1}, "has 3 elements"),
        ({"op": "remove", "path": "/scenes/01"}, "no position '01'"),
        ({"op": "remove", "path": "/scenes/٣"}, "no position"),
        ({"op": "remove", "path": "/nothing"}, "Read the document again"),
    ],
)
def test_the_error_names_the_operation_and_what_to_do(operation: dict[str, Any], says: str) -> None:
    """Its index, its `op` and its pointer; nothing of the patch is carried out."""
    sheet = Sheet(SCENES)
    patch: list[dict[str, Any]] = [
        {"op": "add", "path": "/before", "value": 1},
        operation,
        {"op": "add", "path": "/x", "value": 2},
    ]
    for document, in_place in ((SCENES, False), (sheet.root, True)):
        with pytest.raises(JSONPatchFailed) as caught:
            apply_json_patch(document, patch, in_place=in_place)
        error = caught.value
        assert (error.index, error.op, error.pointer) == (1, operation["op"], operation["path"])
        assert f"operation 1 (counted from 0), {error.op} at {error.pointer!r}: " in str(error)
        assert says in str(error)
        assert type(error) is JSONPatchFailed
    assert sheet.delta() == ()
    assert "before" not in SCENES


@pytest.mark.parametrize(
    ("patch", "says"),
    [
        ({"op": "remove", "path": "/a"}, "list of operations"),
        ('{"op": "remove", "path": "/a"}', "list of operations"),
        ('"abc"', "list of operations"),
        ("null", "list of operations"),
        (None, "list of operations"),
        ("", "cannot be read"),
        (b"[\xff]", "cannot be read"),
        ("[" * 100_000, "nested too deeply"),
        ('[{"op": "add", "path": "/b", "value": 1, "op": "remove"}]', "'op' more than once"),
        ('[{"op": "add", "path": "/b", "value": {"k": 1, "k": 2}}]', "'k' more than once"),
        ('[{"op": "add", "path": "/b", "value": NaN}]', "NaN is not a JSON number"),
        ('[{"op": "add", "path": "/b", "value": -Infinity}]', "-Infinity is not a JSON number"),
        ('[{"op": "add", "path": "/b", "value": 1e999}]', "inf is not a JSON number"),
        ('[{"op": "add", "path": "/b", "value": "\\ud800"}]', "surrogate"),
        ('[{"op": "add", "path": "/\\ud800", "value": 1}]', "surrogate"),
        ('[{"op": "add", "path": "/b", "value": ' + "9" * 5000 + "}]", "cannot be read"),
        ('[{"op": "add", "path": "/b", "value": ' + "[" * 20_000 + "]" * 20_000 + "}]", "nested too deeply"),
        ([["add", "/b", 1]], "not an object"),
        (["add"], "not an object"),
        ([{"path": "/b", "value": 1}], "no 'op'"),
        ([{"op": ["add"], "path": "/b", "value": 1}], """'op' is ["add"]"""),
        ([{"op": "Add", "path": "/b", "value": 1}], "must be one of add, remove, replace, move, copy, test"),
        ([{"op": "add", "path": ["b"], "value": 1}], "'path' is [\"b\"]"),
        ([{"op": "add", "path": "/~2", "value": 1}], "no JSON Pointer"),
        ([{"op": "add", "path": "/~", "value": 1}], "'~' in a key is written '~0'"),
        ([{"op": "copy", "from": "a", "path": "/b"}], "'from' is no JSON Pointer"),
        ([{"op": "move", "from": None, "path": "/b"}], "'from' is null"),
        (
            [{"op": "remove", "path": "/b"}, {"op": "add", "path": "/c"}],
            "operation 1 (counted from 0), add: it has no",
        ),
        ([{"op": "add", "path": "/b", "value": {1: 2}}], "the key 1 is not a string"),
        ([{"op": "add", "path": "/b", "value": float("nan")}], "nan is not a JSON number"),
    ],
)
def test_what_is_no_json_patch(patch: Any, says: str) -> None:
    """It is refused before any document is looked at, or when its values are no JSON; the message says why."""
    with pytest.raises(InvalidJSONPatch) as caught:
        apply_json_patch({"b": 1}, patch)
    assert says in str(caught.value)
    with pytest.raises(InvalidJSONPatch):
        from_json_patch(patch, {"b": 1})


def test_a_value_that_contains_itself_is_refused() -> None:
    """As a value to put in, and as one to compare with, which it cannot equal."""
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(InvalidJSONPatch, match="contains itself"):
        apply_json_patch({}, [{"op": "add", "path": "/a", "value": endless}])
    with pytest.raises(JSONPatchFailed, match="no JSON"):
        apply_json_patch({"a": []}, [{"op": "test", "path": "/a", "value": endless}])


def test_an_error_shows_the_beginning_of_a_long_value() -> None:
    """A document of megabytes does not get into a message."""
    with pytest.raises(JSONPatchFailed) as caught:
        apply_json_patch({"a": "x" * 10**6}, [{"op": "test", "path": "/a", "value": "y" * 10**6}])
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("document", "copy"),
    [
        ({"a": ["x"]}, {"op": "copy", "from": "/a", "path": "/a/-"}),
        ({"a": ["x"]}, {"op": "copy", "from": "/a", "path": "/a/0"}),
        ({"a": {"y" * 3000: 1}}, {"op": "copy", "from": "/a", "path": "/b"}),
        ({"a": "x" * 3000}, {"op": "copy", "from": "/a", "path": "/b"}),
    ],
)
def test_copies_cannot_fill_the_memory(document: Any, copy: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A patch of a few hundred bytes that copies much, or doubles the document with each operation, is refused."""
    monkeypatch.setattr(json_patch_operations, "COPY_LIMIT", 10_000)
    with pytest.raises(JSONPatchFailed, match="would copy more than") as caught:
        apply_json_patch(document, [copy] * 14)
    assert 2 < (caught.value.index or 0) < 12
    assert apply_json_patch(document, [copy])


def test_the_extra_is_named_when_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without jsonpointer the error says what to install."""
    monkeypatch.setitem(sys.modules, "jsonpointer", None)
    for use in (
        lambda: from_json_patch([{"op": "remove", "path": "/a"}], {"a": 1}),
        lambda: to_json_patch((Remove(("a",), 1),), {"a": 1}),
    ):
        with pytest.raises(MissingExtra, match=r"indelible\[json-patch\]"):
            use()


# Out.


def test_changes_become_operations() -> None:
    """Few ones: an element replaced is one operation; a value that was not there is added, another one replaced."""

    def patch(*delta: Any) -> list[dict[str, Any]]:
        return to_json_patch(delta, {"a": [1, 2, 3], "b": "x", "n": 1.5})

    assert patch(Put(("c",), 1)) == [{"op": "add", "path": "/c", "value": 1}]
    assert patch(Put(("b",), "y", "x")) == [{"op": "replace", "path": "/b", "value": "y"}]
    assert patch(Put((), [])) == [{"op": "replace", "path": "", "value": []}]
    assert patch(Remove(("b",), "x")) == [{"op": "remove", "path": "/b"}]
    assert patch(Splice(("a",), 3, (), (4, 5))) == [
        {"op": "add", "path": "/a/-", "value": 4},
        {"op": "add", "path": "/a/-", "value": 5},
    ]
    assert patch(Splice(("a",), 0, (1, 2), (9,))) == [
        {"op": "replace", "path": "/a/0", "value": 9},
        {"op": "remove", "path": "/a/1"},
    ]
    assert patch(Splice(("a",), 1, (2,), (7, 8))) == [
        {"op": "replace", "path": "/a/1", "value": 7},
        {"op": "add", "path": "/a/2", "value": 8},
    ]
    assert patch(Move(("a",), 0, 2)) == [{"op": "move", "from": "/a/0", "path": "/a/2"}]
    assert patch(Add(("n",), 2)) == [{"op": "replace", "path": "/n", "value": 3.5}]
    assert patch(Add(("m",), 2)) == [{"op": "add", "path": "/m", "value": 2}]
    assert patch(Union(("a",), (3, 4.0, 4, True))) == [
        {"op": "add", "path": "/a/-", "value": 4.0},
        {"op": "add", "path": "/a/-", "value": 4},
        {"op": "add", "path": "/a/-", "value": True},
    ]


def test_an_element_by_key_is_named_by_its_position() -> None:
    """Where it is when its turn comes."""
    delta = (
        Move(("scenes",), 1, 0),
        Put(("scenes", by(id="b"), "n"), 5),
        Remove(("scenes", by(id="a"), "n"), 1),
    )
    patch = to_json_patch(delta, SCENES)
    assert [each["path"] for each in patch] == ["/scenes/0", "/scenes/0/n", "/scenes/1/n"]
    assert jsonpatch.apply_patch(SCENES, patch) == apply(delta, SCENES)


def test_tests_guard_what_is_changed() -> None:
    """With `tests` a patch fails where a value that it replaces, removes or moves is another."""
    delta = (
        Put(("title",), "Dawn", "Dusk"),
        Splice(("scenes",), 1, (SCENES["scenes"][1],), ()),
        Put(("x",), 1),
    )
    patch = to_json_patch(delta, SCENES, tests=True)
    assert [each["op"] for each in patch] == ["test", "replace", "test", "remove", "add"]
    assert apply_json_patch(SCENES, patch) == jsonpatch.apply_patch(SCENES, patch) == apply(delta, SCENES)
    with pytest.raises(JSONPatchFailed) as caught:
        apply_json_patch({**SCENES, "title": "Noon"}, patch)
    assert caught.value.index == 0
    moved = to_json_patch((Move(("scenes",), 2, 0),), SCENES, tests=True)
    with pytest.raises(JSONPatchFailed):
        apply_json_patch({"scenes": [1, 2, 3]}, moved)


@pytest.mark.parametrize(
    "change",
    [
        Put(("a", "b"), 1),
        Put(("l", 3), 1),
        Put(("l", "0"), 1),
        Remove(("x",), 1),
        Remove((), 1),
        Remove(("l", by(id=1)), 1),
        Splice(("a",), 0, (), (1,)),
        Splice(("l",), 1, (1, 2), ()),
        Move(("l",), 0, 2),
        Union(("x",), (1,)),
        Add(("a", "b"), 1),
    ],
)
def test_a_delta_of_another_document_is_no_patch(change: Any) -> None:
    """A path that is not there is a `LookupError` that shows it, as for `apply`."""
    with pytest.raises(LookupError, match="the document has no place at"):
        to_json_patch((change,), {"a": 1, "l": [1, 2]})


# Against jsonpatch, at random.


def _edited(document: Any, data: st.DataObject) -> Sheet:
    sheet = Sheet(document)
    for _ in range(data.draw(st.integers(1, 6))):
        found = list(within("doc", sheet.root, sheet.root, (dict, list))) if sheet.root else []
        container = data.draw(st.sampled_from(found))[1] if found else sheet.root
        mutation = data.draw(mutations(dict if isinstance(container, dict) else list, fresh))
        outcome(partial(mutation.apply, container))
    return sheet


@quietly
@given(rich_documents | documents, st.data())
def test_a_random_delta_is_a_patch_for_everyone(document: Any, data: st.DataObject) -> None:
    """`jsonpatch` makes of a delta's patch what the program made, with and without tests, and so does its text here."""
    sheet = _edited(document, data)
    delta = sheet.delta()
    for tests in (False, True):
        patch = to_json_patch(delta, document, tests=tests)
        assert same(jsonpatch.apply_patch(document, patch), plain(sheet.root))
        assert same(apply_json_patch(document, json.dumps(patch)), plain(sheet.root))
    assert same(apply(from_json_patch(patch, document), document), plain(sheet.root))
    assert bool(patch) == bool(delta)


@quietly
@given(documents, documents)
def test_the_patch_between_two_documents(old: Any, new: Any) -> None:
    """Assigning another document gives a patch to it, also from an object to a list."""
    sheet = Sheet(old)
    sheet.assign(new)
    assert same(jsonpatch.apply_patch(old, to_json_patch(sheet.delta(), old)), new)


_tokens = keys.map(lambda key: key.replace("~", "~0").replace("/", "~1")) | st.sampled_from(
    ["0", "1", "2", "3", "-", "-", "00", "1e0", "", "~0"]
)
_pointers = st.lists(_tokens, max_size=4).map(lambda tokens: "".join(f"/{token}" for token in tokens))


@st.composite
def _pointers_into(draw: st.DrawFn, document: Any) -> str:
    """Draw a pointer that mostly leads somewhere."""
    pointer, value = "", document
    while isinstance(value, dict | list) and draw(st.integers(0, 3)):
        steps = list(value) if isinstance(value, dict) else list(range(len(value)))
        if not steps or not draw(st.integers(0, 4)):
            return f"{pointer}/{draw(_tokens)}"
        step = draw(st.sampled_from(steps))
        pointer += "/" + str(step).replace("~", "~0").replace("/", "~1")
        value = value[step]
    return pointer


def _value_at(document: Any, pointer: str) -> Any:
    try:
        return plain(jsonpointer.resolve_pointer(document, pointer, None))
    except (TypeError, jsonpointer.JsonPointerException):
        return None


def _by_jsonpatch(document: Any, patch: list[dict[str, Any]]) -> tuple[Exception | None, Any]:
    """Return the library's error, or none and the document that it makes; after an error the document as it was."""
    try:
        return None, jsonpatch.apply_patch(document, patch)
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException) as error:
        return error, document


@st.composite
def _patches(draw: st.DrawFn, document: Any) -> list[dict[str, Any]]:
    """Draw operations; those on what earlier ones left are found by trying."""
    patch: list[dict[str, Any]] = []
    for _ in range(draw(st.integers(1, 5))):
        pointers = _pointers_into(document) if draw(st.integers(0, 9)) else _pointers
        operation: dict[str, Any] = {
            "op": draw(st.sampled_from(["add", "remove", "replace", "move", "copy", "test"])),
            "path": draw(pointers),
            "from": draw(pointers),
            "value": draw(fresh | atoms),
        }
        if operation["op"] == "test" and draw(st.booleans()):
            operation["value"] = _value_at(document, operation["path"])
        patch.append(operation)
        _, document = _by_jsonpatch(document, [operation])
    return patch


@settings(quietly, max_examples=400)
@given(rich_documents | documents | atoms, st.data())
def test_a_random_patch_means_here_what_it_means_elsewhere(document: Any, data: st.DataObject) -> None:
    """Where `jsonpatch` makes a document of it, it is the same one here in each of three ways; where not, an error."""
    patch = data.draw(_patches(document))
    foreign_error, foreign = _by_jsonpatch(document, patch)
    before = plain(document)
    error, delta = outcome(lambda: from_json_patch(patch, document))
    if foreign_error is None:
        assert error is None
        assert same(apply(delta, document), foreign)
        assert same(apply_json_patch(document, json.dumps(patch)), foreign)
        assert bool(delta) != same(document, foreign)
    else:
        assert isinstance(error, JSONPatchFailed)
        assert error.index is not None
        assert _by_jsonpatch(document, patch[: error.index])[0] is None
        assert _by_jsonpatch(document, patch[: error.index + 1])[0] is not None
    assert same(document, before)


@settings(quietly, max_examples=250)
@given(rich_documents | documents, st.data())
def test_a_random_patch_in_place(document: Any, data: st.DataObject) -> None:
    """It makes the same document as `jsonpatch`, with an exact delta; or the document is as it was."""
    patch = data.draw(_patches(document))
    error, wanted = _by_jsonpatch(document, patch)
    sheet = Sheet(document)
    refused, result = outcome(lambda: apply_json_patch(sheet.root, patch, in_place=True))
    if refused is None:
        assert error is None
        assert result is sheet.root
        assert same(plain(sheet.root), wanted)
        assert same(apply(sheet.delta(), document), wanted)
    else:
        assert isinstance(refused, JSONPatchFailed)
        assert sheet.delta() == ()
        assert error is not None or type(wanted) is not type(document)
