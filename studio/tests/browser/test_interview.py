"""The Interview page: questions by keyboard, live arrival, two windows, lost connections, the plan."""

import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

pytestmark = pytest.mark.browser

ANSWERS = {
    "title": "The Last Keeper",
    "want": "To keep the lamp lit until the Ardent is home.",
    "opposition": "The harbour board, and Tomas, who signed the order in secret.",
    "means": "Two boats, a drone and four days in March.",
}
FIXED = 18


class Interview:
    """One project's interview: its page, and what is stored."""

    def __init__(self, studio: Any, page: Page) -> None:
        self.studio = studio
        made = studio.call("POST", "/projects", {"title": "Working title", "description": "An idea."})
        self.id = made["id"]
        self.url = f"{studio.url}/projects/{self.id}/interview"
        self.page = page

    def open(self, page: Page | None = None) -> Page:
        page = page or self.page
        page.goto(self.url)
        expect(page.locator(".interview-page .actions").first).to_be_visible()
        return page

    def get(self, path: str = "") -> Any:
        return self.studio.call("GET", f"/projects/{self.id}/interview{path}")

    def answer_over_api(self, count: int = FIXED) -> None:
        view = self.studio.call("POST", f"/projects/{self.id}/interview")
        for _ in range(count):
            current = view["current"]
            text = ANSWERS.get(current, f"Something about {current}.")
            path = f"/projects/{self.id}/interview/answers/{current}"
            view = self.studio.call("PUT", path, {"text": text})["interview"]

    def wait(self, condition: Callable[[], Any]) -> None:
        for _ in range(600):
            if condition():
                return
            self.page.wait_for_timeout(50)
        raise AssertionError("It did not come about.")

    def finished(self) -> None:
        """Bring the interview to its end, and the plan."""
        self.answer_over_api()
        self.wait(lambda: self.get()["state"] != "thinking")
        self.studio.call("POST", f"/projects/{self.id}/interview/finish")
        self.studio.call("POST", f"/projects/{self.id}/interview/plan", {"instead_of": None})
        self.wait(lambda: self.get()["plan"]["state"] == "ready")


@pytest.fixture
def interview(studio: Any, page: Page) -> Interview:
    return Interview(studio, page)


def field(page: Page) -> Locator:
    return page.get_by_label("Your answer")


def heading(page: Page) -> Locator:
    return page.locator(".question h2")


def test_from_the_first_question_to_the_plan_by_keyboard(interview: Interview) -> None:
    """18 questions, one at a time, the first two prefilled; a model's question arrives by itself; then the plan."""
    page = interview.open()
    page.get_by_role("button", name="Start the interview").press("Enter")
    expect(field(page)).to_have_value("Working title")
    expect(field(page)).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type(ANSWERS["title"])
    page.keyboard.press("Enter")
    expect(field(page)).to_have_value("An idea.")
    page.keyboard.press("Control+Enter")
    for number in range(3, FIXED + 1):
        expect(page.locator(".question .soft").first).to_contain_text(f"Question {number} of 18")
        expect(field(page)).to_be_focused()
        if number == 5:
            page.keyboard.press("Alt+s")
            continue
        page.keyboard.type(ANSWERS["want"] if number == 7 else f"Answer number {number}.")
        page.keyboard.press("Control+Enter")
    expect(page.locator(".question .soft").first).to_contain_text("Question of the model")
    expect(page.locator(".question .why")).to_be_visible()
    page.get_by_role("button", name="Enough questions").click()
    expect(page.locator(".review li")).to_have_count(FIXED + 1)
    page.get_by_role("button", name="Make the plan").click()
    expect(page.get_by_role("treeitem").first).to_be_visible()
    assert len(interview.get()["questions"]) == FIXED + 1
    texts = [question["answer"]["text"] for question in interview.get()["questions"]]
    assert texts[:5] == [ANSWERS["title"], "An idea.", "Answer number 3.", "Answer number 4.", ""]


def test_back_and_edit(interview: Interview) -> None:
    """Alt and the arrows go back and on; a changed answer is saved and the writer goes on from there."""
    interview.answer_over_api(3)
    page = interview.open()
    asked = heading(page).inner_text()
    page.keyboard.press("Alt+ArrowLeft")
    page.keyboard.press("Alt+ArrowLeft")
    expect(heading(page)).to_have_text("What is it about, in a few sentences?")
    field(page).fill("Another description.")
    page.keyboard.press("Control+Enter")
    expect(heading(page)).to_contain_text("In one sentence")
    page.keyboard.press("Alt+ArrowRight")
    expect(heading(page)).to_have_text(asked)
    assert interview.get()["questions"][1]["answer"]["text"] == "Another description."
    assert interview.studio.call("GET", f"/projects/{interview.id}")["description"] == "Another description."


def test_a_second_window_follows(interview: Interview, open_window: Callable[..., Page]) -> None:
    """What is answered in one window is answered in the other, which goes on to the same question."""
    interview.answer_over_api(2)
    one, other = interview.open(), interview.open(open_window())
    field(one).fill("From the first window.")
    one.keyboard.press("Control+Enter")
    expect(other.locator(".question .soft").first).to_contain_text("Question 4 of 18")
    assert len(interview.get()["questions"]) == 4


def test_whoever_types_keeps_the_text_when_another_window_is_faster(
    interview: Interview, open_window: Callable[..., Page]
) -> None:
    """The stored answer is shown beside one's own, to choose from; nothing is overwritten unseen."""
    interview.answer_over_api(2)
    one, other = interview.open(), interview.open(open_window())
    field(other).fill("Typed in the other window.")
    field(one).fill("From the first window.")
    one.keyboard.press("Control+Enter")
    expect(other.get_by_role("alert")).to_contain_text("From the first window.")
    expect(field(other)).to_have_value("Typed in the other window.")
    assert interview.get()["questions"][2]["answer"]["text"] == "From the first window."
    other.get_by_role("button", name="Replace it with mine").click()
    expect(other.get_by_role("alert")).to_have_count(0)
    interview.wait(lambda: interview.get()["questions"][2]["answer"]["text"] == "Typed in the other window.")


def test_what_was_typed_is_there_after_a_reload(interview: Interview) -> None:
    """Also when it was not sent; it is not saved before the writer says so."""
    interview.answer_over_api(2)
    page = interview.open()
    field(page).fill("Half a sent")
    page.reload()
    expect(field(page)).to_have_value("Half a sent")
    assert interview.get()["questions"][2]["answer"] is None


def test_an_answer_is_sent_once_however_often_studio_is_killed(
    start_studio: Callable[..., Any], open_window: Callable[..., Page], tmp_path: Any
) -> None:
    """Answered while Studio is away, reloaded, started again: the answer arrives, once, and the interview goes on."""
    studio = start_studio()
    page = open_window(failing=True)
    interview = Interview(studio, page)
    interview.answer_over_api(2)
    interview.open()
    studio.kill()
    field(page).fill("Said while nobody listened.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Your answer is kept in this browser")).to_be_visible()
    studio.start()
    expect(page.locator(".question .soft").first).to_contain_text("Question 4 of 18")

    # Killed right after it was stored and before the page heard of it: the page is told again.
    field(page).fill("Stored, and not acknowledged.")
    page.route("**/answers/**", lambda route: (route.fetch(), studio.kill(), route.abort())[0])
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Your answer is kept in this browser")).to_be_visible()
    page.unroute("**/answers/**")
    studio.start()
    page.reload()
    expect(page.locator(".question .soft").first).to_contain_text("Question 5 of 18")
    with sqlite3.connect(tmp_path / "data-0" / "studio.sqlite3") as database:
        count = "SELECT count(*) FROM interviews, json_each(messages) WHERE json_extract(value, '$.text') = ?"
        for text in ("Said while nobody listened.", "Stored, and not acknowledged."):
            assert database.execute(count, [text]).fetchone() == (1,)
    database.close()


def test_a_model_that_fails_is_told_and_can_be_asked_again(
    start_studio: Callable[..., Any], open_window: Callable[..., Page]
) -> None:
    """Nobody listens at the provider's address: a message and a button; the answers are there, and one can go on."""
    studio = start_studio(
        OPENAI_API_KEY="sk-test", OPENAI_BASE_URL="http://127.0.0.1:9/v1", STUDIO_MODEL_RETRY_WAIT="0"
    )
    page = open_window()
    interview = Interview(studio, page)
    interview.answer_over_api()
    interview.open()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("No question came")
    expect(alert).to_contain_text("every answer is saved")
    page.get_by_role("button", name="Try again").click()
    expect(alert).to_contain_text("cannot be reached")
    page.get_by_role("button", name="Go on without").click()
    expect(page.locator(".review li")).to_have_count(FIXED)
    page.get_by_role("button", name="Make the plan").click()
    expect(alert).to_contain_text("No plan was made")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()


def test_the_plan_by_keyboard(interview: Interview) -> None:
    """Go through it, fold, write, tick off, add, move, remove, undo: each is stored."""
    interview.finished()
    page = interview.open()
    items = page.get_by_role("treeitem")
    expect(items.first).to_be_visible()
    first = interview.get("/plan")["epics"][0]

    def plan() -> Any:
        return interview.get("/plan")["epics"]

    def titles() -> list[str]:
        return [item["title"] for item in plan()[0]["children"]]

    items.first.focus()
    page.keyboard.press("ArrowLeft")
    expect(items.first).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(items.nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_label("Title").fill("Written anew")
    page.keyboard.press("Enter")
    expect(items.nth(1)).to_contain_text("Written anew")
    expect(items.nth(1)).to_be_focused()
    assert titles()[0] == "Written anew"

    page.keyboard.press("Space")
    interview.wait(lambda: plan()[0]["children"][0]["done"])
    page.keyboard.press("Alt+ArrowDown")
    interview.wait(lambda: titles()[1] == "Written anew")
    expect(page.locator(".plan-item:focus")).to_contain_text("Written anew")

    page.keyboard.press("n")
    page.get_by_label("Title").fill("Added behind it")
    page.keyboard.press("Enter")
    interview.wait(lambda: titles()[2:3] == ["Added behind it"])
    expect(page.locator(".plan-item:focus")).to_contain_text("Added behind it")
    page.keyboard.press("Delete")
    expect(page.get_by_text("“Added behind it” was removed.")).to_be_visible()
    assert len(titles()) == len(first["children"])
    page.get_by_role("button", name="Undo").click()
    interview.wait(lambda: titles()[2:3] == ["Added behind it"])


def test_whoever_goes_elsewhere_while_the_plan_is_made_stays_there(interview: Interview) -> None:
    """Neither a late answer nor the plan itself takes the writer away from what they went to; a message leads to it."""
    interview.answer_over_api()
    interview.wait(lambda: interview.get()["state"] != "thinking")
    interview.studio.call("POST", f"/projects/{interview.id}/interview/finish")
    page = interview.open()
    late: list[Any] = []

    def hold(route: Route) -> None:
        if route.request.method == "POST":
            late.append((route, route.fetch()))
        else:
            route.fallback()

    page.route("**/interview/plan", hold)
    page.get_by_role("button", name="Make the plan").click()
    interview.wait(lambda: late)
    page.get_by_role("button", name="Questions", exact=True).click()
    for route, response in late:
        route.fulfill(response=response)
    message = page.locator(".toast", has_text="The plan is ready.")
    expect(message).to_be_visible()
    expect(page.get_by_role("button", name="Questions", exact=True)).to_have_attribute("aria-pressed", "true")
    message.get_by_role("button", name="Show it").click()
    expect(page.get_by_role("treeitem").first).to_be_visible()


def test_the_plan_is_taken_away_as_a_file(interview: Interview) -> None:
    """The menu offers Markdown, CSV and JSON, and the browser saves what the server sends."""
    interview.finished()
    page = interview.open()
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as told:
        page.get_by_role("menuitem", name="Markdown").click()
    assert told.value.suggested_filename == "The-Last-Keeper-plan.md"
    assert told.value.path().read_text().startswith("# The Last Keeper")


def test_what_hangs_has_a_way_on(
    start_studio: Callable[..., Any], open_window: Callable[..., Page], tmp_path: Any
) -> None:
    """A plan whose job died, a question between attempts: what went wrong is said live, and a button goes on."""
    interview = Interview(start_studio(), open_window())
    interview.finished()
    page = interview.open()
    first = interview.get("/plan")["id"]

    def spoil(sql: str, *parameters: str) -> None:
        with sqlite3.connect(tmp_path / "data-0" / "studio.sqlite3", timeout=30) as database:
            database.execute(sql, parameters)
        database.close()

    spoil(
        "UPDATE indelible_jobs SET state = 'dead', attempts = 9, error = 'RuntimeError: boom' WHERE key = ?",
        f"interview-plan:{interview.id}",
    )
    spoil("UPDATE interviews SET wanted_plan = ? WHERE project_id = ?", "0" * 32, interview.id)
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text(
        "No new plan was made. It failed 9 times, the last time with: RuntimeError: boom"
    )
    alert.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("button", name="Earlier plans")).to_be_visible()
    assert interview.get("/plan")["id"] != first
    expect(alert).to_have_count(0)

    spoil(
        "UPDATE indelible_jobs SET state = 'waiting', attempts = 1, error = 'RuntimeError: boom',"
        " due_at = datetime('now', '+1 hour'), rank_at = datetime('now', '+1 hour') WHERE key = ?",
        f"interview-question:{interview.id}",
    )
    spoil(
        "UPDATE interviews SET wanted_question = 'follow-up-02', closed_at = NULL WHERE project_id = ?",
        interview.id,
    )
    page.get_by_role("button", name="Questions", exact=True).click()
    trouble = page.locator(".patience")
    expect(trouble).to_contain_text("Attempt 1 of 9 failed; it is tried again. RuntimeError: boom")
    trouble.get_by_role("button", name="Ask again").click()
    interview.wait(lambda: interview.get()["state"] in ("asking", "finished"))
    expect(trouble).to_have_count(0)
