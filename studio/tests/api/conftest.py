"""Studio's application on a database of its own, without a server and without pages."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from schemathesis.pytest.plugin import SchemathesisFunction

from studio.app import create_app
from studio.settings import Settings

Open = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each operation's test an identifier of its own.

    schemathesis gives those of one function the same. pytest-xdist would run one of them, and forget the others in
    silence.
    """
    for item in items:
        if isinstance(item, SchemathesisFunction):
            assert item.parent is not None
            item._id = item.parent.id.child(item.name)


@pytest.fixture
def open_studio(tmp_path: Path) -> Open:
    """Open a Studio with the given environment, and a client of it."""

    @asynccontextmanager
    async def opened(
        base_url: str = "http://localhost", **environment: str
    ) -> AsyncIterator[httpx.AsyncClient]:
        settings = Settings.from_environment({"STUDIO_DATA_DIR": str(tmp_path), **environment})
        app = create_app(settings, pages=False)
        # What a server sends for an unforeseen error, instead of the error itself.
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url=base_url) as client,
        ):
            yield client

    return opened


@pytest_asyncio.fixture
async def client(open_studio: Open, sqlite_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a Studio that has its sample and nothing else."""
    async with open_studio(STUDIO_DATABASE_URL=sqlite_url) as client:
        yield client


@pytest.fixture
def problem_of() -> Callable[[httpx.Response, int, str], dict[str, Any]]:
    """Return the problem that a response tells, which must be of the status and the code given."""

    def read(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
        assert response.status_code == status, response.text
        assert response.headers["content-type"] == "application/problem+json"
        problem: dict[str, Any] = response.json()
        assert (problem["status"], problem["code"]) == (status, code)
        assert problem["title"]
        assert problem["detail"]
        return problem

    return read


@pytest.fixture
def upload(client: httpx.AsyncClient) -> Callable[[str, bytes], Awaitable[httpx.Response]]:
    """Import a file by its name and bytes."""

    async def send(name: str, data: bytes) -> httpx.Response:
        return await client.post("/api/projects/import", files={"file": (name, data)})

    return send
