"""A container in a second place: it is copied, and goes on in the copy's place when its first is gone."""

from __future__ import annotations

import pytest

from indelible.errors import StaleContainer
from tests.unit.sheets import Sheet


def test_a_container_whose_first_place_is_taken_away_goes_on_in_the_second() -> None:
    """`d["new"] = d["old"]; del d["old"]` keeps the identity, so a change of the old alias is saved."""
    sheet = Sheet({"old": [1]})
    alias = sheet.root["old"]
    sheet.root["new"] = alias
    assert sheet.root["new"] is not alias
    del sheet.root["old"]
    alias.append(2)
    assert sheet.root == {"new": [1, 2]}


def test_a_container_whose_copy_differs_by_now_refuses_changes() -> None:
    """A removed container that may be taken for its changed copy raises instead of losing the change."""
    sheet = Sheet({"old": [1]})
    alias = sheet.root["old"]
    sheet.root["new"] = alias
    sheet.root["new"].append(2)
    del sheet.root["old"]
    with pytest.raises(StaleContainer):
        alias.append(3)
    assert sheet.root == {"new": [1, 2]}


def test_a_child_popped_from_a_container_that_took_its_copys_place_is_free() -> None:
    """Popping and putting back is a move, also after the copy that the child had is gone with its parent's copy."""
    sheet = Sheet({"old": {"child": []}})
    child = sheet.root["old"]["child"]
    sheet.root["new"] = sheet.root["old"]
    del sheet.root["old"]
    assert sheet.root["new"].pop("child") is child
    sheet.root["again"] = child
    assert sheet.root["again"] is child
    child.append(1)
    assert sheet.root == {"new": {}, "again": [1]}


def test_taking_out_a_container_together_with_its_copy_works() -> None:
    """A mutator that takes both out does not raise once it has changed the document."""
    sheet = Sheet({"a": {"b": [], "x": {}}})
    sheet.root["a"]["x"]["copy"] = sheet.root["a"]
    sheet.root["a"].clear()
    assert sheet.root == {"a": {}}


def test_replacing_a_container_that_holds_the_copy_of_another_works() -> None:
    """Nor does an assignment that takes a copy away before its original."""
    sheet = Sheet({"a": [[], {}]})
    sheet.root["a"][1]["copy"] = sheet.root["a"][0]
    sheet.root["a"][:] = []
    assert sheet.root == {"a": []}


def test_a_part_of_a_removed_container_is_not_taken_for_its_copy() -> None:
    """A container that went away inside another, but was copied to a place that stays, is not changed in silence."""
    sheet = Sheet({"old": {"inner": []}})
    inner = sheet.root["old"]["inner"]
    sheet.root["new"] = inner
    del sheet.root["old"]
    try:
        inner.append(1)
    except StaleContainer:
        assert sheet.root == {"new": []}
    else:
        assert sheet.root == {"new": [1]}


def test_a_free_container_does_not_raise_for_a_copy_in_a_document_that_is_no_more() -> None:
    """A container of the program's own works as a plain one, also when a copy of its part went stale in a document."""
    sheet = Sheet({"free": {"part": []}})
    free = sheet.root.pop("free")
    part = free["part"]
    sheet.root["copy"] = part
    sheet.flush()
    sheet.reload()
    assert free.pop("part") is part
    assert free == {}
