"""The Script page."""

from nicegui import ui
from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement

from studio.ai import SummaryModel
from studio.context import AppContext
from studio.problems import NotFound
from studio.projects import service as projects
from studio.theme import frame, serve_static

STYLE_SHEETS = ("script", "navigator", "writing", "sheet", "cards", "summary", "script-dialogs", "merge")


class ScriptDesk(Element, component="../static/script/desk.js"):
    """Navigator, editor and summaries of one project, alive in the browser over the REST API."""

    def __init__(self, project_id: str, *, model: SummaryModel) -> None:
        super().__init__()
        host = model.connection.host if model.connection is not None else ""
        self._props["project"] = project_id
        self._props["model"] = {"name": model.name, "local": model.is_local, "host": host}


def register(context: AppContext) -> None:
    """Register the page at /projects/{id}."""
    serve_static()

    @ui.page("/projects/{project_id}", language="en-US")
    async def script_page(project_id: str) -> None:
        try:
            project = await projects.get_project(context.database, project_id)
        except NotFound as problem:
            show_missing(problem)
            return
        with frame(project.title, heading=project.title, styles=STYLE_SHEETS, project=(project.id, "script")):
            ScriptDesk(project.id, model=context.summary_model)


def show_missing(problem: NotFound) -> None:
    """Show, on a page of its own, that a project is not there."""
    ui.context.client.status_code = 404
    with frame("Not found"), ui.element("section").classes("empty"):
        TextElement(tag="h1", text="This project is not here")
        TextElement(tag="p", text=problem.detail)
        ui.link("See all projects", "/").classes("button primary")
