"""A real Studio, a real Chromium: what a person does, done by a test."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, Request, ViewportSize, expect, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run"]
PATIENCE_SECONDS = 60  # a busy machine starts a server slowly

SCRIPT = """Title: The Lamp

INT. LIGHTHOUSE - NIGHT

Rain on the glass. MARIA (40) winds the clockwork.

MARIA
(to the lamp)
One more night.

EXT. BREAKWATER - DAY

TOMAS runs along the stones with a letter.

TOMAS
Maria! They are closing it!

INT. LIGHTHOUSE - NIGHT

The lamp is dark. Maria reads the letter by a match.

CUT TO:
"""


class Studio:
    """A `studio serve` process on its own port and data directory, which can be killed and started again."""

    def __init__(self, data_dir: Path, environment: dict[str, str]) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = data_dir.with_suffix(".log")
        keep = {
            name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PYTHONPATH") if name in os.environ
        }
        self._environment = keep | {
            "STUDIO_DATA_DIR": str(data_dir),
            "STUDIO_PORT": str(self.port),
            "PYTHONUNBUFFERED": "1",
            **environment,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Studio":
        """Start and wait until it answers."""
        command = [str(Path(sys.executable).with_name("studio")), "serve", "--no-browser"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, env=self._environment, stdout=log, stderr=log)
        wait_for(self._answers, lambda: f"Studio does not answer:\n{self._log.read_text()[-4000:]}")
        return self

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise AssertionError(f"Studio ended:\n{self._log.read_text()[-4000:]}")
        with suppress(httpx.TransportError):
            return httpx.get(f"{self.url}/api/health", timeout=5).is_success
        return False

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def call(self, method: str, path: str, json: Any = None, **options: Any) -> Any:
        """Ask the REST API and return the JSON of its answer."""
        answer = httpx.request(method, f"{self.url}/api{path}", json=json, timeout=30, **options)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def import_script(self, text: str | bytes = SCRIPT, name: str = "lamp.fountain") -> "Project":
        """Make a project of a script."""
        data = text.encode() if isinstance(text, str) else text
        return Project(self, self.call("POST", "/projects/import", files={"file": (name, data)})["id"])


class Project:
    """One project, as the API has it: what is stored, not what a page shows."""

    def __init__(self, studio: Studio, project_id: str) -> None:
        self.studio = studio
        self.id = project_id
        self.url = f"{studio.url}/projects/{project_id}"

    def script(self) -> dict[str, Any]:
        script: dict[str, Any] = self.studio.call("GET", f"/projects/{self.id}/script")
        return script

    def scenes(self) -> list[dict[str, Any]]:
        scenes: list[dict[str, Any]] = self.script()["scenes"]
        return scenes

    def sluglines(self) -> list[str]:
        return [scene["slugline"] for scene in self.scenes()]

    def text(self) -> str:
        return "".join(scene["text"] for scene in self.scenes())


class Desk:
    """The Script page in one window."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.surface = page.locator(".surface")
        self.navigator = page.get_by_role("navigation", name="Scenes")
        self.status = page.locator(".save-status .words")
        self.conflict = page.get_by_role("dialog", name="Two versions of this scene")

    def open(self, project: Project) -> "Desk":
        self.page.goto(project.url)
        expect(self.page.locator(".script-page .pane").first).to_be_attached(timeout=60_000)
        return self

    def scene(self, at: int) -> Locator:
        return self.navigator.locator(".scene-item").nth(at)

    def open_scene(self, at: int) -> None:
        self.scene(at).locator(".go").click()
        expect(self.scene(at)).to_have_class("scene-item current")

    def end(self) -> None:
        """Put the caret at the end of the scene."""
        self.surface.focus()
        self.page.keyboard.press("Control+End")

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def saved(self) -> None:
        expect(self.status).to_have_text("Saved", timeout=60_000)

    def wait_until(self, condition: Callable[[], Any]) -> None:
        """Wait for what the page brings about elsewhere, as in the database."""
        wait_for(condition, lambda: "The page did not bring it about.", pause=self.page.wait_for_timeout)

    def text(self) -> str:
        """The words on the page, line by line."""
        return "\n".join(self.surface.locator("> div").all_text_contents())

    def kinds(self) -> list[str]:
        """The element that each line is shown as."""
        kinds: list[str] = self.surface.evaluate("root => [...root.children].map(line => line.dataset.kind)")
        return kinds

    def caret(self) -> tuple[str, int]:
        """The line with the caret, and the characters before it in that line."""
        text, before = self.page.evaluate(
            """() => {
              const selection = getSelection();
              const line = selection.focusNode.parentElement.closest('.surface > div') ?? selection.focusNode;
              const range = document.createRange();
              range.setStart(line, 0);
              range.setEnd(selection.focusNode, selection.focusOffset);
              return [line.textContent, range.toString().length];
            }"""
        )
        return text, before


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(
    condition: Callable[[], Any],
    message: Callable[[], str],
    *,
    pause: Callable[[float], None] = lambda milliseconds: time.sleep(milliseconds / 1000),
) -> None:
    """Wait for a condition; `pause` (milliseconds) must let a page's own events through."""
    limit = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < limit, message()
        pause(50)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    if not CHROMIUM.exists():
        if os.environ.get("CI"):
            pytest.fail(f"{CHROMIUM} is missing; install the package chromium")
        pytest.skip(f"{CHROMIUM} is missing")
    # Module scope: its event loop must have ended before tests that bring their own.
    flags = [*FLAGS, "--no-sandbox"] if os.getuid() == 0 else FLAGS
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=flags)
        expect.set_options(timeout=45_000)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A Studio that the tests of one module share; each makes its own project."""
    studio = Studio(tmp_path_factory.mktemp("studio") / "data", {}).start()
    yield studio
    studio.kill()


@pytest.fixture
def start_studio(tmp_path: Path) -> Iterator[Callable[..., Studio]]:
    """Start a Studio of the test's own, with environment variables."""
    started: list[Studio] = []

    def start(**environment: str) -> Studio:
        studio = Studio(tmp_path / f"data-{len(started)}", environment)
        started.append(studio)
        return studio.start()

    yield start
    for studio in started:
        studio.kill()


@pytest.fixture
def project(studio: Studio) -> Project:
    """A script of three scenes, the first and the last with the same slugline."""
    return studio.import_script()


@pytest.fixture
def open_window(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Open a window of its own (its own cookies and storage).

    When the test ends, nothing may have been written to the console as an error and no request may have left
    this machine. `failing=True` for tests in which requests fail on purpose: the browser logs those.
    """
    contexts = []
    complaints: list[str] = []

    def open_window(*, width: int = 1600, height: int = 1000, failing: bool = False, **options: Any) -> Page:
        viewport: ViewportSize = {"width": width, "height": height}
        context = chromium.new_context(viewport=viewport, **options)
        contexts.append(context)
        page = context.new_page()
        watch(page, complaints, failing=failing)
        context.on("page", lambda other: watch(other, complaints, failing=failing))
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert complaints == []


def watch(page: Page, complaints: list[str], *, failing: bool) -> None:
    def on_request(request: Request) -> None:
        if not request.url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:", "about:")):
            complaints.append(f"left the machine: {request.url}")

    def on_console(message: Any) -> None:
        expected = failing and "Failed to load resource" in message.text
        expected = expected or (failing and "WebSocket connection" in message.text)
        if message.type == "error" and not expected:
            complaints.append(f"console: {message.text}")

    page.on("request", on_request)
    page.on("console", on_console)
    page.on("pageerror", lambda error: complaints.append(f"page error: {error}"))


@pytest.fixture
def page(open_window: Callable[..., Page]) -> Page:
    """A wide window."""
    return open_window()


def settle(page: Page) -> None:
    """Wait until nothing moves, so that a picture shows the end of every transition."""
    page.evaluate("Promise.all(document.getAnimations().filter(a => a.playState === 'running' && "
                  "a.effect.getTiming().iterations !== Infinity).map(a => a.finished.catch(() => 0)))")  # fmt: skip
    page.evaluate("document.fonts.ready.then(() => true)")


@pytest.fixture
def in_both_themes() -> Callable[[Page], Iterator[str]]:
    """Show a page in each theme, one after the other and at rest, without loading it anew."""

    def shown(page: Page) -> Iterator[str]:
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            expect(page.locator("html")).to_have_attribute("data-theme", theme)
            settle(page)
            yield theme

    return shown


@pytest.fixture
def desk(page: Page) -> Desk:
    """The Script page in a wide window."""
    return Desk(page)


@pytest.fixture
def make_desk() -> Callable[[Page], Desk]:
    """Make a desk of another window."""
    return Desk
