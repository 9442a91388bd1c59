"""Summaries of scenes: made on demand, kept, marked stale, and clear when a provider fails."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

ANSWER = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": "test-model",
    "choices": [
        {
            "index": 0,
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": "Maria keeps the light <b>burning</b>."},
        }
    ],
    "usage": {"prompt_tokens": 5, "completion_tokens": 5, "total_tokens": 10},
}


class Provider:
    """A provider on this machine that speaks OpenAI's chat format, and fails as it is told to."""

    def __init__(self) -> None:
        self.mode = "fine"
        self.hold = threading.Event()
        self.hold.set()
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                provider.hold.wait(30)
                status = {"429": 429, "500": 500}.get(provider.mode, 200)
                body = json.dumps(ANSWER) if provider.mode == "fine" else "<html>garbage"
                if status != 200:
                    body = json.dumps({"error": {"message": "no", "type": "error"}})
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *arguments: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.hold.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def provider() -> Iterator[Provider]:
    provider = Provider()
    yield provider
    provider.stop()


@pytest.fixture
def with_provider(start_studio: Callable[..., Any], provider: Provider) -> Any:
    """A Studio that has its summaries written by the provider."""
    return start_studio(
        STUDIO_MODEL="openai-chat:test-model",
        OPENAI_API_KEY="a-key",
        OPENAI_BASE_URL=provider.url,
        STUDIO_MODEL_RETRY_WAIT="0",
    )


def panel(page: Page) -> Any:
    return page.get_by_role("complementary", name="Summary")


def test_a_summary_stays_after_a_reload_and_a_crash(
    start_studio: Any, open_window: Any, make_desk: Any
) -> None:
    """A generated summary is there after a reload, and after the server was killed and started again."""
    studio = start_studio()
    project = studio.import_script()
    page = open_window(failing=True)
    make_desk(page).open(project)
    panel(page).get_by_role("button", name="Generate summary").click()
    expect(panel(page)).to_contain_text("Up to date")
    words = panel(page).locator(".summary-text").inner_text()
    assert len(words) > 20
    studio.kill()
    studio.start()
    page.reload()
    expect(panel(page).locator(".summary-text")).to_have_text(words)
    expect(panel(page)).to_contain_text("Local model")
    assert project.scenes()[0]["summary"]["text"] == words


def test_scenes_with_one_slugline_keep_their_own_summaries(project: Any, desk: Any, page: Page) -> None:
    """Two scenes with the same slugline have two summaries, also after a reload."""
    desk.open(project)
    texts = []
    for at in (0, 2):
        desk.open_scene(at)
        panel(page).get_by_role("button", name="Generate summary").click()
        expect(panel(page)).to_contain_text("Up to date")
        texts.append(panel(page).locator(".summary-text").inner_text())
    assert texts[0] != texts[1]
    page.reload()
    for at, text in zip((0, 2), texts, strict=True):
        desk.open_scene(at)
        expect(panel(page).locator(".summary-text")).to_have_text(text)
        expect(desk.scene(at)).to_contain_text(text[:30])


def test_editing_marks_a_summary_stale_and_taking_it_back_does_not(
    project: Any, desk: Any, page: Page
) -> None:
    """An edit marks the summary stale in the panel and the list; taking the edit back makes it fresh again."""
    desk.open(project)
    panel(page).get_by_role("button", name="Generate summary").click()
    expect(panel(page)).to_contain_text("Up to date")
    desk.end()
    desk.type(" Again")
    expect(panel(page).get_by_text("Stale", exact=True)).to_be_visible()
    expect(desk.scene(0)).to_contain_text("Stale summary")
    expect(panel(page).locator(".summary-text")).to_be_visible()
    for _ in range(len(" Again")):
        page.keyboard.press("Backspace")
    expect(panel(page).get_by_text("Up to date", exact=True)).to_be_visible()


def test_a_summary_is_made_of_what_was_just_typed(project: Any, desk: Any, page: Page) -> None:
    """Generate saves first: a summary made right after typing is not stale."""
    desk.open(project).end()
    desk.type("\n\nA ship strikes the rocks.")
    panel(page).get_by_role("button", name="Generate summary").click()
    expect(panel(page)).to_contain_text("Up to date")
    assert project.scenes()[0]["summary"]["stale"] is False


def test_all_summaries_are_made_with_progress(project: Any, desk: Any, page: Page) -> None:
    """Generate all makes what is missing and says how it went."""
    desk.open(project)
    panel(page).get_by_role("button", name="Generate all (3)").click()
    expect(panel(page)).to_contain_text("3 summaries made.")
    expect(panel(page)).to_contain_text("3 of 3 summaries up to date")
    assert all(scene["summary"] for scene in project.scenes())


def test_making_all_summaries_can_be_cancelled(
    with_provider: Any, provider: Provider, desk: Any, page: Page
) -> None:
    """While all are being made the page shows which one and how many; Cancel stops, what was made is kept."""
    project = with_provider.import_script()
    desk.open(project)
    provider.hold.clear()
    panel(page).get_by_role("button", name="Generate all (3)").click()
    expect(panel(page).get_by_role("progressbar")).to_be_visible()
    expect(panel(page)).to_contain_text("0 of 3 · INT. LIGHTHOUSE - NIGHT")
    expect(desk.scene(0)).to_contain_text("Refreshing")
    panel(page).get_by_role("button", name="Cancel").click()
    expect(panel(page)).to_contain_text("Stopped after 0 of 3.")
    expect(desk.scene(0)).not_to_contain_text("Refreshing")
    provider.hold.set()
    panel(page).get_by_role("button", name="Generate all").click()
    expect(panel(page)).to_contain_text("summaries up to date")
    expect(panel(page)).to_contain_text("made.")


def test_a_providers_answer_is_shown_as_text(with_provider: Any, desk: Any, page: Page) -> None:
    """What a model answers is text: its markup is shown, not obeyed; the panel names the model and where scenes go."""
    desk.open(with_provider.import_script())
    panel(page).get_by_role("button", name="Generate summary").click()
    expect(panel(page).locator(".summary-text")).to_have_text("Maria keeps the light <b>burning</b>.")
    expect(panel(page)).to_contain_text("openai-chat:test-model")
    expect(panel(page)).to_contain_text("The scenes are sent to 127.0.0.1")


@pytest.mark.parametrize("mode", ["429", "500", "garbage"])
def test_a_provider_that_fails_is_told_and_the_old_summary_stays(
    with_provider: Any, provider: Provider, open_window: Any, make_desk: Any, mode: str
) -> None:
    """A provider's failure is explained beside the button; the summary before it and all text stay."""
    project = with_provider.import_script()
    page = open_window(failing=True)
    desk = make_desk(page).open(project)
    panel(page).get_by_role("button", name="Generate summary").click()
    expect(panel(page)).to_contain_text("Up to date")
    provider.mode = mode
    panel(page).get_by_role("button", name="Generate again").click()
    alert = panel(page).get_by_role("alert")
    expect(alert).to_contain_text("No new summary.", timeout=30_000)
    assert len(alert.inner_text()) > 40
    expect(panel(page).locator(".summary-text")).to_have_text("Maria keeps the light <b>burning</b>.")
    desk.end()
    desk.type(" Writing goes on.")
    desk.saved()
    provider.mode = "fine"
    panel(page).get_by_role("button", name="Refresh summary").click()
    expect(alert).to_have_count(0)
    expect(panel(page)).to_contain_text("Up to date")


def test_a_provider_that_says_nothing_is_given_up(
    start_studio: Callable[..., Any], provider: Provider, open_window: Any, make_desk: Any
) -> None:
    """While a provider says nothing the page shows that it waits, writing goes on, and in the end it says so."""
    studio = start_studio(
        STUDIO_MODEL="openai-chat:test-model",
        OPENAI_API_KEY="a-key",
        OPENAI_BASE_URL=provider.url,
        STUDIO_MODEL_RETRY_WAIT="0",
        STUDIO_MODEL_TIMEOUT="3",
    )
    page = open_window(failing=True)
    desk = make_desk(page).open(studio.import_script())
    provider.hold.clear()
    panel(page).get_by_role("button", name="Generate summary").click()
    expect(panel(page)).to_contain_text("Reading the scene")
    desk.end()
    desk.type(" Meanwhile.")
    expect(panel(page).get_by_role("alert")).to_contain_text("No new summary.", timeout=30_000)
    expect(panel(page).get_by_role("button", name="Generate summary")).to_be_enabled()
    desk.saved()


def test_the_marks_reach_a_page_of_another_process(
    start_studio: Callable[..., Any], provider: Provider, open_window: Any, make_desk: Any, tmp_path: Path
) -> None:
    """What is asked for in one window is refreshing, there, and stale in the other, which nobody touches meanwhile."""
    model = {
        "STUDIO_MODEL": "openai-chat:test-model",
        "OPENAI_API_KEY": "a-key",
        "OPENAI_BASE_URL": provider.url,
        "STUDIO_DATABASE_URL": f"sqlite:///{tmp_path / 'shared.sqlite3'}",
    }
    here, elsewhere = start_studio(**model), start_studio(**model)
    project = here.import_script()
    desk = make_desk(open_window()).open(project)
    other = make_desk(open_window())
    other.page.goto(f"{elsewhere.url}/projects/{project.id}")
    expect(panel(other.page)).to_contain_text("No summary yet")
    provider.hold.clear()
    panel(desk.page).get_by_role("button", name="Generate summary").click()
    expect(panel(other.page)).to_contain_text("Refreshing")
    expect(other.scene(0)).to_contain_text("Refreshing")
    provider.hold.set()
    for page in (desk.page, other.page):
        expect(panel(page).locator(".summary-text")).to_have_text("Maria keeps the light <b>burning</b>.")
        expect(panel(page)).to_contain_text("Up to date")
    desk.end()
    desk.type(" Again.")
    expect(panel(other.page).get_by_text("Stale", exact=True)).to_be_visible()


def test_failures_of_a_whole_script_are_counted_and_named(
    with_provider: Any, provider: Provider, open_window: Any, make_desk: Any
) -> None:
    """When scenes fail while all are made, the page says how many and why."""
    provider.mode = "500"
    page = open_window(failing=True)
    make_desk(page).open(with_provider.import_script())
    panel(page).get_by_role("button", name="Generate all (3)").click()
    expect(panel(page)).to_contain_text("0 summaries made.", timeout=30_000)
    expect(panel(page)).to_contain_text("0 of 3 summaries up to date")
    assert "failed" in panel(page).inner_text() or "Stopped early" in panel(page).inner_text()
