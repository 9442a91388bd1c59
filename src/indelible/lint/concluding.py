"""Puts together what all functions of a project say about each change, and makes findings of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cache

from indelible.lint.analyzing import FunctionReport
from indelible.lint.discovering import read_text
from indelible.lint.findings import Confidence, Finding, Related
from indelible.lint.judging import is_test
from indelible.lint.reaching import Key
from indelible.lint.rules import RULES
from indelible.lint.verdicts import Verdict


def conclude(reports: Mapping[Key, FunctionReport]) -> list[Finding]:
    """Put together what all functions say about each change."""
    by_key: dict[tuple[str, tuple[int, int, int, int], str], list[Verdict]] = defaultdict(list)
    flags: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
    findings: list[Finding] = []
    parallel = {name for report in reports.values() for name in report.parallel}
    for (where, name), report in reports.items():
        for verdict in report.verdicts:
            # a test makes the row anew, or asks the answer: it saves nothing for those who run the program
            if verdict.status != "saved" or not is_test(where) or is_test(verdict.key[0]):
                by_key[verdict.key].append(verdict)
        for model, attribute, path, line in report.flags:
            flags[attribute].append((model, path, line))
        findings.extend(report.early_starts)
        if name.rpartition(".")[2] in parallel:
            findings.extend(report.unguarded)
    merged = [_merge(group) for group in by_key.values()]
    findings.extend(_as_findings([one for one in merged if one is not None], flags))
    return sorted(set(findings), key=lambda finding: (finding[:6], finding.attribute, finding.message))


def _merge(group: list[Verdict]) -> Verdict | None:
    """Return the change as a loss if it is one: nobody who calls the function saves it."""
    lost = [verdict for verdict in group if verdict.status == "lost" and verdict.typed]
    if not lost:
        return None
    base = max(
        lost, key=lambda verdict: (verdict.rule != "IND101", verdict.own, verdict.typed, verdict.meant)
    )
    typed = max(verdict.typed for verdict in lost)
    meant = max(verdict.meant for verdict in lost)
    saved = any(verdict.status == "saved" and not verdict.own for verdict in group)
    contrary = any(verdict.status == "contrary" and not verdict.typed for verdict in group)
    if base.rule in ("IND102", "IND104"):
        # whoever assigned it back meant to save it: that some caller saves it too is luck, if others do not
        saved = saved and not any(verdict.meant == 3 and not verdict.own for verdict in lost)
    # a caller for whom the row is new, say, saves nothing for one who has loaded it
    loaded = [verdict for verdict in lost if verdict.typed == 3 and verdict.meant >= 2 and not verdict.own]
    saved = saved and not loaded
    # who changes and commits means to be done: what callers assign later, they do not do for this change
    saved = saved and not any(verdict.own and verdict.closed and verdict.meant == 3 for verdict in lost)
    if saved or (contrary and typed < 3):
        meant = 1
    return base._replace(typed=typed, meant=meant)


def _as_findings(merged: list[Verdict], flags: dict[str, list[tuple[str, str, int]]]) -> list[Finding]:
    groups: dict[object, list[Verdict]] = defaultdict(list)
    for verdict in merged:
        groups[verdict.key[0], verdict.key[1][:2], verdict.attribute].append(verdict)
    lines = cache(_lines)
    return [_finding(group, flags, lines) for group in groups.values()]


def _lines(path: str) -> list[str]:
    try:
        return read_text(path).split("\n")
    except (OSError, SyntaxError, ValueError):
        return []


def _finding(
    group: list[Verdict], flags: dict[str, list[tuple[str, str, int]]], lines: Callable[[str], list[str]]
) -> Finding:
    group.sort(key=lambda verdict: verdict.key)
    first = max(group, key=lambda verdict: (verdict.typed, verdict.meant))
    path, span = first.key[0], first.key[1]
    marked = [(p, n) for model, p, n in flags.get(first.attribute, []) if model in ("", first.model)]
    rule = "IND105" if first.rule == "IND101" and marked else first.rule
    level = min(max(v.typed for v in group), max(v.meant for v in group))
    assigned = (first.anchor[0], first.anchor[1][0]) if first.anchor is not None else ("", 0)
    related = [Related(*assigned, "assigned back here")] if first.anchor is not None else []
    if rule == "IND105":
        related.extend(Related(p, n, "marked here") for p, n in sorted(set(marked))[:5])
    text = lines(path)
    message, fix = RULES[rule].explain(first)
    return Finding(
        path,
        span[0],
        span[1] + 1,
        span[2],
        span[3] + 1,
        rule,
        message,
        fix,
        Confidence(max(level, 1)),
        first.variable,
        first.model,
        first.attribute,
        first.function,
        text[span[0] - 1] if 0 < span[0] <= len(text) else "",
        tuple(related),
        "" if first.loose else first.column_path,
        first.column_line,
        False,
        *assigned,
        next((one.row for one in group if one.row and one.anchor == first.anchor), ""),
    )
