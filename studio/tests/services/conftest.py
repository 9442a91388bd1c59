"""Models whose answers a test decides."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart
from pydantic_ai.models import Model
from pydantic_ai.models.function import AgentInfo, FunctionModel

from studio.ai import Patience, SummaryModel, choose_model
from studio.app import create_context
from studio.database import Database
from studio.jobs.serving import worker_for
from studio.settings import Settings

Answer = Callable[[], Awaitable[str]]
Working = Callable[[SummaryModel], AbstractAsyncContextManager[None]]


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


@pytest.fixture
def working(database: Database, database_url: str, tmp_path: Path) -> Working:
    """Run jobs while a block runs, with a model of the test's."""
    settings = Settings.from_environment(
        {"STUDIO_DATA_DIR": str(tmp_path), "STUDIO_DATABASE_URL": database_url}
    )
    parts = create_context(settings)

    @asynccontextmanager
    async def run(model: SummaryModel) -> AsyncIterator[None]:
        async with worker_for(replace(parts, database=database, summary_model=model), grace=0):
            yield

    return run
