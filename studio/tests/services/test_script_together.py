"""Issue 3: eight writers change one script at once, without a lock, and each change that was acknowledged is there.

What is there is read by plain SQL. `STUDIO_TOGETHER_SEED` repeats a run, `STUDIO_TOGETHER_TURNS` makes it longer.
"""

import json
import os
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.processes import query, run_together
from studio.database import Database
from studio.projects import service as projects
from studio.script import service as scripts

WRITERS = "abcdefgh"
OWN_SCENES = 2
TURNS = int(os.environ.get("STUDIO_TOGETHER_TURNS", "12"))


@dataclass
class Stored:
    """What the database has of one project, as it is stored."""

    version: int
    preamble: str
    order: list[str]
    summaries: dict[str, dict[str, str]]
    scenes: dict[str, dict[str, Any]]


def parsed(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def read_stored(url: str, project: str) -> Stored:
    [(version,)] = query(url, "SELECT version FROM projects WHERE id = ?", project)
    [(script, preamble, order, summaries)] = query(
        url, "SELECT id, preamble, scene_order, scene_summaries FROM scripts WHERE project_id = ?", project
    )
    rows = query(url, "SELECT id, slugline, blocks, deleted_at FROM scenes WHERE script_id = ?", script)
    scenes = {
        scene: {
            "slugline": slugline,
            "text": "".join(block["text"] for block in parsed(blocks)),
            "deleted": deleted is not None,
        }
        for scene, slugline, blocks, deleted in rows
    }
    return Stored(version, preamble, parsed(order), parsed(summaries), scenes)


def audit(stored: Stored, shared: str, before: int, reports: Sequence[dict[str, Any]]) -> list[str]:
    """Return what was acknowledged and is not there, or is there twice."""
    wrong = []
    for report in reports:
        for scene, text in report["texts"].items():
            if stored.scenes[scene]["text"] != text:
                wrong.append(f"the text of {scene} is {stored.scenes[scene]['text']!r}, not {text!r}")
        for scene, text in report["summaries"].items():
            if stored.summaries.get(scene, {}).get("text") != text:
                wrong.append(f"the summary of {scene} is {stored.summaries.get(scene)}, not {text!r}")
        wrong += [
            f"{words} is not in the shared scene once"
            for words in report["words"]
            if stored.scenes[shared]["text"].count(f"\n{words}\n") != 1
        ]
        wrong += [
            f"{words} is not on the title page once"
            for words in report["title_words"]
            if stored.preamble.count(f"Notes {words} there") != 1
        ]
        for scene in report["added"]:
            if stored.order.count(scene) != 1 or scene not in stored.scenes:
                wrong.append(f"the new scene {scene} is in the order {stored.order.count(scene)} times")
            elif stored.scenes[scene]["deleted"] != (scene in report["deleted"]):
                wrong.append(f"{scene} deleted: {stored.scenes[scene]['deleted']}")
    if sorted(stored.order) != sorted(stored.scenes):
        wrong.append("the order does not name each scene once")
    expected = before + len([scene for report in reports for scene in report["added"]])
    if len(stored.scenes) != expected:
        wrong.append(f"there are {len(stored.scenes)} scenes, not {expected}")
    last = max(reports, key=lambda report: report["order_version"])["order"]
    present = [scene for scene in stored.order if scene in set(last)]
    if present != last:
        wrong.append(f"the last order is {last}, stored is {present}")
    changes = sum(report["changes"] for report in reports)
    if stored.version != 1 + changes:
        wrong.append(f"the project counts {stored.version - 1} changes of {changes}")
    return wrong


async def write_together(
    database: Database, url: str, *, careless: bool = False
) -> tuple[list[dict[str, Any]], list[str]]:
    """Let eight writers in four processes write one script; return what they report, and what the audit finds."""
    seed = int(os.environ.get("STUDIO_TOGETHER_SEED", random.randrange(2**32)))
    sys.stderr.write(f"STUDIO_TOGETHER_SEED={seed}\n")
    chance = random.Random(seed)
    count = len(WRITERS) * OWN_SCENES + 1
    text = "".join(f"INT. ROOM {number} - DAY\n\nSomebody waits.\n\n" for number in range(count))
    project = await projects.import_fountain(database, "film.fountain", f"Title: Film\n\n{text}".encode())
    script = await scripts.get_script(database, project.id)
    shared, *own = [scene.id for scene in script.scenes]
    same = {"url": url, "project": project.id, "script": script.id, "shared": shared, "turns": TURNS}
    orders: list[dict[str, Any]] = []
    for number, name in enumerate(WRITERS):
        mine = {"name": name, "seed": chance.randrange(2**32), "own": own[number::8], "careless": careless}
        orders.append({**same, **mine})
    reports = await run_together("writing_process", orders, 60 + 10 * TURNS)
    return reports, audit(read_stored(url, project.id), shared, count, reports)


async def test_what_eight_writers_change_at_once_is_all_there(database: Database, database_url: str) -> None:
    """Saves, renames, splits, additions, deletions, orders, summaries, title pages: none is lost, none is doubled."""
    reports, wrong = await write_together(database, database_url)
    assert sum(report["changes"] for report in reports) > TURNS * len(WRITERS) / 2
    assert wrong == []


async def test_the_audit_finds_what_whole_documents_lose(migrated_postgres_url: str) -> None:
    """With the library's deltas switched off, the same writers lose summaries and places, and it is told."""
    database = Database(migrated_postgres_url)
    _, wrong = await write_together(database, migrated_postgres_url, careless=True)
    await database.close()
    assert any("the summary of" in loss for loss in wrong)
    assert any("in the order" in loss for loss in wrong)
