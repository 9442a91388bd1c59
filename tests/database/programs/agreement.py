"""Comparisons of what SQLAlchemy says is unsaved with what the model says."""

from __future__ import annotations

from sqlalchemy.orm.attributes import get_history
from sqlalchemy.orm.base import PASSIVE_NO_INITIALIZE

from indelible import pending_delta
from indelible.changes.deltas import apply
from tests.database.programs.lines import UNKNOWN, Line
from tests.unit.model import bare, identical


def check_delta(line: Line, column: str) -> None:
    delta = pending_delta(line.real, column)
    present = bare(line.slots[column].value)
    if line.baseline[column] is UNKNOWN:
        assert len(delta) == 1, "all of the document is news"
        assert identical(apply(delta, None), present)
        return
    assert bool(delta) == line.differs(column), f"{line.name}.{column}: {delta} is no true delta"
    assert identical(apply(delta, line.baseline[column]), present), f"{line.name}.{column}: {delta} is wrong"


def check_history(line: Line, column: str) -> None:
    history = get_history(line.real, column, PASSIVE_NO_INITIALIZE)
    present, baseline = bare(line.slots[column].value), line.baseline[column]
    if not line.differs(column):
        assert not history.has_changes(), f"{line.name}.{column}: {history} tells of a change"
        return
    assert identical(bare(history.added), [present])
    if baseline is not UNKNOWN:
        assert identical(bare(history.deleted), [baseline]), (
            f"{line.name}.{column}: {history} has a wrong old value"
        )
