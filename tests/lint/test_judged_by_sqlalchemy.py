"""Programs run against SQLAlchemy, which is the judge: what it loses is found, what it saves is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lint import (
    ways_below,
    ways_by_classes,
    ways_by_functions,
    ways_by_helpers,
    ways_by_stores,
    ways_of_answering,
    ways_of_changing,
    ways_of_making,
    ways_of_marking,
    ways_of_marking_well,
    ways_of_saving,
    ways_to_rows,
)
from tests.lint.judged import outcome

LOST = (
    ways_by_stores.LOST
    | ways_by_functions.LOST
    | ways_by_classes.LOST
    | ways_to_rows.LOST
    | ways_by_helpers.LOST
    | ways_below.LOST
    | ways_of_changing.LOST
    | ways_of_marking.LOST
)
RIGHT = ways_of_saving.RIGHT | ways_of_marking_well.RIGHT | ways_of_making.RIGHT
UNMEANT = ways_of_answering.UNMEANT


@pytest.mark.parametrize("way", LOST)
def test_what_sqlalchemy_loses_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    """Nothing of the change is in the database after the commit, and exactly the marked lines are found."""
    seen = outcome(tmp_path, LOST[way], monkeypatch)
    assert seen.lost
    assert seen.expected
    assert seen.found == seen.expected


@pytest.mark.parametrize("way", RIGHT)
def test_what_sqlalchemy_saves_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """The change is in the database after the commit, and nothing is found."""
    seen = outcome(tmp_path, RIGHT[way], monkeypatch)
    assert not seen.lost
    assert seen.found == set()


@pytest.mark.parametrize("way", UNMEANT)
def test_what_was_not_to_be_saved_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """The change is not in the database, for it was made for an answer or taken back, and nothing is found."""
    seen = outcome(tmp_path, UNMEANT[way], monkeypatch)
    assert seen.lost
    assert seen.found == set()
