"""What a project file has of an interview and its plans, and the interview that is made of it again."""

from collections.abc import Iterator, Sequence
from typing import Any, Self

from pydantic import BaseModel, Field, field_validator, model_validator
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from studio.file_fields import AnyText, Moment, refuse
from studio.identifiers import new_id
from studio.interview import transcript
from studio.interview.models import KINDS, Interview, Item, Message, Plan, Role
from studio.interview.questions import FIXED_QUESTIONS, MOST_FOLLOW_UPS

# Nothing is sent to a model because a file was opened: a person asks again.
UNDER_WAY = "It was under way when the project was exported. Every answer is here; ask again when you like."


class MessageInFile(BaseModel):
    """A question, or the answer to the question `question`."""

    id: AnyText
    role: Role
    question: AnyText
    text: AnyText
    version: int = Field(default=1, ge=1, le=2**31 - 1)
    why: AnyText = ""
    model: AnyText = ""
    at: Moment
    edited_at: Moment | None = None


class ItemInFile(BaseModel):
    """An item of a plan with those below it; a removed one is hidden and can come back."""

    id: AnyText = Field(min_length=1)
    title: AnyText
    detail: AnyText = ""
    done: bool = False
    removed: bool = False
    children: list["ItemInFile"] = []


class PlanInFile(BaseModel):
    """A plan that was made; `answers` is the SHA-256 of the answers that it was made of."""

    id: AnyText
    model: AnyText
    answers: str = Field(pattern=r"^[0-9a-f]{64}$")
    made_at: Moment
    epics: list[ItemInFile]

    @field_validator("epics")
    @classmethod
    def _is_a_plan(cls, epics: list[ItemInFile]) -> list[ItemInFile]:
        seen = set()
        for item, level in _walk(epics):
            if level == len(KINDS):
                raise refuse(f"The item “{item.id}” is below a {KINDS[-1]}; nothing can be there.")
            if item.id in seen:
                raise refuse(f"Two items are called “{item.id}”.")
            seen.add(item.id)
        return epics


class InterviewInFile(BaseModel):
    """An interview with all plans that were made of it.

    `question_wanted` and `plan_wanted` tell that a model was to make them; the failures say why it did not.
    """

    messages: list[MessageInFile] = Field(min_length=1)
    question_wanted: bool = False
    question_failure: AnyText | None = None
    plan_wanted: bool = False
    plan_failure: AnyText | None = None
    plan: AnyText | None = Field(default=None, description="The id of the current plan.")
    started_at: Moment
    wanted_at: Moment | None = None
    closed_at: Moment | None = None
    plans: list[PlanInFile] = []

    @field_validator("messages")
    @classmethod
    def _is_an_interview(cls, messages: list[MessageInFile]) -> list[MessageInFile]:
        expected = list(_all_messages())
        if len(messages) > len(expected):
            raise refuse(f"There are {len(messages)} messages; an interview has {len(expected)} at most.")
        for at, (message, (message_id, role, question)) in enumerate(zip(messages, expected, strict=False)):
            if (message.id, message.role, message.question) != (message_id, role, question):
                raise refuse(f"Message {at} is “{message.id}”; “{message_id}” of the {role} belongs there.")
        return messages

    @model_validator(mode="after")
    def _has_its_plan(self) -> Self:
        ids = [plan.id for plan in self.plans]
        if len(set(ids)) != len(ids):
            raise refuse("Two of the plans have the same id.")
        if self.plan is not None and self.plan not in ids:
            raise refuse(f"The current plan “{self.plan}” is not among the plans.")
        return self


async def read_interview(session: AsyncSession, project_id: str) -> InterviewInFile | None:
    """Return what a file shall have of a project's interview; None when it was not started."""
    interview = await session.get(Interview, project_id)
    if interview is None:
        return None
    plans = select(Plan).where(Plan.project_id == project_id).order_by(Plan.made_at, Plan.id)
    return InterviewInFile.model_validate(
        {
            "messages": list(interview.messages),
            "question_wanted": interview.wanted_question is not None,
            "question_failure": interview.question_failure,
            "plan_wanted": interview.wanted_plan is not None,
            "plan_failure": interview.plan_failure,
            "plan": interview.plan_id,
            "started_at": interview.started_at,
            "wanted_at": interview.wanted_at,
            "closed_at": interview.closed_at,
            "plans": [_plan_in_file(plan) for plan in await session.scalars(plans)],
        }
    )


def make_interview(project_id: str, file: InterviewInFile) -> tuple[Interview, list[Plan]]:
    """Return the interview of a file, and its plans; what a model was at when it was written waits for a person."""
    ids = {plan.id: new_id() for plan in file.plans}
    interview = transcript.restore(project_id, [_message(message) for message in file.messages])
    if file.question_wanted:
        interview.wanted_question = transcript.next_follow_up(interview.messages)
        interview.question_failure = file.question_failure or UNDER_WAY
    if file.plan_wanted:
        interview.wanted_plan = new_id()
        interview.plan_failure = file.plan_failure or UNDER_WAY
    interview.plan_id = None if file.plan is None else ids[file.plan]
    interview.started_at, interview.wanted_at = file.started_at, file.wanted_at
    interview.closed_at = file.closed_at
    return interview, [_plan(project_id, ids[plan.id], plan) for plan in file.plans]


def _walk(items: Sequence[ItemInFile], level: int = 0) -> Iterator[tuple[ItemInFile, int]]:
    for item in items:
        yield item, level
        yield from _walk(item.children, level + 1)


def _all_messages() -> Iterator[tuple[str, Role, str]]:
    """Return the id, the role and the question of each message of the longest interview, in order."""
    follow_ups = (transcript.follow_up_id(number) for number in range(1, MOST_FOLLOW_UPS + 1))
    for question in (*(fixed.id for fixed in FIXED_QUESTIONS), *follow_ups):
        yield question, "interviewer", question
        yield question + transcript.ANSWER, "writer", question


def _plan_in_file(plan: Plan) -> dict[str, Any]:
    return {
        "id": plan.id,
        "model": plan.model,
        "answers": plan.answers,
        "made_at": plan.made_at,
        "epics": plan.outline["epics"],
    }


def _message(message: MessageInFile) -> Message:
    return Message(
        id=message.id,
        role=message.role,
        question=message.question,
        text=message.text,
        version=message.version,
        why=message.why,
        model=message.model,
        at=message.at.isoformat(),
        edited_at=None if message.edited_at is None else message.edited_at.isoformat(),
    )


def _plan(project_id: str, plan_id: str, plan: PlanInFile) -> Plan:
    return Plan(
        id=plan_id,
        project_id=project_id,
        outline={"epics": [_item(epic) for epic in plan.epics]},
        model=plan.model,
        answers=plan.answers,
        made_at=plan.made_at,
    )


def _item(item: ItemInFile) -> Item:
    return Item(
        id=item.id,
        title=item.title,
        detail=item.detail,
        done=item.done,
        removed=item.removed,
        children=[_item(child) for child in item.children],
    )
