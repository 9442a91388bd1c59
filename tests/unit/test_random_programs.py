"""Random mutations of a document beside the model: values, identities and deltas agree after each."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from indelible import StaleContainer
from indelible.changes import differencing
from indelible.changes.deltas import Delta, Move, Put, Remove, Splice, apply
from indelible.changes.ownership import path_of
from tests.unit import model
from tests.unit.agreement import agree, compare_outcomes, outcome, within
from tests.unit.model import FREE, LIVE, STALE, Slot, bare, identical, standing
from tests.unit.mutations import Mutation, documents, fresh, mutations, resolve, rich_documents
from tests.unit.sheets import Sheet

quietly = settings(
    max_examples=150, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


class Pair:
    """A document, the model's, and the containers that were read of both."""

    def __init__(self, document: Any) -> None:
        self.sheet = Sheet(document)
        self.slot = Slot("doc")
        model.load(self.slot, document)
        self.held: list[tuple[Any, Any]] = []

    def containers(self) -> list[tuple[str, Any, Any]]:
        """Return all that can be reached: the document's containers and the held ones."""
        held = [(f"held[{number}]", real, node) for number, (real, node) in enumerate(self.held)]
        return [*within("doc", self.sheet.root, self.slot.value, (dict, list)), *held]

    def hold(self, real: Any, node: Any) -> None:
        """Keep a container."""
        if model.is_node(node) and not any(real is known for known, _ in self.held):
            self.held.append((real, node))

    def mutate(self, name: str, real: Any, node: Any, mutation: Mutation) -> None:
        """Change a container of both."""
        note(f"{name}: {mutation}")
        before, marked = bare(real), self.sheet.marked
        error, result = outcome(lambda: mutation.apply(real, self._given(mutation, 0)))
        if error is not None:
            assert identical(bare(real), before, ordered=True), "raised, yet changed"
            assert self.sheet.marked == marked, "raised, yet marked"
        if standing(node) == STALE:
            if isinstance(error, StaleContainer):
                return
            assert identical(bare(real), before, ordered=True), "changed without an error"
            return
        values = self._given(mutation, 1)
        wanted = outcome(lambda: model.mutate(node, mutation.apply, values, assigns=mutation.assigns))
        compare_outcomes(error, result, *wanted, fit=model.is_json(bare(values)))
        if error is None:
            self.hold(result, wanted[1])

    def _given(self, mutation: Mutation, side: int) -> Any:
        return resolve(mutation.values, lambda n: self.held[n % len(self.held)][side] if self.held else None)

    def check(self) -> None:
        """Compare everything."""
        places: dict[int, Any] = {}
        agree(self.sheet.root, self.slot.value, "doc", places)
        for number, (real, node) in enumerate(self.held):
            agree(real, node, f"held[{number}]", {})
            if standing(node) == LIVE:
                assert places[id(node)] is real
        check_delta(self.sheet)


def check_delta(sheet: Sheet) -> Delta:
    """Look whether the delta is exact, and return it."""
    delta = sheet.delta()
    assert bool(delta) != identical(sheet.baseline, bare(sheet.root))
    assert differencing.differs(sheet.journal, sheet.root) == bool(delta)
    assert identical(apply(delta, sheet.baseline), bare(sheet.root))
    document = sheet.baseline
    for change in delta:
        assert is_truthful(change, document), f"{change} on {document}"
        document = apply((change,), document)
    return delta


def is_truthful(change: Any, document: Any) -> bool:
    """Tell whether a change says what was there before."""
    if isinstance(change, Put) and not change.path:
        return identical(change.old, document)
    parent = document
    for step in change.path[:-1] if isinstance(change, Put | Remove) else change.path:
        parent = parent[step]
    if isinstance(change, Splice):
        return identical(parent[change.index : change.index + len(change.old)], list(change.old))
    if isinstance(change, Move):
        return change.source != change.target and max(change.source, change.target) < len(parent)
    key = change.path[-1]
    return identical(change.old, parent[key]) if key in parent else repr(change.old) == "ABSENT"


@quietly
@given(rich_documents | documents, st.data())
def test_a_document_is_what_a_plain_one_would_be(document: Any, data: st.DataObject) -> None:
    """Every container has one owner, moves keep their identity, and deltas are exact, whatever a program does."""
    pair = Pair(document)
    for _ in range(data.draw(st.integers(1, 12))):
        if data.draw(st.integers(0, 9)) == 0:
            pair.sheet.flush()
        found = pair.containers()
        name, real, node = found[data.draw(st.integers(0, len(found) - 1))]
        if data.draw(st.booleans()):
            pair.hold(real, node)
        pair.mutate(name, real, node, data.draw(mutations(dict if isinstance(node, dict) else list)))
        pair.check()


@quietly
@given(rich_documents | documents, st.data())
def test_a_delta_stays_where_the_change_was(document: Any, data: st.DataObject) -> None:
    """A change of one container is told below its path, and nowhere else."""
    pair = Pair(document)
    found = pair.containers()
    name, real, node = found[data.draw(st.integers(0, len(found) - 1))]
    path = path_of(real)
    pair.mutate(name, real, node, data.draw(mutations(dict if isinstance(node, dict) else list, fresh)))
    for change in check_delta(pair.sheet):
        assert change.path[: len(path)] == path


@quietly
@given(documents, documents)
def test_the_delta_between_two_documents_is_exact(old: Any, new: Any) -> None:
    """Assigning another document gives the changes that make it of the old one; `None` and atoms too."""
    sheet = Sheet(old)
    sheet.assign(new)
    check_delta(sheet)


@quietly
@given(st.lists(st.integers(0, 9).map(lambda n: {"id": n}), max_size=9), st.randoms(use_true_random=False))
def test_a_shuffled_list_is_told_as_moves(elements: list[dict[str, int]], chance: Any) -> None:
    """`random.shuffle` keeps every container, and its delta has no other changes than moves."""
    sheet = Sheet(elements)
    before = {id(item) for item in sheet.root}
    chance.shuffle(sheet.root)
    assert {id(item) for item in sheet.root} == before
    assert all(isinstance(change, Move) for change in check_delta(sheet))


def test_a_free_container_is_the_programs_own() -> None:
    """What was popped works as a plain one and can be put back."""
    pair = Pair({"a": {"b": []}})
    popped, node = pair.sheet.root.pop("a"), pair.slot.value["a"]
    model.mutate(pair.slot.value, lambda d, _: d.pop("a"), [])
    assert standing(node) == FREE
    popped["b"].append(1)
    pair.sheet.root["c"] = popped
    assert pair.sheet.root["c"] is popped
    assert apply(pair.sheet.delta(), {"a": {"b": []}}) == {"c": {"b": [1]}}
