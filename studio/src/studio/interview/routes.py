"""The REST API of interviews and plans."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from studio.context import Context
from studio.etags import IfNoneMatch, tagged, tagged_by_content
from studio.following import describe_stream, follow, stream
from studio.interview import exporting, planning, service
from studio.interview.views import (
    AnsweredView,
    AnswerView,
    InterviewProgress,
    InterviewView,
    ItemView,
    PlanView,
)
from studio.problem_json import ProblemView, documented
from studio.projects.exporting import file_stem

router = APIRouter(prefix="/projects/{project_id}/interview", tags=["interview"])

Seconds = Annotated[float, Query(ge=0, le=3600, description="After so many seconds the stream ends.")]
OpId = Annotated[
    str | None,
    Field(
        pattern=r"^[!-~]{1,64}$",
        description="Made once for each answer and sent again with it: one whose reply was lost is saved once.",
    ),
]


class Answer(BaseModel):
    """An answer on top of the version that the writer saw, 0 for a question that had none; empty skips the question."""

    model_config = ConfigDict(extra="forbid", strict=True)

    text: str
    base_version: int = Field(default=0, ge=0, le=2**31 - 1)
    op_id: OpId = None


class PlanWish(BaseModel):
    """The plan that a new one shall stand for, null for the first: one that was made meanwhile is not made twice."""

    model_config = ConfigDict(extra="forbid", strict=True)

    instead_of: str | None = None


class NewItem(BaseModel):
    """An item to add to the plan, below `parent` (an epic without one), behind `after` or at the end."""

    model_config = ConfigDict(extra="forbid", strict=True)

    title: str = Field(min_length=1, max_length=planning.LONGEST_TITLE)
    detail: str = Field(default="", max_length=planning.LONGEST_DETAIL)
    parent: str | None = None
    after: str | None = None
    op_id: OpId = None


class ItemChange(BaseModel):
    """What to change in an item; what is left out stays. `base_…` is the text that the writer saw."""

    model_config = ConfigDict(extra="forbid", strict=True)

    title: str | None = Field(default=None, min_length=1, max_length=planning.LONGEST_TITLE)
    detail: str | None = Field(default=None, max_length=planning.LONGEST_DETAIL)
    done: bool | None = Field(default=None, description="Also for all items below it.")
    removed: bool | None = Field(default=None, description="Hides it and all below it, or brings them back.")
    base_title: str | None = None
    base_detail: str | None = None


class ItemPlace(BaseModel):
    """Where to put an item: below `parent` (none for an epic), behind `after` or, without one, first."""

    model_config = ConfigDict(extra="forbid", strict=True)

    parent: str | None = None
    after: str | None = None


class AnswerConflictView(ProblemView):
    """The problem of an answer that was given, or changed, elsewhere; with what is stored."""

    answer: AnswerView


class ItemConflictView(ProblemView):
    """The problem of an item that was changed elsewhere; with what is stored."""

    item: ItemView


@router.get("", response_model=InterviewView, responses={304: {}, **documented(404)})
async def get_interview(context: Context, project_id: str, if_none_match: IfNoneMatch = None) -> Response:
    """Return a project's interview: its questions in order, each with its answer, and what comes next."""
    # What its jobs are at is no change of the project.
    return tagged_by_content(await service.get_interview(context.database, project_id), if_none_match)


@router.post("", response_model=InterviewView, responses=documented(404))
async def start_interview(context: Context, project_id: str) -> Response:
    """Ask the first question; an interview that has begun stays as it is."""
    interview = await service.start_interview(context.database, project_id)
    return tagged(interview, interview.version)


@router.get(
    "/events",
    response_class=StreamingResponse,
    responses={**describe_stream("interview", InterviewProgress), **documented(404)},
)
async def follow_interview(context: Context, project_id: str, seconds: Seconds = 600) -> StreamingResponse:
    """Stream that something changed, now and whenever it does; `version` tells when to read again."""

    async def look() -> InterviewProgress:
        return await service.get_progress(context.database, project_id)

    steps = follow(
        look, is_busy=lambda seen: seen.state == "thinking" or seen.plan == "making", seconds=seconds
    )
    return await stream("interview", steps, until=context.stopping.asked)


@router.put(
    "/answers/{question_id}",
    response_model=AnsweredView,
    responses={**documented(404), **documented(409, view=AnswerConflictView)},
)
async def answer_question(context: Context, project_id: str, question_id: str, answer: Answer) -> Response:
    """Save an answer; the next question follows, a model's as soon as it has thought of one.

    409 carries the stored answer when there is another one than that of `base_version`. A repeated `op_id` gets the
    first answer again.
    """
    answered = await service.answer_question(
        context.database,
        project_id,
        question_id,
        text=answer.text,
        base_version=answer.base_version,
        op_id=answer.op_id,
    )
    return tagged(answered, answered.interview.version)


@router.post("/ask-again", response_model=InterviewView, responses=documented(404, 409))
async def ask_again(context: Context, project_id: str) -> Response:
    """Have the model asked once more, after it failed or for more questions."""
    interview = await service.ask_again(context.database, project_id)
    return tagged(interview, interview.version)


@router.post("/finish", response_model=InterviewView, responses=documented(404, 409))
async def finish(context: Context, project_id: str) -> Response:
    """End the model's questions and go on to the review."""
    interview = await service.finish(context.database, project_id)
    return tagged(interview, interview.version)


@router.get("/plan", response_model=PlanView, responses={304: {}, **documented(404)})
async def get_plan(context: Context, project_id: str, if_none_match: IfNoneMatch = None) -> Response:
    """Return the plan: epics, with their stories, tasks and subtasks."""
    plan = await planning.get_plan(context.database, project_id)
    return tagged(plan, plan.version, if_none_match=if_none_match)


@router.post("/plan", status_code=202, response_model=InterviewView, responses=documented(404, 409))
async def want_plan(context: Context, project_id: str, wish: PlanWish) -> Response:
    """Have a plan made of the answers; it arrives later, and a plan that is there stays until then."""
    interview = await service.want_plan(context.database, project_id, instead_of=wish.instead_of)
    return tagged(interview, interview.version, status=202)


@router.post("/plan/items", status_code=201, response_model=PlanView, responses=documented(404))
async def add_item(context: Context, project_id: str, new: NewItem) -> Response:
    """Add an item to the plan; a repeated `op_id` adds it once."""
    item_id = await planning.add_item(
        context.database,
        project_id,
        title=new.title,
        detail=new.detail,
        parent=new.parent,
        after=new.after,
        op_id=new.op_id,
    )
    plan = await planning.get_plan(context.database, project_id)
    location = f"/api/projects/{project_id}/interview/plan/items/{item_id}"
    return tagged(plan, plan.version, status=201, location=location)


@router.patch(
    "/plan/items/{item_id}",
    response_model=PlanView,
    responses={**documented(404), **documented(409, view=ItemConflictView)},
)
async def change_item(context: Context, project_id: str, item_id: str, change: ItemChange) -> Response:
    """Change an item of the plan, tick it off, remove it or bring it back; 409 carries what is stored."""
    await planning.change_item(context.database, project_id, item_id, **change.model_dump())
    return await _plan(context, project_id)


@router.post("/plan/items/{item_id}/move", response_model=PlanView, responses=documented(404))
async def move_item(context: Context, project_id: str, item_id: str, place: ItemPlace) -> Response:
    """Put an item elsewhere among items of its kind, with all below it."""
    await planning.move_item(context.database, project_id, item_id, parent=place.parent, after=place.after)
    return await _plan(context, project_id)


@router.post("/plans/{plan_id}/bring-back", response_model=PlanView, responses=documented(404))
async def bring_back(context: Context, project_id: str, plan_id: str) -> Response:
    """Make an earlier plan the current one again."""
    plan = await planning.bring_back(context.database, project_id, plan_id)
    return tagged(plan, plan.version)


@router.get(
    "/plan/export.json",
    response_class=Response,
    responses={200: {"content": {"application/json": {}}}, **documented(404)},
)
async def export_json(context: Context, project_id: str) -> Response:
    """Download the plan as JSON."""
    plan = await planning.get_plan(context.database, project_id)
    return _file(plan, exporting.to_json(plan), "json", "application/json")


@router.get(
    "/plan/export.csv",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}}, **documented(404)},
)
async def export_csv(context: Context, project_id: str) -> Response:
    """Download the plan as CSV, a row for each item."""
    plan = await planning.get_plan(context.database, project_id)
    # Spreadsheets take a file for one of the system's own encoding unless it begins with this mark.
    return _file(plan, "\ufeff" + exporting.to_csv(plan), "csv", "text/csv")


@router.get(
    "/plan/export.md",
    response_class=Response,
    responses={200: {"content": {"text/markdown": {}}}, **documented(404)},
)
async def export_markdown(context: Context, project_id: str) -> Response:
    """Download the plan as Markdown."""
    plan = await planning.get_plan(context.database, project_id)
    return _file(plan, exporting.to_markdown(plan), "md", "text/markdown")


async def _plan(context: Context, project_id: str) -> Response:
    plan = await planning.get_plan(context.database, project_id)
    return tagged(plan, plan.version)


def _file(plan: PlanView, text: str, extension: str, media_type: str) -> Response:
    name = f"{file_stem(plan.project_title)}-plan.{extension}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type=media_type, headers=headers)
