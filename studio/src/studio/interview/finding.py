"""Find interviews and plans in an open session, and show them to the outside."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from studio.interview.models import KINDS, Interview, Item, Message, Plan
from studio.interview.questions import BY_ID, FIXED_QUESTIONS, MOST_FOLLOW_UPS
from studio.interview.transcript import (
    answer_to,
    digest,
    is_fixed,
    next_follow_up,
    open_question,
    questions_of,
    topic_of,
)
from studio.interview.views import (
    AnswerView,
    InterviewState,
    InterviewView,
    ItemView,
    PlanState,
    PlanStateView,
    PlanSummary,
    PlanView,
    QuestionView,
)
from studio.interview.work import Task, Work, work_for
from studio.problems import NotFound
from studio.projects.models import Project

NO_INTERVIEW = "The interview has not begun. Start it first."
NO_PLAN = "There is no plan yet. Finish the interview and have one made."


async def find_interview(session: AsyncSession, project_id: str) -> Interview:
    """Return the interview of a project that is there.  Raises NotFound when it was not started."""
    interview = await session.get(Interview, project_id)
    if interview is None:
        raise NotFound(NO_INTERVIEW)
    return interview


async def find_plan(session: AsyncSession, interview: Interview) -> Plan:
    """Return the current plan.  Raises NotFound when none was made."""
    plan = await session.get(Plan, interview.plan_id) if interview.plan_id else None
    if plan is None:
        raise NotFound(NO_PLAN)
    return plan


async def read_view(
    session: AsyncSession, project: Project, interview: Interview | None, *, begun: Task | None = None
) -> InterviewView:
    """Return the interview as the outside sees it; None is one that was not started.

    `begun` is what a model was asked for in this very transaction.
    """
    if interview is None:
        return _not_started(project)
    messages = interview.messages
    waiting = open_question(messages)
    work = await work_for(session, project.id, begun)
    state = state_of(interview, work["question"])
    return InterviewView(
        project_id=project.id,
        version=project.version,
        state=state,
        current=waiting["id"] if waiting else None,
        failure=interview.question_failure or work["question"].trouble if state == "stuck" else None,
        thinking_since=work["question"].since if state == "thinking" else None,
        trouble=work["question"].trouble if state == "thinking" else "",
        questions=[
            _view_question(question, number, project, answer_to(messages, question["id"]))
            for number, question in enumerate(questions_of(messages), 1)
        ],
        fixed_questions=len(FIXED_QUESTIONS),
        most_follow_ups=MOST_FOLLOW_UPS,
        can_ask_more=state == "finished" and next_follow_up(messages) is not None,
        plan=await _view_plan_state(session, interview, work["plan"]),
    )


def is_finished(interview: Interview) -> bool:
    """Tell whether no question is left."""
    if open_question(interview.messages):
        return False
    return interview.closed_at is not None or interview.wanted_question is None


def state_of(interview: Interview, work: Work) -> InterviewState:
    """Return where the interview is, `work` being what the job of the next question is at."""
    if open_question(interview.messages):
        return "asking"
    if is_finished(interview):
        return "finished"
    return "thinking" if work.goes_on else "stuck"


async def _view_plan_state(session: AsyncSession, interview: Interview, work: Work) -> PlanStateView:
    plan = await session.get(Plan, interview.plan_id) if interview.plan_id else None
    state = _plan_state(interview, work)
    return PlanStateView(
        state=state,
        id=interview.plan_id,
        failure=interview.plan_failure or work.trouble if state == "failed" else None,
        making_since=work.since if state == "making" else None,
        trouble=work.trouble if state == "making" else "",
        stale=plan is not None and plan.answers != digest(interview.messages),
    )


def _plan_state(interview: Interview, work: Work) -> PlanState:
    if interview.wanted_plan is not None:
        return "making" if work.goes_on else "failed"
    return "none" if interview.plan_id is None else "ready"


async def read_plan_view(
    session: AsyncSession, project: Project, interview: Interview, plan: Plan
) -> PlanView:
    """Return the plan as the outside sees it, with a list of all that were made."""
    made = select(Plan.id, Plan.model, Plan.made_at).where(Plan.project_id == project.id)
    rows = await session.execute(made.order_by(Plan.made_at.desc(), Plan.id))
    return PlanView(
        project_id=project.id,
        project_title=project.title,
        id=plan.id,
        version=project.version,
        model=plan.model,
        made_at=plan.made_at,
        stale=plan.answers != digest(interview.messages),
        epics=view_items(plan.outline["epics"]),
        plans=[
            PlanSummary(id=row.id, model=row.model, made_at=row.made_at, current=row.id == plan.id)
            for row in rows
        ],
    )


def view_items(items: Sequence[Item], level: int = 0) -> list[ItemView]:
    """Return the items that were not removed, with those below them."""
    return [view_item(item, level) for item in items if not item["removed"]]


def view_item(item: Item, level: int) -> ItemView:
    """Return an item, which stands `level` levels below the epics, with those below it."""
    return ItemView(
        id=item["id"],
        kind=KINDS[level],
        title=item["title"],
        detail=item["detail"],
        done=item["done"],
        children=view_items(item["children"], level + 1),
    )


def view_answer(answer: Message) -> AnswerView:
    """Return an answer as the outside sees it."""
    edited = answer["edited_at"]
    return AnswerView(
        text=answer["text"],
        skipped=not answer["text"].strip(),
        version=answer["version"],
        at=datetime.fromisoformat(answer["at"]),
        edited_at=datetime.fromisoformat(edited) if edited else None,
    )


def _view_question(question: Message, number: int, project: Project, answer: Message | None) -> QuestionView:
    fixed = BY_ID.get(question["id"])
    prefill = getattr(project, fixed.prefill) if fixed and fixed.prefill and answer is None else ""
    return QuestionView(
        id=question["id"],
        number=number,
        topic=topic_of(question["id"]),
        text=question["text"],
        hint=fixed.hint if fixed else "",
        follow_up=not is_fixed(question["id"]),
        why=question["why"],
        model=question["model"],
        at=datetime.fromisoformat(question["at"]),
        prefill=prefill,
        answer=view_answer(answer) if answer else None,
    )


def _not_started(project: Project) -> InterviewView:
    return InterviewView(
        project_id=project.id,
        version=project.version,
        state="not-started",
        current=None,
        failure=None,
        thinking_since=None,
        trouble="",
        questions=[],
        fixed_questions=len(FIXED_QUESTIONS),
        most_follow_ups=MOST_FOLLOW_UPS,
        can_ask_more=False,
        plan=PlanStateView(state="none", id=None, failure=None, making_since=None, trouble="", stale=False),
    )
