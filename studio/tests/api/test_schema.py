"""The API does what its OpenAPI document says, whatever it is sent."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, Phase, settings
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from studio.api import create_api
from studio.app import create_app, create_context
from studio.serving import address_of, listen
from studio.settings import Settings

SCRIPT = b"INT. A - DAY\n\nMaria reads.\n\nEXT. B - NIGHT\n\nWaves.\n"

bounded = settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@contextmanager
def served(database_url: str, data_dir: Path) -> Iterator[str]:
    """Serve a Studio without pages from a thread; yield its address."""
    environment = {"STUDIO_DATA_DIR": str(data_dir), "STUDIO_DATABASE_URL": database_url}
    app = create_app(Settings.from_environment(environment), pages=False)
    listener = listen("127.0.0.1", 0, only_this_port=True)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        address = address_of(listener).rstrip("/")
        # The socket listens already: this waits for its answer as long as the start takes.
        assert httpx.get(f"{address}/api/health", timeout=30).is_success
        yield address
    finally:
        server.should_exit = True
        thread.join(30)


@pytest.fixture(scope="module")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Studio on SQLite."""
    directory = tmp_path_factory.mktemp("sqlite")
    with served(f"sqlite:///{directory / 'studio.sqlite3'}", directory) as address:
        yield address


@pytest.fixture(scope="module")
def on_postgresql(migrated_postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Studio on PostgreSQL, which holds less than SQLite of what can be sent."""
    with served(migrated_postgres_url, tmp_path_factory.mktemp("postgresql")) as address:
        yield address


def document() -> dict[str, Any]:
    """Return the OpenAPI document, which needs no database."""
    return create_api(create_context(Settings.from_environment({}))).openapi()


# A stream that goes on for minutes has its own tests, with an end.
schema = schemathesis.openapi.from_dict(document()).exclude(path_regex="/events$")


@schema.parametrize()
@bounded
def test_any_request_gets_an_answer_that_is_documented(
    case: "schemathesis.Case[Any]", on_sqlite: str
) -> None:
    """No crash, no undocumented status, no answer of another shape; what does not fit is refused."""
    # What a schema cannot say is refused with 422: a NUL in a text, a file of another kind.
    case.call_and_validate(f"{on_sqlite}/api", excluded_checks=[positive_data_acceptance])


@schema.parametrize()
@bounded
def test_any_request_about_what_is_there_gets_a_documented_answer(
    case: "schemathesis.Case[Any]", on_postgresql: str
) -> None:
    """The same with identifiers of a project, a script and a scene that exist."""
    case.path_parameters.update(existing(on_postgresql))
    case.call_and_validate(
        f"{on_postgresql}/api", excluded_checks=[positive_data_acceptance, negative_data_rejection]
    )


def existing(address: str) -> dict[str, str]:
    """Import a project and return identifiers in it."""
    files = {"file": ("film.fountain", SCRIPT)}
    project = httpx.post(f"{address}/api/projects/import", files=files, timeout=60).json()
    scenes = httpx.get(f"{address}/api/scripts/{project['script_id']}/scenes", timeout=60).json()
    return {"project_id": project["id"], "script_id": project["script_id"], "scene_id": scenes[0]["id"]}
