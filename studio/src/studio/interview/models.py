"""The tables of interviews and of the plans that were made of them."""

from datetime import datetime
from typing import Literal, TypedDict

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from indelible import Document
from studio.database import Base, UtcDateTime

Role = Literal["interviewer", "writer"]
ItemKind = Literal["epic", "story", "task", "subtask"]
KINDS: tuple[ItemKind, ...] = ("epic", "story", "task", "subtask")


class Message(TypedDict):
    """One message of an interview: a question, or the answer to the question `question`.

    An answer's `text` is what was typed, character by character; it is empty when the question was skipped.
    `version` counts the texts that it has had. `why` and `model` say, of a question that a model asked, which answer
    made it ask, and who it was. `at` and `edited_at` are ISO 8601 times.
    """

    id: str
    role: Role
    question: str
    text: str
    version: int
    why: str
    model: str
    at: str
    edited_at: str | None


class Interview(Base):
    """The interview of one project.

    Only `studio.interview.transcript` changes `messages`. `wanted_question` names the question that a model shall
    ask, `wanted_plan` the plan that it shall make; the failures say, for a person, why it did not.
    """

    __tablename__ = "interviews"

    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    messages: Mapped[list[Message]] = mapped_column(Document)
    wanted_question: Mapped[str | None] = mapped_column(String(32))
    question_failure: Mapped[str | None] = mapped_column(Text)
    wanted_plan: Mapped[str | None] = mapped_column(String(32))
    plan_failure: Mapped[str | None] = mapped_column(Text)
    plan_id: Mapped[str | None] = mapped_column(String(32))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    wanted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Item(TypedDict):
    """One item of a plan with those below it; a removed one is hidden, with all below it, but can come back."""

    id: str
    title: str
    detail: str
    done: bool
    removed: bool
    children: list["Item"]


class Outline(TypedDict):
    """What `Plan.outline` holds: epics, their stories, tasks and subtasks."""

    epics: list[Item]


class Plan(Base):
    """One plan of a project's work; `answers` is the SHA-256 of the answers that it was made of."""

    __tablename__ = "interview_plans"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"), index=True)
    outline: Mapped[Outline] = mapped_column(
        Document(
            keys={
                "epics": "id",
                "epics[*].children": "id",
                "epics[*].children[*].children": "id",
                "epics[*].children[*].children[*].children": "id",
            }
        )
    )
    model: Mapped[str] = mapped_column(Text)
    answers: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
