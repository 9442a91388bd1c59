"""Look for what would keep Studio from working, and say what to do about it."""

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

from studio.ai import choose_model
from studio.images import choose_renderer, read_image_calls
from studio.jobs.redis import ping_redis
from studio.migrating import MigrationError, read_revisions
from studio.problems import Problem
from studio.settings import Settings, SettingsError

# The first that has RETURNING, which SQLAlchemy uses.
OLDEST_SQLITE = (3, 35, 0)


@dataclass(frozen=True)
class Finding:
    """The result of one check, in one line; a bad one says what to do."""

    name: str
    good: bool
    text: str


def examine(environment: Mapping[str, str]) -> Iterator[Finding]:
    """Check everything that Studio needs, changing nothing."""
    try:
        settings = Settings.from_environment(environment)
    except SettingsError as error:
        yield Finding("settings", False, str(error))
        return
    checks: dict[str, Callable[[Settings], str]] = {
        "data directory": check_data_directory,
        "database": check_database,
        "sqlite": check_sqlite,
        "model": check_model,
        "images": check_images,
        "jobs": check_jobs,
        "access": check_access,
    }
    for name, check in checks.items():
        try:
            yield Finding(name, True, check(settings))
        except (MigrationError, Problem, SettingsError) as error:
            yield Finding(name, False, str(error))


def check_data_directory(settings: Settings) -> str:
    """Raise SettingsError unless the data directory can be written, or made."""
    directory = settings.data_dir
    nearest = next(path for path in (directory, *directory.parents) if path.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        raise SettingsError(
            f"{nearest} is not a directory that you may write: "
            "change its permissions, or set STUDIO_DATA_DIR to another one."
        )
    return (
        f"{directory} is writable" if nearest == directory else f"{directory} will be made at the first start"
    )


def check_database(settings: Settings) -> str:
    """Raise MigrationError unless the database answers and its tables are right, or will be at the start."""
    url = make_url(settings.database_url)
    if settings.uses_sqlite and not Path(url.database or "").exists():
        return f"{url.database} will be made at the first start"
    if settings.uses_sqlite and not os.access(url.database or "", os.W_OK):
        raise SettingsError(
            f"{url.database} cannot be written: change its permissions, or set STUDIO_DATA_DIR."
        )
    revisions = read_revisions(settings.database_url)
    revisions.check_known()
    place = url.database if settings.uses_sqlite else url.render_as_string()
    if revisions.is_newest:
        return f"{place} answers, revision {revisions.current} is the newest"
    if settings.uses_sqlite:
        return f"{place} answers and will be brought to revision {revisions.newest} at the next start"
    raise MigrationError(
        f"{place} is at revision {revisions.current or 'none'} and Studio needs {revisions.newest}: "
        "run `studio migrate`."
    )


def check_sqlite(_settings: Settings) -> str:
    """Raise SettingsError unless Python's SQLite is new enough and reads JSON."""
    with sqlite3.connect(":memory:") as connection:
        has_json = _has_json(connection)
    connection.close()
    if sqlite3.sqlite_version_info < OLDEST_SQLITE or not has_json:
        raise SettingsError(
            f"This Python has SQLite {sqlite3.sqlite_version} {'with' if has_json else 'without'} JSON; "
            f"Studio needs {'.'.join(map(str, OLDEST_SQLITE))} with JSON: use another Python, or PostgreSQL."
        )
    return f"version {sqlite3.sqlite_version} with JSON"


def check_model(settings: Settings) -> str:
    """Raise ModelMisconfigured unless the environment names a model that Studio can use."""
    return choose_model(settings.model_environment).description


def check_images(settings: Settings) -> str:
    """Raise ImageMisconfigured unless the environment asks for images in a way that Studio can follow."""
    renderer = choose_renderer(settings.model_environment)
    calls = read_image_calls(settings.model_environment)
    where = "on this machine" if renderer.host is None else f"by {renderer.host}"
    return f"{renderer.model}, {where}, {calls} at a time"


def check_jobs(settings: Settings) -> str:
    """Raise SettingsError when REDIS_URL is set and no Redis answers there."""
    if settings.redis_url is None:
        return "run in the web process, and in `studio worker` processes beside it"
    return f"{ping_redis(settings.redis_url)} hands them to `studio worker` and `rq worker` processes"


def check_access(settings: Settings) -> str:
    """Raise SettingsError when other machines could reach Studio without a good password."""
    if refusal := settings.refusal():
        raise SettingsError(refusal)
    asks = "the password" if settings.password is not None else "no password"
    who = "only this machine" if settings.is_loopback else "other machines too"
    return f"{settings.host} is reached by {who}, with {asks}"


def _has_json(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("SELECT json_extract('{}', '$.a')")
    except sqlite3.OperationalError:
        return False
    return True
