"""The Projects page."""

from nicegui import ui
from nicegui.element import Element

from studio.theme import frame


class ProjectShelf(Element, component="../static/projects/shelf.js"):
    """The shelf of projects, alive in the browser over the REST API."""


def add_projects_page() -> None:
    """Register the page at /."""

    @ui.page("/", language="en-US")
    def projects_page() -> None:
        with frame("Projects", styles=("projects",)):
            ProjectShelf()
