"""What the outside sees of an interview and of its plan."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from studio.interview.models import ItemKind

InterviewState = Literal["not-started", "asking", "thinking", "stuck", "finished"]
PlanState = Literal["none", "making", "failed", "ready"]


class AnswerView(BaseModel):
    """An answer as it was given; `version` counts the texts that it has had."""

    text: str
    skipped: bool
    version: int
    at: datetime
    edited_at: datetime | None


class QuestionView(BaseModel):
    """A question, and its answer when it has one."""

    id: str
    number: int
    topic: str
    text: str
    hint: str = Field(description="An example or an advice; empty for a model's question.")
    follow_up: bool = Field(description="A model asked it, because of the answers.")
    why: str = Field(description="Which answer made the model ask.")
    model: str
    at: datetime
    prefill: str = Field(description="What the project says already, to begin an answer with.")
    answer: AnswerView | None


class PlanStateView(BaseModel):
    """How the plan is: none yet, being made, failed, or ready; a plan that is there stays there meanwhile."""

    state: PlanState
    id: str | None
    failure: str | None = Field(description="Why no plan came, for a person; it can be asked for again.")
    making_since: datetime | None
    trouble: str = Field(description="What went wrong so far while it is being made; empty when nothing did.")
    stale: bool = Field(description="Answers were changed since it was made.")


class InterviewView(BaseModel):
    """An interview as it is stored.

    `asking`: `current` waits for its answer. `thinking`: a model thinks of the next question. `stuck`: it gave none;
    `failure` says why, and it can be asked again. `finished`: no question is left.
    """

    project_id: str
    version: int = Field(description="The project's: it counts every change to anything in it.")
    state: InterviewState
    current: str | None = Field(description="The id of the question that waits for its answer.")
    failure: str | None
    thinking_since: datetime | None
    trouble: str = Field(description="What went wrong so far while a model thinks; empty when nothing did.")
    questions: list[QuestionView]
    fixed_questions: int
    most_follow_ups: int
    can_ask_more: bool = Field(
        description="The interview is finished, and the model may ask more all the same."
    )
    plan: PlanStateView


class AnsweredView(BaseModel):
    """An answer as it was saved, and the interview as it is now."""

    answer: AnswerView
    interview: InterviewView


class ItemView(BaseModel):
    """One item of a plan, with those below it that were not removed."""

    id: str
    kind: ItemKind
    title: str
    detail: str
    done: bool
    children: list["ItemView"]


class PlanSummary(BaseModel):
    """A plan that was made."""

    id: str
    model: str
    made_at: datetime
    current: bool


class PlanView(BaseModel):
    """The plan of a project's work: epics, with their stories, tasks and subtasks."""

    project_id: str
    project_title: str
    id: str
    version: int
    model: str
    made_at: datetime
    stale: bool = Field(description="Answers were changed since it was made.")
    epics: list[ItemView]
    plans: list[PlanSummary] = Field(description="All plans that were made, the newest first.")


class InterviewProgress(BaseModel):
    """That something changed, as `version` and `trouble` tell: the interview is to be read again."""

    version: int
    state: InterviewState
    questions: int
    answers: int
    plan: PlanState
    trouble: str = Field(description="What went wrong so far with what is being done.")
