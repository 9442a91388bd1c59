"""How the pages look and can be reached: sizes, themes, keyboard, names, escaped text; and pictures of them all.

Pictures go to the directory in STUDIO_PICTURES, for people to look at (and `studio.png` for the README):

    STUDIO_PICTURES=docs/images pytest -m browser studio/tests/browser/test_looks.py -k readme
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

SIZES = {"narrow": (380, 800), "wide": (1600, 1000)}
HOSTILE = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>`${window.hit=1}`&lt;b&gt;'


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where pictures go."""
    directory = Path(os.environ.get("STUDIO_PICTURES", tmp_path))
    directory.mkdir(parents=True, exist_ok=True)
    return directory


def overflowing(page: Page) -> list[str]:
    """What sticks out at the right side of the window, so that one would have to scroll sideways."""
    found: list[str] = page.evaluate(
        """() => {
          const width = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= width) return [];
          return [...document.querySelectorAll('body *')]
            .filter((element) => element.getBoundingClientRect().right > width + 1)
            .map((element) => element.outerHTML.slice(0, 120));
        }"""
    )
    return found


def sample_url(studio: Any) -> str:
    items = studio.call("GET", "/projects")["items"]
    sample = next(item for item in items if item["scene_count"] >= 12)
    return f"{studio.url}/projects/{sample['id']}"


@pytest.fixture(scope="module")
def furnished(studio: Any) -> Any:
    """A Studio as it looks in use: several projects, summaries, one of them stale."""
    for title, description in (
        ("Salt Year", "A salt works, a strike, and the one woman who can read the tide."),
        ("Untitled Heist", ""),
        ("The Cartographer's Daughter", "She draws the coast he never dared to sail."),
    ):
        studio.call("POST", "/projects", {"title": title, "description": description})
    script = studio.call("GET", sample_url(studio).replace(f"{studio.url}", "") + "/script")
    for scene in script["scenes"][:9]:
        studio.call("POST", f"/scenes/{scene['id']}/summary")
    edited = script["scenes"][3]
    studio.call(
        "PATCH",
        f"/scenes/{edited['id']}",
        {"base_version": edited["version"], "text": edited["text"].rstrip() + "\n\nA bell.\n\n"},
    )
    return studio


def show_projects(page: Page, studio: Any) -> None:
    page.goto(studio.url)
    expect(page.locator(".project").first).to_be_visible()


def show_script(page: Page, studio: Any) -> None:
    page.goto(sample_url(studio))
    expect(page.locator(".surface")).to_be_visible()
    page.locator(".scene-item").nth(1).locator(".go").evaluate("button => button.click()")
    expect(page.locator(".surface")).to_contain_text("LOST PROPERTY OFFICE")


def show_cards(page: Page, studio: Any) -> None:
    page.goto(sample_url(studio) + "?view=cards")
    expect(page.locator(".index-card").first).to_be_visible()


def show_stale(page: Page, studio: Any) -> None:
    page.goto(sample_url(studio))
    page.locator(".scene-item").nth(3).locator(".go").evaluate("button => button.click()")
    toggle = page.get_by_role("button", name="Summary", exact=True)
    if toggle.first.is_visible():
        toggle.first.click()
    expect(page.locator(".summary-panel").get_by_text("Stale", exact=True)).to_be_visible()


def show_scene_list(page: Page, studio: Any) -> None:
    page.goto(sample_url(studio))
    toggle = page.get_by_role("button", name="Scenes", exact=True)
    if toggle.is_visible():
        toggle.click()
    page.get_by_label("Search scenes").focus()


def show_conflict(page: Page, studio: Any) -> None:
    project = studio.import_script()
    page.goto(project.url)
    scene = project.scenes()[0]
    text = scene["text"].replace("Rain on the glass.", "Snow on the glass. A gull.")
    text = text.replace("One more night.", "One more night, they said.")
    studio.call("PATCH", f"/scenes/{scene['id']}", {"base_version": scene["version"], "text": text})
    page.locator(".surface").focus()
    page.keyboard.press("Control+End")
    page.keyboard.type(" Only one?\n\nShe laughs.")
    expect(page.get_by_role("dialog", name="Two versions of this scene")).to_be_visible()


def show_empty_script(page: Page, studio: Any) -> None:
    made = studio.call("POST", "/projects", {"title": "A blank page"})
    page.goto(f"{studio.url}/projects/{made['id']}")
    expect(page.get_by_role("heading", name="The first page is yours")).to_be_visible()


def show_empty_shelf(page: Page, studio: Any) -> None:
    empty = {"items": [], "total": 0, "limit": 48, "offset": 0}
    page.route("**/api/projects?*", lambda route: route.fulfill(json=empty))
    page.goto(studio.url)
    expect(page.get_by_role("heading", name="An empty shelf")).to_be_visible()


def show_new_project(page: Page, studio: Any) -> None:
    page.goto(studio.url)
    page.get_by_role("button", name="New project").first.click()
    page.get_by_label("Title", exact=True).fill("The Lamp")


def show_import_problem(page: Page, studio: Any) -> None:
    page.goto(studio.url)
    page.locator("input[type=file]").set_input_files(
        {"name": "cat.png", "mimeType": "image/png", "buffer": b"x"}
    )
    expect(page.get_by_role("alert")).to_be_visible()


def show_menu(page: Page, studio: Any) -> None:
    page.goto(sample_url(studio))
    page.get_by_role("button", name="Script menu").click()


def show_shortcuts(page: Page, studio: Any) -> None:
    show_menu(page, studio)
    page.get_by_role("menuitem", name="Keyboard shortcuts").click()


def show_missing(page: Page, studio: Any) -> None:
    page.goto(f"{studio.url}/projects/nothing")


VIEWS = {
    view.__name__.removeprefix("show_"): view
    for view in (
        *(
            show_projects,
            show_script,
            show_cards,
            show_stale,
            show_scene_list,
            show_conflict,
            show_empty_script,
        ),
        *(show_empty_shelf, show_new_project, show_import_problem, show_menu, show_shortcuts, show_missing),
    )
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("view", VIEWS)
def test_nothing_sticks_out(
    furnished: Any,
    open_window: Callable[..., Page],
    in_both_themes: Callable[[Page], Iterator[str]],
    pictures: Path,
    view: str,
    size: str,
) -> None:
    """Every view fits its window, in both themes; a picture of it is taken."""
    width, height = SIZES[size]
    page = open_window(width=width, height=height, failing=view in ("conflict", "missing"))
    VIEWS[view](page, furnished)
    for theme in in_both_themes(page):
        page.screenshot(path=pictures / f"{view}-{size}-{theme}.png")
        assert (theme, overflowing(page)) == (theme, [])


def test_the_picture_for_the_readme(
    furnished: Any,
    open_window: Callable[..., Page],
    in_both_themes: Callable[[Page], Iterator[str]],
    pictures: Path,
) -> None:
    """The picture in the README is made from the running application, and small enough for a page."""
    page = open_window(width=1600, height=1000, color_scheme="light")
    show_script(page, furnished)
    page.mouse.move(800, 990)
    assert next(in_both_themes(page)) == "light"
    path = pictures / "studio.png"
    page.screenshot(path=path)
    assert path.stat().st_size < 400_000


def test_the_theme_follows_the_system_until_one_is_chosen(
    studio: Any, open_window: Callable[..., Page]
) -> None:
    """The system's theme shows at first; the switch changes it, and the choice stays after a reload."""
    page = open_window(color_scheme="dark")
    page.goto(studio.url)
    html = page.locator("html")
    expect(html).to_have_attribute("data-theme", "dark")
    switch = page.get_by_role("button", name="Dark theme")
    expect(switch).to_have_attribute("aria-pressed", "true")
    switch.click()
    expect(html).to_have_attribute("data-theme", "light")
    page.reload()
    expect(html).to_have_attribute("data-theme", "light")
    expect(switch).to_have_attribute("aria-pressed", "false")
    page.emulate_media(color_scheme="light")
    page.emulate_media(color_scheme="dark")
    expect(html).to_have_attribute("data-theme", "light")


def test_the_first_tab_skips_to_the_content(project: Any, page: Page) -> None:
    """The first stop of the Tab key is a link that leads past the masthead."""
    page.goto(project.url)
    expect(page.locator(".surface")).to_be_visible()
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    page.keyboard.press("Tab")
    inside = "document.querySelector('#content').contains(document.activeElement)"
    assert page.evaluate(inside)


def test_focus_can_always_be_seen(furnished: Any, page: Page) -> None:
    """Whatever the Tab key reaches on the Script page shows that it has the focus."""
    show_script(page, furnished)
    page.evaluate("document.activeElement.blur()")
    hidden = []
    for _ in range(25):
        page.keyboard.press("Tab")
        shown = page.evaluate(
            """() => {
              const element = document.activeElement;
              const accent = getComputedStyle(document.querySelector('.brand svg')).color;
              if (element === document.body) return ''; // past the last stop the focus is the browser's own
              const holder = element.closest('.sheet') ?? element;
              const style = getComputedStyle(element);
              const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1;
              const framed = holder !== element && getComputedStyle(holder).borderColor === accent;
              return outlined || framed ? '' : element.outerHTML.slice(0, 120);
            }"""
        )
        if shown:
            hidden.append(shown)
    assert hidden == []


@pytest.mark.parametrize("view", ["projects", "script", "cards"])
def test_every_control_has_a_name(furnished: Any, page: Page, view: str) -> None:
    """Buttons, links and fields all have a name for those who cannot see them."""
    VIEWS[view](page, furnished)
    nameless = page.evaluate(
        """() => [...document.querySelectorAll('button, a[href], input, select, textarea, [role=textbox]')]
          .filter((element) => {
            const labels = [...(element.labels ?? [])].map((label) => label.textContent).join('');
            const name = element.getAttribute('aria-label') ?? '';
            return !(name + labels + (element.matches('button, a') ? element.textContent : '')).trim();
          })
          .map((element) => element.outerHTML.slice(0, 120))"""
    )
    assert nameless == []


def test_whatever_people_write_is_shown_as_text(studio: Any, open_window: Callable[..., Page]) -> None:
    """Markup in titles, descriptions, sluglines, texts and summaries is shown, never obeyed."""
    page = open_window(failing=True)
    made = studio.call("POST", "/projects", {"title": HOSTILE, "description": HOSTILE})
    script = studio.call("GET", f"/projects/{made['id']}/script")
    text = f"INT. {HOSTILE}\n\n{HOSTILE} runs.\n\n@{HOSTILE}\n{HOSTILE}\n\n"
    scene = studio.call("POST", f"/scripts/{script['id']}/scenes", {"text": text})
    studio.call("POST", f"/scenes/{scene['id']}/summary")
    page.goto(studio.url)
    expect(page.locator(".project .title").filter(has_text="onerror").first).to_be_visible()
    for view in ("", "?view=cards"):
        page.goto(f"{studio.url}/projects/{made['id']}{view}")
        expect(page.get_by_role("heading", name="onerror").first).to_be_visible()
        expect(page.locator(".scene-item .slugline")).to_contain_text("<img src=x")
    expect(page.locator(".index-card")).to_contain_text("<img src=x")
    page.goto(f"{studio.url}/projects/{made['id']}")
    expect(page.locator(".surface")).to_contain_text(HOSTILE)
    expect(page.locator(".cast")).to_contain_text("<img")
    page.get_by_role("button", name="Actions for scene 1").click()
    page.get_by_role("menuitem", name="Delete scene").click()
    expect(page.locator(".toast")).to_contain_text("<img src=x")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".scene-item")).to_have_count(1)
    assert page.evaluate("window.hit") is None
    assert page.locator("img").count() == 0


def test_motion_stops_for_those_who_asked(furnished: Any, open_window: Callable[..., Page]) -> None:
    """With reduced motion nothing slides or fades for longer than can be seen."""
    page = open_window(reduced_motion="reduce", width=380, height=800)
    show_script(page, furnished)
    page.get_by_role("button", name="Scenes", exact=True).click()
    durations = page.evaluate(
        "[...document.querySelectorAll('.pane, .button, .spinner')].map("
        "element => parseFloat(getComputedStyle(element).transitionDuration))"
    )
    assert max(durations) < 0.001


def test_panels_of_a_narrow_window_open_and_close(furnished: Any, open_window: Callable[..., Page]) -> None:
    """On a phone the list and the summary cover the page one at a time, and Escape gives it back."""
    page = open_window(width=380, height=800)
    page.goto(sample_url(furnished))
    expect(page.locator(".surface")).to_be_visible()
    scenes = page.get_by_role("navigation", name="Scenes")
    expect(scenes).not_to_be_visible()
    opener = page.get_by_role("button", name="Scenes", exact=True)
    opener.click()
    expect(scenes).to_be_visible()
    page.keyboard.press("Escape")
    expect(scenes).not_to_be_visible()
    expect(opener).to_be_focused()
    opener.click()
    scenes.locator(".scene-item").nth(4).locator(".go").click()
    expect(scenes).not_to_be_visible()
    expect(page.locator(".surface")).to_contain_text("INES'S KITCHEN")
    page.get_by_role("button", name="Summary", exact=True).last.click()
    expect(page.get_by_role("complementary", name="Summary")).to_be_visible()
    page.get_by_role("button", name="Close the summary").click()
    expect(page.get_by_role("complementary", name="Summary")).not_to_be_visible()


def test_a_long_script_stays_quick(studio: Any, desk: Any, page: Page) -> None:
    """In a script of a thousand scenes, a scene opens and a key shows without a wait that one would notice."""
    text = "".join(
        f"INT. ROOM {number} - DAY\n\nSomebody waits in room {number}.\n\n" for number in range(1000)
    )
    project = studio.import_script(text)
    desk.open(project)
    expect(desk.navigator.locator(".scene-item")).to_have_count(1000)
    milliseconds = page.evaluate(
        """async () => {
          const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
          const surface = document.querySelector('.surface');
          surface.focus();
          const took = [];
          for (let turn = 0; turn < 10; turn += 1) {
            const start = performance.now();
            document.execCommand('insertText', false, 'x');
            await frame();
            took.push(performance.now() - start);
          }
          return took.sort((a, b) => a - b)[5];
        }"""
    )
    assert milliseconds < 200
