"""Models whose answers a test decides."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart
from pydantic_ai.models import Model
from pydantic_ai.models.function import AgentInfo, FunctionModel

from studio.ai import Patience, SummaryModel, choose_model

Answer = Callable[[], Awaitable[str]]


@dataclass(frozen=True)
class ScriptedModel(SummaryModel):
    """Answer what a test's function answers, as a provider's model would."""

    answer: Answer | None = None

    @property
    def name(self) -> str:
        return "scripted"

    @asynccontextmanager
    async def held_open(self) -> AsyncIterator[Model]:
        async def respond(_messages: list[ModelMessage], _info: AgentInfo) -> ModelResponse:
            assert self.answer is not None
            return ModelResponse(parts=[TextPart(await self.answer())])

        yield FunctionModel(respond)


@pytest.fixture
def local_model() -> SummaryModel:
    """The model that Studio has on its own."""
    return choose_model({"STUDIO_MODEL": "local"})


@pytest.fixture
def scripted() -> Callable[[Answer], SummaryModel]:
    """Make a model out of the function that answers for it."""
    return lambda answer: ScriptedModel(
        connection=None, patience=Patience.from_environment({}), answer=answer
    )
