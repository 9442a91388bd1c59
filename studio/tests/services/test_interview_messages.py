"""The list of messages: several writers at once, and one place in the code that writes it."""

import ast
import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

import studio
from studio.database import Database
from studio.interview import service, transcript
from studio.interview.models import Interview
from studio.interview.problems import AnswerConflict
from studio.interview.questions import FIXED_QUESTIONS
from studio.projects import service as projects

SOURCE = Path(studio.__file__).parent
WRITER = SOURCE / "interview" / "transcript.py"
MUTATORS = {
    "append",
    "extend",
    "insert",
    "remove",
    "pop",
    "clear",
    "sort",
    "reverse",
    "__setitem__",
    "__iadd__",
}


async def begun(database: Database) -> str:
    project = await projects.create_project(database, title="Film")
    await service.start_interview(database, project.id)
    return project.id


async def stored(database: Database, project_id: str) -> list[dict[str, str]]:
    """Return the messages as plain SQL has them."""
    async with database.reading() as session:
        told = await session.scalar(
            text("SELECT CAST(messages AS TEXT) FROM interviews WHERE project_id = :id"), {"id": project_id}
        )
    messages: list[dict[str, str]] = json.loads(told or "")
    return messages


async def test_many_windows_at_one_question_give_one_answer(database: Database) -> None:
    """Of eight windows that answer every question at once, one is taken each time; the others are shown its answer."""
    project_id = await begun(database)

    async def window(name: int, question: str) -> str:
        try:
            answered = await service.answer_question(
                database, project_id, question, text=f"{question} by {name}", op_id=f"{name}-{question}"
            )
        except AnswerConflict as conflict:
            return conflict.answer.text
        return answered.answer.text

    taken = []
    for fixed in FIXED_QUESTIONS[:6]:
        seen = await asyncio.gather(*(window(name, fixed.id) for name in range(8)))
        assert len(set(seen)) == 1
        taken.append(seen[0])
    messages = await stored(database, project_id)
    assert [message["id"] for message in messages] == [
        name for fixed in FIXED_QUESTIONS[:6] for name in (fixed.id, f"{fixed.id}-answer")
    ] + [FIXED_QUESTIONS[6].id]
    assert [message["text"] for message in messages if message["role"] == "writer"] == taken


async def test_what_two_writers_change_at_once_is_all_there(database: Database) -> None:
    """Two sessions, neither of which has seen the other, change two answers and append: the list holds all three."""
    project_id = await begun(database)
    for fixed in FIXED_QUESTIONS[:2]:
        await service.answer_question(database, project_id, fixed.id, text="first")
    async with database.reading() as one, database.reading() as other:
        mine = await one.get_one(Interview, project_id)
        theirs = await other.get_one(Interview, project_id)
        for interview, question in ((mine, "title"), (theirs, "description")):
            answer = transcript.answer_to(interview.messages, question)
            assert answer is not None
            transcript.change_answer(answer, f"changed {question}")
        transcript.give_answer(theirs, "logline", "new")
        # A reader's snapshot cannot write; what was changed goes into transactions of their own.
        one.expunge_all()
        other.expunge_all()
    for interview in (mine, theirs):
        async with database.writing() as session:
            session.add(interview)
    told = {message["id"]: message["text"] for message in await stored(database, project_id)}
    assert (told["title-answer"], told["description-answer"], told["logline-answer"]) == (
        "changed title",
        "changed description",
        "new",
    )


def writes_to_messages(tree: ast.AST) -> Iterator[int]:
    """Yield the lines that change something called `messages` in place or assign it as an attribute."""

    def is_messages(node: ast.AST) -> bool:
        return isinstance(node, ast.Attribute) and node.attr == "messages"

    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            inside = any(is_messages(part) for part in ast.walk(node.func.value))
            if inside and node.func.attr in MUTATORS:
                yield node.lineno
        targets = getattr(node, "targets", None) or [getattr(node, "target", None)]
        if isinstance(node, ast.Assign | ast.AugAssign | ast.Delete | ast.AnnAssign):
            for target in targets:
                if target is not None and any(is_messages(part) for part in ast.walk(target)):
                    yield node.lineno
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Interview":
            yield node.lineno


@pytest.mark.parametrize(
    "source",
    [
        "interview.messages.append(message)",
        "interview.messages += [message]",
        "interview.messages[-1]['text'] = 'x'",
        "interview.messages = []",
        "del interview.messages[0]",
        "Interview(project_id=1, messages=[])",
        "interview.messages[0].pop('text')",
    ],
)
def test_the_search_finds_each_way_of_writing(source: str) -> None:
    """A line that writes messages, in any of these ways, is found."""
    assert list(writes_to_messages(ast.parse(source)))


def test_only_the_transcript_writes_messages() -> None:
    """No code of Studio but `studio.interview.transcript` changes the list of messages, or makes an interview."""
    writing = {
        path.relative_to(SOURCE).as_posix(): lines
        for path in SOURCE.rglob("*.py")
        if path != WRITER and (lines := list(writes_to_messages(ast.parse(path.read_text()))))
    }
    assert writing == {}
    assert list(writes_to_messages(ast.parse(WRITER.read_text())))


def test_only_the_services_use_the_transcript() -> None:
    """Nothing outside `studio.interview` imports the transcript or its tables, the list of all tables apart."""
    users: set[tuple[str, str]] = set()
    for path in SOURCE.rglob("*.py"):
        if path.parent == WRITER.parent:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "") in (
                "studio.interview.transcript",
                "studio.interview.models",
                "studio.interview",
            ):
                users.update((path.name, alias.name) for alias in node.names)
    assert users == {("tables.py", "Interview"), ("tables.py", "Plan"), ("app.py", "pages")}
