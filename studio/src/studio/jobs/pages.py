"""The Jobs page."""

from nicegui import ui
from nicegui.element import Element

from studio.context import AppContext
from studio.theme import frame, serve_static


class JobsBoard(Element, component="../static/jobs/jobs.js"):
    """The jobs of this Studio, alive in the browser over the REST API."""


def register(_context: AppContext) -> None:
    """Register the page at /operations/jobs; its data come over the REST API."""
    serve_static()

    @ui.page("/operations/jobs", language="en-US")
    def jobs_page() -> None:
        with frame("Jobs", styles=("jobs",)):
            JobsBoard()
