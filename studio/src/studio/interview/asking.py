"""What a model is wanted for, what it said, and keeping that: once, however often the job runs.

No transaction is open while a model works. What it said is written in the session of the job, which commits it together
with the job's end; what is wanted is looked at again there, for it may have come, or not be wanted any more.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from studio.ai import (
    Exchange,
    NextQuestion,
    PlannedItem,
    ProviderError,
    SummaryModel,
    WorkPlan,
    ask_question,
    make_plan,
)
from studio.database import Database
from studio.identifiers import new_id
from studio.interview import transcript
from studio.interview.models import Interview, Item, Plan
from studio.projects.counting import count_change


@dataclass(frozen=True)
class Wanted:
    """What a model shall do: the name of the question or plan, the interview, and the SHA-256 of its answers."""

    name: str
    exchanges: list[Exchange]
    answers: str


async def wanted_question(database: Database, project_id: str) -> Wanted | None:
    """Return the question that is wanted, or None when none is."""
    async with database.reading() as session:
        interview = await session.get(Interview, project_id)
        return _wanted(interview, interview.wanted_question) if interview else None


async def wanted_plan(database: Database, project_id: str) -> Wanted | None:
    """Return the plan that is wanted, or None when none is."""
    async with database.reading() as session:
        interview = await session.get(Interview, project_id)
        return _wanted(interview, interview.wanted_plan) if interview else None


async def ask(wanted: Wanted, model: SummaryModel) -> NextQuestion | ProviderError | None:
    """Return the model's question, None when it has none, or why it did not answer."""
    try:
        return await ask_question(wanted.exchanges, model=model)
    except ProviderError as problem:
        return problem


async def plan(wanted: Wanted, model: SummaryModel) -> WorkPlan | ProviderError:
    """Return the model's plan, or why there is none."""
    try:
        return await make_plan(wanted.exchanges, model=model)
    except ProviderError as problem:
        return problem


async def keep_question(
    session: AsyncSession, project_id: str, wanted: Wanted, said: NextQuestion | ProviderError | None
) -> None:
    """Ask the question that a model said, end the questions when it has none, or keep why it did not answer."""
    interview = await session.get(Interview, project_id)
    if interview is None or interview.wanted_question != wanted.name:
        return
    now = datetime.now(UTC)
    if isinstance(said, ProviderError):
        interview.question_failure = said.detail
    else:
        interview.wanted_question = None
        if said is None:
            interview.closed_at = now
        else:
            transcript.ask_follow_up(interview, wanted.name, said.text, why=said.why, model=said.model_name)
    await count_change(session, project_id, now, deleted_too=True)


async def keep_plan(
    session: AsyncSession, project_id: str, wanted: Wanted, said: WorkPlan | ProviderError
) -> None:
    """Make a plan of what a model said the current one, those before it stay; or keep why it did not answer."""
    interview = await session.get(Interview, project_id)
    if interview is None or interview.wanted_plan != wanted.name:
        return
    now = datetime.now(UTC)
    if isinstance(said, ProviderError):
        interview.plan_failure = said.detail
    else:
        session.add(
            Plan(
                id=wanted.name,
                project_id=project_id,
                outline={"epics": [_item(epic) for epic in said.epics]},
                model=said.model_name,
                answers=wanted.answers,
                made_at=now,
            )
        )
        interview.plan_id, interview.wanted_plan = wanted.name, None
    await count_change(session, project_id, now, deleted_too=True)


async def give_up(session: AsyncSession, project_id: str, reason: str, *, plan: bool) -> None:
    """Keep, for a person, why nobody asks the model any more for what is wanted."""
    interview = await session.get(Interview, project_id)
    if interview is None:
        return
    if plan and interview.wanted_plan is not None:
        interview.plan_failure = reason
    elif not plan and interview.wanted_question is not None:
        interview.question_failure = reason
    await count_change(session, project_id, datetime.now(UTC), deleted_too=True)


def _wanted(interview: Interview, name: str | None) -> Wanted | None:
    if name is None:
        return None
    return Wanted(name, transcript.exchanges_of(interview.messages), transcript.digest(interview.messages))


def _item(planned: PlannedItem) -> Item:
    return Item(
        id=new_id(),
        title=planned.title,
        detail=planned.detail,
        done=False,
        removed=False,
        children=[_item(child) for child in planned.children],
    )
