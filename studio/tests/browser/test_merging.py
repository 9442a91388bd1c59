"""Two windows write at once: edits of different places are put together, the rest is for the writer to choose."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser


@pytest.fixture
def here(open_window: Callable[..., Page], make_desk: Callable[[Page], Any]) -> Any:
    """The desk of the window that saves second; its requests may fail."""
    return make_desk(open_window(failing=True))


@pytest.fixture
def there(open_window: Callable[..., Page], make_desk: Callable[[Page], Any]) -> Any:
    """The desk of the window that saves first."""
    return make_desk(open_window(failing=True))


def line(desk: Any, text: str) -> None:
    """Put the caret at the end of the line `text`."""
    desk.surface.locator("> div").filter(has_text=text).first.click()
    desk.page.keyboard.press("End")


def places(desk: Any) -> Locator:
    """The places to choose at."""
    found: Locator = desk.conflict.locator("fieldset")
    return found


def clash(project: Any, here: Any, there: Any) -> None:
    """Let both windows edit one line, the other window being faster, and each another line besides."""
    there.open(project)
    here.open(project)
    line(there, "One more night.")
    there.type(" Theirs.")
    there.saved()
    line(here, "One more night.")
    here.type(" Mine.")
    expect(here.conflict).to_be_visible()


def test_different_scenes_do_not_meet(project: Any, here: Any, there: Any) -> None:
    """Two windows that write in two scenes of one script save side by side."""
    there.open(project)
    here.open(project)
    here.open_scene(1)
    there.end()
    there.type(" In the first.")
    here.end()
    here.type(" In the second.")
    there.saved()
    here.saved()
    first, second, _ = project.scenes()
    assert "In the first." in first["text"]
    assert "In the second." in second["text"]
    expect(here.conflict).to_have_count(0)


def test_different_lines_of_one_scene_are_put_together(project: Any, here: Any, there: Any) -> None:
    """The second window takes both edits by itself, says so, keeps the caret, and can have its own text back."""
    there.open(project)
    here.open(project)
    line(there, "One more night.")
    there.type(" Theirs.")
    there.saved()
    line(here, "Rain on the glass.")
    here.type(" Mine.")
    expect(here.page.get_by_text("Both edits are in it now")).to_be_visible()
    here.saved()
    expect(here.conflict).to_have_count(0)
    here.type(" Typed on.")
    here.saved()
    here.wait_until(lambda: "winds the clockwork. Mine. Typed on." in project.text())
    assert "One more night. Theirs." in project.text()
    assert "One more night. Theirs." in here.text()

    here.page.get_by_role("button", name="Undo").click()
    here.saved()
    here.wait_until(lambda: "Theirs." not in project.text())
    assert "winds the clockwork. Mine. Typed on." in project.text()
    here.page.get_by_role("button", name="Redo").click()
    here.wait_until(lambda: "Theirs." in project.text() and "Mine. Typed on." in project.text())


def test_a_merge_does_not_disturb_whoever_types_on(project: Any, here: Any, there: Any) -> None:
    """Lines that come in above move the caret along; no key that is pressed meanwhile is lost or lands elsewhere."""
    there.open(project)
    here.open(project)
    line(there, "Rain on the glass.")
    there.type(" The gulls are quiet tonight.")
    there.page.keyboard.press("Enter")
    there.type("A horn, far out.")
    there.saved()
    line(here, "One more night.")
    words = " And one more, and then the letter, and then nobody will wind it any more."
    here.page.keyboard.type(words, delay=40)
    here.saved()
    here.wait_until(lambda: f"One more night.{words}" in project.text())
    assert "A horn, far out." in project.text()
    assert here.caret() == (f"One more night.{words}", len(f"One more night.{words}"))


def test_a_merge_leaves_the_page_where_it_is(studio: Any, here: Any, there: Any) -> None:
    """Whoever reads further down in a long scene goes on reading there."""
    paragraphs = "".join(f"Paragraph {number}.\n\n" for number in range(80))
    project = studio.import_script(f"INT. LONG - DAY\n\n{paragraphs}")
    there.open(project)
    here.open(project)
    line(there, "Paragraph 1.")
    there.type(" Theirs.")
    there.saved()
    line(here, "Paragraph 70.")
    here.type(" Mine.")
    here.page.locator("#line-element").focus()
    desk = here.page.locator(".desk")
    top = desk.evaluate("desk => desk.scrollTop")
    assert top > 500
    expect(here.surface).to_contain_text("Paragraph 1. Theirs.")
    assert abs(desk.evaluate("desk => desk.scrollTop") - top) < 100


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("Mine", "One more night. Mine.\n"),
        ("Stored", "One more night. Theirs.\n"),
        ("Both, mine first", "One more night. Mine.\nOne more night. Theirs.\n"),
    ],
)
def test_the_same_line_is_for_the_writer_to_choose(
    project: Any, here: Any, there: Any, choice: str, expected: str
) -> None:
    """The place is shown as it was and as both made it, nothing is sent before the choice, which is then saved."""
    clash(project, here, there)
    place = places(here)
    expect(place).to_have_count(1)
    for title, text in (
        ("Before", "One more night."),
        ("Yours", "night. Mine."),
        ("Stored", "night. Theirs."),
    ):
        expect(place.get_by_role("region", name=title)).to_contain_text(text)
    save = here.conflict.get_by_role("button", name="Save this")
    expect(save).to_be_disabled()
    assert "Mine." not in project.text()

    place.get_by_role("radio", name=choice, exact=True).check()
    save.click()
    here.saved()
    here.wait_until(lambda: expected in project.text())
    expect(here.surface).to_contain_text(expected.splitlines()[0])


def test_a_place_can_be_written_anew(project: Any, here: Any, there: Any) -> None:
    """Editing by hand begins with what was chosen before, and other choices can be tried without losing it."""
    clash(project, here, there)
    place = places(here)
    place.get_by_role("radio", name="Both, mine first").check()
    place.get_by_role("radio", name="Edit by hand").check()
    box = place.get_by_role("textbox")
    expect(box).to_have_value("One more night. Mine.\nOne more night. Theirs.")
    box.fill("One last night.")
    place.get_by_role("radio", name="Mine", exact=True).check()
    place.get_by_role("radio", name="Edit by hand").check()
    expect(box).to_have_value("One last night.")
    here.conflict.get_by_role("button", name="Save this").click()
    here.saved()
    here.wait_until(lambda: "(to the lamp)\nOne last night.\n" in project.text())


def test_a_conflict_keeps_what_did_not_clash(project: Any, here: Any, there: Any) -> None:
    """Next to the line that both changed, each window's other edits are in already, and can be left out."""
    there.open(project)
    here.open(project)
    line(there, "Rain on the glass.")
    there.type(" Far thunder.")
    line(there, "One more night.")
    there.type(" Theirs.")
    there.saved()
    line(here, "One more night.")
    here.type(" Mine.")
    expect(places(here)).to_have_count(2)
    expect(places(here).first).to_contain_text("Only the other window changed this")
    expect(places(here).first.get_by_role("radio", name="Stored")).to_be_checked()
    here.conflict.get_by_role("button", name="All mine").click()
    here.conflict.get_by_role("button", name="Save this").click()
    here.saved()
    here.wait_until(lambda: "One more night. Mine.\n" in project.text())
    assert "clockwork. Far thunder." in project.text()


def test_a_choice_can_be_taken_back(project: Any, here: Any, there: Any) -> None:
    """After the stored line was taken, the writer's own can be had after all."""
    clash(project, here, there)
    here.conflict.get_by_role("button", name="All stored").click()
    here.conflict.get_by_role("button", name="Save this").click()
    expect(here.surface).to_contain_text("Theirs.")
    here.page.get_by_role("button", name="Undo").click()
    expect(here.surface).to_contain_text("Mine.")
    here.wait_until(lambda: "One more night. Mine.\n" in project.text())


def test_deciding_later_keeps_the_words_through_a_reload(project: Any, here: Any, there: Any) -> None:
    """A conflict that is left open is still there after a reload, with its base and every word typed since."""
    clash(project, here, there)
    here.conflict.get_by_role("button", name="Decide later").click()
    line(here, "One more night.")
    here.type(" And later.")
    here.page.reload()
    expect(here.conflict).to_be_visible()
    expect(places(here).get_by_role("region", name="Before")).to_contain_text("One more night.")
    expect(places(here).get_by_role("region", name="Yours")).to_contain_text("Mine. And later.")
    here.conflict.get_by_role("button", name="All mine").click()
    here.conflict.get_by_role("button", name="Save this").click()
    here.saved()
    here.wait_until(lambda: "Mine. And later." in project.text())


def test_writing_the_conflict_away_ends_it(project: Any, here: Any, there: Any) -> None:
    """Whoever takes their words back before choosing has nothing to choose any more."""
    clash(project, here, there)
    here.conflict.get_by_role("button", name="Decide later").click()
    line(here, "One more night.")
    for _ in " Mine.":
        here.page.keyboard.press("Backspace")
    here.page.get_by_role("button", name="Compare and choose").click()
    here.saved()
    expect(here.surface).to_contain_text("One more night. Theirs.")
    assert project.text().count("Theirs.") == 1


def test_the_title_page_is_merged_too(studio: Any, here: Any, there: Any) -> None:
    """Different lines of the title page are put together, as those of a scene."""
    project = studio.import_script("Title: The Lamp\nCredit: by\nAuthor: N. N.\n\nINT. A - DAY\n\nA.\n")
    for desk in (there, here):
        desk.open(project)
        desk.page.goto(f"{project.url}#title-page")
        expect(desk.surface).to_contain_text("Author: N. N.")
    line(there, "Title: The Lamp")
    there.type("house")
    there.saved()
    line(here, "Author: N. N.")
    here.type(" and M. M.")
    here.saved()
    here.wait_until(
        lambda: (
            project.script()["preamble"] == "Title: The Lamphouse\nCredit: by\nAuthor: N. N. and M. M.\n\n"
        )
    )


# Answers that get lost, servers and lines that go down


def lose_first_answer(page: Page, *, statuses: list[int]) -> None:
    """Let the first save reach the server and lose its answer."""

    def lose(route: Any) -> None:
        if route.request.method == "PATCH" and not statuses:
            statuses.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    page.route("**/api/scenes/*", lose)


def sent_saves(page: Page) -> list[dict[str, Any]]:
    """Collect the bodies of the saves that a page sends from now on."""
    saves: list[dict[str, Any]] = []

    def note(request: Any) -> None:
        if request.method == "PATCH" and "/api/scenes/" in request.url:
            saves.append(request.post_data_json)

    page.on("request", note)
    return saves


def test_a_save_whose_answer_was_lost_is_sent_again_as_it_was(project: Any, here: Any) -> None:
    """The same id, version and words; what was typed since goes with the next save, and nothing is there twice."""
    here.open(project).end()
    lost: list[int] = []
    lose_first_answer(here.page, statuses=lost)
    saves = sent_saves(here.page)
    here.type(" Sent once.")
    expect(here.status).to_have_text("Not saved, retrying")
    here.type(" And more.")
    here.saved()
    assert lost == [200]
    assert saves[0] == saves[1]
    assert saves[2]["op_id"] != saves[0]["op_id"]
    assert saves[2]["base_version"] == saves[0]["base_version"] + 1
    assert project.text().count("Sent once. And more.") == 1
    expect(here.conflict).to_have_count(0)


def test_a_lost_answer_is_fetched_after_a_reload(project: Any, here: Any) -> None:
    """The page was closed before it was sent again: the next visit sends the same save, and gets the first answer."""
    here.open(project).end()
    lost: list[int] = []
    lose_first_answer(here.page, statuses=lost)
    saves = sent_saves(here.page)
    here.type(" Sent once.")
    expect(here.status).to_have_text("Not saved, retrying")
    here.page.context.set_offline(True)
    here.type(" And more.")
    here.page.context.set_offline(False)
    here.page.reload()
    here.saved()
    here.wait_until(lambda: "Sent once. And more." in project.text())
    assert lost == [200]
    assert saves[0] == next(save for save in saves[1:] if save["op_id"] == saves[0]["op_id"])
    assert project.text().count("Sent once.") == 1
    drafts = "Object.keys(localStorage).filter(key => key.startsWith('studio.draft.'))"
    here.wait_until(lambda: here.page.evaluate(drafts) == [])


def test_a_lost_answer_meets_another_windows_save(project: Any, here: Any, there: Any) -> None:
    """The other window saved on top of the save whose answer was lost: no conflict, and nobody's words are lost."""
    here.open(project)
    line(here, "Rain on the glass.")
    lost: list[int] = []
    lose_first_answer(here.page, statuses=lost)
    here.type(" Mine.")
    expect(here.status).to_have_text("Not saved, retrying")
    here.page.context.set_offline(True)
    there.open(project)
    line(there, "One more night.")
    there.type(" Theirs.")
    there.saved()
    here.type(" More.")
    here.page.context.set_offline(False)
    here.page.evaluate("window.dispatchEvent(new Event('online'))")
    here.saved()
    here.wait_until(lambda: "clockwork. Mine. More." in project.text() and "night. Theirs." in project.text())
    expect(here.conflict).to_have_count(0)


def test_a_lost_answer_survives_a_server_that_was_killed(start_studio: Any, here: Any) -> None:
    """The server saved, was killed before it answered, and was started again: the save is not applied twice."""
    studio = start_studio()
    project = studio.import_script()
    here.open(project).end()
    lost: list[int] = []
    lose_first_answer(here.page, statuses=lost)
    here.type("\n\nINT. ATTIC - NIGHT\n\nDust.")
    expect(here.status).to_have_text("Not saved, retrying")
    studio.kill()
    here.type(" And a moth.")
    studio.start()
    here.page.evaluate("window.dispatchEvent(new Event('online'))")
    here.saved()
    assert lost == [200]
    here.wait_until(lambda: "Dust. And a moth." in project.text())
    assert project.sluglines().count("INT. ATTIC - NIGHT") == 1


def test_a_conflict_that_is_found_when_the_line_is_back(project: Any, here: Any, there: Any) -> None:
    """Words typed offline meet another window's: the choice is offered when the line is back, and survives its loss."""
    there.open(project)
    here.open(project)
    here.page.context.set_offline(True)
    line(here, "One more night.")
    here.type(" Mine.")
    expect(here.status).to_have_text("Not saved, retrying")
    line(there, "One more night.")
    there.type(" Theirs.")
    there.saved()
    here.page.context.set_offline(False)
    here.page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(here.conflict).to_be_visible()

    here.page.context.set_offline(True)
    here.conflict.get_by_role("button", name="All mine").click()
    here.conflict.get_by_role("button", name="Save this").click()
    expect(here.status).to_have_text("Not saved, retrying")
    assert "Mine." not in project.text()
    here.page.context.set_offline(False)
    here.page.evaluate("window.dispatchEvent(new Event('online'))")
    here.saved()
    here.wait_until(lambda: "One more night. Mine.\n" in project.text())


def test_on_a_phone_the_versions_are_in_tabs(
    open_window: Any, make_desk: Any, project: Any, there: Any
) -> None:
    """One version at a time, by touch or arrow keys; the choice shows what it takes."""
    here = make_desk(open_window(width=380, height=780, failing=True, has_touch=True))
    clash(project, here, there)
    place = places(here)
    mine, stored = (place.get_by_role("region", name=name) for name in ("Yours", "Stored"))
    expect(mine).to_be_visible()
    expect(stored).to_be_hidden()
    place.get_by_role("tab", name="Yours").press("ArrowRight")
    expect(stored).to_be_visible()
    expect(mine).to_be_hidden()
    place.get_by_role("radio", name="Mine", exact=True).check()
    expect(mine).to_be_visible()
    here.conflict.get_by_role("button", name="Save this").click()
    here.saved()
    here.wait_until(lambda: "One more night. Mine.\n" in project.text())
