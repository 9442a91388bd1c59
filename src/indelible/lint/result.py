"""What a check gives."""

from __future__ import annotations

# `typing` takes a tenth of the time of a check of unchanged files, which needs none of it if nothing was found.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from indelible.lint.findings import Finding


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
