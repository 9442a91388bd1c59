"""What a page says while what it follows does not answer."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

pytestmark = pytest.mark.browser

AWAY = 'event: away\ndata: {"detail": "The database does not answer."}\n\n'


@pytest.mark.parametrize("width", [380, 1600])
@pytest.mark.parametrize("path", ["", "/storyboard", "/interview", "jobs"])
def test_a_page_says_that_the_database_is_away_and_that_it_is_back(
    project: Any, studio: Any, open_window: Callable[..., Page], path: str, width: int
) -> None:
    """On phones too; it goes away by itself with the next news."""
    page = open_window(width=width, height=800)
    is_away = True

    def answer(route: Route) -> None:
        if is_away:
            route.fulfill(content_type="text/event-stream", body=AWAY)
        else:
            route.continue_()

    page.route("**/events", answer)
    page.goto(f"{studio.url}/operations/jobs" if path == "jobs" else f"{project.url}{path}")
    told = page.get_by_text("The database does not answer; waiting for it")
    expect(told).to_be_in_viewport()
    is_away = False
    expect(told).not_to_be_attached()


@pytest.mark.parametrize("path", ["", "/storyboard", "/interview"])
def test_a_page_says_that_its_project_was_deleted(
    project: Any, studio: Any, open_window: Callable[..., Page], path: str
) -> None:
    """In another window perhaps; it is followed again when it was restored."""
    page = open_window(failing=True)
    page.goto(f"{project.url}{path}")
    told = page.get_by_text("This was deleted meanwhile; Projects can restore it")
    expect(page.locator(".spinner")).to_have_count(0)
    studio.call("DELETE", f"/projects/{project.id}")
    expect(told).to_be_in_viewport()
    studio.call("POST", f"/projects/{project.id}/restore")
    expect(told).not_to_be_attached()


def test_a_page_says_that_studio_is_away(
    start_studio: Callable[..., Any], open_window: Callable[..., Page]
) -> None:
    """Killed, and started again: the page needs no reload to know either."""
    studio = start_studio()
    page = open_window(width=380, height=800, failing=True)
    page.goto(f"{studio.url}/operations/jobs")
    expect(page.get_by_role("heading", name="Now")).to_be_visible()
    studio.kill()
    told = page.get_by_text("Studio is away; waiting for it")
    expect(told).to_be_in_viewport()
    studio.start()
    expect(told).not_to_be_attached()
