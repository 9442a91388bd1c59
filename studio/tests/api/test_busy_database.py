"""What a person is told when the database does not answer."""

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

from studio.api import create_api
from studio.app import create_context
from studio.database import Database
from studio.settings import Settings

ProblemOf = Callable[[httpx.Response, int, str], dict[str, Any]]


@asynccontextmanager
async def api_on(url: str) -> AsyncIterator[httpx.AsyncClient]:
    """Open the API on a database that is waited for no longer than a moment."""
    database = Database(url, busy_timeout=0.1)
    usual = create_context(Settings.from_environment({"STUDIO_MODEL": "local"}))
    transport = httpx.ASGITransport(create_api(replace(usual, database=database)))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client
    await database.close()


async def test_a_locked_database_is_a_problem_that_passes(
    sqlite_url: str, tmp_path: Path, problem_of: ProblemOf
) -> None:
    """While another program writes, a save says when to come back, and reading goes on."""
    async with api_on(sqlite_url) as client:
        with closing(sqlite3.connect(tmp_path / "studio.sqlite3", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            busy = await client.post("/projects", json={"title": "Film"})
            assert "try again" in problem_of(busy, 503, "database-busy")["detail"]
            assert busy.headers["retry-after"] == "1"
            assert (await client.get("/projects")).json()["total"] == 0
            other.execute("ROLLBACK")
        assert (await client.post("/projects", json={"title": "Film"})).status_code == 201


async def test_a_database_server_that_is_away_is_a_problem_that_names_the_doctor(
    problem_of: ProblemOf,
) -> None:
    """Nobody listens where PostgreSQL should be: the answer says what to run."""
    async with api_on("postgresql+psycopg://nobody@127.0.0.1:9/nothing") as client:
        for address in ("/projects", "/health"):
            problem = problem_of(await client.get(address), 503, "database-unavailable")
            assert "studio doctor" in problem["detail"]
            assert "127.0.0.1" not in problem["detail"]
