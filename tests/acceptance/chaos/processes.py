"""Worker processes that are killed and paused."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.acceptance.chaos.ledger import LEASE_SECONDS

ROOT = Path(__file__).parents[3]

EMBEDDED = ("-m", "indelible.cli", "worker", "tests.acceptance.chaos.app:worker")
RELAY = ("-m", "tests.acceptance.chaos.relay")
# RQ's own command, with the handlers loaded before it forks.
RQ_WORKER = (
    "-c",
    "import tests.acceptance.chaos.app; from rq.cli import main; main()",
    "worker",
    "urgent",
    "normal",
)
_SUPERVISOR = ("sh", "-c", 'while :; do "$@"; sleep 0.2; done', "supervisor")


class Crew:
    """Some worker processes; one that is killed is replaced. `deserters` counts those that ended by themselves.

    Those that are `supervised` are started again when they end, as RQ's have to be: they end when Redis is away.
    """

    def __init__(
        self, size: int, command: tuple[str, ...], environment: Mapping[str, str], *, supervised: bool = False
    ) -> None:
        self._command = (*(_SUPERVISOR if supervised else ()), sys.executable, *command)
        self._environment = {**os.environ, **environment}
        self._members = [self._start() for _ in range(size)]
        self.kills = 0
        self.pauses = 0
        self._deserters = 0

    @property
    def deserters(self) -> int:
        """How many have ended so far though nobody killed them."""
        return self._deserters + sum(member.poll() is not None for member in self._members)

    def kill_one(self, dice: random.Random) -> None:
        """Kill a worker without warning, and start another."""
        place = dice.randrange(len(self._members))
        self._deserters += self._members[place].poll() is not None
        self._end(self._members[place])
        self._members[place] = self._start()
        self.kills += 1

    def pause_one(self, dice: random.Random, meanwhile: Callable[[], None]) -> None:
        """Pause a worker until its leases have run out and others had the time to take its jobs."""
        member = dice.choice(self._members)
        self._signal(member, signal.SIGSTOP)
        end = time.monotonic() + LEASE_SECONDS * dice.uniform(1.5, 2.5)
        while time.monotonic() < end:
            meanwhile()
            time.sleep(0.05)
        self._signal(member, signal.SIGCONT)
        self.pauses += 1

    def close(self) -> None:
        """Kill all."""
        for member in self._members:
            self._end(member)

    def _start(self) -> subprocess.Popen[bytes]:
        # A group of its own: RQ's worker has a child that shall be struck with it.
        return subprocess.Popen(
            self._command,
            cwd=ROOT,
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _end(self, member: subprocess.Popen[bytes]) -> None:
        self._signal(member, signal.SIGKILL)
        member.wait()

    def _signal(self, member: subprocess.Popen[bytes], number: signal.Signals) -> None:
        if member.poll() is None:
            os.killpg(member.pid, number)
