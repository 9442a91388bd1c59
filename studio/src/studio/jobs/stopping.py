"""How Studio ends: the first SIGTERM or Ctrl-C asks it to, the second makes it."""

import asyncio
import os
import signal
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from indelible.outbox.claiming import Claim
from indelible.outbox.running import Outcome
from studio.jobs.kinds import kind_of

PRESS_AGAIN = "Press Ctrl-C again to end at once; what is not done then goes on later."
# Enough to write to a database that answers; the lease takes care of the rest.
LAST_SECONDS = 2.0
SHOWN_JOBS = 3
SIGNALS = (signal.SIGTERM, signal.SIGINT)


class RunningJobs:
    """Knows which jobs this process runs, as the observer of its worker."""

    def __init__(self) -> None:
        self._titles: dict[tuple[int, int], str] = {}

    def started(self, claim: Claim) -> None:
        """A run begins."""
        self._titles[claim.id, claim.token] = kind_of(claim.handler).title

    def ended(self, claim: Claim, outcome: Outcome, seconds: float) -> None:
        """A run has ended."""
        self._titles.pop((claim.id, claim.token), None)

    def describe(self) -> str:
        """Return how many jobs run and what they do, for a sentence; nothing when none runs."""
        titles = list(self._titles.values())
        if not titles:
            return ""
        names = ", ".join(f"“{title}”" for title in titles[:SHOWN_JOBS])
        more = f" and {len(titles) - SHOWN_JOBS} more" if len(titles) > SHOWN_JOBS else ""
        return f"{len(titles)} {'job' if len(titles) == 1 else 'jobs'}: {names}{more}"


class Stopping:
    """What Studio was told: the first SIGTERM or Ctrl-C sets `asked`, the second `hurried`."""

    def __init__(self) -> None:
        self.asked, self.hurried = asyncio.Event(), asyncio.Event()
        self._was_asked = False

    @contextmanager
    def hear(self) -> Iterator[None]:
        """Hear the signals while the block runs."""
        loop = asyncio.get_running_loop()

        # Not by the loop's own handlers: a job that keeps the loop from turning would keep them from being called.
        def press(number: int, _frame: FrameType | None) -> None:
            self.press(number, loop)

        before = {number: signal.signal(number, press) for number in SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def press(self, number: int, loop: asyncio.AbstractEventLoop) -> None:
        """Take note of a signal; after the second, this process ends soon whatever it does."""
        loop.call_soon_threadsafe((self.hurried if self._was_asked else self.asked).set)
        if self._was_asked:
            timer = threading.Timer(LAST_SECONDS, os._exit, [128 + number])
            timer.daemon = True
            timer.start()
        self._was_asked = True

    async def cut_short(self, work: Coroutine[Any, Any, None]) -> None:
        """Do the work; cancel it at the second signal."""
        working = asyncio.create_task(work)
        hurried = asyncio.create_task(self.hurried.wait())
        try:
            await asyncio.wait([working, hurried], return_when=asyncio.FIRST_COMPLETED)
        finally:
            hurried.cancel()
            if not working.done():
                working.cancel()
        await asyncio.wait([working])
        if not working.cancelled():
            working.result()
