"""Have a model summarise a scene, patiently, and say clearly why when it does not."""

from dataclasses import dataclass

from pydantic_ai import Agent

from studio.ai.calling import call_model
from studio.ai.choosing import SummaryModel
from studio.ai.explaining import explain_empty
from studio.ai.prompting import INSTRUCTIONS, scene_prompt
from studio.ai.tasks import SUMMARY
from studio.ai.wording import readable_text

MAX_SUMMARY_CHARACTERS = 1200
# Room for a summary, and for the little thinking that some models cannot leave out.
MAX_OUTPUT_TOKENS = 2000

# `None` lets an answer without text end the run, instead of being asked for again behind our back.
_AGENT: Agent[None, str | None] = Agent(output_type=[str, type(None)], instructions=INSTRUCTIONS, retries=0)


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
    result = await call_model(
        _AGENT, scene_prompt(slugline, scene_text), model=model, task=SUMMARY, max_tokens=MAX_OUTPUT_TOKENS
    )
    text = readable(result.output or "")
    if not text:
        raise explain_empty(model, SUMMARY)
    usage = result.usage
    return SceneSummary(text, model.name, usage.input_tokens, usage.output_tokens)


def readable(text: str) -> str:
    """Make a model's answer fit to store and show: one paragraph, bounded, without control characters."""
    return readable_text(text, MAX_SUMMARY_CHARACTERS)
