"""Programs run against SQLAlchemy, which is the judge: what it loses is found, what it saves is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lint import (
    ways_below,
    ways_by_callables,
    ways_by_classes,
    ways_by_declarations,
    ways_by_functions,
    ways_by_helpers,
    ways_by_init,
    ways_by_keepers,
    ways_by_names,
    ways_by_own_types,
    ways_by_stores,
    ways_of_answering,
    ways_of_changing,
    ways_of_committing,
    ways_of_copying,
    ways_of_making,
    ways_of_marking,
    ways_of_marking_well,
    ways_of_others,
    ways_of_putting_back,
    ways_of_reloading,
    ways_of_saving,
    ways_through_copies,
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
    | ways_by_callables.LOST
    | ways_by_declarations.LOST
    | ways_by_init.LOST
    | ways_by_keepers.LOST
    | ways_by_names.LOST
    | ways_by_own_types.LOST
    | ways_of_committing.LOST
    | ways_of_copying.LOST
    | ways_of_others.LOST
    | ways_of_putting_back.LOST
    | ways_of_reloading.LOST
    | ways_through_copies.LOST
)
RIGHT = (
    ways_of_saving.RIGHT
    | ways_of_marking_well.RIGHT
    | ways_of_making.RIGHT
    | ways_by_callables.RIGHT
    | ways_by_declarations.RIGHT
    | ways_by_init.RIGHT
    | ways_by_keepers.RIGHT
    | ways_by_names.RIGHT
    | ways_by_own_types.RIGHT
    | ways_of_committing.RIGHT
    | ways_of_copying.RIGHT
    | ways_of_others.RIGHT
    | ways_of_putting_back.RIGHT
    | ways_of_reloading.RIGHT
    | ways_through_copies.RIGHT
)
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
