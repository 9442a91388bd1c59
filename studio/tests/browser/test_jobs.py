"""The Jobs page: what runs now with its progress, what failed and why, cancel and retry; and pictures of it.

Pictures go to the directory in STUDIO_PICTURES, for people to look at.
"""

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from indelible.outbox import AsyncJobContext, enqueue, job

pytestmark = pytest.mark.browser

SIZES = {"narrow": (380, 800), "wide": (1600, 1000)}
HOSTILE = '<img src=x onerror="window.hit=1">'


@job(name="tests:nobody_knows_this", retries=0)
async def unknown(_job: AsyncJobContext, _project_id: str) -> None:
    """Stand for a handler that the server does not have: its jobs die."""


@pytest.fixture(scope="module")
def silent_provider() -> Iterator[str]:
    """The address of an image provider that takes requests and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"


@pytest.fixture
def busy(start_studio: Callable[..., Any], silent_provider: str) -> Any:
    """A project of which images are being made for as long as it takes."""
    environment = {
        "OPENAI_API_KEY": "a-key",
        "OPENAI_BASE_URL": silent_provider,
        "STUDIO_IMAGE_TIMEOUT": "600",
    }
    project = start_studio(**environment).import_script()
    project.studio.call("POST", f"/projects/{project.id}/storyboard/runs", {"per_scene": 2})
    return project


@pytest.fixture
def fail(tmp_path: Path) -> Callable[[str], None]:
    """Let a job of a project fail, in the database of the Studio that `start_studio` started first."""

    def add(project_id: str) -> None:
        engine = create_engine(f"sqlite:///{tmp_path / 'data-0' / 'studio.sqlite3'}")
        with Session(engine) as session:
            enqueue(session, unknown, project_id)
            session.commit()
        engine.dispose()

    return add


def open_jobs(page: Page, project: Any) -> None:
    page.goto(f"{project.studio.url}/operations/jobs")
    expect(page.locator(".queues")).to_be_visible()


def row(page: Page, words: str, region: str = "Now") -> Locator:
    return page.get_by_role("region", name=region).locator(".job").filter(has_text=words)


def test_a_running_job_is_seen_and_cancelled_by_keyboard(busy: Any, open_window: Callable[..., Page]) -> None:
    """It stands under Now with its project; cancelled there, it moves to Ended in every window, and its run stops."""
    first, second = open_window(), open_window()
    for page in (first, second):
        open_jobs(page, busy)
        expect(row(page, "Make images for the storyboard")).to_contain_text("Running")
    assert row(first, "Make images").get_by_role("link").get_attribute("href") == f"/projects/{busy.id}"
    row(first, "Make images").get_by_role("button", name="Cancel").focus()
    first.keyboard.press("Enter")
    for page in (first, second):
        expect(row(page, "Make images", "Ended")).to_contain_text("Cancelled")
        expect(page.get_by_role("region", name="Now")).to_contain_text("Nothing runs")
    run = busy.studio.call("GET", f"/projects/{busy.id}/storyboard")["progress"]["runs"][0]
    assert run["state"] == "cancelled"
    row(second, "Make images", "Ended").get_by_role("button", name="Try again").click()
    expect(row(first, "Make images")).to_contain_text("Running")


def test_a_failed_job_tells_why_and_is_tried_again(
    busy: Any, fail: Callable[[str], None], open_window: Callable[..., Page]
) -> None:
    """The last words of the error stand in the list, all of it under Details; it can be filtered for and retried."""
    page = open_window()
    open_jobs(page, busy)
    fail(busy.id)
    failed = row(page, "Nobody knows this", "Ended")
    expect(failed).to_contain_text("tests:nobody_knows_this cannot be imported")
    expect(page.locator(".queue").filter(has_text="normal")).to_contain_text("1 failed")
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("region", name="Ended")).to_contain_text("No job is done.")
    page.get_by_role("button", name="Failed").click()
    failed.get_by_text("Details").click()
    expect(failed.locator("pre")).to_contain_text("Traceback")
    failed.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("status").filter(has_text="is tried again")).to_be_attached()
    expect(failed).to_contain_text("Failed", timeout=60_000)  # a busy machine takes its time


def test_the_masthead_leads_to_the_jobs(busy: Any, open_window: Callable[..., Page]) -> None:
    """From every page."""
    page = open_window(width=380)
    page.goto(f"{busy.url}/storyboard")
    page.get_by_role("link", name="Jobs").click()
    expect(page.get_by_role("heading", name="Jobs", level=1)).to_be_visible()


def test_it_fits_and_shows_text_as_text(
    busy: Any, fail: Callable[[str], None], open_window: Callable[..., Page], tmp_path: Path
) -> None:
    """Narrow and wide, light and dark; markup in a project's title is shown, never obeyed. Pictures are taken."""
    pictures = Path(os.environ.get("STUDIO_PICTURES", tmp_path))
    pictures.mkdir(parents=True, exist_ok=True)
    busy.studio.call("PATCH", f"/projects/{busy.id}", {"title": f"The Lamp {HOSTILE}"})
    fail(busy.id)
    for size, (width, height) in SIZES.items():
        for theme in ("light", "dark"):
            page = open_window(width=width, height=height, color_scheme=theme)
            open_jobs(page, busy)
            failed = row(page, "Nobody knows this", "Ended")
            expect(failed).to_contain_text("<img src=x")
            failed.get_by_text("Details").click()
            expect(failed.locator("pre")).to_be_visible()
            page.screenshot(path=pictures / f"jobs-{size}-{theme}.png", full_page=True)
            sideways = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert (size, theme, sideways, page.evaluate("window.hit")) == (size, theme, 0, None)
            nameless = page.evaluate(
                """() => [...document.querySelectorAll('button, a[href], summary')]
                  .filter((one) => !(one.getAttribute('aria-label') ?? one.textContent).trim())
                  .map((one) => one.outerHTML.slice(0, 120))"""
            )
            assert nameless == []


def test_an_overview_that_arrives_late_changes_nothing(
    busy: Any, fail: Callable[[str], None], open_window: Callable[..., Page]
) -> None:
    """What an event told stays, though an answer from before it comes after it."""
    page = open_window()
    open_jobs(page, busy)
    late: list[Any] = []
    page.route("**/api/jobs/overview", lambda route: late.append((route, route.fetch())))
    fail(busy.id)
    failed = row(page, "Nobody knows this", "Ended")
    expect(failed).to_be_visible(timeout=60_000)
    failed.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("status").filter(has_text="is tried again")).to_be_attached(timeout=60_000)
    expect(failed).to_contain_text("Failed", timeout=60_000)
    for route, answer in late:
        route.fulfill(response=answer)
    expect(page.locator(".queue").filter(has_text="normal")).to_contain_text("1 failed")
