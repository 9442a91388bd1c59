"""Have a model plan the work on a film from the answers of an interview."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, Field
from pydantic_ai import Agent, ModelRetry, PromptedOutput

from studio.ai.calling import call_model
from studio.ai.choosing import SummaryModel
from studio.ai.interview_prompting import MATERIAL, PLAN_INSTRUCTIONS, Exchange, plan_prompt
from studio.ai.tasks import PLAN
from studio.ai.wording import readable_text

MAX_TITLE_CHARACTERS = 200
MAX_DETAIL_CHARACTERS = 2000
MAX_ITEMS = 20
MAX_OUTPUT_TOKENS = 12_000


class PlannedTask(BaseModel):
    """What somebody does, in steps."""

    title: str
    detail: str = ""
    subtasks: list[str] = []


class PlannedStory(BaseModel):
    """What shall be true of the film or its production."""

    title: str
    detail: str = ""
    tasks: list[PlannedTask] = []


class PlannedEpic(BaseModel):
    """A large part of the work."""

    title: str
    detail: str = ""
    stories: list[PlannedStory] = []


class PlannedWork(BaseModel):
    """A plan: epics, stories, tasks, subtasks."""

    epics: list[PlannedEpic] = Field(description="Three to seven large parts of the work.")


@dataclass(frozen=True)
class PlannedItem:
    """One item of a plan, with those below it: an epic's stories, a story's tasks, a task's subtasks."""

    title: str
    detail: str
    children: tuple["PlannedItem", ...] = ()


@dataclass(frozen=True)
class WorkPlan:
    """A plan's epics, and the model that made it."""

    epics: tuple[PlannedItem, ...]
    model_name: str


_AGENT = Agent(output_type=PromptedOutput(PlannedWork), instructions=PLAN_INSTRUCTIONS + MATERIAL, retries=1)


@_AGENT.output_validator
def _has_stories(plan: PlannedWork) -> PlannedWork:
    if not any(epic.title.strip() and epic.stories for epic in plan.epics):
        raise ModelRetry("The plan needs epics that have titles and stories.")
    return plan


async def make_plan(exchanges: Sequence[Exchange], *, model: SummaryModel) -> WorkPlan:
    """Return the model's plan of the work, bounded in size and fit to store.

    Raises a subclass of ProviderError, whose message is for people, when none came.
    """
    result = await call_model(
        _AGENT, plan_prompt(exchanges), model=model, task=PLAN, max_tokens=MAX_OUTPUT_TOKENS, requests=2
    )
    epics = [
        _item(epic.title, epic.detail, [_story(story) for story in epic.stories])
        for epic in result.output.epics
    ]
    return WorkPlan(_titled(epics), model.name)


def _story(story: PlannedStory) -> PlannedItem:
    return _item(story.title, story.detail, [_task(task) for task in story.tasks])


def _task(task: PlannedTask) -> PlannedItem:
    return _item(task.title, task.detail, [_item(step, "", []) for step in task.subtasks])


def _item(title: str, detail: str, children: Sequence[PlannedItem]) -> PlannedItem:
    return PlannedItem(
        readable_text(title, MAX_TITLE_CHARACTERS),
        readable_text(detail, MAX_DETAIL_CHARACTERS),
        _titled(children),
    )


def _titled(items: Sequence[PlannedItem]) -> tuple[PlannedItem, ...]:
    return tuple(item for item in items if item.title)[:MAX_ITEMS]
