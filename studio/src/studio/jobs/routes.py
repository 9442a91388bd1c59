"""The REST API of jobs."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import StreamingResponse

from studio.context import Context
from studio.following import describe_stream, follow, stream
from studio.jobs import service
from studio.jobs.views import Cursor, JobDetails, JobPage, JobsOverview, JobView, State
from studio.problem_json import documented

router = APIRouter(prefix="/jobs", tags=["jobs"])

JobId = Annotated[int, Path(ge=1, le=2**63 - 1)]
Seconds = Annotated[float, Query(ge=0, le=3600, description="After so many seconds the stream ends.")]


@router.get("", responses=documented(404))
async def list_jobs(
    context: Context,
    state: Annotated[list[State] | None, Query(description="Only jobs in one of these states.")] = None,
    queue: Annotated[str | None, Query(max_length=200)] = None,
    project_id: str | None = None,
    before: Annotated[str | None, Query(max_length=60, description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> JobPage:
    """Return a page of jobs, those that ended or were enqueued last first."""
    return await service.list_jobs(
        context.database,
        states=tuple(state or ()),
        queue=queue,
        project_id=project_id,
        before=None if before is None else Cursor.read(before),
        limit=limit,
    )


@router.get("/overview")
async def overview(context: Context) -> JobsOverview:
    """Return how full the queues are, and the jobs that run or wait."""
    return await service.get_overview(context.database)


@router.get("/events", response_class=StreamingResponse, responses=describe_stream("overview", JobsOverview))
async def follow_jobs(context: Context, seconds: Seconds = 600) -> StreamingResponse:
    """Stream the overview, now and after each change, whichever process makes it."""
    steps = follow(
        lambda: service.get_overview(context.database),
        is_busy=lambda shown: bool(shown.active),
        seconds=seconds,
    )
    return await stream("overview", steps, until=context.stopping.asked)


@router.get("/{job_id}", responses=documented(404))
async def get_job(context: Context, job_id: JobId) -> JobDetails:
    """Return one job, with what it was called with and its last error in full."""
    return await service.get_details(context.database, job_id)


@router.post("/{job_id}/cancel", responses=documented(404, 409))
async def cancel_job(context: Context, job_id: JobId) -> JobView:
    """End a job that waits, or ask one that runs to stop; it stops within a second or so."""
    return await service.cancel(context.database, job_id)


@router.post("/{job_id}/retry", responses=documented(404, 409))
async def retry_job(context: Context, job_id: JobId) -> JobView:
    """Let a job that ended, or waits, run now, with all its attempts."""
    return await service.retry(context.database, job_id)
