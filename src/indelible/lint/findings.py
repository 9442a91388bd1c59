"""What a check finds."""

from __future__ import annotations

import enum
from typing import NamedTuple


class Confidence(enum.IntEnum):
    """How sure a finding is; `LOW` ones are shown on demand only."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3


class Related(NamedTuple):
    """Another place that a finding is about."""

    path: str
    line: int
    message: str


class Finding(NamedTuple):
    """One finding. Lines count from 1, columns from 1; `path` is as it was found.

    It bears the line of the change. `assigned_path` and `assigned_line` say where the changed value is assigned back.
    """

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    rule: str
    message: str
    fix: str
    confidence: Confidence
    expression: str = ""
    model: str = ""
    attribute: str = ""
    function: str = ""
    source_line: str = ""
    related: tuple[Related, ...] = ()
    column_path: str = ""
    column_line: int = 0
    advice: bool = False
    assigned_path: str = ""
    assigned_line: int = 0
    row: str = ""

    @property
    def mark_place(self) -> tuple[str, int]:
        """Return the path and line after which a mark saves the change."""
        return (self.assigned_path, self.assigned_line) if self.assigned_line else (self.path, self.line)
