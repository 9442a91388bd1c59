"""The Projects page: making, importing, exporting, renaming, deleting."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser

SCENE = "INT. HALL - DAY\n\nA clock.\n"


def card(page: Page, title: str) -> Locator:
    return page.locator(".project").filter(has=page.get_by_text(title, exact=True))


def choose_action(page: Page, title: str, action: str) -> None:
    page.get_by_role("button", name=f"Actions for {title}").click()
    page.get_by_role("menuitem", name=action).click()


def drop(page: Page, name: str, content: str) -> None:
    """Drop a file on the page, as from a file manager."""
    data = page.evaluate_handle(
        """([name, content]) => {
          const data = new DataTransfer();
          data.items.add(new File([content], name));
          return data;
        }""",
        [name, content],
    )
    page.dispatch_event("body", "dragenter", {"dataTransfer": data})
    expect(page.get_by_text("Drop the script here")).to_be_visible()
    page.dispatch_event("body", "drop", {"dataTransfer": data})


def import_with_chooser(page: Page, path: Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Import", exact=True).click()
    chooser.value.set_files(path)


def test_the_sample_is_there_at_the_first_start(studio: Any, page: Page) -> None:
    """The sample is on the shelf, says how many scenes it has, and opens."""
    page.goto(studio.url)
    sample = page.locator(".project").filter(has_text="The Ninety-First Day").first
    expect(sample).to_contain_text("17 scenes")
    sample.get_by_role("link").click()
    expect(page.get_by_role("navigation", name="Scenes")).to_contain_text("PORT AVERIL")


def test_a_project_is_created_and_opened(studio: Any, page: Page) -> None:
    """A title is all it takes; the new script opens and says what to do first."""
    page.goto(studio.url)
    page.get_by_role("button", name="New project").first.click()
    page.get_by_label("Title", exact=True).fill("The Lamp")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="The Lamp")).to_be_visible()
    expect(page.get_by_role("heading", name="The first page is yours")).to_be_visible()
    assert any(item["title"] == "The Lamp" for item in studio.call("GET", "/projects")["items"])


def test_a_project_without_a_title_is_asked_for_one(studio: Any, page: Page) -> None:
    """Without a title the form says what is missing and stays open."""
    page.goto(studio.url)
    page.get_by_role("button", name="New project").first.click()
    page.get_by_role("button", name="Create and open").click()
    expect(page.get_by_role("alert")).to_contain_text("Give the project a title")
    expect(page.get_by_label("Title", exact=True)).to_be_focused()


def test_what_was_typed_into_the_form_survives_closing_it(studio: Any, page: Page) -> None:
    """Escape closes the form; opened again, it still holds what was typed."""
    page.goto(studio.url)
    page.get_by_role("button", name="New project").first.click()
    page.get_by_label("Title", exact=True).fill("Half an idea")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="New project").first.click()
    expect(page.get_by_label("Title", exact=True)).to_have_value("Half an idea")


def test_a_form_outlives_a_dead_server(start_studio: Any, open_window: Callable[..., Page]) -> None:
    """When the server does not answer, the form says so and keeps the words until it does."""
    studio = start_studio()
    page = open_window(failing=True)
    page.goto(studio.url)
    page.get_by_role("button", name="New project").first.click()
    form = page.get_by_role("dialog", name="New project")
    form.get_by_label("Title", exact=True).fill("Patience")
    studio.kill()
    form.get_by_role("button", name="Create and open").click()
    expect(form.get_by_role("alert")).to_contain_text("Studio is not answering")
    expect(page.get_by_label("Title", exact=True)).to_have_value("Patience")
    studio.start()
    page.get_by_role("button", name="Create and open").click()
    expect(page.get_by_role("heading", name="Patience")).to_be_visible(timeout=30_000)


def test_a_project_is_renamed(studio: Any, page: Page) -> None:
    """Renaming changes the title on the shelf and in the database."""
    made = studio.call("POST", "/projects", {"title": "Working title"})
    page.goto(studio.url)
    choose_action(page, "Working title", "Rename…")
    page.get_by_label("Title", exact=True).fill("Final title")
    page.get_by_role("button", name="Save").click()
    expect(card(page, "Final title")).to_be_visible()
    assert studio.call("GET", f"/projects/{made['id']}")["title"] == "Final title"


def test_a_deleted_project_comes_back_with_undo(studio: Any, page: Page) -> None:
    """Deleting offers Undo; what is undone is whole."""
    project = studio.import_script(name="undo-me.fountain", text="Title: Undo Me\n\n" + SCENE)
    page.goto(studio.url)
    choose_action(page, "Undo Me", "Delete")
    expect(card(page, "Undo Me")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(card(page, "Undo Me")).to_be_visible()
    assert project.sluglines() == ["INT. HALL - DAY"]


def test_a_project_deleted_earlier_is_restored_from_the_list(studio: Any, page: Page) -> None:
    """Deleted projects are listed below the shelf and can be restored."""
    made = studio.call("POST", "/projects", {"title": "Buried"})
    studio.call("DELETE", f"/projects/{made['id']}")
    page.goto(studio.url)
    page.get_by_text("Recently deleted").click()
    page.get_by_role("button", name="Restore Buried").click()
    expect(card(page, "Buried")).to_be_visible()


def test_a_script_is_imported_with_the_file_chooser(studio: Any, page: Page, tmp_path: Path) -> None:
    """A chosen file becomes a project, with a message that leads to it."""
    path = tmp_path / "chosen.fountain"
    path.write_text("Title: Chosen\n\n" + SCENE)
    page.goto(studio.url)
    import_with_chooser(page, path)
    expect(page.get_by_text("Imported “Chosen”, 1 scene.")).to_be_visible()
    page.get_by_role("button", name="Open", exact=True).click()
    expect(page.locator(".surface")).to_contain_text("A clock.")


def test_a_script_is_imported_by_dropping_it(studio: Any, page: Page) -> None:
    """A file dropped anywhere on the page becomes a project."""
    page.goto(studio.url)
    drop(page, "dropped.fountain", "Title: Dropped\n\n" + SCENE)
    expect(card(page, "Dropped")).to_contain_text("1 scene")
    expect(page.get_by_text("Drop the script here")).to_have_count(0)


def test_a_project_goes_out_and_comes_back_in(studio: Any, page: Page, tmp_path: Path) -> None:
    """An exported project file is imported as the same script; Fountain comes out byte for byte as it came in."""
    source = b"Title: Round Trip\r\n\r\nINT. HALL - DAY\r\n\r\nA  clock.\t\r\n"
    studio.import_script(name="trip.fountain", text=source)
    page.goto(studio.url)
    with page.expect_download() as download:
        choose_action(page, "Round Trip", "Export Fountain")
    assert Path(download.value.path()).read_bytes() == source
    assert download.value.suggested_filename.endswith(".fountain")

    with page.expect_download() as download:
        choose_action(page, "Round Trip", "Export project")
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert "Round Trip" in json.dumps(json.loads(path.read_text()))
    import_with_chooser(page, path)
    expect(page.get_by_text("Imported “Round Trip”, 1 scene.")).to_be_visible()


def test_a_script_opens_as_a_page_for_printing(studio: Any, page: Page) -> None:
    """The printable page opens beside the shelf."""
    studio.import_script(name="print.fountain", text="Title: On Paper\n\n" + SCENE)
    page.goto(studio.url)
    with page.expect_popup() as popup:
        choose_action(page, "On Paper", "Print or save as PDF")
    expect(popup.value.get_by_text("INT. HALL - DAY")).to_be_visible()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("photo.png", b"\x89PNG\r\n\x1a\n", "Studio reads Fountain"),
        ("photo.fountain", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x01", None),
        ("broken.json", b"{not json", None),
        ("huge.fountain", b"INT. A - DAY\n\n" + b"word " * 4_500_000, "20 MB"),
    ],
)
def test_a_file_that_cannot_be_imported_is_refused_with_a_reason(
    studio: Any,
    open_window: Callable[..., Page],
    tmp_path: Path,
    name: str,
    content: bytes,
    message: str | None,
) -> None:
    """A file of the wrong kind, binary, broken or too large is named with the reason; nothing is imported."""
    page = open_window(failing=True)
    path = tmp_path / name
    path.write_bytes(content)
    before = studio.call("GET", "/projects")["total"]
    page.goto(studio.url)
    import_with_chooser(page, path)
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text(f"“{name}” was not imported.")
    if message:
        expect(alert).to_contain_text(message)
    words = alert.inner_text().removeprefix(f"“{name}” was not imported.").strip()
    assert len(words) > 20, "the reason is missing"
    assert "[object" not in words
    alert.get_by_role("button", name="Dismiss").click()
    expect(alert).to_have_count(0)
    assert studio.call("GET", "/projects")["total"] == before


def test_an_empty_shelf_says_what_to_do(start_studio: Any, page: Page) -> None:
    """Without projects the page offers to start one or to import one."""
    studio = start_studio()
    for item in studio.call("GET", "/projects")["items"]:
        studio.call("DELETE", f"/projects/{item['id']}")
    page.goto(studio.url)
    empty = page.get_by_role("region", name="No projects yet")
    expect(empty.get_by_role("button", name="Import a script")).to_be_visible()
    empty.get_by_role("button", name="Start a project").click()
    expect(page.get_by_label("Title", exact=True)).to_be_focused()


def test_a_long_shelf_is_shown_in_parts(start_studio: Any, page: Page) -> None:
    """More projects than fit one part are fetched when asked for, each once."""
    studio = start_studio()
    for number in range(60):
        studio.call("POST", "/projects", {"title": f"Project {number}"})
    page.goto(studio.url)
    expect(page.locator(".project")).to_have_count(48)
    page.get_by_role("button", name="Show more (13)").click()
    expect(page.locator(".project")).to_have_count(61)


def test_a_project_that_is_not_there_says_so(studio: Any, open_window: Callable[..., Page]) -> None:
    """An address without a project answers 404 and leads back to the shelf."""
    page = open_window(failing=True)
    answer = page.goto(f"{studio.url}/projects/nothing")
    assert answer is not None
    assert answer.status == 404
    page.get_by_role("link", name="See all projects").click()
    expect(page.get_by_role("heading", name="Projects")).to_be_visible()


def test_an_image_whose_bytes_did_not_come_along_is_told(
    studio: Any, project: Any, open_window: Callable[..., Page]
) -> None:
    """Of a project file without bytes all that is known of an image is shown, and words in place of the picture."""
    file = studio.call("GET", f"/projects/{project.id}/export.json")
    frame = {"id": "a", "file": f"{'0' * 64}.png", "prompt": "Rain on the glass.", "seed": 7, "shot": "wide"}
    frame |= {"model": "somebody's", "seconds": 1, "made_at": "2026-11-21T08:00:00Z"}
    file["script"]["scenes"][0]["images"] = [frame]
    copy = studio.import_script(json.dumps(file), "lamp.json")
    page = open_window(failing=True)
    page.goto(f"{copy.url}/storyboard")
    tile = page.locator(".tile[data-frame]").first
    expect(tile).to_contain_text("The picture is not here. Make it anew.")
    tile.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Rain on the glass.")
    dialog.get_by_role("button", name="Make it anew").click()
    page.keyboard.press("Escape")
    expect(page.locator(".board-scene").first.locator("img")).to_have_count(1)


@pytest.mark.parametrize("width", [380, 700, 1000, 1600])
def test_a_long_title_and_description_end_with_a_whole_line(
    studio: Any, open_window: Callable[..., Page], width: int
) -> None:
    """No card shows half a line, and nothing of it sticks out."""
    words = "A keeper refuses to leave her lighthouse when the lamp is replaced by a machine. "
    studio.call("POST", "/projects", {"title": words.strip(), "description": words * 4})
    page = open_window(width=width, height=800)
    page.goto(studio.url)
    expect(page.locator(".title-page .logline").first).to_be_visible()
    cut = page.evaluate(
        """() => [...document.querySelectorAll('.title-page :is(.title, .logline)')].filter((words) => {
          const lines = words.clientHeight / parseFloat(getComputedStyle(words).lineHeight);
          const sheet = words.closest('.title-page').getBoundingClientRect();
          return Math.abs(lines - Math.round(lines)) > 0.1 || words.getBoundingClientRect().bottom > sheet.bottom;
        }).map((words) => words.textContent)"""
    )
    assert cut == []
