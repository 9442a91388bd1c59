"""A provider on this machine that speaks each provider's format over real sockets, and misbehaves if told."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

import pytest

from studio.ai import Patience, SummaryModel, choose_model

KEY = "sk-test-0123456789abcdef"
WAIT = 10.0

Behaviour = Literal["answer", "break off", "hang up", "say nothing", "trickle"]


@dataclass
class Answer:
    """What the provider sends back, and how."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    behaviour: Behaviour = "answer"

    @property
    def data(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass
class Received:
    """A request as it came over the wire."""

    path: str
    headers: dict[str, str]
    body: Any
    at: float
    client: tuple[str, int]


class ProviderServer(ThreadingHTTPServer):
    """Answer with `answers` in turn, the last one for ever; keep what was received."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[Answer] = []
        self.received: list[Received] = []
        self.arrived = threading.Event()
        self.left = threading.Event()
        self.closing = threading.Event()
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def take(self, request: Received) -> Answer:
        with self._lock:
            self.received.append(request)
            self.arrived.set()
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class Handler(BaseHTTPRequestHandler):
    """Speak HTTP/1.1 for a ProviderServer."""

    protocol_version = "HTTP/1.1"
    server: ProviderServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.server.take(Received(self.path, headers, body, time.monotonic(), self.client_address))
        if answer.behaviour == "hang up":
            self.close_connection = True
            return
        if answer.behaviour == "say nothing":
            self._wait_until_the_client_leaves()
            return
        self._head(answer)
        if answer.behaviour == "trickle":
            self._trickle()
        elif answer.behaviour == "break off":
            self.wfile.write(answer.data[: len(answer.data) // 2])
            self.close_connection = True
        else:
            self.wfile.write(answer.data)

    def _head(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        length = 10_000_000 if answer.behaviour == "trickle" else len(answer.data)
        self.send_header("Content-Length", str(length))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _trickle(self) -> None:
        try:
            while not self.server.closing.wait(0.05):
                self.wfile.write(b" ")
        except OSError:
            self.server.left.set()
        self.close_connection = True

    def _wait_until_the_client_leaves(self) -> None:
        self.connection.settimeout(0.05)
        while not self.server.closing.is_set():
            try:
                if not self.connection.recv(1):
                    self.server.left.set()
                    break
            except TimeoutError:
                continue
            except OSError:
                self.server.left.set()
                break
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Keep the test's output quiet."""


@dataclass(frozen=True)
class Dialect:
    """How one provider's API looks: where requests go, and what an answer is."""

    name: str
    environment: Callable[[str], dict[str, str]]
    path: str
    key_header: tuple[str, str]
    answer: Callable[[str], Any]
    no_text: Any


def _anthropic(text: str | None) -> Any:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-haiku-5-5",
        "content": [] if text is None else [{"type": "text", "text": text}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 211, "output_tokens": 17},
    }


def _openai_responses(text: str | None) -> Any:
    message = {
        "type": "message",
        "id": "msg_1",
        "status": "completed",
        "role": "assistant",
        "content": [{"type": "output_text", "text": text, "annotations": []}],
    }
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1_790_000_000,
        "status": "completed",
        "model": "gpt-6-luna",
        "output": [] if text is None else [message],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": {
            "input_tokens": 211,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": 17,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 228,
        },
    }


def _openai_chat(text: str | None) -> Any:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_790_000_000,
        "model": "gpt-6-luna",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 211, "completion_tokens": 17, "total_tokens": 228},
    }


def _google(text: str | None) -> Any:
    parts = [] if text is None else [{"text": text}]
    return {
        "candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": "STOP", "index": 0}],
        "usageMetadata": {"promptTokenCount": 211, "candidatesTokenCount": 17, "totalTokenCount": 228},
        "modelVersion": "gemini-3.5-flash-lite",
    }


DIALECTS = {
    "anthropic": Dialect(
        "anthropic:claude-haiku-5-5",
        lambda url: {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": url},
        "/v1/messages",
        ("authorization", f"Bearer {KEY}"),
        _anthropic,
        _anthropic(None),
    ),
    "openai": Dialect(
        "openai:gpt-6-luna",
        lambda url: {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": f"{url}/v1"},
        "/v1/responses",
        ("authorization", f"Bearer {KEY}"),
        _openai_responses,
        _openai_responses(None),
    ),
    "openai-chat": Dialect(
        "openai-chat:gpt-6-luna",
        lambda url: {
            "OPENAI_API_KEY": KEY,
            "OPENAI_BASE_URL": f"{url}/v1",
            "STUDIO_MODEL": "openai-chat",
        },
        "/v1/chat/completions",
        ("authorization", f"Bearer {KEY}"),
        _openai_chat,
        _openai_chat(None),
    ),
    "google": Dialect(
        "google:gemini-3.5-flash-lite",
        lambda url: {"GEMINI_API_KEY": KEY, "GEMINI_BASE_URL": url},
        "/v1beta/models/gemini-3.5-flash-lite:generateContent",
        ("x-goog-api-key", KEY),
        _google,
        _google(None),
    ),
}


@pytest.fixture(params=list(DIALECTS))
def dialect(request: pytest.FixtureRequest) -> Dialect:
    """Give each provider's format in turn."""
    return DIALECTS[request.param]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ProviderServer]:
    """Give a provider on an ephemeral port, ended with the test."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    provider = ProviderServer()
    thread = threading.Thread(target=provider.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield provider
    provider.closing.set()
    provider.shutdown()
    provider.server_close()
    thread.join(WAIT)


@pytest.fixture
def answer() -> type[Answer]:
    """Give the class of answers, which tests cannot import from here."""
    return Answer


@pytest.fixture
def connect(dialect: Dialect, server: ProviderServer) -> Callable[..., SummaryModel]:
    """Give a function that chooses the dialect's model at the server, with little patience."""

    def choose(**patience: float) -> SummaryModel:
        model = choose_model(dialect.environment(server.url))
        quick: dict[str, Any] = {
            "request": WAIT,
            "waits": 5.0,
            "attempts": 3,
            "first_wait": 0.01,
            "jitter": 0.01,
        }
        return SummaryModel(model.connection, Patience(**(quick | patience)))

    return choose
