"""What a person can do with a plan: read it, write in it, order it, tick it off, take an earlier one.

Each change goes to the database as a delta of the items that it touches: two windows change one plan at a time.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from studio.database import Database, retried
from studio.identifiers import new_id
from studio.interview.finding import (
    NO_PLAN,
    find_interview,
    find_plan,
    read_plan_view,
    view_item,
)
from studio.interview.models import KINDS, Item, Plan
from studio.interview.problems import ItemConflict
from studio.interview.views import PlanView
from studio.problems import Invalid, NotFound
from studio.projects.counting import count_change
from studio.projects.finding import NO_PROJECT, find_project
from studio.script.saving import known_id, saved_once
from studio.texts import check_text

LONGEST_TITLE = 300
LONGEST_DETAIL = 5000
NO_ITEM = "There is no such item in the plan. Reload the page to see what is."


async def get_plan(database: Database, project_id: str) -> PlanView:
    """Return the current plan.  Raises NotFound when none was made."""
    async with database.reading() as session:
        project = await find_project(session, project_id)
        interview = await find_interview(session, project_id)
        return await read_plan_view(session, project, interview, await find_plan(session, interview))


@retried
async def add_item(
    database: Database,
    project_id: str,
    *,
    title: str,
    detail: str = "",
    parent: str | None = None,
    after: str | None = None,
    op_id: str | None = None,
) -> str:
    """Add an item below `parent`, or an epic; behind `after`, or at the end. Returns its id.

    Sent again with its `op_id`, it is added once. Raises NotFound, Invalid, SaveReused.
    """
    item = Item(
        id=new_id(),
        title=check_item_title(title),
        detail=_check_detail(detail),
        done=False,
        removed=False,
        children=[],
    )
    request = {"title": title, "detail": detail, "parent": parent, "after": after}
    async with (
        database.writing() as session,
        saved_once(session, op_id, scope=known_id(project_id, NO_PROJECT), request=request) as addition,
    ):
        if addition.replayed:
            known: str = addition.result
            return known
        plan = await _open_plan(session, project_id)
        level, siblings = _below(plan, parent)
        if level == len(KINDS):
            raise Invalid("A subtask has nothing below it. Add the item to a task, story or epic.")
        siblings.insert(_place_behind(siblings, after), item)
        await _count(session, project_id)
        addition.result = item["id"]
        return item["id"]


@retried
async def change_item(
    database: Database,
    project_id: str,
    item_id: str,
    *,
    title: str | None = None,
    detail: str | None = None,
    done: bool | None = None,
    removed: bool | None = None,
    base_title: str | None = None,
    base_detail: str | None = None,
) -> None:
    """Change an item, `None` leaving a field as it is; `removed` hides it with all below it, or brings it back.

    Raises ItemConflict when the title or the detail is not the one that the writer saw (`base_…`, if given) any more;
    NotFound; Invalid.
    """
    async with database.writing() as session:
        plan = await _open_plan(session, project_id)
        level, _, item = find_item(plan, item_id)
        if _was_changed(item["title"], title, base_title) or _was_changed(
            item["detail"], detail, base_detail
        ):
            raise ItemConflict(view_item(item, level))
        if title is not None:
            item["title"] = check_item_title(title)
        if detail is not None:
            item["detail"] = _check_detail(detail)
        if done is not None:
            _tick(item, done)
        if removed is not None:
            item["removed"] = removed
        await _count(session, project_id)


@retried
async def move_item(
    database: Database, project_id: str, item_id: str, *, parent: str | None, after: str | None
) -> None:
    """Put an item, with all below it, behind `after` (or first) among those below `parent` (or the epics).

    Raises Invalid when it would become another kind of item, NotFound.
    """
    async with database.writing() as session:
        plan = await _open_plan(session, project_id)
        level, siblings, item = find_item(plan, item_id)
        new_level, others = _below(plan, parent)
        if new_level != level:
            raise Invalid(f"A {KINDS[level]} cannot stand there. Put it where other items of its kind are.")
        if after == item_id:
            return
        siblings.remove(item)
        others.insert(0 if after is None else _place_behind(others, after), item)
        await _count(session, project_id)


@retried
async def bring_back(database: Database, project_id: str, plan_id: str) -> PlanView:
    """Make an earlier plan the current one again.  Raises NotFound."""
    async with database.writing() as session:
        await find_project(session, project_id)
        interview = await find_interview(session, project_id)
        plan = await session.get(Plan, plan_id)
        if plan is None or plan.project_id != project_id:
            raise NotFound(NO_PLAN)
        interview.plan_id = plan_id
        project = await count_change(session, project_id, datetime.now(UTC))
        return await read_plan_view(session, project, interview, plan)


def find_item(plan: Plan, item_id: str) -> tuple[int, list[Item], Item]:
    """Return an item with its level, counted from 0 for epics, and its siblings.  Raises NotFound."""
    for level, siblings in _lists(plan.outline["epics"]):
        for item in siblings:
            if item["id"] == item_id:
                return level, siblings, item
    raise NotFound(NO_ITEM)


def check_item_title(title: str) -> str:
    """Return the title on one line.  Raises Invalid when it is empty or too long."""
    title = " ".join(check_text(title, "The title").split())
    if not title:
        raise Invalid("An item needs a title. Type one, or remove the item.")
    if len(title) > LONGEST_TITLE:
        raise Invalid(f"The title has {len(title)} characters; shorten it to {LONGEST_TITLE}.")
    return title


def _check_detail(detail: str) -> str:
    if len(check_text(detail, "The description")) > LONGEST_DETAIL:
        raise Invalid(f"The description has {len(detail)} characters; shorten it to {LONGEST_DETAIL}.")
    return detail


async def _open_plan(session: AsyncSession, project_id: str) -> Plan:
    await find_project(session, project_id)
    return await find_plan(session, await find_interview(session, project_id))


async def _count(session: AsyncSession, project_id: str) -> None:
    await count_change(session, project_id, datetime.now(UTC))


def _lists(items: list[Item], level: int = 0) -> Iterator[tuple[int, list[Item]]]:
    yield level, items
    for item in items:
        yield from _lists(item["children"], level + 1)


def _below(plan: Plan, parent: str | None) -> tuple[int, list[Item]]:
    """Return the items below `parent`, or the epics, with their level."""
    if parent is None:
        return 0, plan.outline["epics"]
    level, _, item = find_item(plan, parent)
    return level + 1, item["children"]


def _place_behind(siblings: Sequence[Item], after: str | None) -> int:
    if after is None:
        return len(siblings)
    for place, item in enumerate(siblings):
        if item["id"] == after:
            return place + 1
    raise NotFound(NO_ITEM)


def _was_changed(stored: str, new: str | None, base: str | None) -> bool:
    """Tell whether `new` would replace a text that its writer, who saw `base`, has not seen."""
    return new is not None and base is not None and stored not in (base, new)


def _tick(item: Item, done: bool) -> None:
    """Tick an item off with all below it, or take that back."""
    item["done"] = done
    for child in item["children"]:
        if not child["removed"]:
            _tick(child, done)
