"""Have a model summarise a scene, patiently, and say clearly why when it does not."""

import asyncio
import logging
import unicodedata
from dataclasses import dataclass

import httpx2
from pydantic_ai import Agent, AgentRunResult, UsageLimits
from pydantic_ai.exceptions import AgentRunError, ModelAPIError
from pydantic_ai.models import Model
from pydantic_ai.settings import ModelSettings

from studio.ai.choosing import SummaryModel
from studio.ai.errors import ProviderError
from studio.ai.explaining import explain, explain_empty, explain_shape, explain_slowness
from studio.ai.patience import Patience
from studio.ai.prompting import INSTRUCTIONS, scene_prompt
from studio.ai.wording import clip

logger = logging.getLogger(__name__)

MAX_SUMMARY_CHARACTERS = 1200
# Room for a summary, and for the little thinking that some models cannot leave out.
MAX_OUTPUT_TOKENS = 2000

# `None` lets an answer without text end the run, instead of being asked for again behind our back.
_AGENT: Agent[None, str | None] = Agent(output_type=[str, type(None)], instructions=INSTRUCTIONS, retries=0)

# A provider's SDK does not check the shape of what it reads: JSON that is no answer of its API surfaces as
# one of these, from the code that looks for the answer in it.
_WRONG_SHAPE = (TypeError, AttributeError, LookupError, ValueError, AssertionError, httpx2.DecodingError)


@dataclass(frozen=True)
class SceneSummary:
    """A scene's summary, the model that wrote it, and what it took."""

    text: str
    model_name: str
    input_tokens: int
    output_tokens: int


async def summarise_scene(scene_text: str, *, slugline: str, model: SummaryModel) -> SceneSummary:
    """Summarise a scene's Fountain text in one to three sentences.

    Requests that may succeed a little later are repeated within `model.patience`. Cancelling it closes the
    connection. Hold the model open (`model.held_open()`) around many calls to keep it.

    Raises a subclass of ProviderError, whose message is for people, when no summary came.
    """
    prompt = scene_prompt(slugline, scene_text)
    try:
        async with model.held_open() as opened, asyncio.timeout(model.patience.total):
            result = await _ask(prompt, opened, model.patience)
    except TimeoutError:
        failure: ProviderError = explain_slowness(model, model.patience.total)
    except AgentRunError as error:
        failure = explain(error, model)
    except _WRONG_SHAPE:
        if model.is_local:
            raise
        failure = explain_shape(model)
    else:
        text = readable(result.output or "")
        if text:
            usage = result.usage
            return SceneSummary(text, model.name, usage.input_tokens, usage.output_tokens)
        failure = explain_empty(model)
    logger.warning(
        "No summary from %s: %s (provider status %s)", model.name, failure.code, failure.provider_status
    )
    # Raised outside the handlers: what the SDK raised may quote the request, and stays out of tracebacks.
    raise failure


async def _ask(prompt: str, model: Model, patience: Patience) -> AgentRunResult[str | None]:
    settings = ModelSettings(
        max_tokens=MAX_OUTPUT_TOKENS,
        thinking=False,
        # Patience counts the attempts; the SDKs would repeat each of them three times.
        max_retries=0,
        request_timeout=patience.request,
    )
    limits = UsageLimits(request_limit=1)
    async for attempt in patience.retrying():
        with attempt:
            return await _AGENT.run(prompt, model=model, model_settings=settings, usage_limits=limits)
    raise ModelAPIError(model.model_name, "no attempt was made")


def readable(text: str) -> str:
    """Make a model's answer fit to store and show: one paragraph, bounded, without control characters."""
    kept = "".join(
        " " if char.isspace() else char
        for char in text
        if char.isspace() or unicodedata.category(char) not in ("Cc", "Cs", "Cn")
    )
    return clip(" ".join(kept.split()), MAX_SUMMARY_CHARACTERS)
