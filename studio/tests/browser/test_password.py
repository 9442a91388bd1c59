"""A Studio with a password: getting in, and what happens to words when the session ends."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

PASSWORD = "a long enough password"


def log_in(page: Page) -> None:
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def test_the_words_wait_when_the_session_has_ended(
    start_studio: Callable[..., Any], open_window: Callable[..., Page], make_desk: Callable[[Page], Any]
) -> None:
    """Without a session the words stay on the page, which offers to log in; after that they are saved."""
    studio = start_studio(STUDIO_PASSWORD=PASSWORD)
    page = open_window(failing=True)
    page.goto(studio.url)
    log_in(page)
    page.locator(".project").first.get_by_role("link").click()
    desk = make_desk(page)
    expect(desk.surface).to_be_visible()
    page.context.clear_cookies()
    desk.end()
    desk.type(" Locked out.")
    expect(desk.status).to_have_text("Not saved, retrying")
    with page.expect_popup() as popup:
        page.get_by_role("link", name="Log in").click()
    log_in(popup.value)
    expect(popup.value.get_by_role("heading", name="Projects")).to_be_visible()
    popup.value.close()
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    desk.saved()
    page.reload()
    expect(desk.surface).to_contain_text("Locked out.")
