"""Plans: what a database may carry out alone, and that it is what a merge would give."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from indelible import Add, By, DuplicateKey, Put, Remove, Splice, Union
from indelible.changes.counting import union
from indelible.changes.guarding import (
    MOST_EDITS,
    Append,
    IsInteger,
    IsList,
    Missing,
    NoElement,
    Plan,
    Same,
    plan,
)
from indelible.changes.merging import merge
from indelible.changes.policies import Policies
from indelible.changes.values import plain, same
from tests.unit.plans import all_hold, carried_out
from tests.unit.sheets import Sheet
from tests.unit.writers import Source, Writer, cases, wrote


def plan_of(writer: Writer) -> Plan:
    found = plan(writer.sheet.journal, writer.document, writer.delta, writer.policies)
    assert found is not None
    return found


def planned(base: Any, change: Callable[[Any], Any], **policies: Any) -> Plan:
    writer = Writer(base, Policies(**policies))
    change(writer.document)
    return plan_of(writer)


def test_where_guards_hold_the_edits_are_the_merge() -> None:
    """Contract 6: over random writers, a plan whose guards hold gives exactly what `merge` gives."""
    seen: Counter[str] = Counter()
    for seed in cases(1500):
        rng = random.Random(seed)
        unique = seed % 2 == 0
        base = Source(rng, "o", unique=unique).document()
        writer, other = (wrote(base, Source(rng, name, unique=unique), rng.randrange(1, 4)) for name in "AB")
        found = plan_of(writer)
        assert all_hold(found, base), seed
        assert same(carried_out(found, base), writer.mine), seed
        if all_hold(found, other.mine):
            seen["fast"] += 1
            assert same(carried_out(found, other.mine), writer.merged_into(other.mine).document), seed
        else:
            seen["slow"] += 1
    assert seen["fast"] > len(cases(1500)) // 2, seen
    assert seen["slow"] > len(cases(1500)) // 20, seen


def test_many_edits_go_as_a_guarded_whole() -> None:
    """A delta that costs more than the document: over random long deltas, it is the merge where its guard holds."""
    wholes = 0
    for seed in cases(60):
        rng = random.Random(seed)
        base = Source(rng, "o", unique=True).document()
        writer = wrote(base, Source(rng, "A", unique=True), 60)
        found = plan_of(writer)
        assert same(carried_out(found, base), writer.mine), seed
        if len(writer.delta) > MOST_EDITS:
            wholes += 1
            assert found.guards == (Same((), base),), seed
            assert [edit.path for edit in found.edits] == [()], seed
    assert wholes > len(cases(60)) // 60


def test_a_put_is_guarded_by_what_was_there() -> None:
    """Contract 3: a value is put where the old one still is, or still nothing."""
    found = planned({"a": {"b": 1}}, lambda d: d["a"].update(b=2, c=3))
    assert found.guards == (Same(("a", "b"), 1), Missing(("a", "c")))
    assert [(edit.__class__, edit.path) for edit in found.edits] == [(Put, ("a", "b")), (Put, ("a", "c"))]


def test_a_removal_is_guarded_by_what_was_there() -> None:
    """All of it, so that nobody's change below is taken away unseen."""
    found = planned({"a": {"b": [1]}}, lambda d: d.pop("a"))
    assert found == Plan((Same(("a",), {"b": [1]}),), (Remove(("a",), {"b": [1]}),))


def test_an_append_asks_for_a_list_only() -> None:
    """Contract 2: what others put into it, took out or changed does not matter."""
    found = planned({"urls": ["a"]}, lambda d: d["urls"].extend(["b", "c"]))
    assert found == Plan((IsList(("urls",)),), (Append(("urls",), ("b", "c")),))


def test_an_append_of_an_element_with_a_key_asks_that_it_be_new() -> None:
    """Another writer may have added the same."""
    found = planned({"x": []}, lambda d: d["x"].append({"id": "n"}))
    assert found.guards == (IsList(("x",)), NoElement(("x",), By("id", "n")))


def test_an_edit_in_an_element_is_guarded_by_its_key_alone() -> None:
    """Contract 2: what else is in the element may change."""
    found = planned({"x": [{"id": "a", "n": 1, "m": 1}]}, lambda d: d["x"][0].update(n=2))
    assert found.guards == (Same(("x", 0, "id"), "a"), Same(("x", 0, "n"), 1))


def test_a_list_whose_elements_moved_is_rewritten() -> None:
    """Where it is still what it was."""
    found = planned({"x": ["a", "b"]}, lambda d: d["x"].reverse())
    assert found.guards == (Same(("x",), ["a", "b"]),)
    assert [(edit.path, getattr(edit, "value", None)) for edit in found.edits] == [(("x",), ["b", "a"])]


def test_a_new_key_rewrites_the_list() -> None:
    """Since it makes another element."""
    found = planned({"x": [{"id": "a"}]}, lambda d: d["x"][0].update(id="b"))
    assert found.guards == (Same(("x",), [{"id": "a"}]),)


def test_the_root_may_be_the_list() -> None:
    """Appended to, and an element changed, in one statement."""
    writer = Writer([{"id": 1}])
    writer.document[0]["a"] = 2
    writer.document.append({"id": 2})
    assert carried_out(plan_of(writer), [{"id": 1}, {"id": 3}]) == [{"id": 1, "a": 2}, {"id": 3}, {"id": 2}]


@pytest.mark.parametrize("old", [None, [], {}, [1], {"a": 1}])
@pytest.mark.parametrize("new", [None, [], {}, 2, "y"])
def test_the_root_may_become_anything(old: Any, new: Any) -> None:
    """With the old value as its guard; the same value again needs no plan."""
    sheet = Sheet(old)
    sheet.assign(new)
    delta = sheet.delta()
    if same(old, new):
        assert delta == ()
        return
    found = plan(sheet.journal, sheet.root, delta, Policies())
    assert found is not None
    assert carried_out(found, old) == new
    if old.__class__ is not new.__class__:
        assert found == Plan((Same((), old),), (Put((), new, old),))


@pytest.mark.parametrize("elements", [["a", "b", "a"], [{"k": 1}, {"k": 1}]])
def test_what_is_told_by_a_value_that_is_not_alone_needs_the_whole_list(elements: Any) -> None:
    """An edit behind it cannot be placed otherwise."""
    found = planned({"x": [*elements, {}]}, lambda d: d["x"].__setitem__(0, "new"))
    assert found.guards == (Same(("x",), [*elements, {}]),)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["x"].append({"k": "a"}),
        lambda d: d["x"].insert(0, {"k": "a"}),
        lambda d: d["x"][1].update(k="a"),
        lambda d: d["x"].extend([{"k": "n"}, {"k": "n"}]),
        lambda d: d["x"][2]["y"].extend([{"k": "n"}, {"k": "n"}]),
        lambda d: (d["x"].reverse(), d["x"][0]["y"].extend([{"k": "n"}, {"k": "n"}])),
    ],
)
def test_duplicate_keys_are_told(change: Callable[[Any], Any]) -> None:
    """Before anything is sent, with whatever change they come."""
    base = {"x": [{"k": "a"}, {"k": "b"}, {"k": "c", "y": [{"k": 1}]}]}
    with pytest.raises(DuplicateKey):
        planned(base, change, keys={"x": "k", "x[*].y": "k"})


def test_duplicate_keys_are_told_in_a_long_delta() -> None:
    """Also where the document goes as a whole."""
    base = {"x": [{"k": "a"}], "many": {str(number): 0 for number in range(MOST_EDITS)}}

    def change(document: Any) -> None:
        document["x"].append({"k": "a"})
        for key in document["many"]:
            document["many"][key] = 1

    with pytest.raises(DuplicateKey):
        planned(base, change, keys={"x": "k"})


def test_duplicate_keys_of_others_do_not_matter() -> None:
    """Those that were there before, in a list that is not touched."""
    base = {"x": [{"k": "a"}, {"k": "a"}], "n": 1}
    assert planned(base, lambda d: d.update(n=2), keys={"x": "k"}).guards == (Same(("n",), 1),)


@pytest.mark.parametrize(
    ("base", "delta", "theirs", "expected"),
    [
        ({"n": 1}, (Add(("n",), 2),), {"n": 5}, {"n": 7}),
        ({}, (Add(("n",), 2),), {}, {"n": 2}),
        ({"n": -1}, (Add(("n",), 2**70),), {"n": 1}, {"n": 2**70 + 1}),
        ({"x": {"n": 1}}, (Add(("x", "n"), -3), Put(("y",), 1)), {"x": {"n": 2}}, {"x": {"n": -1}, "y": 1}),
    ],
)
def test_sums_are_carried_out(base: Any, delta: Any, theirs: Any, expected: Any) -> None:
    """`Add` of integers, on what is stored: as the merge does."""
    sheet = Sheet(base)
    found = plan(sheet.journal, sheet.root, delta, Policies())
    assert found is not None
    assert all_hold(found, theirs)
    assert carried_out(found, theirs) == expected == merge(base, delta, theirs).document


def test_sums_of_fractions_are_merged() -> None:
    """A database adds fractions otherwise than Python."""
    sheet = Sheet({"n": 1})
    assert plan(sheet.journal, sheet.root, (Add(("n",), 0.1),), Policies()) is None


@pytest.mark.parametrize("theirs", [[1], [1, 2], [], [True], ["a"]])
@pytest.mark.parametrize("values", [("a",), ("a", "a"), ("a", 1), ("a", True)])
def test_unions_are_carried_out_or_merged(theirs: Any, values: Any) -> None:
    """Each value is there once; where the guards hold, the plan gives what the merge does."""
    base = {"x": [1], "y": 1}
    delta = (Splice(("x",), 1, (), ("s",)), Put(("y",), 2, 1), Union(("x",), ("s", *values)))
    sheet = Sheet(base)
    found = plan(sheet.journal, sheet.root, delta, Policies())
    stored = {"x": theirs, "y": 1}
    merged = merge(base, delta, stored).document
    assert sorted(map(repr, merged["x"])) == sorted({*map(repr, theirs), "'s'", *map(repr, values)})
    if found is not None and all_hold(found, stored):
        assert same(carried_out(found, stored), merged)


def test_what_was_appended_and_united_is_there_twice() -> None:
    """Contract 1: alone, it is Python, whatever was said in which order."""
    for steps in (("union", "append"), ("append", "union", "append"), ("union", "pop", "append", "append")):
        writer = Writer({"x": ["a"]})
        elements = writer.document["x"]
        for step in steps:
            if step == "union":
                union(elements, ["n"])
            elif step == "append":
                elements.append("n")
            else:
                elements.pop()
        assert same(writer.merged_into(writer.base).document, writer.mine), steps
        assert same(carried_out(plan_of(writer), writer.base), writer.mine), steps


@pytest.mark.parametrize("stored", [1.5, "1", None, True])
def test_a_sum_is_guarded_by_an_integer(stored: Any) -> None:
    """Anything else is left to the merge."""
    sheet = Sheet({"n": 1})
    found = plan(sheet.journal, sheet.root, (Add(("n",), 1),), Policies())
    assert found is not None
    assert found.guards == (IsInteger(("n",)),)
    assert not all_hold(found, {"n": stored})


def test_planning_changes_nothing() -> None:
    """Neither the document nor what is in the plan shares a container with it."""
    writer = Writer({"x": [{"id": 1}]})
    writer.document["x"].append({"id": 2})
    before = plain(writer.document)
    found = plan_of(writer)
    writer.document["x"][1]["late"] = True
    assert carried_out(found, {"x": []}) == {"x": [{"id": 2}]}
    assert before == {"x": [{"id": 1}, {"id": 2}]}
