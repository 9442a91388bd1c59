"""Each way of changing a JSON value that a plain column loses is found, with its file and line; no other is."""

from __future__ import annotations

import os

import pytest
from sqlalchemy import Engine

from tests.database.every_change import mutators_of
from tests.sentinel.running import complaint
from tests.sentinel.ways import DICT_CHANGES, LIST_CHANGES, REACHES, Way, programs, ways

ATTRIBUTES = ["doc", "objects", "arrays", "wrapped"]
WHOLE = ["the value", "a new row whose value has a name"]


def _check(engine: Engine, some: list[Way], at: str) -> int:
    """Check some ways and return how many lose their change."""
    outcomes = {way.name: complaint(engine, way, at) for way in some}
    assert {name: wrong for name, (_, wrong) in outcomes.items() if wrong} == {}
    return sum(lost for lost, _ in outcomes.values())


@pytest.mark.parametrize(("kind", "changes"), [(dict, DICT_CHANGES), (list, LIST_CHANGES)])
def test_every_mutator_of_the_built_ins_is_in_the_list(kind: type, changes: dict[str, list[str]]) -> None:
    """The list has every method by which Python changes a dict or a list, found by calling all methods."""
    assert mutators_of(kind) <= set(changes)


@pytest.mark.parametrize(
    ("reach", "at"),
    [(reach, at) for reach in REACHES for at in ATTRIBUTES if at != "arrays" or reach == "the value"],
)
def test_every_way_that_is_lost_is_found_with_its_line(sqlite: Engine, reach: str, at: str) -> None:
    """SQL says whether the program loses its change; the sentinel names each lost one's line and is silent else."""
    # Every way in some reaches; in the others every third or sixth, another one for each reach.
    step = 1 if reach in WHOLE or "INDELIBLE_LONG" in os.environ else 3 if at == "doc" else 6
    some = ways(reach, at)[len(reach) % step :: step]
    lost = _check(sqlite, some, at)
    # MutableDict marks the row at each `setdefault`, and the top level as far as it has the methods.
    assert (
        lost > len(some) // 2 or at == "arrays" or (at == "objects" and reach in ("the value", "setdefault"))
    )


@pytest.mark.parametrize("at", ["doc", "objects", "wrapped"])
def test_every_program_that_loses_is_found_with_its_lines(sqlite: Engine, at: str) -> None:
    """Changes in loops, functions, threads, comprehensions, beside marked ones, of values that have names."""
    assert _check(sqlite, programs(at), at) > 20


@pytest.mark.parametrize("at", ["doc", "objects"])
@pytest.mark.parametrize("reach", ["the value", "deep", "a new row whose value has a name"])
def test_every_way_on_postgresql(postgres: Engine, reach: str, at: str) -> None:
    """The same on PostgreSQL, with JSONB; every fourth way."""
    assert _check(postgres, ways(reach, at)[:: 1 if "INDELIBLE_LONG" in os.environ else 4], at) > 0


def test_there_are_121_ways_and_more() -> None:
    """The list is longer than the 121 ways on which the library itself was compared with its peers."""
    assert len({way.code for reach in REACHES for way in ways(reach, "doc")}) > 121
