"""Turns the sentinel on and off."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, Literal, Self
from warnings import warn

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import InstrumentedAttribute, Session

from indelible.errors import UnsavedChange, UnsavedChangeWarning
from indelible.sentinel.ledgers import Ledger
from indelible.sentinel.listening import Listeners

Reaction = Literal["raise", "warn", "log"] | Callable[[UnsavedChange], object]
_logger = logging.getLogger("indelible.sentinel")
_MOST_KEPT = 1000


class Sentinel:
    """Watches sessions until it is stopped; as a context manager, until the block ends.

    `found` has what was found, whatever was done about it; the first thousand are kept.
    """

    def __init__(
        self, target: Any, reaction: Reaction, ignore: Iterable[Any], at_flush: bool, trace: bool
    ) -> None:
        self.found: list[UnsavedChange] = []
        self._reaction = reaction
        self._ignored = frozenset(map(_column_name, ignore))
        self._at_flush = at_flush
        self._trace = trace
        self._listeners = Listeners(_sync_target(target), self._new_ledger)
        self._listeners.start()

    def stop(self) -> None:
        """Watch no more."""
        self._listeners.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _new_ledger(self, session: Session) -> Ledger:
        return Ledger(session, self._react, ignored=self._ignored, at_flush=self._at_flush, trace=self._trace)

    def _react(self, error: UnsavedChange) -> None:
        if len(self.found) < _MOST_KEPT:
            self.found.append(error)
        if self._reaction == "raise":
            raise error
        if self._reaction == "warn":
            warn(UnsavedChangeWarning(str(error)), stacklevel=2)
        elif self._reaction == "log":
            _logger.error("%s", error)
        else:
            self._reaction(error)


def watch(
    target: Any = Session,
    *,
    on_lost: Reaction = "raise",
    ignore: Iterable[Any] = (),
    at_flush: bool = False,
    trace: bool = False,
) -> Sentinel:
    """Find changes of JSON values that are not saved by the commit, with the file and line that made each.

    `target` is what to watch: `Session` (every session), a `sessionmaker` or `async_sessionmaker`, a
    `scoped_session`, or one session, sync or async. It counts for rows that are read or saved from then on.

    `on_lost` says what to do at the commit: "raise" (`UnsavedChange`, before anything is committed), "warn"
    (`UnsavedChangeWarning`), "log" (an error on the logger `indelible.sentinel`), or a function that takes the error.

    `ignore` leaves columns alone, given as `Model.attribute` or "Model.attribute".

    `at_flush` takes each flush for the last chance to save a change. Without it, `flag_modified` may follow a flush.

    `trace` compares every value after each line of the program. It is slow, and finds the lines whose changes no
    container can see, such as those of `heapq.heappush`.
    """
    if not callable(on_lost) and on_lost not in ("raise", "warn", "log"):
        raise ValueError(f'on_lost is "raise", "warn", "log" or a function, not {on_lost!r}')
    return Sentinel(target, on_lost, ignore, at_flush, trace)


def _column_name(column: Any) -> str:
    if isinstance(column, InstrumentedAttribute):
        return f"{column.class_.__name__}.{column.key}"
    if not isinstance(column, str) or column.count(".") != 1:
        raise ValueError(f'a column to ignore is `Model.attribute` or "Model.attribute", not {column!r}')
    return column


def _sync_target(target: Any) -> Any:
    """Return the session, class or factory behind an asynchronous one: all events are there."""
    if isinstance(target, AsyncSession):
        return target.sync_session
    if isinstance(target, type) and issubclass(target, AsyncSession):
        return target.sync_session_class
    if isinstance(target, async_sessionmaker):
        return target.kw.get("sync_session_class", target.class_.sync_session_class)
    return target
