"""Merging one writer's delta into what another has stored: one behaviour each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from indelible import ABSENT, Add, By, Clash, Conflict, DuplicateKey, Put, Splice, Union, by
from indelible.changes.deltas import apply
from indelible.changes.merging import merge
from indelible.changes.policies import Policies
from indelible.changes.values import same
from tests.unit.writers import Writer

Change = Callable[[Any], Any]


def merged(base: Any, mine: Change, theirs: Change, policies: Policies | None = None) -> Any:
    """Return what is stored when both changed `base`, theirs being first."""
    writer, other = (Writer(base, policies or Policies()) for _ in range(2))
    mine(writer.document)
    theirs(other.document)
    return writer.merged_into(other.mine).document


def clashes(base: Any, mine: Change, theirs: Change, policies: Policies | None = None) -> tuple[Clash, ...]:
    """Return the places of the conflict that must come of it."""
    with pytest.raises(Conflict) as caught:
        merged(base, mine, theirs, policies)
    return caught.value.clashes


def both_ways(base: Any, one: Change, other: Change, expected: Any, policies: Policies | None = None) -> None:
    """Check both orders of two commits."""
    assert same(merged(base, one, other, policies), expected)
    assert same(merged(base, other, one, policies), expected)


SCENES = {"scenes": [{"id": "s1", "urls": []}, {"id": "s2", "urls": []}, {"id": "s3", "urls": []}]}


def scene(document: Any, name: str) -> Any:
    return next(each for each in document["scenes"] if each["id"] == name)


def test_members_are_places() -> None:
    """Contract 2: different members of one object both land."""
    both_ways({"a": 1, "b": 2}, lambda d: d.update(a=3), lambda d: d.update(b=4), {"a": 3, "b": 4})


def test_the_same_new_value_is_fine() -> None:
    """Contract 3: both put the same."""
    both_ways({"a": 1}, lambda d: d.update(a={"x": 2}), lambda d: d.update(a={"x": 2}), {"a": {"x": 2}})


@pytest.mark.parametrize(("mine", "theirs"), [(2, 3), (1.0, True), (None, 0), ([], {}), ("", None)])
def test_another_value_at_the_same_place_is_a_conflict(mine: Any, theirs: Any) -> None:
    """Contract 3: the conflict has path, base, mine and theirs; 1.0 and True are no 1."""
    found = clashes({"a": {"b": "was"}}, lambda d: d["a"].update(b=mine), lambda d: d["a"].update(b=theirs))
    assert found == (Clash(("a", "b"), "was", mine, theirs),)
    assert same([found[0].mine, found[0].theirs], [mine, theirs])


def test_a_conflict_has_every_place() -> None:
    """Contract 3: two members and an element; the message names the first."""
    base = {"a": 1, "b": 1, "c": 1, "scenes": [{"id": "s1", "title": ""}]}

    def change(value: Any) -> Change:
        def change(document: Any) -> None:
            document.update(a=value, b=value)
            document["scenes"][0]["title"] = value

        return change

    with pytest.raises(
        Conflict, match=r"^doc at a: another writer .* \(and at b, scenes\[id=s1\].title\)"
    ) as caught:
        merged(base, change(2), change(3))
    assert {clash.path: (clash.base, clash.mine, clash.theirs) for clash in caught.value.clashes} == {
        ("a",): (1, 2, 3),
        ("b",): (1, 2, 3),
        ("scenes", By("id", "s1"), "title"): ("", 2, 3),
    }


def test_deleting_what_the_other_changed_is_a_conflict() -> None:
    """Whoever was first: a value that is not there is `ABSENT`."""
    base = {"a": {"b": 1}}
    assert clashes(base, lambda d: d.pop("a"), lambda d: d["a"].update(b=2)) == (
        Clash(("a",), {"b": 1}, ABSENT, {"b": 2}),
    )
    assert clashes(base, lambda d: d["a"].update(b=2), lambda d: d.pop("a")) == (
        Clash(("a",), {"b": 1}, {"b": 2}, ABSENT),
    )


def test_both_deleting_is_fine() -> None:
    """It is gone."""
    both_ways({"a": [1], "b": [1]}, lambda d: d.pop("a"), lambda d: d.pop("a"), {"b": [1]})
    both_ways(SCENES, lambda d: d["scenes"].pop(1), lambda d: d["scenes"].pop(1), {
        "scenes": [{"id": "s1", "urls": []}, {"id": "s3", "urls": []}]
    })  # fmt: skip


def test_one_object_that_both_added_is_merged() -> None:
    """Member by member."""
    both_ways({}, lambda d: d.update(a={"x": 1}), lambda d: d.update(a={"y": 2}), {"a": {"x": 1, "y": 2}})


def test_different_lists_that_both_added_are_a_conflict() -> None:
    """Nobody knows which elements belong together."""
    assert clashes({}, lambda d: d.update(a=[1]), lambda d: d.update(a=[2])) == (
        Clash(("a",), ABSENT, [1], [2]),
    )


def test_appends_of_both_are_kept_in_the_order_of_commits() -> None:
    """Contract 4: each is there once, equal ones too."""
    base = {"urls": ["a"]}
    assert merged(base, lambda d: d["urls"].append("m"), lambda d: d["urls"].append("t"))["urls"] == [
        "a",
        "t",
        "m",
    ]
    both_ways(
        base, lambda d: d["urls"].append("x"), lambda d: d["urls"].append("x"), {"urls": ["a", "x", "x"]}
    )


def test_an_edit_finds_its_element_wherever_it_moved_to() -> None:
    """Story 003, hypothesis 2: scenes are found by `id`, also when others came before."""
    both_ways(
        SCENES,
        lambda d: scene(d, "s2")["urls"].append("u"),
        lambda d: d["scenes"].insert(0, d["scenes"].pop(2)),
        {"scenes": [{"id": "s3", "urls": []}, {"id": "s1", "urls": []}, {"id": "s2", "urls": ["u"]}]},
    )
    both_ways(
        SCENES,
        lambda d: scene(d, "s1")["urls"].append("u"),
        lambda d: d["scenes"].insert(0, {"id": "s0"}),
        {"scenes": [{"id": "s0"}, {"id": "s1", "urls": ["u"]}, *SCENES["scenes"][1:]]},
    )


def test_an_edit_to_a_deleted_element_is_a_conflict() -> None:
    """Story 003, critical issue 4: the image of a deleted scene is told, in either order."""
    add: Change = lambda d: scene(d, "s2")["urls"].append("u")  # noqa: E731
    delete: Change = lambda d: d["scenes"].pop(1)  # noqa: E731
    path, was = ("scenes", by(id="s2")), {"id": "s2", "urls": []}
    assert clashes(SCENES, add, delete) == (Clash(path, was, {"id": "s2", "urls": ["u"]}, ABSENT),)
    assert clashes(SCENES, delete, add) == (Clash(path, was, ABSENT, {"id": "s2", "urls": ["u"]}),)


def test_declared_keys_tell_elements_apart() -> None:
    """At any path, numbers as well as texts."""
    policies = Policies(keys={"acts[*].shots": "number"})
    base = {"acts": [{"id": 1, "shots": [{"number": 7, "n": ""}, {"number": 8, "n": ""}]}]}
    both_ways(
        base,
        lambda d: d["acts"][0]["shots"][1].update(n="x"),
        lambda d: d["acts"][0]["shots"].reverse(),
        {"acts": [{"id": 1, "shots": [{"number": 8, "n": "x"}, {"number": 7, "n": ""}]}]},
        policies,
    )


def test_without_a_declared_key_an_id_must_be_unique() -> None:
    """Elements with equal ids are told by their values."""
    base = {"x": [{"id": 1, "a": 0}, {"id": 1, "b": 0}]}
    both_ways(
        base,
        lambda d: d["x"][1].update(b=1),
        lambda d: d["x"].append(3),
        {"x": [{"id": 1, "a": 0}, {"id": 1, "b": 1}, 3]},
    )


def test_two_elements_with_one_declared_key_are_told() -> None:
    """`DuplicateKey` with the place, for mine and for theirs."""
    policies = Policies(keys={"x": "k"})
    with pytest.raises(DuplicateKey, match=r"x\[k=a\]"):
        merged({"x": [{"k": "a"}]}, lambda d: d["x"].append({"k": "a"}), lambda d: None, policies)
    with pytest.raises(DuplicateKey, match=r"x\[k=b\]"):
        merge(
            {"x": [{"k": "a"}, {"k": "b"}]},
            (Put(("x", 1, "n"), 1),),
            {"x": [{"k": "b"}, {"k": "z"}, {"k": "b"}]},
            policies,
        )


def test_an_element_that_both_added_is_one() -> None:
    """One key is one element: its members are merged, and different ones clash."""
    add: Callable[..., Change] = lambda **new: lambda d: d["scenes"].append({"id": "s4", **new})  # noqa: E731
    both_ways(SCENES, add(a=1), add(b=2), {"scenes": [*SCENES["scenes"], {"id": "s4", "a": 1, "b": 2}]})
    assert clashes(SCENES, add(a=1), add(a=2)) == (Clash(("scenes", by(id="s4"), "a"), ABSENT, 1, 2),)


def test_elements_without_a_key_are_told_by_value() -> None:
    """Also when others came before."""
    both_ways(
        {"x": ["a", {"n": 1}, "b"]},
        lambda d: d["x"][1].update(n=2),
        lambda d: d["x"].insert(0, "z"),
        {"x": ["z", "a", {"n": 2}, "b"]},
    )


def test_a_place_that_cannot_be_told_is_a_conflict() -> None:
    """One of two equal elements was removed; which one is meant nobody knows. The whole list clashes."""
    assert clashes({"x": [{}, {}]}, lambda d: d["x"][1].update(n=2), lambda d: d["x"].__delitem__(0)) == (
        Clash(("x",), [{}, {}], [{}, {"n": 2}], [{}]),
    )


def test_a_list_to_which_theirs_only_appended_keeps_its_places() -> None:
    """Equal elements are told by position then."""
    both_ways(
        {"x": [{}, {}]},
        lambda d: d["x"][1].update(n=2),
        lambda d: d["x"].append({}),
        {"x": [{}, {"n": 2}, {}]},
    )


def test_a_scalar_element_replaced_by_both_is_a_place() -> None:
    """Different values clash, the same one is fine."""
    assert (
        len(clashes({"x": [1, 2]}, lambda d: d["x"].__setitem__(0, 3), lambda d: d["x"].__setitem__(0, 4)))
        == 1
    )
    both_ways(
        {"x": [1, 2]}, lambda d: d["x"].__setitem__(0, 3), lambda d: d["x"].__setitem__(0, 3), {"x": [3, 2]}
    )


def test_the_order_of_a_list_is_one_place() -> None:
    """The same new order is fine, another one a conflict, an edit at the same time lands."""
    base = {"x": ["a", "b", "c"]}
    both_ways(base, lambda d: d["x"].reverse(), lambda d: d["x"].reverse(), {"x": ["c", "b", "a"]})
    found = clashes(base, lambda d: d["x"].reverse(), lambda d: d["x"].insert(0, d["x"].pop(1)))
    assert found == (Clash(("x",), ["a", "b", "c"], ["c", "b", "a"], ["b", "a", "c"]),)
    both_ways(base, lambda d: d["x"].reverse(), lambda d: d["x"].remove("b"), {"x": ["c", "a"]})


def test_what_is_put_in_goes_behind_the_same_neighbour() -> None:
    """Wherever that is by now."""
    both_ways(
        {"x": ["a", "b", "c"]},
        lambda d: d["x"].insert(1, "n"),
        lambda d: d["x"].insert(0, d["x"].pop()),
        {"x": ["c", "a", "n", "b"]},
    )


def test_a_clash_tells_mine_as_it_was() -> None:
    """Also when an element of the list clashed before the whole list did."""
    found = clashes(
        {"x": [["a", "b"], "c", "c"]},
        lambda d: (d["x"][0].append("m"), d["x"].__delitem__(2)),
        lambda d: (d["x"].__delitem__(0), d["x"].__delitem__(0)),
    )
    assert found[-1] == Clash(("x",), [["a", "b"], "c", "c"], [["a", "b", "m"], "c"], ["c"])


def test_replacing_the_root_against_a_change_is_a_conflict() -> None:
    """At the root; the same new root is fine."""
    assert merge({"a": 1}, (Put((), [1]),), [1]).document == [1]
    with pytest.raises(Conflict, match=r"^doc at \$") as caught:
        merge({"a": 1}, (Put((), [1]),), {"a": 2}, document="doc")
    assert caught.value.clashes == (Clash((), {"a": 1}, [1], {"a": 2}),)


def test_sums_add_up() -> None:
    """`Add` counts on what is stored, whoever changed it, and from 0 where nothing is."""
    assert merge({"n": 1}, (Add(("n",), 2),), {"n": 10}).document == {"n": 12}
    assert merge({}, (Add(("n",), 2),), {"n": 10}).document == {"n": 12}
    assert merge({}, (Add(("n",), 2), Add(("n",), 3)), {}).document == {"n": 5}


@pytest.mark.parametrize("stored", [{}, {"n": "10"}, {"n": True}, {"n": None}])
def test_a_sum_needs_a_number(stored: Any) -> None:
    """Where the number was removed or replaced by no number, it is a conflict."""
    with pytest.raises(Conflict):
        merge({"n": 1}, (Add(("n",), 2),), stored)


def test_unions_bring_what_is_missing() -> None:
    """Each value once, by JSON type."""
    merged_list = merge({"x": [1]}, (Union(("x",), (1, 2, 2, True)),), {"x": [1, 2]}).document["x"]
    assert same(merged_list, [1, 2, True])


@pytest.mark.parametrize(
    "delta",
    [(Put(("a", "b"), 1),), (Put(("x", 5, "b"), 1),), (Splice(("a",), 0, (), (1,)),), (Put(("x", "y"), 1),)],
)
def test_a_delta_that_does_not_fit_its_base_is_refused(delta: Any) -> None:
    """With the path that is not there."""
    with pytest.raises(LookupError, match="nothing at"):
        merge({"x": [1]}, delta, {"x": [1]})


def test_policies_by_path() -> None:
    """Contract 3: the policy at the place counts, then the one above it, then the column's."""
    policies = Policies(on_conflict="mine", policies={"status": "theirs", "scenes[*].notes": "theirs"})
    base = {"status": 0, "title": 0, "scenes": [{"id": 1, "notes": {"x": 0}, "name": 0}]}

    def change(value: Any) -> Change:
        def change(document: Any) -> None:
            document.update(status=value, title=value)
            document["scenes"][0].update(name=value)
            document["scenes"][0]["notes"]["x"] = value

        return change

    assert merged(base, change("mine"), change("theirs"), policies) == {
        "status": "theirs",
        "title": "mine",
        "scenes": [{"id": 1, "notes": {"x": "theirs"}, "name": "mine"}],
    }


def test_the_first_policy_that_fits_counts() -> None:
    """Of patterns for one place; a longer one goes before one for what is above."""
    policies = Policies(policies={"a": "theirs", "a.b": "mine", "*.b": "raise"})
    assert merged({"a": {"b": 0}}, lambda d: d["a"].update(b=1), lambda d: d["a"].update(b=2), policies) == {
        "a": {"b": 1}
    }


def test_a_function_decides() -> None:
    """Contract 3: it gets the path and three values, and its answer is what is stored; `ABSENT` removes."""
    text = Policies(
        policies={"notes[*].text": lambda path, base, mine, theirs: f"{path[1]!r} {mine}/{theirs}"}
    )
    base = {"notes": [{"id": "n", "text": ""}]}
    change: Callable[[str], Change] = lambda value: lambda d: d["notes"][0].update(text=value)  # noqa: E731
    assert merged(base, change("m"), change("t"), text) == {
        "notes": [{"id": "n", "text": "By(key='id', value='n') m/t"}]
    }
    nothing = Policies(on_conflict=lambda path, base, mine, theirs: ABSENT)
    assert merged({"a": 0}, lambda d: d.update(a=1), lambda d: d.update(a=2), nothing) == {}


def test_a_function_decides_on_a_list_as_a_whole() -> None:
    """What it returns for a list whose order or places clash is what is stored, whatever it is."""
    policies = Policies(on_conflict=lambda *_: ["asked"])
    base = {"x": ["a", "b", "c"]}
    reordered = merged(base, lambda d: d["x"].reverse(), lambda d: d["x"].insert(0, d["x"].pop(1)), policies)
    assert reordered == {"x": ["asked"]}
    uncertain = merged(
        {"x": [{}, {}]},
        lambda d: d["x"][1].update(n=2),
        lambda d: d["x"].__delitem__(0),
        Policies(on_conflict=lambda *_: "no list"),
    )
    assert uncertain == {"x": "no list"}


@pytest.mark.parametrize("depth", [50, 150])
def test_deep_changes_are_merged_at_once(depth: int) -> None:
    """Also those that clash: what a document is with them takes no longer for each level than for the one above."""
    base: dict[str, Any] = {"n": 0, "m": 0}
    for _ in range(depth):
        base = {"d": base}

    def change(document: Any, **members: Any) -> None:
        while "d" in document:
            document = document["d"]
        document.update(members)

    place = ("d",) * depth
    assert clashes(base, lambda d: change(d, n=1), lambda d: change(d, n=2)) == (
        Clash((*place, "n"), 0, 1, 2),
    )
    assert clashes(base, lambda d: change(d, n=1), lambda d: d.clear()) == (
        Clash(("d",), base["d"], apply((Put((*place, "n"), 1),), base)["d"], ABSENT),
    )
    expected = apply((Put((*place, "n"), 1), Put((*place, "m"), 2)), base)
    both_ways(base, lambda d: change(d, n=1), lambda d: change(d, m=2), expected)
