"""Random writers merged in every order, judged by what does not come from the merge itself."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from functools import partial
from typing import Any

import pytest

from indelible import Conflict, DuplicateKey
from indelible.changes.deltas import apply
from indelible.changes.policies import Policies
from indelible.changes.values import plain, same
from indelible.errors import Clash
from tests.unit.writers import KEYS, Source, Writer, atoms_in, cases, unordered, wrote

CASES = 400


def two_writers(seed: int, *, unique: bool, flat: bool = False, **options: Any) -> tuple[Any, Writer, Writer]:
    rng = random.Random(seed)
    base = Source(rng, "o", unique=unique, flat=flat).document()
    one, other = (
        wrote(base, Source(rng, name, unique=unique, flat=flat), rng.randrange(1, 5), **options)
        for name in "AB"
    )
    return base, one, other


def result(writer: Writer, theirs: Any) -> Any:
    """Return the merged document, or the error."""
    try:
        return writer.merged_into(theirs).document
    except (Conflict, DuplicateKey) as error:
        return error


def test_alone_it_is_python() -> None:
    """Contract 1: with no other writer, the merged document is what the program made of it."""
    for seed in cases(CASES):
        base, writer, _ = two_writers(seed, unique=seed % 2 == 0)
        assert same(writer.merged_into(base).document, writer.mine), seed
        assert same(apply(writer.delta, base), writer.mine), seed


@pytest.mark.parametrize("unique", [True, False], ids=["unique", "equal"])
def test_any_order_gives_the_same_document(unique: bool) -> None:
    """Contract 2: two deltas commute, up to the order of what both put in, and where one conflicts, so does the other.

    With lists told by value there are rare exceptions: a place that cannot be told in one order is a conflict in that
    order only. The other order is then judged by the tests of unique values, as any merge.
    """
    seen: Counter[str] = Counter()
    for seed in cases(CASES):
        _, one, other = two_writers(seed, unique=unique, flat=unique)
        first, second = result(one, other.mine), result(other, one.mine)
        if isinstance(first, Exception) or isinstance(second, Exception):
            seen["conflict" if type(first) is type(second) else "one-sided"] += 1
        else:
            assert unordered(first) == unordered(second), seed
            seen["merged"] += 1
    assert min(seen["conflict"], seen["merged"]) > len(cases(CASES)) // 20, seen
    assert seen["one-sided"] <= max(2, len(cases(CASES)) // 300), seen


def test_order_is_kept_when_one_writer_puts_in() -> None:
    """Contract 2: where only one of the two puts elements in, both orders give exactly the same document."""
    merged = 0
    for seed in cases(CASES):
        rng = random.Random(seed)
        base = Source(rng, "o", unique=True, flat=True).document()
        one = wrote(base, Source(rng, "A", unique=True, flat=True), rng.randrange(1, 5))
        source = Source(rng, "B", unique=True, flat=True)
        other = wrote(base, source, rng.randrange(1, 5), puts_in=False, renames=False)
        first, second = result(one, other.mine), result(other, one.mine)
        if not isinstance(first, Exception) and not isinstance(second, Exception):
            assert same(first, second), seed
            merged += 1
    assert merged > len(cases(CASES)) // 4


def test_no_value_is_lost_doubled_or_revived() -> None:
    """Contract 3 and 4: of unique values, exactly those are there that a writer put in or nobody took out."""
    merged = 0
    for seed in cases(CASES):
        base, one, other = two_writers(seed, unique=True, renames=False)
        document = result(one, other.mine)
        if isinstance(document, Exception):
            continue
        merged += 1
        before, mine, theirs = map(atoms_in, (base, one.mine, other.mine))
        expected = Counter(
            {atom: mine[atom] + theirs[atom] - before[atom] for atom in before | mine | theirs}
        )
        assert atoms_in(document) == +expected, seed
    assert merged > len(cases(CASES)) // 3


def test_two_to_five_writers_lose_nothing() -> None:
    """Contract 4: writers who read at any time and commit in any order; each acknowledged value is accounted for."""
    conflicts = 0
    for seed in cases(CASES // 4):
        rng = random.Random(seed)
        stored = Source(rng, "o", unique=True).document()
        history = [stored]
        expected = atoms_in(stored)
        for number in range(rng.randrange(2, 6)):
            read = rng.choice(history)
            writer = wrote(
                read, Source(rng, f"{'ABCDE'[number]}", unique=True), rng.randrange(1, 4), renames=False
            )
            document = result(writer, stored)
            if isinstance(document, Exception):
                conflicts += 1
                continue
            before, after = atoms_in(read), atoms_in(writer.mine)
            expected += after - before
            expected -= before - after
            assert atoms_in(document) == expected, seed
            stored = document
            history.append(stored)
    assert conflicts


def test_all_orders_of_three_writers_agree() -> None:
    """Contract 2: if all six orders of commits go without a conflict, they give the same document."""
    agreed = 0
    for seed in cases(CASES // 4):
        rng = random.Random(seed)
        base = Source(rng, "o", unique=True, flat=True).document()
        writers = [wrote(base, Source(rng, name, unique=True, flat=True), 1) for name in "ABC"]
        documents = [in_order(base, order) for order in itertools.permutations(writers)]
        if not any(isinstance(each, Exception) for each in documents):
            agreed += 1
            assert all(unordered(each) == unordered(documents[0]) for each in documents), seed
    assert agreed > len(cases(CASES // 4)) // 3


def in_order(base: Any, writers: tuple[Writer, ...]) -> Any:
    stored = base
    for writer in writers:
        stored = result(writer, stored)
        if isinstance(stored, Exception):
            break
    return stored


def test_merging_changes_none_of_its_inputs() -> None:
    """Base, delta and theirs are as they were, also after a conflict."""
    for seed in cases(CASES // 4):
        base, one, other = two_writers(seed, unique=seed % 2 == 0)
        theirs, delta = other.mine, one.delta
        before = plain(base), plain(theirs), repr(delta)
        result(one, theirs)
        assert same(one.base, before[0]), seed
        assert same(theirs, before[1]), seed
        assert repr(delta) == before[2], seed


def with_policy(writer: Writer, **options: Any) -> Writer:
    writer.policies = Policies(keys=KEYS, **options)
    return writer


def value_at(document: Any, clash: Clash) -> Any:
    value = document
    for step in clash.path:
        value = next(filter(step.finds, value)) if hasattr(step, "finds") else value[step]
    return value


def test_theirs_never_raises_and_keeps_what_was_stored() -> None:
    """The policy "theirs" settles just the places at which "raise" raises, for the stored value."""
    settled_in_all = 0
    for seed in cases(CASES):
        _, one, other = two_writers(seed, unique=True, flat=True, renames=False)
        raised = result(one, other.mine)
        settled = with_policy(one, on_conflict="theirs").merged_into(other.mine)
        if not isinstance(raised, Conflict):
            assert same(settled.document, raised), seed
            assert not settled.settled, seed
            continue
        assert settled.settled == raised.clashes, seed
        settled_in_all += 1
        gone = atoms_in(one.base) - atoms_in(other.mine)
        assert not gone & atoms_in(settled.document), f"{seed}: a value that theirs removed came back"
        new = atoms_in(other.mine) - atoms_in(one.base)
        assert not new - atoms_in(settled.document), f"{seed}: a value that theirs put in is gone"
    assert settled_in_all > len(cases(CASES)) // 20


def test_mine_never_raises_and_keeps_what_this_writer_put() -> None:
    """The policy "mine" settles just the places at which "raise" raises, for this writer's value."""
    settled_in_all = 0
    for seed in cases(CASES):
        _, one, other = two_writers(seed, unique=True, flat=True, renames=False)
        raised = result(one, other.mine)
        settled = with_policy(one, on_conflict="mine").merged_into(other.mine)
        if not isinstance(raised, Conflict):
            assert same(settled.document, raised), seed
            continue
        assert settled.settled == raised.clashes, seed
        settled_in_all += 1
        new = atoms_in(one.mine) - atoms_in(one.base)
        assert not new - atoms_in(settled.document), f"{seed}: a value that mine put in is gone"
    assert settled_in_all > len(cases(CASES)) // 20


def answer_theirs(asked: list[Clash], *clash: Any) -> Any:
    asked.append(Clash(*clash))
    return clash[-1]


def test_a_function_is_asked_once_for_each_place() -> None:
    """A callable gets path, base, mine and theirs of each clash that "raise" would tell, and no other."""
    asked_in_all = 0
    for seed in cases(CASES // 2):
        _, one, other = two_writers(seed, unique=True, flat=True, renames=False)
        raised = result(one, other.mine)
        asked: list[Clash] = []
        answer = partial(answer_theirs, asked)
        merged = with_policy(one, on_conflict=answer).merged_into(other.mine)
        expected = raised.clashes if isinstance(raised, Conflict) else ()
        assert tuple(asked) == expected == merged.settled, seed
        asked_in_all += len(asked)
    assert asked_in_all > len(cases(CASES // 2)) // 20
