"""JSON values and paths."""

from __future__ import annotations

import enum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indelible import format_path
from indelible.changes.values import JSON_ONLY, plain, same

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text(), below, max_size=4),
    max_leaves=15,
)


class Kind(enum.StrEnum):
    NIGHT = "night"


@given(json_values)
def test_a_value_is_the_same_as_its_copy(value: Any) -> None:
    """`plain` copies deeply, and `same` sees no difference."""
    assert same(value, plain(value))


@pytest.mark.parametrize(
    ("a", "b"), [({"a": 1, "b": 2}, {"b": 2, "a": 1}), ((1, 2), [1, 2]), (Kind.NIGHT, "night")]
)
def test_what_is_one_json_value(a: Any, b: Any) -> None:
    """The order of keys does not count; a tuple is a list, a `StrEnum` a string."""
    assert same(a, b)


@pytest.mark.parametrize(
    ("a", "b"),
    [(True, 1), (1, 1.0), (0.0, -0.0), ("1", 1), (None, 0), ([], {}), ([1], [1, 2]), ({"a": 1}, {"b": 1})],
)
def test_what_is_not(a: Any, b: Any) -> None:
    """Values of different JSON types differ."""
    assert not same(a, b)
    assert not same([{"x": a}], [{"x": b}])


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), -float("inf"), "\ud800", pytest.param(10**5000, id="digits")]
)
def test_what_json_cannot_hold(value: Any) -> None:
    """A problem is told in words."""
    assert JSON_ONLY.atom_problem(value)


@pytest.mark.parametrize("value", [None, True, 2**64, -(10**100), 1e308, "é😀\0", "x" * 10])
def test_what_json_can_hold(value: Any) -> None:
    """Large integers and any Unicode text are fine."""
    assert JSON_ONLY.atom_problem(value) is None


@pytest.mark.parametrize("key", [1, None, True, 1.5, (1,), "\udfff"])
def test_what_is_no_key(key: Any) -> None:
    """Only text is a key."""
    assert JSON_ONLY.key_problem(key)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), "$"),
        (("scenes", 0, "title"), "scenes[0].title"),
        (("INT. HOUSE - DAY",), '["INT. HOUSE - DAY"]'),
        ((0, 1), "[0][1]"),
        (("", 'a"b', "c\\d"), '[""]["a\\"b"]["c\\\\d"]'),
        (("é", "kebab-case"), "é.kebab-case"),
    ],
)
def test_paths_are_written_as_people_do(path: tuple[Any, ...], text: str) -> None:
    """Plain keys with dots, positions in brackets, odd keys quoted."""
    assert format_path(path) == text
