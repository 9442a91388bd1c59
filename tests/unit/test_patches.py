"""Patches as expressions: what is refused when they are made or compiled, and what they share."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, make_url, update

from indelible import CannotPatch, Document, InvalidJSONPatch, JSONPatchFailed, NotJSON, by, edit

TABLE = Table("projects", MetaData(), Column("id", Integer, primary_key=True), Column("output", Document))
DOCUMENT: Any = edit(TABLE.c.output)


@pytest.mark.parametrize("name", ["postgresql+psycopg", "sqlite", "mysql+pymysql", "mariadb+pymysql"])
def test_patches_of_one_shape_have_one_text_and_one_cache_key(name: str) -> None:
    """Keys, positions and values are bound; another kind of step or change is another shape."""
    dialect = make_url(f"{name}://").get_dialect()()
    one = update(TABLE).values(output=DOCUMENT.at("scenes", by(id="a"), 0).put(1))
    same = update(TABLE).values(output=DOCUMENT.at("shots", by(name="b"), -3).put({"a": [None]}))
    other = update(TABLE).values(output=DOCUMENT.at("scenes", 1, 0).put(1))
    assert str(one.compile(dialect=dialect)) == str(same.compile(dialect=dialect))
    assert one._generate_cache_key() == same._generate_cache_key()
    assert one._generate_cache_key() is not None
    assert one._generate_cache_key() != other._generate_cache_key()


def test_a_database_that_cannot_patch_says_so() -> None:
    """The statement is refused before anything is sent, with what to do instead."""
    statement = update(TABLE).values(output=DOCUMENT.at("n").add(1))
    with pytest.raises(CannotPatch, match=r"oracle.*Load the row"):
        statement.compile(dialect=make_url("oracle://").get_dialect()())


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: DOCUMENT.at(1.5), TypeError),
        (lambda: DOCUMENT.at(True), TypeError),
        (lambda: DOCUMENT.at("\ud800"), NotJSON),
        (lambda: DOCUMENT.at("a", missing="maybe"), ValueError),
        (lambda: DOCUMENT.at().remove(), ValueError),
        (lambda: DOCUMENT.at("a", missing="create").remove(), ValueError),
        (lambda: DOCUMENT.at("a").add("1"), TypeError),
        (lambda: DOCUMENT.at("a").add(True), TypeError),
        (lambda: DOCUMENT.at("a").move(0), TypeError),
        (lambda: DOCUMENT.at("a").move(0, 1, before=2), TypeError),
        (lambda: DOCUMENT.at("a").put(float("inf")), NotJSON),
        (lambda: DOCUMENT.json_patch([{"op": "remove", "path": ""}]), JSONPatchFailed),
        (lambda: DOCUMENT.json_patch([{"op": "move", "from": "/a", "path": "/a/b"}]), JSONPatchFailed),
        (lambda: DOCUMENT.json_patch([{"op": "shout", "path": ""}]), InvalidJSONPatch),
        (lambda: DOCUMENT.json_patch([{"op": "add", "path": "/a", "value": {1: 2}}]), InvalidJSONPatch),
    ],
)  # fmt: skip
def test_what_no_document_can_take_is_refused_at_once(make: Any, error: type[Exception]) -> None:
    """Where the program describes it, not where it is executed."""
    with pytest.raises(error):
        make()
