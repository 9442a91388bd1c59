"""Copies of a process that work beside it."""

import os

import pytest

from indelible.lint.forking import ForkLost, Forks, Turns, can_fork

pytestmark = pytest.mark.skipif(not can_fork(), reason="no copies of processes here")


def test_each_number_is_given_to_one_process() -> None:
    """Processes that take turns get every number once, all together."""
    turns = Turns(500)
    with Forks([lambda _: list(turns)] * 2) as others:
        others.ask([None, None])
        taken = [list(turns), *others.answers()]
    turns.close()
    assert sorted(number for some in taken for number in some) == list(range(500))


def test_copies_answer_one_request_after_the_other() -> None:
    """Each copy gets its own request, and keeps what it learned from the one before."""
    seen: list[int] = []

    def answer(number: int) -> list[int]:
        seen.append(number)
        return seen

    with Forks([answer, answer]) as others:
        others.ask([1, 2])
        assert others.answers() == [[1], [2]]
        others.ask([3, 4])
        assert others.answers() == [[1, 3], [2, 4]]
    assert seen == []


def test_a_lost_copy_is_told() -> None:
    """A copy that is killed, or ends by an error, is no answer: the check fails instead of leaving files out."""
    with Forks([os._exit]) as others:
        others.ask([1])
        with pytest.raises(ForkLost):
            others.answers()
