"""What is not shown: lines with `# noqa`, and what a baseline already knows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from indelible.lint.findings import Finding

_NOQA = re.compile(r"#\s*noqa(?::\s*(?P<codes>[A-Z]+\d+(?:[,\s]+[A-Z]+\d+)*))?", re.IGNORECASE)


def is_silenced(finding: Finding) -> bool:
    """Say whether the finding's line ends with `# noqa` or `# noqa: <its code>`."""
    found = _NOQA.search(finding.source_line)
    if found is None:
        return False
    codes = found["codes"]
    return codes is None or finding.rule in re.split(r"[,\s]+", codes.upper())


def fingerprint(finding: Finding) -> str:
    """Return what stays the same when lines are added above a finding: file, rule, function and text of the line."""
    text = "\0".join(
        (finding.path.replace("\\", "/"), finding.rule, finding.function, finding.source_line.strip())
    )
    from hashlib import blake2b

    return blake2b(text.encode(), digest_size=12).hexdigest()


def write_baseline(path: str, findings: Iterable[Finding]) -> None:
    """Write a file that makes later checks silent about these findings."""
    import json

    counts = Counter(map(fingerprint, findings))
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"version": 1, "findings": dict(sorted(counts.items()))}, file, indent=1)
        file.write("\n")


def not_in_baseline(path: str, findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that a baseline does not know; of several alike, those beyond its count.

    Raises `OSError` or `ValueError` for a file that is no baseline.
    """
    import json

    with open(path, encoding="utf-8") as file:
        known = Counter(json.load(file)["findings"])
    left: list[Finding] = []
    for finding in findings:
        key = fingerprint(finding)
        if known[key] > 0:
            known[key] -= 1
        else:
            left.append(finding)
    return left
