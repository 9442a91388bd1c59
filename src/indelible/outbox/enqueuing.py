"""`enqueue`: a job that begins to exist when the caller's transaction commits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Protocol

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from indelible.errors import NotAJob, NoTransaction
from indelible.outbox.handlers import Call, Handler
from indelible.outbox.messages import Ticket, compose
from indelible.outbox.priorities import Priority
from indelible.outbox.staging import stage


class SupportsSyncSession(Protocol):
    """An `AsyncSession`."""

    @property
    def sync_session(self) -> Session:
        """The session that it wraps."""


class SupportsSyncConnection(Protocol):
    """An `AsyncConnection`."""

    @property
    def sync_connection(self) -> Connection | None:
        """The connection that it wraps."""


Transactional = Session | Connection | SupportsSyncSession | SupportsSyncConnection


def enqueue(
    session: Transactional,
    handler: Handler[..., Any] | Call,
    /,
    *args: Any,
    queue: str | None = None,
    key: str | None = None,
    delay: float | timedelta = 0.0,
    priority: Priority | None = None,
) -> Ticket:
    """Add a job to the transaction of a session or connection, sync or async; it starts after the commit.

    `handler` is a function with `@job`, called with `args`, or `handler.bind(…)`, which type checkers understand. Of
    several jobs of a handler with one `key`, one waits: with the newest arguments, the earliest time and the highest
    priority; enqueued while it runs, it runs once more afterwards. `delay` is in seconds. `priority` is the queue's
    name if that is one, else `normal`. Nothing is written before the commit.

    Raises NotAJob, NotJSON, NoTransaction.
    """
    message = compose(handler, args, queue=queue, key=key, delay=delay, priority=priority)
    stage(_sync(session), message)
    return message.tickets[0]


def _sync(target: Any) -> Session | Connection:
    inner = getattr(target, "sync_session", None) or getattr(target, "sync_connection", target)
    if isinstance(inner, (Session, Connection)):
        return inner
    if inner is None:
        raise NoTransaction
    if callable(target):  # scoped_session and async_scoped_session
        return _sync(target())
    raise NotAJob(f"{target!r} is no session or connection.")
