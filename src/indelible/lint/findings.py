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
    receiver: str = ""
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


class Result:
    """What a check gave: findings, in order of place, and the files that could not be read, with the reason.

    No dataclass: to import these takes longer than all else that a check of unchanged files imports.
    """

    def __init__(
        self, findings: list[Finding] | None = None, problems: dict[str, str] | None = None, files: int = 0
    ) -> None:
        self.findings = findings if findings is not None else []
        self.problems = problems if problems is not None else {}
        self.files = files


class Verdict(NamedTuple):
    """What one function says about one change: `lost`, `saved`, or `contrary` (it is no column).

    `key` is file, span and attribute of the change. `typed` and `meant` are 0 to 3: how sure it is that this is a
    column, and that the change should be saved. `loose` says that no row was loaded, only this column of it; `closed`
    that the function commits the change itself; `row` is how the row can be written just behind the change, or behind
    what assigns it back, empty if it cannot.
    """

    key: tuple[str, tuple[int, int, int, int], str]
    status: str
    rule: str
    typed: int
    meant: int
    own: bool
    model: str
    attribute: str
    type_name: str
    column_path: str
    column_line: int
    variable: str
    how: str
    function: str
    anchor: tuple[str, tuple[int, int, int, int]] | None
    receiver: str
    loose: bool = False
    closed: bool = False
    row: str = ""
