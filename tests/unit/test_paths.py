"""Paths as text: written, read again, and as patterns."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indelible import By, by, format_path
from indelible.changes.paths import ANY, matches, parse_pattern

names = st.from_regex(r"[^\W\d][\w-]{0,8}", fullmatch=True)
steps = st.text() | st.integers(min_value=0) | st.builds(By, names, st.text() | st.integers())
paths = st.lists(steps, max_size=5).map(tuple)


@given(paths)
def test_a_path_written_is_read_again(path: Any) -> None:
    """Whatever keys are in it: quotes, brackets, dots, any Unicode text, keys that look like positions."""
    read = parse_pattern(format_path(path))
    assert read == path
    assert list(map(type, read)) == list(map(type, path))


@given(paths)
def test_a_path_is_its_own_pattern(path: Any) -> None:
    """And so is one with any step in place of one of its own."""
    assert matches(path, path)
    for index in range(len(path)):
        assert matches((*path[:index], ANY, *path[index + 1 :]), path)
        assert not matches(path, path[:index])


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("", ()),
        ("$", ()),
        ("scenes[*].notes", ("scenes", ANY, "notes")),
        ("*.title", (ANY, "title")),
        ("a.*", ("a", ANY)),
        ("$.a[0]", ("a", 0)),
        ("[0][*]", (0, ANY)),
        ("scenes[id=scene-1].title", ("scenes", By("id", "scene-1"), "title")),
        ("scenes[id=INT. HOUSE - DAY]", ("scenes", By("id", "INT. HOUSE - DAY"))),
        ("shots[number=7]", ("shots", By("number", 7))),
        ('shots[number="7"]', ("shots", By("number", "7"))),
        ('["a.b"]["*"]', ("a.b", "*")),
    ],
)
def test_patterns_are_read(text: str, pattern: Any) -> None:
    """Any step is `[*]` or `.*`; the root is `$` or nothing."""
    assert parse_pattern(text) == pattern


@pytest.mark.parametrize("text", ["a[", "a[]", "a..b", "[x]", "a b", '["a"', "0a", ".", "a.", "a[id=]"])
def test_what_is_no_path(text: str) -> None:
    """The error shows what cannot be read."""
    with pytest.raises(ValueError, match="is no path: cannot read"):
        parse_pattern(text)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        (("a", 0), ("a", "0")),
        (("a", "0"), ("a", 0)),
        ((By("id", 1),), (By("id", "1"),)),
        ((1,), (True,)),
        ((ANY,), ()),
        ((), ("a",)),
    ],
)
def test_steps_of_different_kinds_do_not_match(pattern: Any, path: Any) -> None:
    """A position is no key."""
    assert not matches(pattern, path)


@pytest.mark.parametrize("arguments", [{}, {"a": 1, "b": 2}, {"a": 1.5}, {"a": None}, {"a": True}])
def test_by_takes_one_text_or_integer(arguments: Any) -> None:
    """Nothing else tells elements apart."""
    with pytest.raises(TypeError, match=r"by\(\)"):
        by(**arguments)


@pytest.mark.parametrize("element", [{"id": 1.0}, {"id": True}, {"id": "1"}, {"k": 1}, {}, [1], 1, None])
def test_an_element_is_found_by_json_type(element: Any) -> None:
    """1.0, True and "1" are not 1; what is no object is never found."""
    assert not by(id=1).finds(element)
    assert by(id=1).finds({"id": 1, "id2": 2})
