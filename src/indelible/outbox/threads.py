"""Threads that do not keep the process alive, unlike those of an executor."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import TypeVar

T = TypeVar("T")


def in_thread(work: Callable[[], T], name: str) -> asyncio.Future[T]:
    """Run a function in a thread of its own."""
    future, target = _for_a_thread(work, name)
    threading.Thread(target=target, name=name, daemon=True).start()
    return future


class DaemonThreads:
    """A few threads that run functions for an event loop.

    Python waits at its end for the threads of every `ThreadPoolExecutor`, and one whose database is silent never ends.
    """

    def __init__(self, most: int, name: str) -> None:
        self._most = most
        self._name = name
        self._work: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._idle = threading.Semaphore(0)
        self._started = 0
        self._is_closed = False

    def run(self, work: Callable[[], T]) -> asyncio.Future[T]:
        """Run a function when a thread is free; one that is cancelled before is not run."""
        with self._lock:
            if self._is_closed:
                return in_thread(work, self._name)
            future, target = _for_a_thread(work, self._name)
            self._work.put(target)
            if not self._idle.acquire(blocking=False) and self._started < self._most:
                self._started += 1
                threading.Thread(target=self._serve, name=self._name, daemon=True).start()
        return future

    def close(self) -> None:
        """Let the threads end, after what they were given."""
        with self._lock:
            self._is_closed = True
            for _ in range(self._started):
                self._work.put(None)

    def _serve(self) -> None:
        while (target := self._work.get()) is not None:
            target()
            # Not to be kept until the next one comes, with what it holds.
            del target
            self._idle.release()


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
