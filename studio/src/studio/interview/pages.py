"""The Interview page."""

from nicegui import ui
from nicegui.element import Element

from studio.ai import SummaryModel
from studio.context import AppContext
from studio.interview.planning import LONGEST_TITLE
from studio.interview.service import LONGEST_ANSWER
from studio.problems import NotFound
from studio.projects import service as projects
from studio.script.pages import show_missing
from studio.theme import frame, serve_static

STYLE_SHEETS = ("interview", "plan", "script-dialogs")


class InterviewDesk(Element, component="../static/interview/interview.js"):
    """The interview and the plan of one project, alive in the browser over the REST API."""

    def __init__(self, project_id: str, *, model: SummaryModel) -> None:
        super().__init__()
        host = model.connection.host if model.connection is not None else ""
        self._props["project"] = project_id
        self._props["longest"] = {"answer": LONGEST_ANSWER, "title": LONGEST_TITLE}
        self._props["model"] = {"name": model.name, "local": model.is_local, "host": host}


def register(context: AppContext) -> None:
    """Register the page at /projects/{id}/interview."""
    serve_static()

    @ui.page("/projects/{project_id}/interview", language="en-US")
    async def interview_page(project_id: str) -> None:
        try:
            project = await projects.get_project(context.database, project_id)
        except NotFound as problem:
            show_missing(problem)
            return
        with frame(
            project.title, heading=project.title, styles=STYLE_SHEETS, project=(project.id, "interview")
        ):
            InterviewDesk(project.id, model=context.summary_model)
