"""Sessions of a running job, whose commits count only while the run holds the job's token."""

from __future__ import annotations

from typing import Protocol

from sqlalchemy import Connection, event
from sqlalchemy.orm import Session, SessionTransaction

from indelible.errors import CommitInsideJob
from indelible.outbox.claiming import Claim
from indelible.outbox.dialects import dialect_of
from indelible.outbox.finishing import Completion, complete_with, keep_with
from indelible.outbox.messages import Message
from indelible.outbox.staging import staging_of


class Fence(Protocol):
    """What a job's session writes last before it commits."""

    def __call__(self, connection: Connection, messages: list[Message]) -> None:
        """Write it, with the messages of the transaction. Raises LeaseLost."""


class StepFence:
    """Lets a session commit, as often as it likes, while the run has its lease."""

    def __init__(self, claim: Claim, lease: float) -> None:
        self._claim = claim
        self._lease = lease

    def __call__(self, connection: Connection, messages: list[Message]) -> None:
        """Check and prolong the lease."""
        keep_with(connection, messages, self._claim, self._lease)


class CompletionFence:
    """Lets a session commit once, when the job's result is known."""

    def __init__(self) -> None:
        self._completion: Completion | None = None

    def open_for(self, completion: Completion) -> None:
        """Let the next commit complete the job."""
        self._completion = completion

    def __call__(self, connection: Connection, messages: list[Message]) -> None:
        """Complete the job. Raises CommitInsideJob."""
        if self._completion is None:
            raise CommitInsideJob
        complete_with(connection, messages, self._completion)


def put_up(fence: Fence, session: Session, claim: Claim, lease: float) -> None:
    """Let nothing pass from this session into the database but through the fence."""
    staging_of(session).writer = fence

    def take_write_lock(_session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
        if connection.dialect.name == "sqlite":
            # The first statement writes, and so takes the lock, before the job reads anything.
            dialect_of(connection).begin_writing(connection)
            keep_with(connection, [], claim, lease)

    event.listen(session, "after_begin", take_write_lock)
