"""A plan as a file: JSON for programs, CSV for spreadsheets and trackers, Markdown for people."""

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence

from studio.interview.views import ItemView, PlanView

BELOW = {"epic": "stories", "story": "tasks", "task": "subtasks"}
COLUMNS = ("id", "parent_id", "type", "title", "description", "status", "epic", "story", "task")
_MARKUP = re.compile(r"([\\`*_\[\]<>#|])")
# A spreadsheet would run these as formulas.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def to_json(plan: PlanView) -> str:
    """Return the plan as JSON: epics, in them stories, tasks and subtasks by these names."""
    document = {
        "project": plan.project_title,
        "made_at": plan.made_at.isoformat(),
        "model": plan.model,
        "epics": [_named(epic) for epic in plan.epics],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def to_csv(plan: PlanView) -> str:
    """Return the plan as CSV, a row for each item, with the items above it."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    writer.writerows([_cell(value) for value in row] for row in _rows(plan.epics, []))
    return file.getvalue()


def to_markdown(plan: PlanView) -> str:
    """Return the plan as Markdown: headings for epics and stories, check lists for tasks and subtasks."""
    lines = [f"# {_plain(plan.project_title)}", ""]
    for epic in plan.epics:
        lines += _section("##", epic)
        for story in epic.children:
            lines += _section("###", story)
            for task in story.children:
                lines.append(_box(task))
                lines += [f"    {_box(subtask)}" for subtask in task.children]
            if story.children:
                lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _named(item: ItemView) -> dict[str, object]:
    named: dict[str, object] = {
        "id": item.id,
        "title": item.title,
        "description": item.detail,
        "done": item.done,
    }
    if below := BELOW.get(item.kind):
        named[below] = [_named(child) for child in item.children]
    return named


def _rows(items: Sequence[ItemView], above: list[ItemView]) -> Iterator[tuple[str, ...]]:
    titles = [parent.title for parent in above] + ["", "", ""]
    for item in items:
        status = "done" if item.done else "open"
        parent = above[-1].id if above else ""
        yield (item.id, parent, item.kind, item.title, item.detail, status, *titles[:3])
        yield from _rows(item.children, [*above, item])


def _cell(value: str) -> str:
    return f"'{value}" if value.startswith(_FORMULA) else value


def _section(marks: str, item: ItemView) -> list[str]:
    done = " ✓" if item.done else ""
    told = [_plain(item.detail), ""] if item.detail else []
    return [f"{marks} {_plain(item.title)}{done}", "", *told]


def _box(item: ItemView) -> str:
    return f"- [{'x' if item.done else ' '}] {_plain(item.title)}"


def _plain(text: str) -> str:
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))
