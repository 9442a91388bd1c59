"""Programs run against SQLAlchemy, which is the judge: what it loses is found, what it saves is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lint import ways_of_changing, ways_to_rows
from tests.lint.judged import outcome

LOST = ways_to_rows.LOST | ways_of_changing.LOST
RIGHT = ways_to_rows.RIGHT | ways_of_changing.RIGHT


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
