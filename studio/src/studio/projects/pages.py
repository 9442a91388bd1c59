"""The Projects page."""

from nicegui import ui
from nicegui.element import Element

from studio.context import AppContext
from studio.theme import frame, serve_static


class ProjectShelf(Element, component="../static/projects/shelf.js"):
    """The shelf of projects, alive in the browser over the REST API."""


def register(_context: AppContext) -> None:
    """Register the page at /; its data come over the REST API."""
    serve_static()

    @ui.page("/", language="en-US")
    def projects_page() -> None:
        with frame("Projects", styles=("projects",)):
            ProjectShelf()
