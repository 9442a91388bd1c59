"""Threads that do not keep the process alive, unlike those of an executor."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TypeVar

T = TypeVar("T")


def in_thread(work: Callable[[], T], name: str) -> asyncio.Future[T]:
    """Run a function in a thread of its own."""
    future, target = _for_a_thread(work, name)
    threading.Thread(target=target, name=name, daemon=True).start()
    return future


@dataclass(eq=False)
class _Work:
    target: Callable[[], None]
    is_running: bool = False
    is_abandoned: bool = False


class DaemonThreads:
    """A few threads that run functions for an event loop.

    Python waits at its end for the threads of every `ThreadPoolExecutor`, and one whose database is silent never ends.
    Here such a thread is replaced, too, when nobody waits for it any more.
    """

    def __init__(self, most: int, name: str) -> None:
        self._most = most
        self._name = name
        self._work: SimpleQueue[_Work | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._threads = 0
        self._idle = 0
        self._is_closed = False

    def run(self, function: Callable[[], T]) -> asyncio.Future[T]:
        """Run a function when a thread is free; one that is cancelled before is not run."""
        if self._is_closed:
            return in_thread(function, self._name)
        future, target = _for_a_thread(function, self._name)
        work = _Work(target)
        future.add_done_callback(lambda ended: self._abandon(work) if ended.cancelled() else None)
        with self._lock:
            self._work.put(work)
            if self._idle:
                self._idle -= 1
            else:
                self._start_another()
        return future

    def close(self) -> None:
        """Let the threads end, after what they were given."""
        with self._lock:
            self._is_closed = True
            for _ in range(self._threads):
                self._work.put(None)

    def _start_another(self) -> None:
        if self._threads < self._most:
            self._threads += 1
            threading.Thread(target=self._serve, name=self._name, daemon=True).start()

    def _serve(self) -> None:
        while (work := self._work.get()) is not None:
            work.is_running = True
            work.target()
            with self._lock:
                work.is_running = False
                if work.is_abandoned:
                    return
                # Work that found nobody idle waits in the queue, and is taken next.
                if self._work.empty():
                    self._idle += 1
            # Not to be kept until the next one comes, with what it holds.
            del work

    def _abandon(self, work: _Work) -> None:
        with self._lock:
            if not work.is_running:
                return
            work.is_abandoned = True
            self._threads -= 1
            if self._is_closed or not self._work.empty():
                self._start_another()


def _for_a_thread(work: Callable[[], T], name: str) -> tuple[asyncio.Future[T], Callable[[], None]]:
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()
    # Who asked may have ended before the thread does; nobody asks for its error then.
    future.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
    context = contextvars.copy_context()

    def settle(result: T | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]

    def target() -> None:
        if future.cancelled():
            return
        result, failure = None, None
        try:
            result = context.run(work)
        except BaseException as error:  # noqa: BLE001 - whatever it is belongs to who waits for it
            failure = error if isinstance(error, Exception) else RuntimeError(f"{name} ended by {error!r}")
        with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile
            loop.call_soon_threadsafe(settle, result, failure)

    return future, target
