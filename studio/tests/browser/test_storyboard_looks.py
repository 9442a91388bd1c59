"""How the Storyboard page looks: sizes, themes, names of controls, escaped text; and pictures of it all.

Pictures go to the directory in STUDIO_PICTURES, for people to look at.
"""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

SIZES = {"narrow": (380, 800), "wide": (1600, 1000)}
HOSTILE = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>'
TEXT = """Title: The Lamp

INT. LIGHTHOUSE - NIGHT

Rain on the glass. MARIA (40) winds the clockwork.

MARIA
One more night.

EXT. BREAKWATER WITH A NAME THAT IS VERY MUCH LONGER THAN ANYBODY WOULD EVER PUT INTO A SLUGLINE - DAY

TOMAS runs along the stones with a letter.

INT. KITCHEN - DAY

Nobody.
"""


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where pictures go."""
    directory = Path(os.environ.get("STUDIO_PICTURES", tmp_path))
    directory.mkdir(parents=True, exist_ok=True)
    return directory


@pytest.fixture(scope="module")
def drawn(studio: Any) -> Any:
    """A project with images under two of its three scenes, one of them the favourite."""
    project = studio.import_script(TEXT)
    _draw(project, [scene["id"] for scene in project.scenes()[:2]])
    board = studio.call("GET", f"/projects/{project.id}/storyboard")
    first = board["scenes"][0]["frames"][0]["id"]
    studio.call("PATCH", f"/projects/{project.id}/storyboard/frames/{first}", {"favourite": True})
    return project


def _draw(project: Any, scenes: list[str]) -> None:
    """Have three images made under each of some scenes."""
    studio = project.studio
    wanted = {"per_scene": 3, "scene_ids": scenes}
    run = studio.call("POST", f"/projects/{project.id}/storyboard/runs", wanted)
    _wait_for_end(f"{studio.url}/api/projects/{project.id}/storyboard/events", run["id"])


def _wait_for_end(address: str, run_id: str) -> None:
    """Follow a storyboard, as the page does, until a run has ended."""
    with httpx.stream("GET", address, timeout=60) as answer:
        for line in answer.iter_lines():
            if line.startswith("data: "):
                runs = json.loads(line.removeprefix("data: "))["runs"]
                if all(run["state"] != "running" for run in runs if run["id"] == run_id):
                    return


def show_board(page: Page, project: Any) -> None:
    page.goto(f"{project.url}/storyboard")
    expect(page.locator(".tile img").first).to_be_visible()


def show_image(page: Page, project: Any) -> None:
    show_board(page, project)
    page.locator(".tile").first.click()
    expect(page.locator(".lightbox")).to_be_visible()


def show_tray(page: Page, project: Any) -> None:
    project = project.studio.import_script(TEXT)  # the other views show theirs whole
    scenes = [scene["id"] for scene in project.scenes()[:2]]
    _draw(project, scenes)
    project.studio.call("DELETE", f"/scenes/{scenes[1]}")
    page.goto(f"{project.url}/storyboard")
    expect(page.locator(".tray .frame").first).to_be_visible()


def show_shortcuts(page: Page, project: Any) -> None:
    show_board(page, project)
    page.get_by_role("button", name="Storyboard menu").click()
    page.get_by_role("menuitem", name="Keyboard shortcuts").click()


VIEWS = {
    view.__name__.removeprefix("show_"): view for view in (show_board, show_image, show_tray, show_shortcuts)
}


@pytest.mark.parametrize("size", SIZES)
def test_nothing_sticks_out(
    drawn: Any,
    open_window: Callable[..., Page],
    in_both_themes: Callable[[Page], Iterator[str]],
    pictures: Path,
    size: str,
) -> None:
    """Every view of the page fits its window, in both themes; a picture of it is taken."""
    width, height = SIZES[size]
    for name, view in VIEWS.items():
        page = open_window(width=width, height=height)
        view(page, drawn)
        page.wait_for_function(
            "[...document.images].filter(one => one.loading !== 'lazy').every(one => one.complete)"
        )
        for theme in in_both_themes(page):
            page.screenshot(path=pictures / f"storyboard-{name}-{size}-{theme}.png")
            assert (name, theme, _sticking_out(page)) == (name, theme, (0, []))


def _sticking_out(page: Page) -> tuple[int, list[str]]:
    """Return by how many pixels the page is too wide, and which parts of it are."""
    sideways = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    inner = page.evaluate(
        """() => [...document.querySelectorAll('.board-scroller, .details, .board-tools')]
          .filter((element) => element.scrollWidth > element.clientWidth + 1)
          .map((element) => element.className)"""
    )
    return sideways, inner


def test_every_control_has_a_name(drawn: Any, page: Page) -> None:
    """Buttons, links and fields all have a name for those who cannot see them."""
    show_image(page, drawn)
    nameless = page.evaluate(
        """() => [...document.querySelectorAll('button, a[href], input, select')]
          .filter((element) => {
            const labels = [...(element.labels ?? [])].map((label) => label.textContent).join('');
            const name = element.getAttribute('aria-label') ?? '';
            return !(name + labels + (element.matches('button, a') ? element.textContent : '')).trim();
          })
          .map((element) => element.outerHTML.slice(0, 120))"""
    )
    assert nameless == []


def test_the_tab_key_reaches_one_image_and_shows_it(drawn: Any, page: Page) -> None:
    """All images together are one stop of the Tab key, with its two buttons; the focus can be seen."""
    show_board(page, drawn)
    assert page.locator('.tile[tabindex="0"]').count() == 1
    page.locator('.tile[tabindex="0"]').focus()
    page.keyboard.press("ArrowRight")
    assert page.locator('.tile[tabindex="0"]').count() == 1
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"


def test_whatever_people_write_is_shown_as_text(studio: Any, open_window: Callable[..., Page]) -> None:
    """Markup in titles, sluglines, action and names is shown, never obeyed."""
    page = open_window()
    project = studio.import_script(f"INT. {HOSTILE} - DAY\n\n{HOSTILE} runs.\n\n@{HOSTILE}\nHello.\n")
    page.goto(f"{project.url}/storyboard")
    expect(page.locator(".scene-head h2")).to_contain_text("<img src=x")
    page.get_by_role("button", name="Make images of this scene").click()
    page.locator(".tile img").click()
    expect(page.locator(".lightbox .prompt")).to_contain_text("<script>window.hit=1</script>")
    assert page.evaluate("window.hit") is None
