"""Copies of this process that work beside it: they have all that it has read, without its being sent to them."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkProcess

_Request = TypeVar("_Request")
_Answer = TypeVar("_Answer")
_NUMBER_BYTES = 4
MOST_TURNS = 4096
"""So many numbers fit into a pipe everywhere."""


def can_fork() -> bool:
    """Say whether this system has copies of processes."""
    return hasattr(os, "fork")


class ForkLost(ChildProcessError):
    """A copy of this process ended before it answered: it told of an error, was killed, or memory ran out."""


class Forks(Generic[_Request, _Answer]):
    """Copies of this process, each with its own way to answer requests, until the context is left."""

    def __init__(self, answering: Sequence[Callable[[_Request], _Answer]]) -> None:
        self._connections: list[Connection] = []
        self._processes: list[ForkProcess] = []
        if answering:
            self._start(answering)

    def _start(self, answering: Sequence[Callable[[_Request], _Answer]]) -> None:
        import multiprocessing  # a small project needs no copies, and is checked before this is imported

        context = multiprocessing.get_context("fork")
        for answer in answering:
            here, there = context.Pipe()
            # a copy must not hold the ends of its siblings open, or these would outlive a parent that is killed
            arguments = (there, answer, [*self._connections, here])
            process = context.Process(target=_serve, args=arguments, daemon=True)
            process.start()
            there.close()
            self._connections.append(here)
            self._processes.append(process)

    def __enter__(self) -> Forks[_Request, _Answer]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for connection, process in zip(self._connections, self._processes, strict=True):
            connection.close()
            if error is not None:
                process.terminate()
            process.join()

    def ask(self, requests: Sequence[_Request]) -> None:
        """Send a request to each copy, which begins to work on it."""
        for connection, request in zip(self._connections, requests, strict=True):
            connection.send(request)

    def answers(self) -> list[_Answer]:
        """Wait for the answer of each copy; raises `ForkLost`."""
        try:
            return [connection.recv() for connection in self._connections]
        except EOFError:
            raise ForkLost(
                "a process of the check ended early: was it killed, or did memory run out?"
            ) from None


def _serve(there: Connection, answer: Callable[[_Request], _Answer], inherited: Sequence[Connection]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who asked is interrupted too, and ends this process
    for connection in inherited:
        connection.close()
    while True:
        try:
            request = there.recv()
        except EOFError:
            return
        there.send(answer(request))


class Turns:
    """The numbers from 0 to a count: each is given to one of the processes that iterate, whoever is ready first."""

    def __init__(self, count: int) -> None:
        assert count <= MOST_TURNS
        self._numbers, into = os.pipe()
        os.write(into, b"".join(number.to_bytes(_NUMBER_BYTES, "big") for number in range(count)))
        os.close(into)

    def __iter__(self) -> Iterator[int]:
        while taken := os.read(self._numbers, _NUMBER_BYTES):
            yield int.from_bytes(taken, "big")

    def close(self) -> None:
        """Give the pipe back."""
        os.close(self._numbers)
