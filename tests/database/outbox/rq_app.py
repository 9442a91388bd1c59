"""What `rq worker` loads: a worker for the database of one test, named by the attribute."""

from __future__ import annotations

import json
import os
from pathlib import Path

from sqlalchemy import make_url

import tests.database.outbox.handlers.threaded  # noqa: F401 - loaded once, before RQ forks
from indelible.outbox import Worker
from tests.database.outbox.systems import open_engine


def __getattr__(name: str) -> Worker:
    """Return a worker for the place that a file of this name describes."""
    if name.startswith("__"):
        raise AttributeError(name)
    place = json.loads((Path(os.environ["OUTBOX_TEST_PLACES"]) / name).read_text())
    return Worker(open_engine(make_url(place["url"]), place["schema"]), lease=5.0)
