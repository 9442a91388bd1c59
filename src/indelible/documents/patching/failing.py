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

_FAILURE = re.compile(rf"{MARK}:(\w+):(\w+):(\d+)")

MISSING, NO_OBJECT, NO_LIST, NO_NUMBER, INEXACT, DIFFERS, TWICE, BARE, LONG = (
    "missing",
    "object",
    "list",
    "number",
    "inexact",
    "differs",
    "twice",
    "bare",
    "long",
)


@dataclass(frozen=True, slots=True)
class Label:
    """What a patch is about, for errors."""

    text: str
    failures: tuple[Callable[[str], IndelibleError], ...]
    """For each change of the patch: the error for a kind of failure."""


def failure_of(context: ExceptionContext) -> IndelibleError | None:
    """Return the error that a patch meant, when a database's error is one of a patch."""
    if context.original_exception is None or context.execution_context is None:
        return None
    match = _FAILURE.search(str(context.original_exception))
    if match is None:
        return None
    kind, name, change = match.groups()
    parameters = getattr(context.execution_context, "compiled_parameters", None) or [{}]
    label = parameters[0].get(name)
    return label.failures[int(change)](kind) if isinstance(label, Label) else None


def _on_error(context: ExceptionContext) -> BaseException | None:
    return failure_of(context)


event.listen(Engine, "handle_error", _on_error)
