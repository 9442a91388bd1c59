"""What has to be there before Studio can work with its data."""

from pathlib import Path

from sqlalchemy import make_url

from studio.migrating import check_newest, migrate
from studio.settings import Settings


def make_directories(settings: Settings) -> None:
    """Make the directories that data goes to, for the eyes of this user only."""
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    if settings.uses_sqlite:
        path = Path(make_url(settings.database_url).database or "")
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)


def prepare_database(settings: Settings) -> None:
    """Bring an SQLite database to the newest tables; a PostgreSQL one has to be there already.

    Raises MigrationError.
    """
    if settings.uses_sqlite:
        migrate(settings.database_url)
    else:
        check_newest(settings.database_url)
