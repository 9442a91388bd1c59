"""What happens when a patch does not fit a stored document: the statement fails, and the error says where.

The expression makes the database fail with a message that begins with a mark and the name of the patch's own label
among the statement's bound values; a listener reads it there and raises the error that is meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext

from indelible.errors import IndelibleError

MARK: Final = "indelible"

_TOO_DEEP = "on JSON nested structures depth"
"""What MariaDB says in its strict modes; in others its functions give `NULL`."""

_FAILURE = re.compile(rf"{MARK}:(\w+):(\w+):(\d+)")

MISSING, NO_OBJECT, NO_LIST, NO_NUMBER, INEXACT, DIFFERS, TWICE, BARE, LONG, FOREIGN, DEEP, DASH = (
    "missing",
    "object",
    "list",
    "number",
    "inexact",
    "differs",
    "twice",
    "bare",
    "long",
    "foreign",
    "deep",
    "dash",
)


@dataclass(frozen=True, slots=True)
class Label:
    """What a patch is about, for errors."""

    text: str
    failures: tuple[Callable[[str], IndelibleError], ...]
    """For each change of the patch: the error for a kind of failure."""
    failure: Callable[[str], IndelibleError]
    """The error where it is not known in which change."""


def failure_of(context: ExceptionContext) -> IndelibleError | None:
    """Return the error that a patch meant, when a database's error is one of a patch."""
    if context.original_exception is None or context.execution_context is None:
        return None
    parameters = (getattr(context.execution_context, "compiled_parameters", None) or [{}])[0]
    message = str(context.original_exception)
    match = _FAILURE.search(message)
    if match is not None:
        kind, name, change = match.groups()
        label = parameters.get(name)
        return label.failures[int(change)](kind) if isinstance(label, Label) else None
    if _TOO_DEEP in message:
        return next((each.failure(DEEP) for each in parameters.values() if isinstance(each, Label)), None)
    return None


def _on_error(context: ExceptionContext) -> BaseException | None:
    return failure_of(context)


event.listen(Engine, "handle_error", _on_error)
