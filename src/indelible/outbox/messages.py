"""What is enqueued, before it is a row."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from indelible.errors import NotAJob, NotJSON, OutboxError
from indelible.outbox.handlers import Call, Handler
from indelible.outbox.priorities import PRIORITIES, Priority

# PostgreSQL's index takes 2,700 bytes, for the handler's name too; a longer key would break the save at its commit.
_LONGEST_KEY = 500

# Each adds to what travels with a job, such as the trace that it belongs to.
header_sources: list[Callable[[], dict[str, str]]] = []


class Ticket:
    """What `enqueue` returns: the id of the job, once the transaction has committed."""

    def __init__(self) -> None:
        self._id: int | None = None

    def __repr__(self) -> str:
        return f"<Ticket {self._id or 'not committed'}>"

    @property
    def id(self) -> int:
        """The id of the job's row. Raises OutboxError before the commit."""
        if self._id is None:
            raise OutboxError("A job has no id before its transaction has committed.")
        return self._id

    def number(self, row_id: int) -> None:
        """Remember the row that the job was written to."""
        self._id = row_id


@dataclass(frozen=True)
class Message:
    """One job to be written."""

    handler: str
    queue: str
    key: str | None
    priority: int
    arguments: dict[str, Any]
    max_attempts: int
    delay: float
    headers: dict[str, str] | None = None
    tickets: tuple[Ticket, ...] = field(default_factory=tuple)

    @property
    def order(self) -> tuple[str, str]:
        """Where the row belongs among those that one transaction writes: new ones, which lock nothing, first."""
        return place(self.handler, self.key)

    def coalesce(self, newer: Message) -> Message:
        """Return the one message that stands for this and a newer one with the same key."""
        first = min(self, newer, key=lambda one: one.priority)
        return replace(
            newer,
            queue=first.queue,
            priority=first.priority,
            delay=min(self.delay, newer.delay),
            tickets=self.tickets + newer.tickets,
        )


def place(handler: str, key: str | None) -> tuple[str, str]:
    """Return what job rows are sorted by, so that transactions lock them in one order."""
    return ("", "") if key is None else (handler, key)


def compose(
    target: Handler[..., Any] | Call,
    args: tuple[Any, ...],
    *,
    queue: str | None,
    key: str | None,
    delay: float | timedelta,
    priority: Priority | None,
) -> Message:
    """Make a message of what `enqueue` was given. Raises NotAJob, NotJSON, OutboxError."""
    call = _call(target, args)
    handler = call.handler
    queue = queue or handler.queue
    headers: dict[str, str] = {}
    for source in header_sources:
        headers |= source()
    return Message(
        handler=handler.name,
        queue=queue,
        key=_key(key),
        priority=_priority(priority, queue),
        arguments=json_only(
            {"args": list(call.args), "kwargs": call.kwargs}, f"the arguments of {handler.name}"
        ),
        max_attempts=handler.retries + 1,
        delay=delay.total_seconds() if isinstance(delay, timedelta) else float(delay),
        headers=headers or None,
        tickets=(Ticket(),),
    )


def json_only(value: Any, what: str) -> Any:
    """Return a copy of the value as JSON gives it back. Raises NotJSON where that would be another value."""
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False)
        text.encode()  # lone surrogates
        copy = json.loads(text)
    except (TypeError, ValueError, RecursionError) as error:
        raise NotJSON(f"{what} cannot be kept as JSON: {error}. Pass str(…) or an id.") from error
    if copy != value:
        raise NotJSON(f"{what} would come back changed: {copy!r}. JSON has lists and text keys only.")
    if "\\u0000" in text and _has_nul(copy):
        raise NotJSON(f"{what} has the character U+0000, which PostgreSQL cannot keep.")
    return copy


def _has_nul(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_nul(key) or _has_nul(item) for key, item in value.items())
    if isinstance(value, list):
        return any(map(_has_nul, value))
    return isinstance(value, str) and "\0" in value


def _call(target: Handler[..., Any] | Call, args: tuple[Any, ...]) -> Call:
    if isinstance(target, Handler):
        return target.bind(*args)
    if not isinstance(target, Call):
        raise NotAJob(f"{target!r} is no job. Decorate the function with @job.")
    if args:
        raise NotAJob("A call that was made by bind() has its arguments already.")
    return target


def _key(key: str | None) -> str | None:
    if key is not None and (not 0 < len(key) <= _LONGEST_KEY or "\0" in key):
        raise OutboxError(
            f"A key has 1 to {_LONGEST_KEY} characters, and not U+0000; this one has {len(key)}."
        )
    return key


def _priority(priority: Priority | None, queue: str) -> int:
    name = priority or (queue if queue in PRIORITIES else "normal")
    if name not in PRIORITIES:
        raise OutboxError(f"A priority is one of {', '.join(PRIORITIES)}, not {name!r}.")
    return PRIORITIES[name]
