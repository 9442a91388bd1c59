"""When Studio asks a provider again."""

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

from studio.ai.patience import Patience


def retrying(patience: Patience) -> AsyncRetrying:
    """Make the loop that asks again after failures that pass."""
    backoff = wait_exponential_jitter(patience.first_wait, patience.longest_wait, jitter=patience.jitter)

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after if isinstance(error, ModelAPIError) else None
        return backoff(state) if asked is None else asked

    def waited_enough(state: RetryCallState) -> bool:
        return state.idle_for + state.upcoming_sleep > patience.waits

    return AsyncRetrying(
        retry=retry_if_exception(passes_with_time),
        wait=wait,
        stop=lambda state: stop_after_attempt(patience.attempts)(state) or waited_enough(state),
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
