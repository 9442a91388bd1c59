"""Every method of the built-in types is known, as one that reads or as one that changes and is tracked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from indelible import NotJSON
from indelible.changes.tracking import TrackedDict, TrackedList
from tests.unit.sheets import Sheet

READS_ANYTHING = set(dir(object)) - {"__init__"}
READS_DICT = {
    *(
        "__class_getitem__",
        "__contains__",
        "__getitem__",
        "__iter__",
        "__len__",
        "__or__",
        "__reversed__",
        "__ror__",
    ),
    *("copy", "fromkeys", "get", "items", "keys", "values"),
}
READS_LIST = {
    *("__add__", "__class_getitem__", "__contains__", "__getitem__", "__iter__", "__len__", "__mul__"),
    *("__reversed__", "__rmul__", "copy", "count", "index"),
}


@pytest.mark.parametrize(
    ("tracked", "built_in", "readers"), [(TrackedDict, dict, READS_DICT), (TrackedList, list, READS_LIST)]
)
def test_every_method_that_is_no_reader_is_overridden(
    tracked: type, built_in: type, readers: set[str]
) -> None:
    """A Python release that adds a method to `dict` or `list` fails here until it is known to read or is tracked."""
    mutators = set(dir(built_in)) - READS_ANYTHING - readers
    missing = {name for name in mutators if name not in vars(tracked)}
    assert not missing, f"{built_in.__name__} has methods that are neither readers nor tracked: {missing}"


@pytest.mark.parametrize("built_in", [dict, list])
def test_a_reader_does_not_change_its_container(built_in: type) -> None:
    """What is listed as a reader leaves the container as it was, whatever it is called with."""
    readers = READS_DICT if built_in is dict else READS_LIST
    for name in readers - {"__class_getitem__", "fromkeys"}:
        value = {"a": 1, "b": 2} if built_in is dict else [2, 1]
        before = value.copy()
        for arguments in ((), (0,), ("a",), (value,), ([1],)):
            try:
                getattr(value, name)(*arguments)
            except (TypeError, KeyError, ValueError, IndexError):
                continue
        assert value == before, name


def _failing() -> Iterator[int]:
    yield 1
    raise RuntimeError


FAILURES = [
    lambda doc: doc["list"].extend(_failing()),
    lambda doc: doc["list"].sort(key=lambda value: 1 / value),
    lambda doc: doc["list"].remove("absent"),
    lambda doc: doc["list"].pop(10),
    lambda doc: doc["list"].insert("x", 1),
    lambda doc: doc["list"].__setitem__(slice(0, 2, 2), [1, 2, 3]),
    lambda doc: doc["list"].__setitem__(10, 1),
    lambda doc: doc["list"].append({"deep": [{"x": float("nan")}]}),
    lambda doc: doc["list"].extend([1, {"a": {2: 1}}]),
    lambda doc: doc["dict"].update([("new", 1), ("bad", float("inf"))]),
    lambda doc: doc["dict"].update(new=1, bad="\ud800"),
    lambda doc: doc["dict"].pop("absent"),
    lambda doc: doc["dict"].__setitem__([], 1),
    lambda doc: doc["dict"].__delitem__("absent"),
    lambda doc: doc.update({"dict": {"moved": doc["dict"]["x"], "bad": float("nan")}}),
]


@pytest.mark.parametrize("failure", FAILURES)
def test_a_mutator_that_raises_leaves_everything_as_it_was(failure) -> None:  # type: ignore[no-untyped-def]
    """Nothing is changed, nothing is noted, and every container still has its place."""
    sheet = Sheet({"list": [0, 2, 1], "dict": {"x": {"y": []}}})
    held = sheet.root["dict"]["x"]
    with pytest.raises((RuntimeError, ZeroDivisionError, ValueError, IndexError, TypeError, KeyError)):
        failure(sheet.root)
    assert sheet.root == sheet.baseline
    assert sheet.marked == 0
    assert not sheet.journal
    held["y"].append(1)
    assert sheet.root["dict"]["x"]["y"] == [1]


def test_a_refusal_names_the_path() -> None:
    """The error says where in the document the value would have been."""
    sheet = Sheet({"scenes": [{"notes": []}]})
    with pytest.raises(NotJSON) as caught:
        sheet.root["scenes"][0]["notes"].append({"a.b": [1, float("nan")]})
    assert caught.value.path == 'scenes[0].notes[0]["a.b"][1]'
    assert caught.value.document == "sheet"
