"""What a broker must do to carry wake-ups; one file for each broker implements it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class WakeUp:
    """Tells a worker to run a job: its row, and the token that the row has while nobody took the job.

    `sent_at` is by the database's clock. `timeout` is in seconds, `None` for none.
    """

    job_id: int
    token: int
    queue: str
    sent_at: datetime
    timeout: float | None = None


class Transport(Protocol):
    """Carries wake-ups to workers, which claim the job with `claim_one` and may find it taken.

    It may lose, repeat and delay them. Both methods are called in a thread, never on the path of a save.
    """

    def send(self, wake_ups: Sequence[WakeUp]) -> None:
        """Hand over wake-ups, in this order. Raises BrokerDown if any may not have been taken."""

    def oldest_sent_at(self, queue: str) -> datetime | None:
        """Return the `sent_at` of the wake-up that is next in the queue; `None` when it has none.

        What was sent before it has left the queue, or never came into it. Raises BrokerDown.
        """
