"""Scenes in order: going to them, moving, adding, deleting, searching."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser

FIVE = "".join(f"INT. ROOM {name} - DAY\n\nSomebody is in room {name}.\n\n" for name in "ABCDE")


def rooms(project: Any) -> str:
    return "".join(slugline.split()[2] for slugline in project.sluglines())


@pytest.fixture
def five(studio: Any) -> Any:
    """A script of five scenes, in rooms A to E."""
    return studio.import_script(FIVE)


def drag(page: Page, handle: Locator, target: Locator, *, below: bool) -> None:
    """Drag with the mouse, as a hand does, in steps."""
    handle.hover()
    page.mouse.down()
    box = target.bounding_box()
    assert box is not None
    y = box["y"] + box["height"] * (0.9 if below else 0.1)
    page.mouse.move(box["x"] + 40, y - 10, steps=4)
    page.mouse.move(box["x"] + 40, y, steps=4)
    page.mouse.up()


def test_scenes_are_moved_by_dragging(five: Any, desk: Any, page: Page) -> None:
    """A scene dragged by its handle goes where it is dropped, stays there after a reload, and can be moved back."""
    desk.open(five)
    drag(page, desk.scene(0).locator(".grip"), desk.scene(2), below=True)
    expect(desk.scene(2)).to_contain_text("ROOM A")
    desk.wait_until(lambda: rooms(five) == "BCADE")
    drag(page, desk.scene(4).locator(".grip"), desk.scene(0), below=False)
    desk.wait_until(lambda: rooms(five) == "EBCAD")
    page.reload()
    expect(desk.scene(0)).to_contain_text("ROOM E")


def test_a_drag_can_be_given_up(five: Any, desk: Any, page: Page) -> None:
    """Escape during a drag leaves the order as it was."""
    desk.open(five)
    desk.scene(0).locator(".grip").hover()
    page.mouse.down()
    page.mouse.move(150, 600, steps=5)
    expect(page.locator(".drag-ghost")).to_be_visible()
    page.keyboard.press("Escape")
    page.mouse.up()
    expect(page.locator(".drag-ghost")).to_have_count(0)
    assert rooms(five) == "ABCDE"


def test_scenes_are_moved_with_the_keyboard(five: Any, desk: Any, page: Page) -> None:
    """Alt with an arrow moves the scene in focus; where it went is announced and can be undone."""
    desk.open(five)
    desk.scene(0).locator(".go").focus()
    page.keyboard.press("ArrowDown")
    expect(desk.scene(1).locator(".go")).to_be_focused()
    page.keyboard.press("Alt+ArrowDown")
    desk.wait_until(lambda: rooms(five) == "ACBDE")
    expect(page.get_by_text("INT. ROOM B - DAY moved to place 3 of 5")).to_be_attached()
    expect(desk.scene(2).locator(".go")).to_be_focused()
    page.keyboard.press("Control+z")
    desk.wait_until(lambda: rooms(five) == "ABCDE")


def test_a_scene_that_came_elsewhere_does_not_stop_a_move(five: Any, desk: Any, page: Page) -> None:
    """Another window adds a scene: a move that does not know of it lands, and both windows have all six."""
    desk.open(five)
    script = five.script()
    after = script["scenes"][3]["id"]
    new = {"after": after, "text": "INT. ROOM X - DAY\n\n"}
    five.studio.call("POST", f"/scripts/{script['id']}/scenes", new)
    desk.scene(0).locator(".go").focus()
    page.keyboard.press("Alt+ArrowDown")
    desk.wait_until(lambda: rooms(five) == "BACDXE")
    expect(desk.scene(4)).to_contain_text("ROOM X")
    expect(desk.scene(0)).to_contain_text("ROOM B")


def test_a_move_that_others_made_is_not_overruled_unseen(five: Any, open_window: Any, make_desk: Any) -> None:
    """Another window has put the scenes in another order: the page says so and shows it, and nothing is changed."""
    page = open_window(failing=True)
    desk = make_desk(page).open(five)
    script = five.script()
    order = [scene["id"] for scene in reversed(script["scenes"])]
    five.studio.call("PUT", f"/scripts/{script['id']}/order", {"scene_ids": order})
    desk.scene(0).locator(".go").focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.get_by_text("Someone else put the scenes in another order")).to_be_visible()
    expect(desk.scene(0)).to_contain_text("ROOM E")
    assert rooms(five) == "EDCBA"


def test_scenes_are_moved_from_their_menu(five: Any, desk: Any, page: Page) -> None:
    """The menu of a scene moves it up and down, and works from the keyboard."""
    desk.open(five)
    page.get_by_role("button", name="Actions for scene 3").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem", name="Move up")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    desk.wait_until(lambda: rooms(five) == "ABDCE")


def test_a_menu_closes_with_its_button_with_escape_and_with_a_click_elsewhere(
    five: Any, desk: Any, page: Page
) -> None:
    """A menu closes by the button that opened it, by Escape, which gives the focus back, and by a click elsewhere."""
    desk.open(five)
    button = page.get_by_role("button", name="Script menu")
    menu = page.get_by_role("menu", name="Script menu")
    button.click()
    expect(menu).to_be_visible()
    expect(button).to_have_attribute("aria-expanded", "true")
    button.click()
    expect(menu).not_to_be_visible()
    button.press("Enter")
    expect(menu).to_be_visible()
    page.keyboard.press("Escape")
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "false")
    button.press("ArrowDown")
    expect(menu).to_be_visible()
    desk.surface.click()
    expect(menu).not_to_be_visible()


def test_cards_are_moved_by_dragging_and_with_the_keyboard(five: Any, desk: Any, page: Page) -> None:
    """Index cards are moved by dragging and with Alt and an arrow."""
    desk.open(five)
    page.get_by_role("button", name="Cards", exact=True).first.click()
    cards = page.locator(".index-card")
    expect(cards).to_have_count(5)
    first = cards.nth(0).locator(".card-text")
    first.hover()
    page.mouse.down()
    box = cards.nth(2).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] - 20, box["y"] + 60, steps=8)
    page.mouse.up()
    desk.wait_until(lambda: rooms(five) == "BCADE")
    cards.nth(4).get_by_role("button", name="INT. ROOM E").focus()
    page.keyboard.press("Alt+ArrowLeft")
    desk.wait_until(lambda: rooms(five) == "BCAED")
    page.keyboard.press("Enter")
    expect(desk.surface).to_contain_text("room E")


def test_a_deleted_scene_comes_back_with_undo(five: Any, desk: Any, page: Page) -> None:
    """Deleting shows the next scene and offers Undo, which puts the scene back where it was."""
    desk.open(five)
    desk.open_scene(1)
    desk.scene(1).locator(".go").focus()
    page.keyboard.press("Delete")
    desk.wait_until(lambda: rooms(five) == "ACDE")
    expect(desk.surface).to_contain_text("room C")
    page.get_by_role("button", name="Undo").click()
    desk.wait_until(lambda: rooms(five) == "ABCDE")
    expect(desk.surface).to_contain_text("room B")


def test_a_scene_deleted_long_ago_can_be_restored(five: Any, desk: Any, page: Page) -> None:
    """The script's menu lists deleted scenes and restores them."""
    five.studio.call("DELETE", f"/scenes/{five.scenes()[3]['id']}")
    desk.open(five)
    page.get_by_role("button", name="Script menu").click()
    page.get_by_role("menuitem", name="Deleted scenes").click()
    page.get_by_role("button", name="Restore INT. ROOM D - DAY").click()
    desk.wait_until(lambda: rooms(five) == "ABCDE")
    expect(desk.surface).to_contain_text("room D")


def test_words_typed_just_before_deleting_come_back_with_undo(five: Any, desk: Any, page: Page) -> None:
    """Words that were not saved yet when their scene was deleted come back with it."""
    desk.open(five).end()
    desk.type(" Unsaved.")
    page.get_by_role("button", name="Actions for scene 1").click()
    page.get_by_role("menuitem", name="Delete scene").click()
    desk.wait_until(lambda: rooms(five) == "BCDE")
    page.get_by_role("button", name="Undo").click()
    expect(desk.surface).to_contain_text("Unsaved.")


def test_a_scene_is_added_after_the_open_one(five: Any, desk: Any, page: Page) -> None:
    """A new scene comes after the open one, its heading ready to be typed over."""
    desk.open(five)
    desk.open_scene(1)
    page.get_by_role("button", name="Add a scene", exact=True).click()
    expect(desk.scene(2)).to_have_class("scene-item current")
    expect(desk.surface).to_be_focused()
    desk.type("ROOM X - NIGHT\n\nDark.")
    desk.saved()
    desk.wait_until(lambda: rooms(five) == "ABXCDE")


def test_the_first_scene_is_added_from_the_empty_page(studio: Any, desk: Any, page: Page) -> None:
    """A script without scenes says what to do, and does it."""
    made = studio.call("POST", "/projects", {"title": "Blank"})
    page.goto(f"{studio.url}/projects/{made['id']}")
    page.get_by_role("button", name="Add the first scene").click()
    expect(desk.surface).to_be_focused()
    desk.type("KITCHEN - NIGHT\n\nA kettle.")
    desk.saved()
    script = studio.call("GET", f"/projects/{made['id']}/script")
    assert [scene["slugline"] for scene in script["scenes"]] == ["INT. KITCHEN - NIGHT"]


def test_the_keyboard_goes_from_scene_to_scene(five: Any, desk: Any, page: Page) -> None:
    """Arrow keys go through the list, Enter opens, Alt and Page Down goes on from inside the text."""
    desk.open(five)
    desk.scene(0).locator(".go").focus()
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(desk.surface).to_contain_text("room C")
    expect(desk.surface).to_be_focused()
    page.keyboard.press("Alt+PageDown")
    expect(desk.surface).to_contain_text("room D")
    page.keyboard.press("Escape")
    expect(desk.scene(3).locator(".go")).to_be_focused()


def test_scenes_are_searched(project: Any, desk: Any, page: Page) -> None:
    """The search finds words of headings and of texts, says how many, and says what to do when there are none."""
    desk.open(project)
    desk.navigator.get_by_label("Search scenes").fill("letter")
    expect(desk.navigator.locator(".scene-item")).to_have_count(2)
    expect(desk.navigator.get_by_text("2 scenes found")).to_be_attached()
    desk.navigator.get_by_label("Search scenes").fill("zeppelin")
    desk.navigator.get_by_role("button", name="Show all scenes").click()
    expect(desk.navigator.locator(".scene-item")).to_have_count(3)


def test_an_order_that_cannot_be_saved_is_taken_back(
    five: Any, open_window: Callable[..., Page], make_desk: Callable[[Page], Any]
) -> None:
    """When a move cannot be saved the page shows the stored order again and says why."""
    page = open_window(failing=True)
    desk = make_desk(page).open(five)
    page.route("**/order", lambda route: route.fulfill(status=503, json={"detail": "The database is busy."}))
    desk.scene(0).locator(".go").focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.get_by_text("The database is busy.")).to_be_visible()
    expect(desk.scene(0)).to_contain_text("ROOM A")
