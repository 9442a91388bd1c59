"""What a person can do with projects.

Each function is one transaction and answers with views, which stay good after it. Failures are `studio.problems`.
"""

from typing import Any

from studio.database import Database
from studio.projects.views import ProjectPage, ProjectView


async def list_projects(
    database: Database, *, limit: int = 50, offset: int = 0, deleted: bool = False
) -> ProjectPage:
    """List projects, the last changed first; `deleted` lists those that can be restored instead."""
    raise NotImplementedError


async def create_project(database: Database, *, title: str, description: str = "") -> ProjectView:
    """Create a project with an empty script."""
    raise NotImplementedError


async def get_project(database: Database, project_id: str) -> ProjectView:
    """Return one project.  Raises NotFound."""
    raise NotImplementedError


async def update_project(
    database: Database, project_id: str, *, title: str | None = None, description: str | None = None
) -> ProjectView:
    """Change the title or the description; `None` leaves a field as it is.  Raises NotFound, Invalid."""
    raise NotImplementedError


async def delete_project(database: Database, project_id: str) -> None:
    """Delete a project so that `restore_project` can bring it back.  Raises NotFound."""
    raise NotImplementedError


async def restore_project(database: Database, project_id: str) -> ProjectView:
    """Bring a deleted project back, whole.  Raises NotFound."""
    raise NotImplementedError


async def import_fountain(database: Database, name: str, data: bytes) -> ProjectView:
    """Make a project from the bytes of a Fountain file called `name`.

    Raises BadUpload for a binary file, WrongKind for another extension, TooLarge above 20 MB.
    """
    raise NotImplementedError


async def import_json(database: Database, name: str, data: bytes) -> ProjectView:
    """Make a project from a project file that `export_json` wrote.  Raises BadUpload, TooLarge."""
    raise NotImplementedError


async def import_file(database: Database, name: str, data: bytes) -> ProjectView:
    """Import `data` by the extension of `name`: .fountain, .txt, .spmd or .json."""
    raise NotImplementedError


async def export_fountain(database: Database, project_id: str) -> bytes:
    """Return the script as Fountain: the imported bytes exactly when nothing was edited."""
    raise NotImplementedError


async def export_html(database: Database, project_id: str) -> str:
    """Return the script as an HTML page made for printing."""
    raise NotImplementedError


async def export_json(database: Database, project_id: str) -> dict[str, Any]:
    """Return the whole project, summaries included, as `import_json` reads it."""
    raise NotImplementedError


async def add_sample(database: Database) -> ProjectView | None:
    """Add the sample project, once in the life of a database; a deleted sample stays deleted."""
    raise NotImplementedError
