"""A provider of images on this machine, which answers as a test tells it to."""

import base64
import io
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from PIL import Image


def png(colour: tuple[int, int, int] = (200, 90, 40)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (12, 8), colour).save(file, "PNG")
    return file.getvalue()


@dataclass
class Reply:
    """One answer; `hold` is waited for before it is sent."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    hold: threading.Event | None = None
    cut: bool = False


@dataclass
class Asked:
    """One request as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


class ImageProvider:
    """Answer with `replies` in turn, the last one again and again."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.png = png()
        self.replies: list[Reply] = [self.image()]
        self.files: dict[str, Reply] = {}
        self.release = threading.Event()
        self._lock = threading.Lock()
        provider = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self._answer(provider.take(self, json.loads(body)))

            def do_GET(self) -> None:
                provider.take(self, None, count=False)
                self._answer(provider.files.get(self.path, Reply(404, b"gone")))

            def _answer(self, reply: Reply) -> None:
                if reply.hold is not None:
                    reply.hold.wait(60)
                if reply.cut:
                    self.close_connection = True
                    return
                self.send_response(reply.status)
                self.send_header("Content-Length", str(len(reply.body)))
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(reply.body)

            def log_message(self, *arguments: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.host = f"http://127.0.0.1:{self._server.server_port}"
        self.url = f"{self.host}/v1"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def take(self, request: BaseHTTPRequestHandler, body: Any, *, count: bool = True) -> Reply:
        headers = {name.lower(): value for name, value in request.headers.items()}
        with self._lock:
            self.asked.append(Asked(request.command, request.path, headers, body))
            if not count:
                return Reply()
            return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    def stop(self) -> None:
        self.release.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def posts(self) -> list[Asked]:
        return [asked for asked in self.asked if asked.method == "POST"]

    @staticmethod
    def json(answer: Any, status: int = 200, **headers: str) -> Reply:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Reply(status, json.dumps(answer).encode(), {"Content-Type": "application/json", **named})

    @staticmethod
    def plain(body: bytes) -> Reply:
        return Reply(200, body)

    @staticmethod
    def cut() -> Reply:
        return Reply(cut=True)

    def silence(self) -> Reply:
        return Reply(hold=self.release)

    @classmethod
    def image(cls, data: bytes | None = None) -> Reply:
        usage = {"input_tokens": 100, "output_tokens": 1600, "total_tokens": 1700}
        text = base64.b64encode(data or png()).decode()
        return cls.json({"created": 1, "data": [{"b64_json": text}], "usage": usage})

    @classmethod
    def error(cls, status: int, code: str = "", **headers: str) -> Reply:
        return cls.json(
            {"error": {"message": "said the provider", "code": code, "type": code}}, status, **headers
        )


@pytest.fixture
def provider() -> Iterator[ImageProvider]:
    """A provider of images on this machine."""
    provider = ImageProvider()
    yield provider
    provider.stop()
