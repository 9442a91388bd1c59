"""The kinds of jobs: what each handler is called for people, and what happens when a person cancels its job."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from indelible.outbox import Handler, JobStatus

# The modules with handlers, so that every process knows all kinds.
HANDLER_MODULES: tuple[str, ...] = (
    "studio.interview.jobs",
    "studio.operations",
    "studio.script.jobs",
    "studio.storyboard.jobs",
    "studio.storyboard.sweeping",
)

Hook = Callable[[AsyncSession, JobStatus], Awaitable[None]]

_kinds: dict[str, "Kind"] = {}


@dataclass(frozen=True)
class Kind:
    """One kind of job.

    `title` says for a person what it does. The first argument of a job that belongs to a project is the project's
    id; `of_project=False` tells that there is none. `on_cancel` and `on_retry` are called in the transaction in which
    a person cancels a job or has it run again.
    """

    title: str
    of_project: bool = True
    on_cancel: Hook | None = None
    on_retry: Hook | None = None


def describe(
    handler: Handler[..., Any],
    title: str,
    *,
    of_project: bool = True,
    on_cancel: Hook | None = None,
    on_retry: Hook | None = None,
) -> None:
    """Tell what a handler's jobs are called, and whether their first argument is a project's id."""
    _kinds[handler.name] = Kind(title, of_project, on_cancel, on_retry)


def kind_of(handler: str) -> Kind:
    """Return the kind of a handler's jobs; those that nobody described go by the handler's name."""
    load_handlers()
    return _kinds.get(handler) or Kind(handler.rpartition(":")[2].replace("_", " ").capitalize())


def handlers_without_project() -> list[str]:
    """Return the names of handlers whose jobs belong to no project."""
    load_handlers()
    return [name for name, kind in _kinds.items() if not kind.of_project]


def load_handlers() -> None:
    """Import every module that has handlers, those of `studio.<feature>.jobs` among them."""
    for module in HANDLER_MODULES:
        import_module(module)
