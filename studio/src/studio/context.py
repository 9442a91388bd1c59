"""What a route or a page needs to do its work."""

from dataclasses import dataclass

from studio.database import Database
from studio.settings import Settings


@dataclass(frozen=True)
class AppContext:
    """Carry the parts that `create_app` built to the routes and the pages.

    `summary_model` is the model that `studio.ai.choose_model` chose.
    """

    settings: Settings
    database: Database
    summary_model: object
