"""The jobs of interviews: a model's next question, and its plan."""

from sqlalchemy.ext.asyncio import AsyncSession

from indelible.outbox import AsyncJobContext, JobStatus, job
from studio.interview import asking
from studio.interview.work import HANDLERS
from studio.jobs import app_of, describe

STOPPED = "It was stopped. Nothing was lost: every answer is saved. Try again when you like."


@job(queue="urgent", retries=8, name=HANDLERS["question"])
async def ask_next_question(job: AsyncJobContext, project_id: str) -> None:
    """Have a model ask the question that is wanted; a provider's failure is kept for the page, with a button."""
    app = app_of(job)
    wanted = await asking.wanted_question(app.database, project_id)
    if wanted is not None:
        said = await asking.ask(wanted, app.summary_model)
        await asking.keep_question(job.session, project_id, wanted, said)


@job(queue="urgent", retries=8, name=HANDLERS["plan"])
async def plan_work(job: AsyncJobContext, project_id: str) -> None:
    """Have a model make the plan that is wanted; a provider's failure is kept for the page, with a button."""
    app = app_of(job)
    wanted = await asking.wanted_plan(app.database, project_id)
    if wanted is not None:
        said = await asking.plan(wanted, app.summary_model)
        await asking.keep_plan(job.session, project_id, wanted, said)


async def _stop_asking(session: AsyncSession, status: JobStatus) -> None:
    await asking.give_up(session, _project_of(status), STOPPED, plan=False)


async def _stop_planning(session: AsyncSession, status: JobStatus) -> None:
    await asking.give_up(session, _project_of(status), STOPPED, plan=True)


def _project_of(status: JobStatus) -> str:
    project_id: str = status.arguments["args"][0]
    return project_id


describe(ask_next_question, "Ask the next question of the interview", on_cancel=_stop_asking)
describe(plan_work, "Make a plan of the interview", on_cancel=_stop_planning)
