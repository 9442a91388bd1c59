"""When a request is repeated, and after which pause."""

import asyncio

import pytest
from pydantic_ai.exceptions import (
    ModelAuthenticationError,
    ModelConnectionError,
    ModelHTTPError,
    ModelQuotaExceededError,
    ModelRateLimitError,
    ModelServerError,
    ModelTimeoutError,
)
from tenacity import RetryCallState

from studio.ai import Patience
from studio.ai.retrying import passes_with_time, retrying


def pause(patience: Patience, attempt: int, error: Exception) -> float:
    attempts = retrying(patience)
    state = RetryCallState(attempts, None, (), {})
    state.attempt_number = attempt
    state.set_exception((type(error), error, None))
    return attempts.wait(state)


def test_pauses_grow_and_are_spread() -> None:
    """The pause doubles with each attempt up to the longest, with a random part on top."""
    patience = Patience(first_wait=1.0, longest_wait=6.0, jitter=0.5)
    error = ModelServerError("m", "failed")
    for attempt, least in ((1, 1.0), (2, 2.0), (3, 4.0), (4, 6.0), (9, 6.0)):
        pauses = {pause(patience, attempt, error) for _ in range(50)}
        assert all(least <= seconds <= min(least + 0.5, 6.0) for seconds in pauses)
        assert len(pauses) > 1 or least == 6.0


def test_what_the_provider_asks_for_is_the_pause() -> None:
    """Retry-After replaces the pause of our own, shorter or longer."""
    for asked in (0.0, 0.25, 17.0):
        assert pause(Patience(), 3, ModelRateLimitError("m", "slow down", retry_after=asked)) == asked


@pytest.mark.parametrize(
    ("error", "repeated"),
    [
        (ModelRateLimitError("m", "429"), True),
        (ModelServerError("m", "500"), True),
        (ModelConnectionError("m", "refused"), True),
        (ModelTimeoutError("m", "too slow"), False),
        (ModelQuotaExceededError("m", "no credit"), False),
        (ModelAuthenticationError("m", "bad key"), False),
        (ModelHTTPError(418, "m"), False),
        (asyncio.CancelledError(), False),
        (ValueError("wrong shape"), False),
    ],
)
def test_only_what_passes_is_repeated(error: BaseException, repeated: bool) -> None:
    """Limits, server errors and lost connections are repeated; refusals, timeouts and cancellations are not."""
    assert passes_with_time(error) is repeated


def test_provider_may_forbid_a_repetition() -> None:
    """`x-should-retry: false` ends it, whatever the status is."""
    error = ModelHTTPError.for_category(
        ModelServerError, status_code=500, model_name="m", headers={"x-should-retry": "false"}
    )
    assert not passes_with_time(error)


def test_everything_is_bounded() -> None:
    """Unless told otherwise a summary is given up after 80 seconds, 20 of them pauses."""
    assert (Patience().total, Patience().waits) == (80.0, 20.0)
