"""Run a unit of work again when the database could not serialise it with what others did at the same time."""

from __future__ import annotations

import asyncio
import inspect
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import wraps
from types import TracebackType
from typing import Any, ParamSpec, TypeVar, cast, overload

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError

from indelible.errors import Conflict, Contended, OperationUnseen

P = ParamSpec("P")
R = TypeVar("R")

ATTEMPTS = 8
FIRST_DELAY_SECONDS = 0.02
LONGEST_DELAY_SECONDS = 2.0

# serialization_failure and deadlock_detected, which PostgreSQL, CockroachDB and SQL Server name alike.
_SQLSTATES = {"40001", "40P01"}
# Deadlock, lock wait timeout; and MariaDB's "record has changed since last read".
_MYSQL_CODES = {1213, 1205, 1020}
# SQLITE_BUSY and SQLITE_LOCKED; the extended codes have them in their lowest byte.
_SQLITE_CODES = {5, 6}
_OF_OTHER_WRITERS = (StaleDataError, Conflict, Contended, OperationUnseen)


def is_transient(error: BaseException) -> bool:
    """Tell whether the same transaction, run again from its beginning, may well succeed.

    So it is after PostgreSQL's 40001 and 40P01, MySQL's 1213 and 1205, MariaDB's 1020, SQLITE_BUSY and SQLITE_LOCKED,
    SQLAlchemy's StaleDataError, `Conflict` and `Contended`. A connection that broke is none of them: whether the
    transaction was committed is not known then, which is what `OperationLog` is for.
    """
    if isinstance(error, _OF_OTHER_WRITERS):
        return True
    return isinstance(error, DBAPIError) and _is_transient_code(error.orig)


def _is_transient_code(error: Any) -> bool:
    # psycopg and asyncpg say sqlstate, psycopg2 pgcode, pyodbc puts it first, as MySQL's drivers do their number.
    first = error.args[0] if getattr(error, "args", ()) else None
    states = {getattr(error, "sqlstate", None), getattr(error, "pgcode", None)}
    if isinstance(first, str):
        states.add(first)
    if states & _SQLSTATES:
        return True
    sqlite = getattr(error, "sqlite_errorcode", None)
    if sqlite is not None:
        return sqlite & 0xFF in _SQLITE_CODES
    return isinstance(first, int) and first in _MYSQL_CODES


class Attempt:
    """One run of a unit of work, as a `with` block that keeps failures which the next run may mend."""

    def __init__(self, number: int, policy: RetryPolicy) -> None:
        self.number = number
        self.failed = False
        self._policy = policy

    def __enter__(self) -> Attempt:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if error is None or not self._policy.is_transient(error):
            return False
        if self.number >= self._policy.attempts:
            error.add_note(f"indelible: gave up after {self.number} attempts")
            return False
        self.failed = True
        return True


class RetryPolicy:
    """How often and when to run a unit of work again: a decorator of functions, or what a `for` loop runs over."""

    def __init__(
        self,
        attempts: int,
        first_delay: float,
        longest_delay: float,
        retry_on: tuple[type[BaseException], ...],
    ) -> None:
        if attempts < 1:
            raise ValueError("A unit of work needs at least one attempt.")
        self.attempts = attempts
        self._first_delay = first_delay
        self._longest_delay = longest_delay
        self._retry_on = retry_on

    def is_transient(self, error: BaseException) -> bool:
        """Tell whether this policy runs the work again after `error`."""
        return is_transient(error) or isinstance(error, self._retry_on)

    def delay(self, failures: int) -> float:
        """Return how many seconds to wait after so many failures.

        Full jitter: any time up to a limit that doubles (Marc Brooker, "Exponential Backoff And Jitter", AWS 2015).
        """
        doublings = min(failures - 1, 64)  # beyond that a float would overflow, and any limit is reached
        return random.uniform(0, min(self._longest_delay, self._first_delay * 2.0**doublings))

    def __iter__(self) -> Iterator[Attempt]:
        for number in range(1, self.attempts + 1):
            attempt = Attempt(number, self)
            yield attempt
            if not attempt.failed:
                return
            time.sleep(self.delay(number))

    async def __aiter__(self) -> AsyncIterator[Attempt]:
        for number in range(1, self.attempts + 1):
            attempt = Attempt(number, self)
            yield attempt
            if not attempt.failed:
                return
            await asyncio.sleep(self.delay(number))

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        """Make a function run again as this policy says; it must open and end its own transaction."""
        if inspect.iscoroutinefunction(function):
            return cast(Callable[P, R], self._repeat_async(function))

        @wraps(function)
        def repeated(*args: P.args, **kwargs: P.kwargs) -> R:
            for attempt in self:
                with attempt:
                    return function(*args, **kwargs)
            raise AssertionError("The last attempt returns or raises.")

        return repeated

    def _repeat_async(self, function: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
        @wraps(function)
        async def repeated(*args: P.args, **kwargs: P.kwargs) -> R:
            async for attempt in self:
                with attempt:
                    return await function(*args, **kwargs)
            raise AssertionError("The last attempt returns or raises.")

        return repeated


@overload
def retry_transaction(function: Callable[P, R], /) -> Callable[P, R]: ...


@overload
def retry_transaction(
    *,
    attempts: int = ATTEMPTS,
    first_delay: float = FIRST_DELAY_SECONDS,
    longest_delay: float = LONGEST_DELAY_SECONDS,
    retry_on: tuple[type[BaseException], ...] = (),
) -> RetryPolicy: ...


def retry_transaction(
    function: Callable[P, R] | None = None,
    /,
    *,
    attempts: int = ATTEMPTS,
    first_delay: float = FIRST_DELAY_SECONDS,
    longest_delay: float = LONGEST_DELAY_SECONDS,
    retry_on: tuple[type[BaseException], ...] = (),
) -> RetryPolicy | Callable[P, R]:
    """Run a unit of work, begin to commit, again after failures that come of other writers, with full jitter.

    As a decorator of a function or a coroutine function (`@retry_transaction`, `@retry_transaction(attempts=3)`), or as
    a loop: `for attempt in retry_transaction():` and in it `with attempt, Session.begin() as session:`. The work must
    open and end its own transaction, and do nothing outside the database that may not be done twice.

    Delays are in seconds: any time up to `first_delay`, a limit that doubles with each failure up to `longest_delay`.
    `is_transient` says after which errors the work runs again; `retry_on` adds types of the program's own. The last
    attempt's error is raised.
    """
    policy = RetryPolicy(attempts, first_delay, longest_delay, retry_on)
    return policy if function is None else policy(function)
