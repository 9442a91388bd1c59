"""One run of one job, from its claim to its end in the table."""

from __future__ import annotations

import asyncio
import logging
import math
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from indelible.errors import GiveUp, JobTimeout, LeaseLost, RetryLater, WrongEngine
from indelible.outbox.claiming import Claim
from indelible.outbox.completing import Completing
from indelible.outbox.context import AsyncJobContext, JobContext, Signals
from indelible.outbox.databases import AsyncDatabase, Database, ThreadedDatabase
from indelible.outbox.ending import cancellations
from indelible.outbox.finishing import Completion, fail, hand_back
from indelible.outbox.handlers import Backoff, Handler, find_handler
from indelible.outbox.messages import json_only
from indelible.outbox.patience import persist
from indelible.outbox.threads import in_thread
from indelible.outbox.writing import CANCELLED, DEAD, WAITING

logger = logging.getLogger("indelible.outbox")

Outcome = Literal["done", "retried", "dead", "cancelled", "lost", "handed back"]

_ERROR_CHARACTERS = 20_000

# How long an async handler that was interrupted may clean up before it is interrupted again, or no longer waited for.
_CLEANUP_SECONDS = 5.0


class Observer(Protocol):
    """Is told of every run, in the worker's event loop; for metrics and traces."""

    def started(self, claim: Claim) -> None:
        """A run begins."""

    def ended(self, claim: Claim, outcome: Outcome, seconds: float) -> None:
        """A run has ended, after so many seconds."""


@dataclass(eq=False)
class Run:
    """A claim that is being worked on."""

    claim: Claim
    signals: Signals = field(default_factory=Signals)
    work: asyncio.Future[Any] | None = None
    is_async: bool = False
    # From here on the database alone decides how the run ends.
    is_ending: bool = False
    is_stopped: bool = False
    _interrupted_at: float = -math.inf

    def cancel(self) -> None:
        """Someone asked to cancel the job."""
        self.signals.is_cancelled.set()
        self.interrupt()

    def lose(self) -> None:
        """Another worker has the job."""
        self.signals.is_lost.set()
        self.interrupt()

    def stop(self) -> None:
        """The worker ends, and the job is to be handed back."""
        self.is_stopped = True
        self.signals.is_lost.set()
        self.interrupt()

    def interrupt(self) -> None:
        """Stop an async handler where it waits; a sync one finds out when it asks."""
        if self.work is None or not self.is_async or self.is_ending:
            return
        # Asked again and again, since a handler may have missed it; but not while it cleans up.
        if time.monotonic() - self._interrupted_at >= _CLEANUP_SECONDS:
            self._interrupted_at = time.monotonic()
            self.work.cancel()


class Runner:
    """Runs claimed jobs on a sync engine, an async engine, or both."""

    def __init__(
        self,
        threaded: ThreadedDatabase | None,
        asynchronous: AsyncDatabase | None,
        *,
        lease: float,
        observers: Sequence[Observer] = (),
    ) -> None:
        self._threaded = threaded
        self._asynchronous = asynchronous
        self._lease = lease
        self._observers = observers
        database = asynchronous or threaded
        assert database is not None
        self.database: Database = database
        self._completing = Completing(database)

    async def run(self, run: Run) -> Outcome:
        """Run a job to its end, as the table will show it."""
        began = time.perf_counter()
        for observer in self._observers:
            observer.started(run.claim)
        outcome = await self._run(run)
        for observer in self._observers:
            observer.ended(run.claim, outcome, time.perf_counter() - began)
        return outcome

    def close(self) -> None:
        """Write no more completions."""
        self._completing.close()

    async def _run(self, run: Run) -> Outcome:
        handler: Handler[..., Any] | None = None
        try:
            handler = find_handler(run.claim.handler)
            return await self._call(handler, run)
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - a handler may raise anything
            if (
                cancellations()
            ):  # as opposed to the handler's task, or to a handler that raises the error itself
                run.stop()
            return await self._end_badly(run, handler, error)

    async def _call(self, handler: Handler[..., Any], run: Run) -> Outcome:
        if run.is_stopped:
            raise LeaseLost
        run.is_async = handler.is_async
        work = self._start_async(handler, run) if handler.is_async else self._start_thread(handler, run)
        run.work = work
        done, _ = await asyncio.wait({work}, timeout=handler.timeout)
        if not done:
            run.signals.is_overdue.set()
            run.interrupt()
            if handler.is_async:
                done, _ = await asyncio.wait({work}, timeout=_CLEANUP_SECONDS)
            if not done:
                return await self._abandon(handler, run, work)
        is_written, result = work.result()
        if not is_written:
            run.is_ending = True
            await self._completing.complete(Completion(run.claim, result))
        return "done"

    async def _abandon(
        self, handler: Handler[..., Any], run: Run, work: asyncio.Future[tuple[bool, Any]]
    ) -> Outcome:
        # The handler goes on, but from this moment it has no token, and can commit nothing.
        outcome = await self._end_badly(run, handler, JobTimeout())
        await asyncio.wait({work})
        has_written = not work.cancelled() and work.exception() is None and work.result()[0]
        return "done" if outcome == "lost" and has_written else outcome

    def _start_async(self, handler: Handler[..., Any], run: Run) -> asyncio.Future[tuple[bool, Any]]:
        database = self._asynchronous
        if database is None:
            raise WrongEngine(f"{handler.name} is async, and this worker has no async engine.")
        context = AsyncJobContext(run.claim, run.signals, self._lease, database.open_session)

        async def work() -> tuple[bool, Any]:
            try:
                try:
                    result = await handler.function(context, *run.claim.args, **run.claim.kwargs)
                except (
                    SystemExit
                ) as error:  # which would end the event loop, and the program with all its jobs
                    raise RuntimeError(f"{handler.name} ended by {error!r}") from error
                result = _result(handler, result)
                run.is_ending = True
                return await context.complete(result), result
            finally:
                await context.close()

        return asyncio.create_task(work(), name=handler.name)

    def _start_thread(self, handler: Handler[..., Any], run: Run) -> asyncio.Future[tuple[bool, Any]]:
        database = self._threaded
        if database is None:
            raise WrongEngine(f"{handler.name} is not async, and this worker has no sync engine.")
        context = JobContext(run.claim, run.signals, self._lease, database.open_session)

        def work() -> tuple[bool, Any]:
            try:
                result = handler.function(context, *run.claim.args, **run.claim.kwargs)
                result = _result(handler, result)
                run.is_ending = True
                return context.complete(result), result
            finally:
                context.close()

        return in_thread(work, handler.name)

    async def _end_badly(self, run: Run, handler: Handler[..., Any] | None, error: BaseException) -> Outcome:
        run.is_ending = True
        if run.is_stopped:
            # Whatever was raised: drivers make errors of their own of a cancellation in the midst of a statement.
            return "handed back" if await self._persist(hand_back, run.claim) else "lost"
        if run.signals.is_lost.is_set() or isinstance(error, LeaseLost):
            logger.warning("Job %s (%s) was taken over by another worker", run.claim.id, run.claim.handler)
            return "lost"
        if run.signals.is_overdue.is_set() and not isinstance(error, JobTimeout):
            cause, error = error, JobTimeout()
            error.__cause__ = cause
        state, delay = self._verdict(run, handler, error)
        _log(run.claim, state, delay, error)
        was_held = await self._persist(fail, run.claim, _text(error), state, delay)
        return _OUTCOMES[state] if was_held else "lost"

    def _verdict(
        self, run: Run, handler: Handler[..., Any] | None, error: BaseException
    ) -> tuple[str, float]:
        # Whatever the error: a driver that is cancelled within a statement may raise one of its own.
        if run.signals.is_cancelled.is_set():
            return CANCELLED, 0.0
        if isinstance(error, GiveUp) or run.claim.attempt >= run.claim.max_attempts:
            return DEAD, 0.0
        if isinstance(error, RetryLater):
            return WAITING, error.seconds
        return WAITING, (handler.backoff if handler else Backoff()).seconds(run.claim.attempt)

    async def _persist(self, work: Callable[..., bool], *args: Any) -> bool:
        """Write the end of a run however long the database is away; if it takes too long, a rescuer does."""
        return await persist(lambda: self.database.run(work, *args))


_OUTCOMES: dict[str, Outcome] = {WAITING: "retried", DEAD: "dead", CANCELLED: "cancelled"}


def _result(handler: Handler[..., Any], result: Any) -> Any:
    return None if result is None else json_only(result, f"the result of {handler.name}")


def _text(error: BaseException) -> str:
    # PostgreSQL's text cannot hold U+0000, and an error that cannot be kept would keep the job from ending.
    text = "".join(traceback.format_exception(error)).replace("\0", "\\0")
    return text.encode("utf-8", "replace").decode()[-_ERROR_CHARACTERS:]


def _log(claim: Claim, state: str, delay: float, error: BaseException) -> None:
    what = f"is tried again in {delay:.1f} s" if state == WAITING else f"is {state}"
    logger.warning(
        "Job %s (%s), attempt %s of %s, %s: %r",
        claim.id,
        claim.handler,
        claim.attempt,
        claim.max_attempts,
        what,
        error,
    )
