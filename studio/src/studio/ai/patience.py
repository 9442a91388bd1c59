"""How long Studio waits for a provider."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from studio.ai.errors import ModelMisconfigured


@dataclass(frozen=True)
class Patience:
    """Bound the time that one summary may take; all times in seconds.

    `request` is for one request. `waits` is the sum of the pauses between attempts: a provider that asks for
    a longer pause than is left of it gets no further request. `first_wait` doubles with each attempt, up to
    `longest_wait`, and `jitter` spreads those who wait together.
    """

    request: float = 60.0
    waits: float = 20.0
    attempts: int = 4
    first_wait: float = 0.5
    longest_wait: float = 8.0
    jitter: float = 0.5

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Patience":
        """Read STUDIO_MODEL_TIMEOUT (one request) and STUDIO_MODEL_RETRY_WAIT (all pauses), in seconds.

        Raises ModelMisconfigured for what is not a number of seconds.
        """
        return cls(
            request=_seconds(environment, "STUDIO_MODEL_TIMEOUT", cls.request, at_least=0.1),
            waits=_seconds(environment, "STUDIO_MODEL_RETRY_WAIT", cls.waits, at_least=0.0),
        )

    @property
    def total(self) -> float:
        """Return the time after which a summary is given up, whatever happens."""
        return self.request + self.waits


def _seconds(environment: Mapping[str, str], variable: str, default: float, *, at_least: float) -> float:
    text = environment.get(variable, "").strip()
    if not text:
        return default
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not at_least <= seconds <= 3600:
        raise ModelMisconfigured(f"{variable} is {text!r}; it takes seconds, from {at_least:g} to 3600.")
    return seconds
