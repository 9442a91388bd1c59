"""What each kind of change does at its place, and what happens where the place is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update

from indelible import (
    CannotPatch,
    Conflict,
    DuplicateKey,
    JSONPatchFailed,
    MissingPath,
    NotJSON,
    Patch,
    by,
    edit,
)
from indelible.changes.values import same
from tests.database.patches.stored import patched
from tests.database.rows import Row
from tests.database.stores import Store

DOCUMENT: dict[str, Any] = {
    "scenes": [{"id": "a", "urls": []}, {"id": "b", "urls": ["x"]}, {"id": 3}],
    "n": 1,
    "ratio": 0.1,
    "nothing": None,
    "text": "dusk",
}

Make = Callable[[Patch], Patch]


@pytest.mark.parametrize(
    ("make", "path", "expected"),
    [
        (lambda p: p.at("scenes", by(id="b"), "urls").append("y", 1.0), ("scenes", 1, "urls"), ["x", "y", 1.0]),
        (lambda p: p.at("scenes", by(id=3)).put([True]), ("scenes", 2), [True]),
        (lambda p: p.at("scenes", -1, "é").put(None), ("scenes", 2), {"id": 3, "é": None}),
        (lambda p: p.at("nothing").put({}), ("nothing",), {}),
        (lambda p: p.at("scenes").move(by(id=3), 0), ("scenes", 0), {"id": 3}),
        (lambda p: p.at("scenes").move(0, after=by(id="b")), ("scenes", 1), DOCUMENT["scenes"][0]),
        (lambda p: p.at("n").add(2**60), ("n",), 2**60 + 1),
        (lambda p: p.at("m", "k", missing="create").add(3), ("m",), {"k": 3}),
        (lambda p: p.at("m", "k", missing="create").append(3), ("m",), {"k": [3]}),
        (lambda p: p.at("n", missing="create").add(3), ("n",), 4),
        (lambda p: p.at("scenes", 9, "urls", missing="ignore").append(1), ("scenes",), DOCUMENT["scenes"]),
        (lambda p: p.at("m", "k", missing="ignore").put(1), (), DOCUMENT),
        (lambda p: p.at("scenes").insert(-1, 7), ("scenes", 2), 7),
        (lambda p: p.at("ratio").if_is(0.1).at("ratio").put(1), ("ratio",), 1),
    ],
)  # fmt: skip
def test_a_change_does_what_it_says(store: Store, make: Make, path: tuple[Any, ...], expected: Any) -> None:
    """Elements are found by key or position; members, elements and numbers keep their JSON types."""
    found = patched(store, DOCUMENT, make(edit(Row.doc)))
    for step in path:
        found = found[step]
    assert same(found, expected), found


@pytest.mark.parametrize(
    ("make", "error", "path"),
    [
        (lambda p: p.at("scenes", by(id="z"), "urls").append(1), MissingPath, "scenes[id=z].urls"),
        (lambda p: p.at("scenes", by(id="3")).remove(), MissingPath, 'scenes[id="3"]'),
        (lambda p: p.at("scenes", 3).put(1), MissingPath, "scenes[3]"),
        (lambda p: p.at("scenes", -4).remove(), MissingPath, "scenes[-4]"),
        (lambda p: p.at("m", "k").put(1), MissingPath, "m.k"),
        (lambda p: p.at("text", "k", missing="create").put(1), MissingPath, "text.k"),
        (lambda p: p.at("scenes", "0").put(1), MissingPath, 'scenes["0"]'),
        (lambda p: p.at("nothing").append(1), MissingPath, "nothing"),
        (lambda p: p.at("text").add(1), MissingPath, "text"),
        (lambda p: p.at("scenes").insert(4, 1), MissingPath, "scenes"),
        (lambda p: p.at("n").if_is(1.0), Conflict, "n"),
        (lambda p: p.at("n").if_is(2).at().put({}), Conflict, "n"),
        (lambda p: p.at("text").put("new").at("m").remove(), MissingPath, "m"),
        (lambda p: p.json_patch([{"op": "test", "path": "/n", "value": 2}]), JSONPatchFailed, ""),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_with_its_path(
    store: Store, make: Make, error: type[Exception], path: str
) -> None:
    """The error names document and path, and nothing is written, also not what fits."""
    with pytest.raises(error) as caught:
        patched(store, DOCUMENT, make(edit(Row.doc)))
    assert caught.value.document == ("" if error is JSONPatchFailed else "Row.doc")  # type: ignore[attr-defined]
    assert caught.value.path == path  # type: ignore[attr-defined]
    with store.engine.connect() as connection:
        assert same(connection.execute(select(Row.doc)).scalar_one(), DOCUMENT)


def test_duplicate_keys_are_told(any_store: Store) -> None:
    """Two elements with the key that is to find one: neither is taken."""
    with pytest.raises(DuplicateKey, match=r"scenes\[id=a\]"):
        patched(
            any_store, {"scenes": [{"id": "a"}, {"id": "a"}]}, edit(Row.doc).at("scenes", by(id="a")).remove()
        )


def test_a_missing_row_is_no_error(any_store: Store) -> None:
    """No row is found, so none is patched: a row count of 0 tells it from a missing path."""
    with any_store.engine.begin() as connection:
        statement = update(Row).where(Row.id == 77).values(doc=edit(Row.doc).at("n").add(1))
        assert connection.execute(statement).rowcount == 0


def test_one_row_that_does_not_fit_leaves_all_rows_as_they_are(any_store: Store) -> None:
    """An UPDATE of many rows is carried out for all or for none."""
    any_store.keep(*(Row(id=number, doc={"n": 1}) for number in range(1, 6)), Row(id=6, doc={}))
    with pytest.raises(MissingPath), any_store.engine.begin() as connection:
        connection.execute(update(Row).values(doc=edit(Row.doc).at("n").add(1)))
    assert any_store.sql("SELECT count(*) FROM rows WHERE CAST(doc AS TEXT) LIKE '%2%'") == [(0,)]
    with any_store.engine.begin() as connection:
        connection.execute(update(Row).where(Row.id < 6).values(doc=edit(Row.doc).at("n").add(1)))
    for number in range(1, 6):
        any_store.expect({"n": 2}, key=number)


def test_a_null_document_has_a_root_only(any_store: Store) -> None:
    """SQL NULL can be replaced, or become an object where objects are to be made; `None` makes it NULL again."""
    with pytest.raises(MissingPath):
        patched(any_store, None, edit(Row.doc).at("a").put(1))
    assert patched(any_store, None, edit(Row.doc).at("a", missing="create").put(1)) == {"a": 1}
    assert patched(any_store, None, edit(Row.doc).at().put([1])) == [1]
    assert patched(any_store, {"a": 1}, edit(Row.doc).at().put(None)) is None
    assert any_store.stored_text() is None


@pytest.mark.parametrize("value", [float("nan"), {1: 2}, "\ud800", {"a": [object()]}])
def test_what_json_cannot_keep_is_refused(store: Store, value: Any) -> None:
    """By the same rules as in a row's document, before anything is sent."""
    with pytest.raises(NotJSON, match=r"Row\.doc"):
        patched(store, {}, edit(Row.doc).at("a").put(value))


def test_a_patch_keeps_the_values_that_it_was_given(any_store: Store) -> None:
    """A value that the program changes afterwards, and a patch that another is made from, stay as they were."""
    value = [1]
    first = edit(Row.doc).at("a").put(value)
    second = first.at("a").append(3)
    value.append(2)
    assert patched(any_store, {}, first) == {"a": [1]}
    assert patched(any_store, {}, second) == {"a": [1, 3]}


def test_floats_add_as_in_python_or_not_at_all(any_store: Store) -> None:
    """PostgreSQL adds floats as Python does; SQLite would lose digits, and says so."""
    for stored, amount in ((0.1, 0.2), (1, 0.5), (0.5, 1), (1.5, 1.5), (1e16, 1.0), (1e300, 1e300)):
        patch = edit(Row.doc).at("n").add(amount)
        if any_store.driver.is_postgresql:
            assert same(patched(any_store, {"n": stored}, patch), {"n": stored + amount})
        else:
            with pytest.raises(CannotPatch, match="Load the row"):
                patched(any_store, {"n": stored}, patch)


def test_long_patches_are_one_statement(any_store: Store) -> None:
    """Forty changes in one UPDATE, at keys, positions and elements."""
    expected: dict[str, Any] = {"list": [{"id": "a", "n": 0}], "n": 0}
    patch = edit(Row.doc)
    for number in range(20):
        patch = patch.at("list", by(id="a"), "n").add(1).at(f"k{number}").put(number)
        expected[f"k{number}"] = number
    expected["list"] = [{"id": "a", "n": 20}]
    assert patched(any_store, {"list": [{"id": "a", "n": 0}], "n": 0}, patch) == expected
