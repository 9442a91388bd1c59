"""The Storyboard page."""

from nicegui import ui
from nicegui.element import Element

from studio.context import AppContext
from studio.images import Renderer
from studio.problems import NotFound
from studio.projects import service as projects
from studio.script.pages import show_missing
from studio.storyboard.runs import MOST_PER_SCENE
from studio.theme import frame, serve_static

STYLE_SHEETS = ("storyboard", "frames", "lightbox", "script-dialogs")


class Board(Element, component="../static/storyboard/board.js"):
    """The storyboard of one project, alive in the browser over the REST API."""

    def __init__(self, project_id: str, *, renderer: Renderer) -> None:
        super().__init__()
        self._props["project"] = project_id
        self._props["most"] = MOST_PER_SCENE
        self._props["model"] = {"name": renderer.model, "host": renderer.host or "", "price": renderer.price}


def register(context: AppContext) -> None:
    """Register the page at /projects/{id}/storyboard."""
    serve_static()

    @ui.page("/projects/{project_id}/storyboard", language="en-US")
    async def storyboard_page(project_id: str) -> None:
        try:
            project = await projects.get_project(context.database, project_id)
        except NotFound as problem:
            show_missing(problem)
            return
        with frame(
            project.title, heading=project.title, styles=STYLE_SHEETS, project=(project.id, "storyboard")
        ):
            Board(project.id, renderer=context.workshop.renderer)
