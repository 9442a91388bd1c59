"""Have a model ask the next question of an interview, because of the answers so far."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, Field
from pydantic_ai import Agent, ModelRetry, PromptedOutput

from studio.ai.calling import call_model
from studio.ai.choosing import SummaryModel
from studio.ai.interview_prompting import MATERIAL, QUESTION_INSTRUCTIONS, Exchange, question_prompt
from studio.ai.tasks import QUESTION
from studio.ai.wording import readable_text, words

MAX_QUESTION_CHARACTERS = 500
MAX_WHY_CHARACTERS = 300
MAX_OUTPUT_TOKENS = 2000


class AskedByModel(BaseModel):
    """The next question, or that there is enough."""

    enough: bool = Field(default=False, description="Nothing is left to ask.")
    question: str = ""
    why: str = Field(default="", description="Which answer made you ask, in one short sentence.")


@dataclass(frozen=True)
class NextQuestion:
    """A question, and in one sentence which answer made the model ask it."""

    text: str
    why: str
    model_name: str


# Asked for in the prompt, which every provider and every server "compatible with OpenAI" understands.
_AGENT = Agent(
    output_type=PromptedOutput(AskedByModel),
    instructions=QUESTION_INSTRUCTIONS + MATERIAL,
    retries=1,
)


@_AGENT.output_validator
def _has_a_question(asked: AskedByModel) -> AskedByModel:
    if not asked.enough and not readable_text(asked.question, MAX_QUESTION_CHARACTERS):
        raise ModelRetry("Put a question into `question`, or set `enough` to true.")
    return asked


async def ask_question(exchanges: Sequence[Exchange], *, model: SummaryModel) -> NextQuestion | None:
    """Return the model's next question, or None when it has none: it says so, or it repeats one.

    Raises a subclass of ProviderError, whose message is for people, when no answer came.
    """
    result = await call_model(
        _AGENT,
        question_prompt(exchanges),
        model=model,
        task=QUESTION,
        max_tokens=MAX_OUTPUT_TOKENS,
        requests=2,
    )
    asked = result.output
    text = readable_text(asked.question, MAX_QUESTION_CHARACTERS)
    if asked.enough or any(words(text) == words(exchange.question) for exchange in exchanges):
        return None
    return NextQuestion(text, readable_text(asked.why, MAX_WHY_CHARACTERS), model.name)
