"""Writing a scene: what is typed looks right, is saved, and stays as it was typed."""

import random
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from studio.sample import sample_text
from studio.screenplay import parse
from studio.screenplay.elements import classified
from studio.screenplay.lines import lines

pytestmark = pytest.mark.browser


def test_text_is_saved_while_it_is_typed_and_is_there_after_a_reload(project: Any, desk: Any) -> None:
    """Text is saved while it is typed, and is there after a reload."""
    desk.open(project).end()
    desk.type("\nA gull screams.")
    desk.saved()
    assert "A gull screams." in project.scenes()[0]["text"]
    desk.page.reload()
    expect(desk.surface).to_contain_text("A gull screams.")


def test_the_rest_of_the_file_keeps_every_byte(studio: Any, desk: Any) -> None:
    """Editing one scene leaves every other byte of the script as it was, Windows line ends included."""
    text = "INT. ROOM - DAY\r\n\r\nShe waits.\r\n\r\nEXT. ROAD - DAY\r\n\r\n\tHe  walks. \r\n"
    project = studio.import_script(text)
    desk.open(project).surface.get_by_text("She waits.").click()
    desk.page.keyboard.press("End")
    desk.type(" Still.\nMore.")
    desk.saved()
    desk.wait_until(lambda: "More." in project.text())
    assert project.text() == text.replace("She waits.", "She waits. Still.\r\nMore.")


def test_lines_look_like_the_elements_of_a_screenplay(project: Any, desk: Any) -> None:
    """Each line is shown as the element that it is, also while it is being typed."""
    desk.open(project)
    assert desk.kinds() == [
        "scene_heading", "blank", "action", "blank", "character", "parenthetical", "dialogue",
    ]  # fmt: skip
    desk.end()
    desk.type("\n\nTOMAS\nWait!\n\nCUT TO:")
    assert desk.kinds()[-4:] == ["character", "dialogue", "blank", "transition"]


def test_the_element_of_a_line_can_be_chosen(project: Any, desk: Any) -> None:
    """Ctrl and a digit, or the list in the bar, rewrites the line as another element; undo takes it back."""
    desk.open(project).end()
    desk.type("\n\nout of the dark")
    desk.page.keyboard.press("Control+6")
    assert desk.text().endswith("> OUT OF THE DARK")
    assert desk.kinds()[-1] == "transition"
    expect(desk.page.get_by_label("Element", exact=True)).to_have_value("transition")
    desk.page.keyboard.press("Control+z")
    assert desk.text().endswith("\nout of the dark")
    desk.page.get_by_label("Element", exact=True).select_option("Scene heading")
    assert desk.text().endswith(".OUT OF THE DARK")


def test_the_caret_stays_while_lines_change_their_look_and_are_saved(project: Any, desk: Any) -> None:
    """The caret stays where it is when a line turns into another element and when a save comes back."""
    desk.open(project)
    desk.surface.get_by_text("Rain on the glass").click()
    desk.page.keyboard.press("Home")
    desk.type("!")
    for _ in range(5):
        desk.page.keyboard.press("ArrowRight")
    before = desk.caret()
    assert before == ("!Rain on the glass. MARIA (40) winds the clockwork.", 6)
    desk.saved()
    assert desk.caret() == before
    assert desk.surface.evaluate("root => root === document.activeElement")


def test_undo_and_redo_are_the_browsers_own(project: Any, desk: Any) -> None:
    """Undo and redo go through joined lines, pasted lines and deleted text, and what they give is saved."""
    desk.open(project)
    original = desk.text()
    desk.surface.get_by_text("One more night.").click()
    desk.page.keyboard.press("Home")
    desk.page.keyboard.press("Backspace")
    joined = desk.text()
    assert "(to the lamp)One more night." in joined
    desk.type("X")
    desk.page.keyboard.press("Control+a")
    desk.page.keyboard.press("Delete")
    assert desk.text() == ""
    desk.type("gone")
    for _ in range(8):
        desk.page.keyboard.press("Control+z")
    assert desk.text() == original
    desk.page.keyboard.press("Control+Shift+z")
    assert desk.text() != original
    desk.saved()
    desk.wait_until(lambda: project.scenes()[0]["text"].rstrip("\n") == desk.text().rstrip("\n"))


def test_undo_does_not_reach_into_another_scene(project: Any, desk: Any) -> None:
    """Undo in one scene leaves the scene edited before alone."""
    desk.open(project).end()
    desk.type(" First.")
    desk.open_scene(1)
    shown = desk.text()
    for _ in range(4):
        desk.page.keyboard.press("Control+z")
    assert desk.text() == shown
    desk.wait_until(lambda: " First." in project.scenes()[0]["text"])


def test_everything_can_be_deleted_and_written_again(project: Any, desk: Any) -> None:
    """A scene can be emptied and written anew; the words go into lines as ever."""
    desk.open(project)
    desk.surface.focus()
    desk.page.keyboard.press("Control+a")
    for _ in range(3):
        desk.page.keyboard.press("Backspace")
    assert desk.text() == ""
    desk.type("INT. CELLAR - NIGHT\n\nDark.")
    assert desk.kinds() == ["scene_heading", "blank", "action"]
    desk.saved()
    desk.wait_until(lambda: project.sluglines()[0] == "INT. CELLAR - NIGHT")


def test_pasted_text_is_plain_text(project: Any, desk: Any, page: Page) -> None:
    """What is pasted comes as plain lines, whatever it looked like where it was copied; undo takes it away."""
    desk.open(project).end()
    before = desk.text()
    page.evaluate(
        """() => {
          const data = new DataTransfer();
          data.setData('text/plain', '\\n\\nTOMAS\\r\\nIt is <b>late</b>.\\n\\nHe goes.');
          data.setData('text/html', '<h1 style="color:red">TOMAS</h1><img src=x onerror="window.hit=1">');
          const paste = new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true});
          document.querySelector('.surface').dispatchEvent(paste);
        }"""
    )
    assert desk.text() == before + "\n\nTOMAS\nIt is <b>late</b>.\n\nHe goes."
    assert desk.kinds()[-4:] == ["character", "dialogue", "blank", "action"]
    assert page.evaluate("window.hit") is None
    page.keyboard.press("Control+z")
    assert desk.text() == before


@pytest.mark.parametrize("at", ["the end", "a word", "an empty line"])
def test_a_long_text_is_pasted_as_it_is(project: Any, desk: Any, page: Page, at: str) -> None:
    """Hundreds of lines are pasted at once, exactly, wherever the caret is; undo takes them away again."""
    desk.open(project).end()
    before = desk.text()
    if at == "a word":
        desk.surface.get_by_text("Rain on the glass").click()
        page.keyboard.press("Home")
        page.keyboard.press("Control+ArrowRight")
    elif at == "an empty line":
        desk.surface.locator("> div").nth(1).click()
    place = {"the end": len(before), "a word": before.index(" on the glass"), "an empty line": 24}[at]
    pasted = "\n\n" + "\n".join(f"<{number}> lines & more\n" for number in range(300)) + "x\n\n"
    page.evaluate(
        """(text) => {
          const data = new DataTransfer();
          data.setData('text/plain', text);
          const paste = new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true});
          document.querySelector('.surface').dispatchEvent(paste);
        }""",
        pasted,
    )
    assert desk.text() == before[:place] + pasted + before[place:]
    desk.type("!")
    assert desk.text() == before[:place] + pasted + "!" + before[place:]
    for _ in range(5):
        page.keyboard.press("Control+z")
    assert desk.text() == before


def test_text_can_be_composed_with_an_input_method(project: Any, desk: Any, page: Page) -> None:
    """Characters that are composed, as in Japanese, arrive once and where the caret is."""
    desk.open(project).end()
    desk.type("\n\n")
    session = page.context.new_cdp_session(page)
    for composed in ("に", "にほ", "日本"):
        session.send(
            "Input.imeSetComposition",
            {"text": composed, "selectionStart": len(composed), "selectionEnd": len(composed)},
        )
    session.send("Input.insertText", {"text": "日本"})
    desk.type("!")
    assert desk.text().endswith("\n\n日本!")
    desk.saved()
    desk.wait_until(lambda: "日本!" in project.scenes()[0]["text"])


def test_a_second_heading_makes_a_second_scene_and_the_page_follows(project: Any, desk: Any) -> None:
    """A heading typed inside a scene begins a new scene; the words and the caret go on in it."""
    desk.open(project).end()
    desk.type("\n\nINT. STAIRS - NIGHT\n\nSteps.")
    expect(desk.scene(1)).to_contain_text("INT. STAIRS - NIGHT")
    expect(desk.scene(1)).to_have_class("scene-item current")
    desk.type(" More steps.")
    desk.saved()
    desk.wait_until(lambda: "Steps. More steps." in project.scenes()[1]["text"])
    assert project.sluglines() == [
        "INT. LIGHTHOUSE - NIGHT", "INT. STAIRS - NIGHT", "EXT. BREAKWATER - DAY", "INT. LIGHTHOUSE - NIGHT",
    ]  # fmt: skip
    assert "Steps" not in project.scenes()[0]["text"]


def test_words_typed_while_a_scene_is_being_split_stay_in_order(project: Any, desk: Any, page: Page) -> None:
    """Words typed while the save that splits the scene is under way go on in the new scene, none twice or lost."""
    desk.open(project).end()
    held: list[Any] = []
    page.route("**/api/scenes/*", lambda route: held.append(route) if not held else route.continue_())
    desk.type("\n\nINT. STAIRS - NIGHT\n\nSteps.")
    desk.wait_until(lambda: held)
    desk.type(" Closer.\n\nMARIA\nWho is there?")
    held[0].continue_()
    expect(desk.scene(1)).to_have_class("scene-item current")
    desk.type(" Nobody.")
    desk.saved()
    assert desk.kinds()[-2:] == ["character", "dialogue"]
    desk.wait_until(lambda: project.scenes()[1]["text"].rstrip().endswith("Who is there? Nobody."))
    assert project.text().count("Closer.") == project.text().count("Steps.") == 1
    assert len(project.scenes()) == 4


def test_typing_without_a_pause_is_saved_all_the_same(project: Any, desk: Any, page: Page) -> None:
    """Whoever types on and on is saved every few seconds, not only at the next pause."""
    desk.open(project).end()
    saves: list[Any] = []
    page.on("request", lambda request: saves.append(request) if request.method == "PATCH" else None)
    for _ in range(400):
        page.keyboard.type("on ", delay=10)
        if saves:
            break
    assert saves
    desk.saved()


def test_leaving_the_page_at_once_saves_the_last_words(project: Any, desk: Any, page: Page) -> None:
    """Words typed just before the page is left arrive, and the next page does not call them unsaved."""
    desk.open(project).end()
    desk.type(" Last words.")
    page.get_by_role("link", name="Studio, all projects").click()
    desk.wait_until(lambda: "Last words." in project.scenes()[0]["text"])
    drafts = "Object.keys(localStorage).filter(key => key.startsWith('studio.draft.')).length"
    desk.wait_until(lambda: page.evaluate(drafts) == 0)
    expect(page.get_by_text("Unsaved words.")).to_have_count(0)


def test_a_reload_puts_the_caret_back(project: Any, desk: Any, page: Page) -> None:
    """After a reload the same scene is open and the caret is where it was."""
    desk.open(project)
    desk.open_scene(1)
    desk.surface.get_by_text("TOMAS runs").click()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.reload()
    expect(desk.surface).to_be_focused()
    assert desk.caret() == ("TOMAS runs along the stones with a letter.", 1)


def test_the_title_page_can_be_written(project: Any, desk: Any) -> None:
    """What stands before the first scene is a page of its own, saved as it is typed."""
    desk.open(project)
    desk.navigator.get_by_role("button", name="Title page").click()
    expect(desk.surface).to_contain_text("Title: The Lamp")
    desk.end()
    desk.type("\nAuthor: Ana")
    desk.saved()
    desk.wait_until(lambda: "Author: Ana" in project.script()["preamble"])
    assert project.sluglines()[0] == "INT. LIGHTHOUSE - NIGHT"


def test_a_very_long_scene_can_still_be_written(studio: Any, desk: Any) -> None:
    """A scene of thousands of lines is written in a plain area, and saved all the same."""
    many = "\n".join(f"Line {number}." for number in range(6000))
    project = studio.import_script(f"INT. ARCHIVE - DAY\n\n{many}\n\nEXT. STREET - DAY\n\nQuiet.\n")
    desk.open(project).end()
    desk.type("\nThe last one.")
    desk.saved()
    desk.wait_until(lambda: "Line 5999.\nThe last one.\n\n" in project.scenes()[0]["text"])


ATOMS = [
    "INT. A - DAY", "MARIA", "(x)", "hello", "", "", "  ", "CUT TO:", "> X", ">c<", "# S", "= s", "===", "~la", "!A",
    "@Bob", "[[note]]", "[[open", "close]]", "/*", "*/", "a /* b", "c */ d", ".FORCED", "...", "MARIA (V.O.)", "BOB ^",
    "ext house", "[[a", "b]] X", "TO:", "ÉVA", "12", ". x", "a [[n]] b", "INT./EXT. VAN - DAY",
]  # fmt: skip


def stored_kinds(text: str) -> list[str]:
    """The element of each line of `text`, as the parser says."""
    return [
        kind
        for kind, line in classified(lines(text))
        for _ in range(max(1, line.text.rstrip("\n").count("\n") + 1))
    ]


def test_the_editor_and_the_parser_agree(studio: Any, page: Page) -> None:
    """The look of each line in the editor is the element that the parser reads, in the sample and in random texts."""
    chance = random.Random(7)
    texts = [scene.text for scene in parse(sample_text()).scenes]
    texts += ["\n".join(chance.choices(ATOMS, k=chance.randint(1, 14))) for _ in range(2000)]
    page.goto(studio.url)
    shown = page.evaluate(
        """async (texts) => {
          const { classify } = await import('/static/script/fountain.js');
          return texts.map((text) => classify(text.split('\\n')));
        }""",
        texts,
    )
    for text, kinds in zip(texts, shown, strict=True):
        stored = stored_kinds(text)
        # A text that ends with a line end has, on a page, one more line.
        assert kinds[: len(stored)] == stored, text
        assert kinds[len(stored) :] in ([], ["blank"])
