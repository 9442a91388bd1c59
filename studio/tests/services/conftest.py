"""Models whose answers a test decides; plain SQL; writers in processes of their own."""

import asyncio
import json
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
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
Orders = list[dict[str, Any]]
Query = Callable[..., list[tuple[Any, ...]]]
RunTogether = Callable[[str, Orders, float], Awaitable[list[dict[str, Any]]]]

PROCESSES = 4


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


def run_sql(url: str, sql: str, *parameters: str) -> list[tuple[Any, ...]]:
    """Run plain SQL, with ? for parameters."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.split("///", 1)[1])) as connection:
            return connection.execute(sql, parameters).fetchall()
    with psycopg.connect(url.replace("+psycopg", "")) as server:
        return server.execute(sql.replace("?", "%s").encode(), parameters).fetchall()


@pytest.fixture
def query() -> Query:
    """Ask a database by plain SQL, without Studio."""
    return run_sql


class WritingProcess:
    """A process that runs a program of this folder, which says that it is ready, waits, writes and reports."""

    def __init__(self, program: str, orders: Orders) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name(program))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.send(json.dumps(orders))

    def send(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def read(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def end(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()


async def write_in_processes(program: str, orders: Orders, seconds: float) -> list[dict[str, Any]]:
    """Let a program's processes follow orders, all from the same moment on; return what the writers report."""
    processes: list[WritingProcess] = []
    try:
        processes += [WritingProcess(program, orders[number::PROCESSES]) for number in range(PROCESSES)]
        async with asyncio.timeout(seconds):
            ready = await asyncio.gather(*(asyncio.to_thread(process.read) for process in processes))
            assert ready == ["ready\n"] * PROCESSES
            for process in processes:
                process.send("go")
            lines = await asyncio.gather(*(asyncio.to_thread(process.read) for process in processes))
    finally:
        for process in processes:
            process.end()
    return [report for line in lines for report in json.loads(line)]


@pytest.fixture
def run_together() -> RunTogether:
    """Run writers in four processes at once."""
    return write_in_processes
