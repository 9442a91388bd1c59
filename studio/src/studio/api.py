"""The REST API: one FastAPI application of its own, mounted at /api."""

from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from sqlalchemy import text

from studio.context import AppContext, Context
from studio.following import Away
from studio.interview.routes import router as interview
from studio.interview.views import InterviewProgress
from studio.jobs.routes import router as jobs
from studio.jobs.views import JobsOverview
from studio.problem_json import answer_with_problems, describe_problems, documented
from studio.projects.routes import router as projects
from studio.script.routes import router as script
from studio.script.views import ScriptSummaries, SummaryProgress
from studio.storyboard.routes import router as storyboard
from studio.storyboard.views import ProgressView


class Health(BaseModel):
    """Studio and its database answer."""

    status: str
    version: str


def create_api(context: AppContext) -> FastAPI:
    """Build the REST API."""
    api = FastAPI(
        title="Studio",
        version=version("indelible-studio"),
        summary="Projects, their interviews and plans, scripts, scenes, summaries and storyboards.",
        # Studio serves everything itself; these pages would load their scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        # `/projects/` is not `/projects`: a redirect would be the one answer without a body.
        redirect_slashes=False,
        # What can happen to any request: an unreadable or endless body, a field that does not fit, no database.
        responses=documented(400, 413, 422, 500, 503),
    )
    api.state.context = context
    api.include_router(projects)
    api.include_router(interview)
    api.include_router(script)
    api.include_router(storyboard)
    api.include_router(jobs)
    api.add_api_route("/health", health, methods=["GET"], tags=["health"])
    answer_with_problems(api)
    api.openapi = lambda: _openapi(api)  # type: ignore[method-assign]
    return api


async def health(context: Context) -> Health:
    """Answer 200 when the database answers, 503 when it does not."""
    async with context.database.reading() as session:
        await session.execute(text("SELECT 1"))
    return Health(status="ok", version=version("indelible-studio"))


def _described(view: type[BaseModel]) -> dict[str, Any]:
    """Return the schema of what no answer holds but a stream of events, which FastAPI does not see."""
    schema = view.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs", {}), view.__name__: schema}


def _openapi(api: FastAPI) -> dict[str, Any]:
    if api.openapi_schema is None:
        document = get_openapi(
            title=api.title,
            version=api.version,
            summary=api.summary,
            routes=api.routes,
            tags=api.openapi_tags,
            servers=[{"url": "/api"}],
            separate_input_output_schemas=False,
        )
        for view in (SummaryProgress, ScriptSummaries, ProgressView, InterviewProgress, JobsOverview, Away):
            document["components"]["schemas"] |= _described(view)
        api.openapi_schema = describe_problems(document)
    return api.openapi_schema
