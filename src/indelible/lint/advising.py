"""IND201 and IND301: what tasks see of uncommitted changes, and writers that overwrite each other."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from indelible.lint.column_types import Depth
from indelible.lint.facts import FileFacts
from indelible.lint.findings import Confidence, Finding
from indelible.lint.frame import Frame
from indelible.lint.judging import infer
from indelible.lint.values import Obj


def possible(facts: Iterable[FileFacts]) -> bool:
    """Say whether a project without JSON columns may still start tasks on rows."""
    return any("Base" in base.text for one in facts for made in one.classes.values() for base in made.bases)


def unguarded_writers(frame: Frame, lines: list[str]) -> list[Finding]:
    """Return a finding for each document that a function reads, changes and writes whole, and does not lock.

    They count only where the function is run several times at once.
    """
    from indelible.lint.rules import RULES

    rule = RULES["IND301"]
    found: list[Finding] = []
    for span, (obj, name) in frame.rewritten.items():
        column = frame.column_of(obj, name)
        if column is None or column.tracking.depth is Depth.FULL or frame.locked or _has_version(frame, obj):
            continue
        receiver = min(obj.names, default="row")
        message = rule.template.format(
            place=f"{receiver}.{name}", type=column.type_name, declared=f"{column.path}:{column.line}"
        )
        found.append(
            Finding(
                frame.facts.path, span[0], span[1] + 1, span[2], span[3] + 1, rule.code, message, rule.fix,
                Confidence.MEDIUM, "", column.owner.name, name, frame.function,
                lines[span[0] - 1] if span[0] <= len(lines) else "", (), column.path, column.line, True,
            )
        )  # fmt: skip
    return found


def _has_version(frame: Frame, obj: Obj) -> bool:
    found = frame.project.member(obj.cls, "__mapper_args__") if obj.cls is not None else None
    value = found[1].value if found is not None else None
    return value is not None and any(part.text == "version_id_col" for part in value.parts)


def early_starts(frame: Frame, lines: list[str]) -> list[Finding]:
    """Return the findings about tasks that one function starts before it commits."""
    from indelible.lint.rules import RULES

    rule = RULES["IND201"]
    found: list[Finding] = []
    for number, (call, kind, written, passed) in enumerate(frame.started):
        rows = [obj for obj in written if _is_row(frame, obj)]
        if not rows or kind == "background":
            continue
        early = frame.early_tasks.get(number, False)
        if not early:
            continue
        level = Confidence.HIGH if passed and any(obj.cls is not None for obj in rows) else Confidence.LOW
        row = rows[0]
        receiver = min(row.names, default="the row")
        how = ast.unparse(call.func)
        message = rule.template.format(how=f"`{how}(…)`", receiver=receiver)
        found.append(
            Finding(
                frame.facts.path, call.lineno, call.col_offset + 1, call.end_lineno or call.lineno,
                (call.end_col_offset or 0) + 1, rule.code, message, rule.fix, level, how,
                row.cls.name if row.cls else "", "", frame.function,
                lines[call.lineno - 1] if call.lineno <= len(lines) else "",
            )
        )  # fmt: skip
    return found


def _is_row(frame: Frame, obj: Obj) -> bool:
    if obj.cls is not None:
        return frame.project.is_model(obj.cls)
    return any(infer(frame, obj, name)[1] >= 2 for name in obj.used & frame.project.json_attributes.keys())
