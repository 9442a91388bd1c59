"""Ask a model once, patiently, and say clearly why when nothing useful came."""

import asyncio
import logging
from typing import TypeVar

import httpx2
from pydantic_ai import Agent, AgentRunResult, UsageLimits
from pydantic_ai.exceptions import AgentRunError, ModelAPIError
from pydantic_ai.models import Model
from pydantic_ai.settings import ModelSettings

from studio.ai.choosing import SummaryModel
from studio.ai.errors import ProviderError
from studio.ai.explaining import explain, explain_shape, explain_slowness
from studio.ai.retrying import retrying
from studio.ai.tasks import Task

T = TypeVar("T")

logger = logging.getLogger(__name__)

# A provider's SDK does not check the shape of what it reads: JSON that is no answer of its API surfaces as
# one of these, from the code that looks for the answer in it.
_WRONG_SHAPE = (TypeError, AttributeError, LookupError, ValueError, AssertionError, httpx2.DecodingError)


async def call_model(
    agent: Agent[None, T],
    prompt: str,
    *,
    model: SummaryModel,
    task: Task,
    max_tokens: int,
    requests: int = 1,
) -> AgentRunResult[T]:
    """Have `agent` answer `prompt` with `model`.

    Requests that may succeed a little later are repeated within `model.patience`; `requests` bounds those of one
    attempt, of which an agent that has its answer mended takes more than one. Cancelling it closes the connection.

    Raises a subclass of ProviderError, whose message is for people and about `task`, when no answer came.
    """
    try:
        async with model.held_open() as opened, asyncio.timeout(model.patience.total):
            return await _ask(agent, prompt, opened, model, max_tokens, requests)
    except TimeoutError:
        failure: ProviderError = explain_slowness(model, model.patience.total, task)
    except AgentRunError as error:
        failure = explain(error, model, task)
    except _WRONG_SHAPE:
        if model.is_local:
            raise
        failure = explain_shape(model, task)
    logger.warning(
        "%s gave not %s: %s (provider status %s)",
        model.name,
        task.result,
        failure.code,
        failure.provider_status,
    )
    # Raised outside the handlers: what the SDK raised may quote the request, and stays out of tracebacks.
    raise failure


async def _ask(
    agent: Agent[None, T], prompt: str, opened: Model, model: SummaryModel, max_tokens: int, requests: int
) -> AgentRunResult[T]:
    settings = ModelSettings(
        max_tokens=max_tokens,
        thinking=False,
        # Patience counts the attempts; the SDKs would repeat each of them three times.
        max_retries=0,
        request_timeout=model.patience.request,
    )
    limits = UsageLimits(request_limit=requests)
    async for attempt in retrying(model.patience):
        with attempt:
            return await agent.run(prompt, model=opened, model_settings=settings, usage_limits=limits)
    raise ModelAPIError(opened.model_name, "no attempt was made")
