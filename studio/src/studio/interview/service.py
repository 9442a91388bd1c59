"""What a person can do with an interview.

Each function is one transaction and answers with views, which stay good after it. A model's work is enqueued in the
transaction that makes it needed, and begins after its commit. Failures are `studio.problems`.
"""

from datetime import UTC, datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from indelible.outbox import enqueue
from studio.database import Database, retried
from studio.identifiers import new_id
from studio.interview import transcript
from studio.interview.finding import find_interview, is_finished, read_view, view_answer
from studio.interview.jobs import ask_next_question, plan_work
from studio.interview.models import Interview
from studio.interview.problems import AnswerConflict, NoMoreQuestions, NotAskedYet, NotFinished
from studio.interview.questions import BY_ID, question_after
from studio.interview.views import AnsweredView, AnswerView, InterviewProgress, InterviewView
from studio.interview.work import Task, key_of, stop_hanging
from studio.problems import Invalid
from studio.projects.counting import count_change
from studio.projects.finding import NO_PROJECT, find_project
from studio.projects.models import Project
from studio.script.saving import known_id, saved_once
from studio.texts import check_description, check_text, check_title

LONGEST_ANSWER = 20_000


async def get_interview(database: Database, project_id: str) -> InterviewView:
    """Return a project's interview, also one that was not started.  Raises NotFound."""
    async with database.reading() as session:
        project = await find_project(session, project_id)
        return await read_view(session, project, await session.get(Interview, project_id))


async def get_progress(database: Database, project_id: str) -> InterviewProgress:
    """Return how far an interview is.  Raises NotFound."""
    view = await get_interview(database, project_id)
    return InterviewProgress(
        version=view.version,
        state=view.state,
        questions=len(view.questions),
        answers=sum(question.answer is not None for question in view.questions),
        plan=view.plan.state,
        trouble="\n".join(filter(None, (view.trouble, view.plan.trouble))),
    )


@retried
async def start_interview(database: Database, project_id: str) -> InterviewView:
    """Ask the first question; an interview that was started already stays as it is.  Raises NotFound."""
    async with database.writing() as session:
        project = await find_project(session, project_id)
        interview = await session.get(Interview, project_id)
        if interview is None:
            interview = await _begin(session, project_id)
            project = await count_change(session, project_id, datetime.now(UTC))
        return await read_view(session, project, interview)


async def _begin(session: AsyncSession, project_id: str) -> Interview:
    try:
        async with session.begin_nested():
            interview = transcript.begin(project_id)
            session.add(interview)
        return interview
    except IntegrityError:
        # Another window began it at the same moment.
        return await find_interview(session, project_id)


@retried
async def answer_question(
    database: Database,
    project_id: str,
    question_id: str,
    *,
    text: str,
    base_version: int = 0,
    op_id: str | None = None,
) -> AnsweredView:
    """Save an answer as it was given, on top of the version that the writer saw: 0 for a question without one.

    The next question follows: a fixed one at once, a model's by a job that begins after the commit. The answers to the
    first two questions become the project's title and description. An empty text skips the question. Sent again with
    its `op_id`, it is answered with the first answer, and with the interview as it is now.

    Raises AnswerConflict, with the stored answer, when there is another one than that of `base_version`; NotAskedYet;
    SaveReused; NotFound; Invalid.
    """
    check_answer(text)
    request = {"question": question_id, "text": text, "base_version": base_version}
    async with (
        database.writing() as session,
        saved_once(session, op_id, scope=known_id(project_id, NO_PROJECT), request=request) as operation,
    ):
        project = await find_project(session, project_id)
        interview = await find_interview(session, project_id)
        if operation.replayed:
            answer = AnswerView.model_validate(operation.result)
            return AnsweredView(answer=answer, interview=await read_view(session, project, interview))
        wanted = interview.wanted_question
        if _answer(session, interview, question_id, text, base_version):
            await _keep_in_project(session, project, question_id, text)
            project = await count_change(session, project_id, datetime.now(UTC))
        stored = transcript.answer_to(interview.messages, question_id)
        assert stored is not None
        answer = view_answer(stored)
        operation.result = answer.model_dump(mode="json")
        begun: Task | None = None if interview.wanted_question in (None, wanted) else "question"
        view = await read_view(session, project, interview, begun=begun)
        return AnsweredView(answer=answer, interview=view)


def _answer(
    session: AsyncSession, interview: Interview, question_id: str, text: str, base_version: int
) -> bool:
    """Give or change an answer and ask what follows; tell whether that changed anything.

    Raises AnswerConflict, NotAskedYet.
    """
    if transcript.find_message(interview.messages, question_id) is None:
        raise NotAskedYet
    stored = transcript.answer_to(interview.messages, question_id)
    if stored is None:
        transcript.give_answer(interview, question_id, text)
        _ask_next(session, interview, question_id)
        return True
    if stored["text"] == text:
        return False
    if stored["version"] != base_version:
        raise AnswerConflict(view_answer(stored))
    transcript.change_answer(stored, text)
    return True


def _ask_next(session: AsyncSession, interview: Interview, answered: str) -> None:
    following = question_after(answered) if transcript.is_fixed(answered) else None
    if following is not None:
        transcript.ask_fixed(interview, following)
    elif interview.closed_at is None:
        _want_question(session, interview)


def _want_question(session: AsyncSession, interview: Interview) -> None:
    """Have a model ask the next question once this is committed; close the interview when it has asked enough."""
    interview.question_failure = None
    interview.wanted_question = transcript.next_follow_up(interview.messages)
    if interview.wanted_question is None:
        interview.closed_at = datetime.now(UTC)
        return
    interview.wanted_at = datetime.now(UTC)
    enqueue(session, ask_next_question, interview.project_id, key=key_of("question", interview.project_id))


async def _keep_in_project(session: AsyncSession, project: Project, question_id: str, text: str) -> None:
    """Let the answers about the title and the description change the project.  Raises Invalid."""
    fixed = BY_ID.get(question_id)
    if fixed is None or fixed.prefill is None or not text.strip():
        return
    if fixed.prefill == "title":
        project.title = check_title(text)
    else:
        project.description = check_description(text)
    await session.flush()


@retried
async def ask_again(database: Database, project_id: str) -> InterviewView:
    """Have a model asked for the next question once more, or for more questions when the interview is finished.

    Asked for twice, it asks once; one that hangs is stopped first. Raises NotAskedYet while a question is open,
    NoMoreQuestions, NotFound.
    """
    async with database.writing() as session:
        project = await find_project(session, project_id)
        interview = await find_interview(session, project_id)
        if transcript.open_question(interview.messages) is not None:
            raise NotAskedYet("A question is open. Answer or skip it first.")
        if transcript.next_follow_up(interview.messages) is None:
            raise NoMoreQuestions
        interview.closed_at = None
        await stop_hanging(session, "question", project_id)
        _want_question(session, interview)
        project = await count_change(session, project_id, datetime.now(UTC))
        return await read_view(session, project, interview, begun="question")


@retried
async def finish(database: Database, project_id: str) -> InterviewView:
    """End the questions: a model's question that is open is skipped, and no other comes.

    Raises NotFinished while a fixed question is open, NotFound.
    """
    async with database.writing() as session:
        project = await find_project(session, project_id)
        interview = await find_interview(session, project_id)
        waiting = transcript.open_question(interview.messages)
        if waiting is not None and transcript.is_fixed(waiting["id"]):
            raise NotFinished
        if waiting is not None or interview.closed_at is None:
            interview.closed_at = datetime.now(UTC)
            interview.wanted_question = None
            if waiting is not None:
                transcript.give_answer(interview, waiting["id"], "")
            project = await count_change(session, project_id, datetime.now(UTC))
        return await read_view(session, project, interview)


@retried
async def want_plan(database: Database, project_id: str, *, instead_of: str | None = None) -> InterviewView:
    """Have a model plan the work anew for who saw the plan `instead_of`, or none.

    A plan that is being made is not made twice, unless that hangs; nor is one when another was made meanwhile, which
    the answer tells.
    Raises NotFinished, NotFound.
    """
    async with database.writing() as session:
        project = await find_project(session, project_id)
        interview = await find_interview(session, project_id)
        if not is_finished(interview):
            raise NotFinished
        begun: Task | None = "plan" if interview.plan_id == instead_of else None
        if begun is not None:
            interview.wanted_plan = interview.wanted_plan or new_id()
            interview.plan_failure = None
            # Also when one is being made: should its job have been cancelled, or died, this one goes on.
            await stop_hanging(session, "plan", project_id)
            enqueue(session, plan_work, project_id, key=key_of("plan", project_id))
            project = await count_change(session, project_id, datetime.now(UTC))
        return await read_view(session, project, interview, begun=begun)


def check_answer(text: str) -> str:
    """Return an answer that can be stored.  Raises Invalid."""
    if len(check_text(text, "The answer")) > LONGEST_ANSWER:
        raise Invalid(f"The answer has {len(text)} characters; shorten it to {LONGEST_ANSWER}.")
    return text
