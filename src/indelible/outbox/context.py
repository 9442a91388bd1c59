"""What a handler gets as its first parameter: its session, its attempt, and ways to report and to be cancelled."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from indelible.errors import JobCancelled, JobTimeout, LeaseLost
from indelible.outbox.claiming import Claim
from indelible.outbox.finishing import Completion
from indelible.outbox.messages import json_only
from indelible.outbox.sessions import CompletionFence, StepFence, put_up

S = TypeVar("S", Session, AsyncSession)


class Signals:
    """What a run and its worker tell each other, from whatever thread."""

    def __init__(self) -> None:
        self.is_cancelled = threading.Event()
        self.is_lost = threading.Event()
        self.is_overdue = threading.Event()
        self._progress: dict[str, Any] | None = None
        self._lock = threading.Lock()

    def check(self) -> None:
        """Raise what ended this run from outside: LeaseLost, JobTimeout or JobCancelled."""
        if self.is_lost.is_set():
            raise LeaseLost
        if self.is_overdue.is_set():
            raise JobTimeout
        if self.is_cancelled.is_set():
            raise JobCancelled

    def report(self, progress: dict[str, Any]) -> None:
        """Leave the newest progress for the worker."""
        with self._lock:
            self._progress = progress

    def take_progress(self) -> dict[str, Any] | None:
        """Return the progress reported since this was called last."""
        with self._lock:
            progress, self._progress = self._progress, None
        return progress


class _Context(Generic[S]):
    def __init__(self, claim: Claim, signals: Signals, lease: float, open_session: Callable[[], S]) -> None:
        self._claim = claim
        self._signals = signals
        self._lease = lease
        self._open_session: Callable[[], S] = open_session
        self._session: S | None = None
        self._fence = CompletionFence()

    @property
    def id(self) -> int:
        """The id of the job's row."""
        return self._claim.id

    @property
    def key(self) -> str | None:
        """The key that the job was enqueued with."""
        return self._claim.key

    @property
    def queue(self) -> str:
        """The queue that the job waited in."""
        return self._claim.queue

    @property
    def attempt(self) -> int:
        """Which attempt this is, from 1."""
        return self._claim.attempt

    @property
    def max_attempts(self) -> int:
        """After which attempt a failing job is dead."""
        return self._claim.max_attempts

    @property
    def version(self) -> int:
        """Which version of the key this is, from 1: how often it was enqueued when the run began."""
        return self._claim.version

    @property
    def token(self) -> int:
        """The fencing token, higher with each run of the job: for other systems that should refuse late writes."""
        return self._claim.token

    @property
    def headers(self) -> dict[str, str]:
        """What travelled with the job, such as a trace."""
        return self._claim.headers

    @property
    def cancelled(self) -> bool:
        """Whether someone asked to cancel this run, or it is over its time, or lost its lease."""
        signals = self._signals
        return signals.is_cancelled.is_set() or signals.is_overdue.is_set() or signals.is_lost.is_set()

    def check(self) -> None:
        """Stop here if this run was cancelled. Raises JobCancelled, JobTimeout, LeaseLost."""
        self._signals.check()

    def progress(self, done: float, total: float | None = None, note: str = "") -> None:
        """Report how far the job is, for pages to show within a second. Raises what `check` raises."""
        self.check()
        self._signals.report(json_only({"done": done, "total": total, "note": note}, "the progress"))

    @property
    def session(self) -> S:
        """The session whose writes are committed together with the job's completion, when the handler returns."""
        if self._session is None:
            self._session = self._open_session()
            put_up(self._fence, _inner(self._session), self._claim, self._lease)
        return self._session

    def _session_for_step(self) -> S:
        session: S = self._open_session()
        put_up(StepFence(self._claim, self._lease), _inner(session), self._claim, self._lease)
        return session

    def _session_to_complete(self, result: Any) -> S | None:
        if self._session is None or not _inner(self._session).in_transaction():
            return None
        self._fence.open_for(Completion(self._claim, result))
        return self._session


def _inner(session: Session | AsyncSession) -> Session:
    return session.sync_session if isinstance(session, AsyncSession) else session


class JobContext(_Context[Session]):
    """What a sync handler gets as its first parameter."""

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open a session for a step that is kept whatever comes, committed at the end of the block.

        A retry runs the step again. Raises LeaseLost.
        """
        with self._session_for_step() as session:
            yield session
            session.commit()

    def complete(self, result: Any) -> bool:
        """Commit what the handler wrote, with its completion; say whether it wrote. For workers. Raises LeaseLost."""
        session = self._session_to_complete(result)
        if session is not None:
            session.commit()
        return session is not None

    def close(self) -> None:
        """Roll back what was not committed. For workers."""
        if self._session is not None:
            self._session.close()


class AsyncJobContext(_Context[AsyncSession]):
    """What an async handler gets as its first parameter."""

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """Open a session for a step that is kept whatever comes, committed at the end of the block.

        A retry runs the step again. Raises LeaseLost.
        """
        async with self._session_for_step() as session:
            yield session
            await session.commit()

    async def complete(self, result: Any) -> bool:
        """Commit what the handler wrote, with its completion; say whether it wrote. For workers. Raises LeaseLost."""
        session = self._session_to_complete(result)
        if session is not None:
            await session.commit()
        return session is not None

    async def close(self) -> None:
        """Roll back what was not committed. For workers."""
        if self._session is not None:
            await self._session.close()
