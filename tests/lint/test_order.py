"""The answer depends on the code alone, not on the order in which sets give what they hold."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

from tests.lint import ways_by_helpers, ways_of_copying, ways_through_copies
from tests.lint.judged import HEAD, MODELS
from tests.lint.programs import write

MERGED = """
    def merge(team: Team, parsed: dict) -> None:
        merged = dict(team.prefs or {})
        notes = merged.get("notes") or []
        if parsed.get("summary"):
            notes.append(parsed["summary"])
        merged["notes"] = notes[-12:]
        for key in ("red", "green"):
            existing = merged.get(key) or []
            merged[key] = (existing + parsed.get(key, []))[-15:]
        facts = merged.get("facts") or {}
        facts.update(parsed.get("facts") or {})
        merged["facts"] = facts
        team.prefs = merged


    def run(session, parsed):
        team = session.get(Team, 1)
        merge(team, parsed)
        session.commit()
"""
CHECK = """
import json, sys
from indelible.lint.engine import check
from indelible.lint.reporting import as_dict
print(json.dumps([[as_dict(finding) for finding in check([path], jobs=1).findings] for path in sys.argv[1:]]))
"""


def test_hashes_do_not_matter(tmp_path: Path) -> None:
    """Runs with other hashes of strings and objects find the same, in the same order."""
    programs = [MERGED]
    for module in (ways_of_copying, ways_through_copies, ways_by_helpers):
        programs += [code for ways in vars(module).values() if isinstance(ways, dict) for code in ways.values()
                     if isinstance(code, str) and "def run(" in code][:25]  # fmt: skip
    folders = []
    for number, code in enumerate(programs):
        folder = tmp_path / f"program{number}"
        folder.mkdir()
        folders.append(str(write(folder, models=MODELS, code=HEAD + textwrap.dedent(code))))
    found = [
        json.loads(
            subprocess.run(
                [sys.executable, "-c", CHECK, *folders],
                env={**os.environ, "PYTHONHASHSEED": str(seed)},
                capture_output=True,
                check=True,
                text=True,
            ).stdout
        )
        for seed in range(4)
    ]
    assert sum(map(len, found[0])) > len(programs) / 2
    assert [finding["rule"] for finding in found[0][0]] == ["IND104", "IND104"]
    assert all(one == found[0] for one in found[1:])
