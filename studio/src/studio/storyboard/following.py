"""Follow a storyboard as it changes, whoever changes it."""

from collections.abc import AsyncGenerator

from studio import following
from studio.database import Database
from studio.storyboard.progress import get_progress
from studio.storyboard.views import ProgressView


def follow(
    database: Database, project_id: str, *, seconds: float
) -> AsyncGenerator[ProgressView | following.Away, None]:
    """Yield the progress now and after each change, for `seconds`.

    Raises NotFound, before the first progress.
    """
    return following.follow(
        lambda: get_progress(database, project_id),
        is_busy=lambda shown: any(run.state == "running" for run in shown.runs),
        seconds=seconds,
    )
