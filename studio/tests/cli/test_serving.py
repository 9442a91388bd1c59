"""A real `studio serve`: it starts, says where it is, survives a kill, and stops well."""

import json
import re
import signal
import socket
import sqlite3
import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from studio.settings import DEFAULT_PORT

Serving = Callable[..., AbstractContextManager[tuple[subprocess.Popen[str], list[str]]]]
Run = Callable[..., subprocess.CompletedProcess[bytes]]

SCRIPT = (
    b"INT. KITCHEN - DAY\n\nMaria finds it.\n\nEXT. PIER - NIGHT\n\nWaves.\n\n"
    b"INT. KITCHEN - DAY\n\nAsh falls.\n"
)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def address_in(said: list[str]) -> str:
    found = re.search(r"http://\S+", said[-1])
    assert found, said
    return found[0].rstrip("/")


def write_and_summarise(address: str) -> dict[str, Any]:
    """Import a script, edit a scene, summarise two under one slugline; return the script as answered last."""
    project = httpx.post(f"{address}/api/projects/import", files={"file": ("film.fountain", SCRIPT)}).json()
    script = httpx.get(f"{address}/api/projects/{project['id']}/script", timeout=30).json()
    first, second, third = (scene["id"] for scene in script["scenes"])
    saved = httpx.patch(
        f"{address}/api/scenes/{second}", json={"base_version": 1, "text": "EXT. PIER - DAWN\n\nGulls.\n\n"}
    )
    assert saved.status_code == 200
    for scene_id in (first, third):
        assert httpx.post(f"{address}/api/scenes/{scene_id}/summary", timeout=30).status_code == 200
    answered: dict[str, Any] = httpx.get(f"{address}/api/projects/{project['id']}/script", timeout=30).json()
    return answered


def test_what_was_written_and_summarised_survives_kill_9(serving: Serving, tmp_path: Path) -> None:
    """After SIGKILL and a new start all is there, by HTTP and in a plain SQL query."""
    port = str(free_port())
    with serving("serve", "--no-browser", "--port", port) as (process, said):
        before = write_and_summarise(address_in(said))
        process.send_signal(signal.SIGKILL)
        process.wait()
    with closing(sqlite3.connect(tmp_path / "data" / "studio.sqlite3")) as connection:
        (stored,) = connection.execute(
            "SELECT scene_summaries FROM scripts WHERE id = ?", [before["id"]]
        ).fetchone()
    summaries = {scene["id"]: scene["summary"]["text"] for scene in before["scenes"] if scene["summary"]}
    assert {scene_id: entry["text"] for scene_id, entry in json.loads(stored).items()} == summaries
    assert len(set(summaries.values())) == 2
    with serving("serve", "--no-browser", "--port", port) as (_, said):
        address = address_in(said)
        assert httpx.get(f"{address}/api/projects/{before['project_id']}/script", timeout=30).json() == before
        assert httpx.get(f"{address}/", timeout=30).status_code == 200


class SlowProvider:
    """A provider in OpenAI's chat format that answers when it may; `asked` tells that somebody waits."""

    def __init__(self) -> None:
        self.asked, self.may_answer = threading.Event(), threading.Event()
        provider = self

        class Answering(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                provider.asked.set()
                if not provider.may_answer.wait(60):
                    return
                message = {"role": "assistant", "content": "Maria finds it."}
                choice = {"index": 0, "finish_reason": "stop", "message": message}
                answer = {
                    "id": "1",
                    "object": "chat.completion",
                    "created": 1,
                    "model": "m",
                    "choices": [choice],
                }
                body = json.dumps(answer).encode()
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                with suppress(ConnectionError):  # who asked may have been killed
                    self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"

    def close(self) -> None:
        self.may_answer.set()
        self._server.shutdown()
        self._server.server_close()


def test_a_summary_that_was_asked_for_is_made_after_kill_9(serving: Serving, tmp_path: Path) -> None:
    """Studio is killed while the model thinks; after the next start the job goes on, and nobody has to ask again."""
    provider = SlowProvider()
    model = {"STUDIO_MODEL": "openai-chat:m", "OPENAI_API_KEY": "k", "OPENAI_BASE_URL": provider.url}
    port = str(free_port())
    with serving("serve", "--no-browser", "--port", port, **model) as (process, said):
        address = address_in(said)
        project = httpx.post(
            f"{address}/api/projects/import", files={"file": ("film.fountain", SCRIPT)}, timeout=30
        ).json()
        script = httpx.get(f"{address}/api/projects/{project['id']}/script", timeout=30).json()
        scene = script["scenes"][0]["id"]
        with ThreadPoolExecutor() as threads:
            asking = threads.submit(httpx.post, f"{address}/api/scenes/{scene}/summary", timeout=60)
            assert provider.asked.wait(30)
            process.send_signal(signal.SIGKILL)
            process.wait()
            assert isinstance(asking.exception(30), httpx.TransportError)
    provider.asked.clear()
    with serving("serve", "--no-browser", "--port", port, **model) as (_, said):
        address = address_in(said)
        assert httpx.get(f"{address}/api/scenes/{scene}/summary", timeout=30).status_code == 404
        # The lease of the killed process runs out first.
        assert provider.asked.wait(60)
        provider.may_answer.set()
        events = f"{address}/api/scripts/{script['id']}/summaries/events"
        with httpx.stream("GET", events, timeout=60) as followed:
            for line in followed.iter_lines():
                if line.startswith("data: "):
                    state = json.loads(line.removeprefix("data: "))["scenes"][0]
                    if not state["refreshing"]:
                        break
    provider.close()
    assert (state["summary"]["text"], state["problem"]) == ("Maria finds it.", None)
    with closing(sqlite3.connect(tmp_path / "data" / "studio.sqlite3")) as connection:
        rows = connection.execute(
            "SELECT state, running FROM indelible_jobs WHERE key = ?", [scene]
        ).fetchall()
    assert rows == [("done", 1)]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_is_quick_and_clean(serving: Serving, number: signal.Signals) -> None:
    """SIGTERM and Ctrl-C end it with exit code 0 and without a word more."""
    with serving("serve", "--no-browser", "--port", str(free_port())) as (process, said):
        assert httpx.get(f"{address_in(said)}/api/health", timeout=30).is_success
        process.send_signal(number)
        rest, _ = process.communicate(timeout=15)
    assert (process.returncode, rest) == (0, "")


def test_a_busy_default_port_is_stepped_over(serving: Serving) -> None:
    """`studio` alone serves on the next free port and says that it did."""
    with closing(socket.socket()) as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            other.bind(("127.0.0.1", DEFAULT_PORT))
            other.listen()
        except OSError:
            pass  # Someone else holds it, which is as good.
        with serving("--no-browser") as (_, said):
            port = int(address_in(said).rpartition(":")[2])
            assert port > DEFAULT_PORT
            assert f"Port {DEFAULT_PORT} is in use" in said[0]


def test_a_busy_port_that_was_asked_for_is_an_error(studio: Run) -> None:
    """`--port` and STUDIO_PORT mean this port or none; the message says what to do."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        for answer in (studio("serve", "--port", port), studio("serve", STUDIO_PORT=port)):
            assert answer.returncode == 1
            assert f"Port {port} is in use. Choose another" in answer.stderr.decode()
            assert b"Traceback" not in answer.stderr


def test_listening_beyond_this_machine_without_a_password_is_refused(studio: Run) -> None:
    """Nothing is served, and the message names the variable."""
    answer = studio("serve", "--host", "0.0.0.0")
    assert answer.returncode == 1
    assert b"set STUDIO_PASSWORD" in answer.stderr


def test_a_postgresql_database_that_is_behind_is_not_served(studio: Run, empty_postgres_url: str) -> None:
    """`serve` says to migrate; `migrate` does it and says so, once."""
    behind = studio("serve", STUDIO_DATABASE_URL=empty_postgres_url)
    assert behind.returncode == 1
    assert b"run `studio migrate`" in behind.stderr
    first = studio("migrate", STUDIO_DATABASE_URL=empty_postgres_url)
    assert (first.returncode, b"is now at revision" in first.stdout) == (0, True)
    assert b"Nothing to do" in studio("migrate", STUDIO_DATABASE_URL=empty_postgres_url).stdout


def test_two_studios_that_start_together_on_nothing_both_serve(serving: Serving) -> None:
    """One makes the tables and the sample, the other finds them; neither fails."""
    with (
        serving("serve", "--no-browser", "--port", str(free_port())) as (_, first),
        serving("serve", "--no-browser", "--port", str(free_port())) as (_, second),
    ):
        pages = [httpx.get(f"{address_in(said)}/api/projects", timeout=30).json() for said in (first, second)]
    assert pages[0] == pages[1]
    assert pages[0]["total"] == 1
