"""What `module:name` on a command line means: a worker, or engines to make one of."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.orm import sessionmaker

from indelible.errors import OutboxError
from indelible.outbox.databases import Target
from indelible.outbox.worker import Worker

_TARGETS = (Engine, AsyncEngine, sessionmaker, async_sessionmaker)


def load_worker(place: str) -> Worker:
    """Return the worker at `module:name`, or one for the engine or session maker there, or for what a function gives.

    Raises OutboxError.
    """
    module, _, name = place.partition(":")
    if not module or not name:
        raise OutboxError(f"{place!r} is not of the form module:name.")
    if "" not in sys.path:
        sys.path.insert(0, "")
    found: Any = import_module(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    if callable(found) and not isinstance(found, (Worker, *_TARGETS)):
        found = found()
    if isinstance(found, Worker):
        return found
    if isinstance(found, _TARGETS):
        return Worker(found)
    raise OutboxError(
        f"{place} is {found!r}: no worker, engine or session maker, and no function that gives one."
    )


def engine_for(url: str) -> Target:
    """Return an engine for an address, sync or async as its driver is."""
    is_async = make_url(url).get_dialect().is_async
    return create_async_engine(url) if is_async else create_engine(url)
