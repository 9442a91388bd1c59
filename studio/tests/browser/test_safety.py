"""What was typed is never lost: by a dead server, a lost connection, or a deleted scene."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


@pytest.fixture
def fragile(open_window: Callable[..., Page], make_desk: Callable[[Page], Any]) -> Any:
    """A desk in a window whose requests may fail."""
    return make_desk(open_window(failing=True))


def test_words_typed_while_the_server_is_killed_arrive_when_it_is_back(
    start_studio: Any, fragile: Any
) -> None:
    """Kill -9 while someone types, start again on the same port: every word arrives, nothing has to be reloaded."""
    studio = start_studio()
    project = studio.import_script()
    fragile.open(project).end()
    fragile.type("\n\nBefore. ")
    fragile.saved()
    fragile.type("During the fall. ")
    studio.kill()
    fragile.type("While it is away. ")
    expect(fragile.status).to_have_text("Not saved, retrying", timeout=20_000)
    expect(fragile.page.get_by_role("button", name="Try now")).to_be_visible()
    fragile.page.evaluate("window.sameDocument = true")
    studio.start()
    fragile.type("And after.")
    fragile.saved()
    fragile.wait_until(lambda: "Before. During the fall. While it is away. And after." in project.text())
    assert fragile.page.evaluate("window.sameDocument") is True
    assert project.text().count("While it is away.") == 1


def test_words_that_never_left_the_browser_arrive_at_the_next_visit(start_studio: Any, fragile: Any) -> None:
    """Words typed after the server died are restored and sent when the page is opened again."""
    studio = start_studio()
    project = studio.import_script()
    fragile.open(project)
    fragile.open_scene(1)
    fragile.end()
    studio.kill()
    fragile.type(" Only here.")
    fragile.page.goto("about:blank")
    studio.start()
    fragile.open(project)
    expect(fragile.surface).to_contain_text("Only here.")
    expect(fragile.page.get_by_text("What you had typed before is back")).to_be_visible()
    fragile.wait_until(lambda: "Only here." in project.scenes()[1]["text"])
    assert (
        fragile.page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('studio.draft.'))")
        == []
    )


def test_the_projects_page_tells_of_words_that_wait(start_studio: Any, fragile: Any) -> None:
    """The Projects page says in which project unsaved words wait, and leads to it."""
    studio = start_studio()
    project = studio.import_script()
    fragile.open(project).end()
    studio.kill()
    fragile.type(" Waiting.")
    fragile.page.goto("about:blank")
    studio.start()
    fragile.page.goto(studio.url)
    fragile.page.get_by_role("link", name="Open the script").click()
    expect(fragile.surface).to_contain_text("Waiting.")
    fragile.wait_until(lambda: "Waiting." in project.text())


def test_one_save_is_under_way_at_a_time(project: Any, fragile: Any) -> None:
    """While one save is under way the next waits for its answer, and is based on it."""
    page = fragile.page
    fragile.open(project).end()
    under_way = []
    most = []

    def slowly(route: Any) -> None:
        under_way.append(route)
        most.append(len(under_way))
        page.wait_for_timeout(900)
        route.continue_()
        under_way.remove(route)

    page.route("**/api/scenes/*", slowly)
    for word in ("One.", "Two.", "Three."):
        fragile.type(f" {word}")
        page.wait_for_timeout(800)
    fragile.saved()
    assert max(most) == 1
    assert len(most) >= 2
    fragile.wait_until(lambda: "One. Two. Three." in project.text())


def test_words_in_a_scene_that_was_deleted_elsewhere_are_kept(project: Any, fragile: Any) -> None:
    """Words typed into a scene that was deleted in another window stay, and the scene can be put back with them."""
    fragile.open(project).end()
    project.studio.call("DELETE", f"/scenes/{project.scenes()[0]['id']}")
    fragile.type(" Still here.")
    expect(fragile.status).to_have_text("Deleted elsewhere")
    fragile.page.get_by_role("button", name="Put the scene back").click()
    fragile.saved()
    fragile.wait_until(lambda: "Still here." in project.scenes()[0]["text"])


def test_another_windows_changes_are_shown_when_nothing_is_typed_here(project: Any, desk: Any) -> None:
    """A window that comes to the front shows what was changed elsewhere."""
    desk.open(project)
    scene = project.scenes()[0]
    text = scene["text"].replace("Rain on the glass.", "Snow on the glass.")
    project.studio.call("PATCH", f"/scenes/{scene['id']}", {"base_version": scene["version"], "text": text})
    desk.page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(desk.surface).to_contain_text("Snow on the glass.")


def test_text_that_the_server_refuses_stays_and_says_why(project: Any, fragile: Any) -> None:
    """A text that cannot be stored stays in the editor with the reason; correcting it saves it."""
    page = fragile.page
    fragile.open(project).end()
    page.evaluate("document.execCommand('insertText', false, ' half \\ud800 character')")
    expect(page.get_by_role("alert")).to_contain_text("cannot be saved")
    expect(fragile.status).to_have_text("Not saved")
    for _ in range(len("? character")):
        page.keyboard.press("Backspace")
    fragile.saved()
    fragile.wait_until(lambda: project.scenes()[0]["text"].rstrip().endswith(" half"))
