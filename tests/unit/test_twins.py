"""A container in a second place: it is copied, and goes on in the copy's place when its first is gone."""

from __future__ import annotations

import pytest

from indelible.errors import NotJSON, StaleContainer
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


def test_an_update_that_is_refused_leaves_no_copy_behind() -> None:
    """A container that a refused change would have copied can be taken out as if nothing had been."""
    sheet = Sheet({"old": [1]})
    alias = sheet.root["old"]
    with pytest.raises(NotJSON):
        sheet.root.update(new=alias, bad=float("nan"))
    del sheet.root["old"]
    alias.append(2)
    assert sheet.root == {}


def test_a_part_of_a_copied_container_has_no_second_place_of_its_own() -> None:
    """`d["b"] = d["a"]` copies; what is popped from `a` then has nothing to do with the copy in `b`."""
    sheet = Sheet({"a": {"part": [1]}})
    sheet.root["b"] = sheet.root["a"]
    part = sheet.root["a"].pop("part")
    part.append(2)
    sheet.root["a"]["again"] = part
    assert sheet.root == {"a": {"again": [1, 2]}, "b": {"part": [1]}}


def test_a_part_of_a_removed_container_moves() -> None:
    """Taking a part of what was removed and putting it in again is a move: the part belongs to no document."""
    sheet = Sheet({"old": {"part": [1]}})
    old = sheet.root.pop("old")
    part = old["part"]
    sheet.root["new"] = part
    part.append(2)
    assert sheet.root["new"] is old["part"]
    assert sheet.root == {"new": [1, 2]}
    sheet.root["back"] = old
    assert sheet.root["back"]["part"] is not part


def test_a_part_of_a_replaced_container_moves() -> None:
    """So does a part of what another value was assigned in place of."""
    sheet = Sheet({"a": {"part": [1]}})
    part = sheet.root["a"]["part"]
    sheet.root["a"] = {"part": "none"}
    with pytest.raises(StaleContainer):
        part.append(2)
    sheet.root["b"] = part
    part.append(2)
    assert sheet.root == {"a": {"part": "none"}, "b": [1, 2]}


def test_a_removed_container_takes_its_own_part_in_a_second_time_as_a_copy() -> None:
    """A container of the program's own is a tree too, so that it can be put into a document again."""
    sheet = Sheet({"old": {"part": [1]}})
    old = sheet.root.pop("old")
    old["twice"] = old["part"]
    assert old["twice"] is not old["part"]


def test_a_part_that_leaves_moves_into_the_copy_of_what_contained_it() -> None:
    """`old.update(part=None, all=old)`: the copy of `old` holds the very part, in a document and out of one."""
    in_document = Sheet({"old": {"part": [1]}}).root["old"]
    removed = Sheet({"old": {"part": [1]}}).root.pop("old")
    for old in (in_document, removed):
        part = old["part"]
        old.update(part=None, all=old)
        assert old["all"]["part"] is part
        part.append(2)
        assert old == {"part": None, "all": {"part": [1, 2]}}


def test_a_container_copied_into_another_document_and_removed_refuses_changes() -> None:
    """Whether the copy is meant cannot be told, so the error names its document; put in again, it works."""
    sheet, other = Sheet({"scene": {"id": 1}}), Sheet({}, name="other")
    scene = sheet.root["scene"]
    other.root["scene"] = scene
    del sheet.root["scene"]
    with pytest.raises(StaleContainer, match="copied into other"):
        scene["id"] = 2
    sheet.root["scene"] = scene
    scene["id"] = 3
    assert (sheet.root, other.root) == ({"scene": {"id": 3}}, {"scene": {"id": 1}})


def test_a_copy_of_a_whole_document_is_a_snapshot() -> None:
    """`revision.doc = script.doc` copies; the first document goes on as if there were no second."""
    sheet, snapshot = Sheet({"scenes": [{"id": 1}, {"id": 2}]}), Sheet(None)
    snapshot.assign(sheet.root)
    scene = sheet.root["scenes"].pop(0)
    scene["id"] = "moved"
    sheet.root["scenes"].append(scene)
    assert sheet.root == {"scenes": [{"id": 2}, {"id": "moved"}]}
    assert snapshot.root == {"scenes": [{"id": 1}, {"id": 2}]}
