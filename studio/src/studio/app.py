"""Put Studio together: the REST API and the pages on one context, behind one guard."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from studio.ai import choose_model
from studio.api import create_api
from studio.body_limit import BodyLimit
from studio.context import AppContext
from studio.database import Database
from studio.images import ImageStore, choose_renderer, read_image_calls
from studio.jobs.serving import running_jobs
from studio.login import create_login
from studio.preparing import make_directories, prepare_database
from studio.problem_json import answer_with_problems
from studio.projects.service import add_sample
from studio.security import Guard
from studio.sessions import Sessions, read_secret
from studio.settings import Settings, SettingsError
from studio.storyboard.working import Workshop


def create_app(settings: Settings, *, pages: bool = True) -> FastAPI:
    """Build the application; `pages=False` leaves the pages out, of which a process can have only one set.

    Raises SettingsError when the settings would let anyone in, ModelMisconfigured, ImageMisconfigured.
    """
    if refusal := settings.refusal():
        raise SettingsError(refusal)
    make_directories(settings)
    secret = read_secret(settings.data_dir)
    context = create_context(settings)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=lambda _: _lifespan(context))
    app.state.context = context
    app.mount("/api", create_api(context))
    # For what neither the API nor the pages take, such as an address with a line break in it.
    answer_with_problems(app)
    sessions = None
    if settings.password is not None:
        sessions = Sessions(settings.password.get_secret_value(), secret)
        app.include_router(create_login(sessions))
    if pages:
        _add_pages(app, context, secret)
    app.add_middleware(BodyLimit)
    # Added last, so it stands in front of everything.
    app.add_middleware(Guard, settings=settings, sessions=sessions)
    return app


def create_context(settings: Settings) -> AppContext:
    """Build the parts that routes and pages work with.

    Raises ModelMisconfigured, ImageMisconfigured.
    """
    environment = settings.model_environment
    database = Database(settings.database_url)
    images = ImageStore(settings.data_dir / "images")
    workshop = Workshop(database, choose_renderer(environment), images, calls=read_image_calls(environment))
    return AppContext(settings, database, choose_model(environment), images, workshop)


@asynccontextmanager
async def _lifespan(context: AppContext) -> AsyncIterator[None]:
    await asyncio.to_thread(prepare_database, context.settings)
    await add_sample(context.database)
    try:
        async with running_jobs(context):
            yield
    finally:
        await context.close()


def _add_pages(app: FastAPI, context: AppContext, secret: bytes) -> None:
    from nicegui import ui

    from studio.interview import pages as interview_pages
    from studio.jobs import pages as jobs_pages
    from studio.projects import pages as projects_pages
    from studio.script import pages as script_pages
    from studio.storyboard import pages as storyboard_pages
    from studio.theme import FAVICON

    projects_pages.register(context)
    interview_pages.register(context)
    script_pages.register(context)
    storyboard_pages.register(context)
    jobs_pages.register(context)
    ui.run_with(
        app,
        title="Studio",
        favicon=FAVICON,
        # The look is Studio's own, in static/css; Tailwind would compile its classes in the browser on every page.
        tailwind=False,
        storage_secret=secret.decode(),
        session_middleware_kwargs={"session_cookie": "studio_page", "same_site": "strict"},
        show_welcome_message=False,
    )
