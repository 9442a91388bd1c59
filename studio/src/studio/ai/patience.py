"""How long Studio waits for a provider, and when it asks again."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic_ai.exceptions import (
    ModelAPIError,
    ModelConnectionError,
    ModelHTTPError,
    ModelRateLimitError,
    ModelServerError,
    ModelTimeoutError,
    ModelUnavailableError,
)
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_attempt,
    wait_exponential_jitter,
)

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

    def retrying(self) -> AsyncRetrying:
        """Make the loop that asks again after failures that pass."""
        backoff = wait_exponential_jitter(self.first_wait, self.longest_wait, jitter=self.jitter)

        def wait(state: RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            asked = error.retry_after if isinstance(error, ModelAPIError) else None
            return backoff(state) if asked is None else asked

        def waited_enough(state: RetryCallState) -> bool:
            return state.idle_for + state.upcoming_sleep > self.waits

        return AsyncRetrying(
            retry=retry_if_exception(passes_with_time),
            wait=wait,
            stop=lambda state: stop_after_attempt(self.attempts)(state) or waited_enough(state),
            reraise=True,
        )


def passes_with_time(error: BaseException) -> bool:
    """Tell whether the same request may succeed a little later.

    A timeout is not repeated: whoever waited a minute for nothing should hear of it.
    """
    if isinstance(error, ModelHTTPError) and error.provider_retry_hint is False:
        return False
    if isinstance(error, ModelTimeoutError):
        return False
    return isinstance(
        error, ModelRateLimitError | ModelUnavailableError | ModelServerError | ModelConnectionError
    )


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
