"""Writes findings as text, JSON, SARIF 2.1.0 or GitHub annotations."""

from __future__ import annotations

from collections.abc import Callable, Sequence

TYPE_CHECKING = False  # see `result`
if TYPE_CHECKING:
    from indelible.lint.findings import Finding


def text(findings: Sequence[Finding]) -> str:
    """Return findings as a person reads them: place, rule, message, the line, the fix."""
    if not findings:
        return ""
    from indelible.lint.findings import Confidence

    parts: list[str] = []
    for finding in findings:
        number = str(finding.line)
        parts.append(f"{finding.path}:{finding.line}:{finding.column}  {finding.rule} {finding.message}")
        parts.append(f"{number:>5} | {finding.source_line}")
        parts.extend(f"      = {one.message}: {one.path}:{one.line}" for one in finding.related)
        parts.append(f"      = fix: {finding.fix}")
        if finding.confidence is Confidence.LOW:
            parts.append("      = not sure; shown by --strict")
    parts.append(f"{len(findings)} finding{'s' if len(findings) > 1 else ''}")
    return "\n".join(parts)


def as_dict(finding: Finding) -> dict[str, object]:
    """Return a finding as JSON objects."""
    return {
        "path": finding.path,
        "line": finding.line,
        "column": finding.column,
        "end_line": finding.end_line,
        "end_column": finding.end_column,
        "rule": finding.rule,
        "message": finding.message,
        "fix": finding.fix,
        "confidence": finding.confidence.name.lower(),
        "advice": finding.advice,
        "model": finding.model,
        "attribute": finding.attribute,
        "function": finding.function,
        "declared": {"path": finding.column_path, "line": finding.column_line}
        if finding.column_path
        else None,
        "related": [one._asdict() for one in finding.related],
    }


def as_json(findings: Sequence[Finding]) -> str:
    """Return findings as a JSON array."""
    import json

    return json.dumps([as_dict(finding) for finding in findings], indent=2)


def sarif(findings: Sequence[Finding]) -> str:
    """Return findings as a SARIF 2.1.0 log."""
    import json

    from indelible.lint.findings import Confidence
    from indelible.lint.rules import RULES

    rules = [
        {
            "id": rule.code,
            "shortDescription": {"text": rule.title},
            "fullDescription": {"text": rule.explanation},
            "defaultConfiguration": {"level": "note" if rule.advice else "warning"},
        }
        for rule in RULES.values()
    ]
    results = [
        {
            "ruleId": finding.rule,
            "level": "note"
            if finding.advice
            else "error"
            if finding.confidence is Confidence.HIGH
            else "warning",
            "message": {"text": f"{finding.message} Fix: {finding.fix}."},
            "locations": [
                _location(finding.path, finding.line, finding.column, finding.end_line, finding.end_column)
            ],
            "relatedLocations": [
                {**_location(one.path, one.line), "message": {"text": one.message}} for one in finding.related
            ],
        }
        for finding in findings
    ]
    run = {
        "tool": {"driver": {"name": "indelible check", "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    log = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2)


def _location(
    path: str, line: int, column: int = 1, end_line: int = 0, end_column: int = 0
) -> dict[str, object]:
    region = {"startLine": line, "startColumn": column}
    if end_line:
        region |= {"endLine": end_line, "endColumn": end_column}
    uri = path.replace("\\", "/")
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}


def github(findings: Sequence[Finding]) -> str:
    """Return findings as workflow commands of GitHub Actions."""
    return "\n".join(
        f"::{'notice' if finding.advice else 'warning'} file={_property(finding.path)},line={finding.line},"
        f"col={finding.column},endLine={finding.end_line},title={finding.rule}::"
        f"{_data(f'{finding.message} Fix: {finding.fix}.')}"
        for finding in findings
    )


def _data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")


FORMATS: dict[str, Callable[[Sequence[Finding]], str]] = {
    "text": text,
    "json": as_json,
    "sarif": sarif,
    "github": github,
}
