"""The local model: one more pydantic-ai model, which answers from the text it is given, on this machine."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import KW_ONLY, dataclass, field
from datetime import UTC, datetime
from typing import Any

from pydantic_ai import RunContext
from pydantic_ai.exceptions import UserError
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    ModelResponseStreamEvent,
    TextContent,
    TextPart,
    UserPromptPart,
)
from pydantic_ai.models import Model, ModelRequestParameters, StreamedResponse
from pydantic_ai.profiles import ModelProfile
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RequestUsage

from studio.ai.extracting import answer, summarise
from studio.ai.interview_prompting import read_plan_prompt, read_question_prompt
from studio.ai.interviewing import AskedByModel
from studio.ai.plan_drafting import draft_plan
from studio.ai.prompting import read_scene_prompt, shorten
from studio.ai.questioning import next_question
from studio.ai.wording import estimated_tokens, sentences

NAME = "extractive-1"
SYSTEM = "local"


class LocalModel(Model[None]):
    """Answer by choosing sentences of the prompt: deterministic, offline, with no more than Python.

    A prompt by `prompting.scene_prompt` gets a summary of its scene, those by `interview_prompting` get a question
    or a plan in JSON, any other the sentences that fit its question best.
    """

    def __init__(self) -> None:
        super().__init__(profile=ModelProfile(supports_tools=False, supports_json_schema_output=False))

    @property
    def model_name(self) -> str:
        """Return the model's name."""
        return NAME

    @property
    def system(self) -> str:
        """Return the provider's name."""
        return SYSTEM

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """Answer the last prompt in `messages`.

        Raises UserError when the agent accepts structured output only, which this model cannot give.
        """
        _, parameters = self.prepare_request(model_settings, model_request_parameters)
        text = _answer(messages, parameters)
        return ModelResponse(
            parts=[TextPart(text)],
            model_name=NAME,
            provider_name=SYSTEM,
            usage=_usage(messages, text),
            finish_reason="stop",
        )

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[Any] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        """Answer the last prompt in `messages` word by word."""
        _, parameters = self.prepare_request(model_settings, model_request_parameters)
        text = _answer(messages, parameters)
        yield LocalStream(parameters, text=text, final_usage=_usage(messages, text))


@dataclass
class LocalStream(StreamedResponse):
    """Stream an answer that is already known, one word after the other."""

    _: KW_ONLY
    text: str
    final_usage: RequestUsage
    _timestamp: datetime = field(default_factory=lambda: datetime.now(UTC), init=False)

    async def _get_event_iterator(self) -> AsyncIterator[ModelResponseStreamEvent]:
        self._usage = RequestUsage(input_tokens=self.final_usage.input_tokens)
        for word in _words_with_spaces(self.text):
            if self.cancelled:
                return
            for event in self._parts_manager.handle_text_delta(vendor_part_id=0, content=word):
                yield event
        self._usage = self.final_usage
        self.finish_reason = "stop"

    async def close_stream(self) -> None:
        """Do nothing: there is no connection behind this stream."""

    @property
    def model_name(self) -> str:
        """Return the model's name."""
        return NAME

    @property
    def provider_name(self) -> str:
        """Return the provider's name."""
        return SYSTEM

    @property
    def provider_url(self) -> None:
        """Return None: nothing leaves this machine."""
        return

    @property
    def timestamp(self) -> datetime:
        """Return when the answer began."""
        return self._timestamp


def _answer(messages: list[ModelMessage], parameters: ModelRequestParameters) -> str:
    if not parameters.allow_text_output:
        raise UserError("The local model writes text only; give the agent an output_type that takes str.")
    prompts = list(_prompts(messages))
    if not prompts:
        return answer("", "")
    *earlier, last = prompts
    if scene := read_scene_prompt(last):
        slugline, text = scene
        return summarise(slugline, text)
    if (interview := read_question_prompt(last)) is not None:
        found = next_question(interview)
        asked = AskedByModel(question=found.text, why=found.why) if found else AskedByModel(enough=True)
        return asked.model_dump_json()
    if (interview := read_plan_prompt(last)) is not None:
        return draft_plan(interview).model_dump_json()
    question, material = _question_and_material(last)
    return answer(question, shorten("\n\n".join([*earlier, material])))


def _question_and_material(prompt: str) -> tuple[str, str]:
    """Split a prompt into what it asks (its first question, else its first sentence) and what it gives."""
    told = sentences(" ".join(prompt.split()))
    asked = next((sentence for sentence in told if sentence.endswith("?")), told[0] if told else "")
    return asked, " ".join(sentence for sentence in told if sentence != asked)


def _prompts(messages: Iterable[ModelMessage]) -> Iterable[str]:
    for message in messages:
        if isinstance(message, ModelRequest):
            for part in message.parts:
                if isinstance(part, UserPromptPart):
                    yield _text(part)


def _text(part: UserPromptPart) -> str:
    if isinstance(part.content, str):
        return part.content
    texts = [item.content if isinstance(item, TextContent) else item for item in part.content]
    return "\n".join(text for text in texts if isinstance(text, str))


def _usage(messages: list[ModelMessage], text: str) -> RequestUsage:
    instructions = (
        next((m.instructions for m in reversed(messages) if isinstance(m, ModelRequest)), None) or ""
    )
    sent = estimated_tokens(instructions) + sum(estimated_tokens(prompt) for prompt in _prompts(messages))
    return RequestUsage(input_tokens=sent, output_tokens=estimated_tokens(text))


def _words_with_spaces(text: str) -> Iterable[str]:
    first, *rest = text.split(" ")
    yield first
    for word in rest:
        yield f" {word}"
