"""The one place that writes an interview's messages: questions are asked and answers given here, and nowhere else.

Each change goes to the database as a delta: two windows, or a window and a job, add to the same list.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime

from studio.ai import Exchange
from studio.interview.models import Interview, Message
from studio.interview.questions import BY_ID, FIXED_QUESTIONS, FOLLOW_UP_TOPIC, MOST_FOLLOW_UPS, FixedQuestion

ANSWER = "-answer"


def begin(project_id: str) -> Interview:
    """Return a new interview in which the first question has been asked."""
    interview = restore(project_id, [])
    ask_fixed(interview, FIXED_QUESTIONS[0])
    return interview


def restore(project_id: str, messages: list[Message]) -> Interview:
    """Return an interview with these messages, in which nothing is wanted of a model."""
    return Interview(
        project_id=project_id,
        messages=messages,
        wanted_question=None,
        question_failure=None,
        wanted_plan=None,
        plan_failure=None,
        plan_id=None,
        started_at=datetime.now(UTC),
        wanted_at=None,
        closed_at=None,
    )


def ask_fixed(interview: Interview, question: FixedQuestion) -> None:
    """Append one of the fixed questions."""
    _append(interview, _message(question.id, "interviewer", question.id, question.text))


def ask_follow_up(interview: Interview, question_id: str, text: str, *, why: str, model: str) -> None:
    """Append a question that a model asked."""
    message = _message(question_id, "interviewer", question_id, text)
    _append(interview, Message(**{**message, "why": why, "model": model}))


def give_answer(interview: Interview, question_id: str, text: str) -> Message:
    """Append the answer to a question that was asked and not answered yet."""
    return _append(interview, _message(question_id + ANSWER, "writer", question_id, text))


def change_answer(answer: Message, text: str) -> None:
    """Give an answer another text."""
    answer["text"] = text
    answer["version"] += 1
    answer["edited_at"] = datetime.now(UTC).isoformat()


def find_message(messages: Sequence[Message], message_id: str) -> Message | None:
    """Return a message, or None."""
    return next((message for message in messages if message["id"] == message_id), None)


def answer_to(messages: Sequence[Message], question_id: str) -> Message | None:
    """Return the answer to a question, or None."""
    return find_message(messages, question_id + ANSWER)


def questions_of(messages: Sequence[Message]) -> list[Message]:
    """Return the questions that were asked, in order."""
    return [message for message in messages if message["role"] == "interviewer"]


def open_question(messages: Sequence[Message]) -> Message | None:
    """Return the question that waits for its answer, or None."""
    last = messages[-1]
    return last if last["role"] == "interviewer" else None


def next_follow_up(messages: Sequence[Message]) -> str | None:
    """Return the name of the model's next question, or None when it has asked as many as it may."""
    asked = sum(not is_fixed(message["id"]) for message in questions_of(messages))
    return follow_up_id(asked + 1) if asked < MOST_FOLLOW_UPS else None


def follow_up_id(number: int) -> str:
    """Return the name of the model's question `number`, counted from 1."""
    return f"follow-up-{number:02}"


def is_fixed(question_id: str) -> bool:
    """Tell a fixed question from one that a model asked."""
    return question_id in BY_ID


def topic_of(question_id: str) -> str:
    """Return in a few words what a question is about."""
    return BY_ID[question_id].topic if is_fixed(question_id) else FOLLOW_UP_TOPIC


def exchanges_of(messages: Sequence[Message]) -> list[Exchange]:
    """Return the questions that were answered, with their answers, as models read them."""
    told = []
    for question in questions_of(messages):
        answer = answer_to(messages, question["id"])
        if answer is not None:
            told.append(
                Exchange(
                    question["id"],
                    topic_of(question["id"]),
                    question["text"],
                    answer["text"],
                    not is_fixed(question["id"]),
                )
            )
    return told


def digest(messages: Sequence[Message]) -> str:
    """Return the SHA-256 of all that was answered."""
    told = [(exchange.id, exchange.answer) for exchange in exchanges_of(messages)]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _append(interview: Interview, message: Message) -> Message:
    interview.messages.append(message)
    return interview.messages[-1]


def _message(message_id: str, role: str, question_id: str, text: str) -> Message:
    return Message(
        id=message_id,
        role="interviewer" if role == "interviewer" else "writer",
        question=question_id,
        text=text,
        version=1,
        why="",
        model="",
        at=datetime.now(UTC).isoformat(),
        edited_at=None,
    )
