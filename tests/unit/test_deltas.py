"""Deltas: exact, empty when nothing changed, and small."""

from __future__ import annotations

import random
from typing import Any

import pytest

from indelible import ABSENT, Move, Put, Remove, Splice, StaleContainer
from indelible.changes.deltas import apply
from indelible.changes.differencing import Past
from indelible.changes.ownership import Container, members
from indelible.changes.values import plain, same
from tests.unit.sheets import Sheet


def test_a_nested_change_is_one_put_at_its_path() -> None:
    """A changed leaf is told with its path and its old value."""
    sheet = Sheet({"scenes": [{"title": "Dusk"}, {"title": "Dawn"}]})
    sheet.root["scenes"][1]["title"] = "Noon"
    assert sheet.delta() == (Put(("scenes", 1, "title"), "Noon", "Dawn"),)


def test_a_new_member_has_no_old_value() -> None:
    """`ABSENT` is not `None`."""
    sheet = Sheet({})
    sheet.root["a"] = None
    assert sheet.delta() == (Put(("a",), None, ABSENT),)


def test_a_removed_member_keeps_its_old_value() -> None:
    """Also when the container was changed after it was taken out."""
    sheet = Sheet({"a": {"b": [1]}})
    sheet.root.pop("a")["b"].append(2)
    assert sheet.delta() == (Remove(("a",), {"b": [1]}),)


def test_one_element_out_of_many_is_one_splice() -> None:
    """The size of a list does not matter."""
    sheet = Sheet({"n": [{"id": i} for i in range(1000)]})
    del sheet.root["n"][500]
    assert sheet.delta() == (Splice(("n",), 500, ({"id": 500},), ()),)


def test_a_moved_element_is_a_move() -> None:
    """Popping and putting back is known by identity, with a change made meanwhile."""
    sheet = Sheet([{"id": i} for i in range(5)])
    scene = sheet.root.pop(4)
    scene["title"] = "First"
    sheet.root.insert(0, scene)
    assert sheet.delta() == (Move((), 4, 0), Put((0, "title"), "First", ABSENT))


def test_a_copy_assigned_with_one_change_is_that_change() -> None:
    """Copy, change, assign is told as precisely as a change in place."""
    sheet = Sheet({"a": {"b": [1, {"c": 2}]}, "d": 3})
    copy = plain(sheet.root)
    copy["a"]["b"][1]["c"] = 4
    sheet.assign(copy)
    assert sheet.delta() == (Put(("a", "b", 1, "c"), 4, 2),)


@pytest.mark.parametrize(("old", "new"), [(1, True), (1, 1.0), (0.0, -0.0), (0, False), (None, False)])
def test_values_of_another_json_type_differ(old: Any, new: Any) -> None:
    """`True`, `1` and `1.0` are different values, though Python calls them equal."""
    sheet = Sheet({"v": old})
    sheet.root["v"] = new
    assert sheet.delta() == (Put(("v",), new, old),)
    sheet.root["v"] = old
    assert sheet.delta() == ()


def _value(chance: random.Random, depth: int = 0) -> Any:
    kind = chance.random()
    if depth < 3 and kind < 0.3:
        return {chance.choice("abcd"): _value(chance, depth + 1) for _ in range(chance.randint(0, 3))}
    if depth < 3 and kind < 0.6:
        return [_value(chance, depth + 1) for _ in range(chance.randint(0, 5))]
    return chance.choice([1, 1.0, True, None, "x", "y", 2])


class _Program:
    """Random changes of a document, of containers taken out of it, and with containers that are elsewhere in it."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        start = {
            "a": _value(self.chance),
            "l": [_value(self.chance) for _ in range(self.chance.randint(0, 6))],
            "d": {"x": _value(self.chance)},
        }
        self.sheet = Sheet(start)
        self.taken: list[Any] = []

    def containers(self) -> list[Any]:
        found: list[Any] = [self.sheet.root]
        for each in found:
            found += [item for _, item in members(each) if isinstance(item, Container)]
        return found

    def given(self) -> Any:
        chance, present = self.chance, self.containers()
        kind = chance.randrange(5)
        if kind == 0:
            return chance.choice(present)
        if kind == 1 and self.taken:
            return chance.choice(self.taken)
        if kind == 2:
            return [chance.choice(present), _value(chance)]
        if kind == 3:
            return plain(chance.choice(present))
        return _value(chance)

    def step(self) -> None:
        node = self.chance.choice(self.containers() + self.taken)
        try:
            taken = self._change_dict(node) if isinstance(node, dict) else self._change_list(node)
        except (KeyError, IndexError, StaleContainer):
            return
        if isinstance(taken, Container):
            self.taken.append(taken)

    def _change_dict(self, node: Any) -> Any:
        key = self.chance.choice("abcdlx")
        kind = self.chance.randrange(7)
        if kind == 0:
            node[key] = self.given()
        elif kind == 1:
            del node[key]
        elif kind == 2:
            return node.pop(key)
        elif kind == 3:
            node.update({key: self.given(), self.chance.choice("abcd"): self.given()})
        elif kind == 4 and self.chance.random() < 0.2:
            node.clear()
        elif kind == 5:
            node.setdefault(key, self.given())
        else:
            return node.popitem()[1]
        return None

    def _change_list(self, node: Any) -> Any:
        index = self.chance.randint(-1, len(node))
        kind = self.chance.randrange(12)
        if kind == 0:
            node[index] = self.given()
        elif kind == 1:
            del node[index]
        elif kind == 2:
            return node.pop(index)
        elif kind == 3:
            node.append(self.given())
        elif kind == 4:
            node.extend([self.given(), self.given()])
        elif kind == 5:
            node.insert(index, self.given())
        elif kind == 6:
            node.reverse()
        elif kind == 7:
            node.sort(key=str)
        elif kind == 8:
            node[index:] = [self.given(), *node[index:]]
        elif kind == 9:
            node *= self.chance.choice([0, 1, 2])
        elif kind == 10:
            self.chance.shuffle(node)
        else:
            node[0], node[1] = node[1], node[0]
        return None

    def check(self) -> None:
        sheet = self.sheet
        delta = sheet.delta()
        assert same(Past(sheet.journal).value(sheet.journal.root), sheet.baseline)
        assert same(apply(delta, sheet.baseline), sheet.root)
        assert bool(delta) != same(sheet.baseline, sheet.root)
        for container in self.containers():
            assert all(
                item._owner is container for _, item in members(container) if isinstance(item, Container)
            )


@pytest.mark.parametrize("block", range(20))
def test_random_programs(block: int) -> None:
    """The delta makes the present of the baseline, is empty exactly when they are the same, and each container has
    one owner: after every step of 100 random programs, over two flushes."""
    for seed in range(block * 100, block * 100 + 100):
        program = _Program(seed)
        for step in range(12):
            program.step()
            try:
                program.check()
            except AssertionError:
                pytest.fail(f"seed {seed}, step {step}")
            if step == 6:
                program.sheet.flush()
