"""The Storyboard page: many images at once, in view of every window, while scenes move and go."""

import base64
import io
import json
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, Route, expect

pytestmark = pytest.mark.browser


class ImageProvider:
    """A provider of images on this machine: each waits for `gate`, or fails as `status` says."""

    def __init__(self) -> None:
        self.gate = threading.Semaphore(0)
        self.status = 200
        self.asked = 0
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                provider.asked += 1
                number = provider.asked
                provider.gate.acquire(timeout=120)
                body = provider.answer(number) if provider.status == 200 else {"error": {"code": ""}}
                self.send_response(provider.status)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(body).encode())

            def log_message(self, *arguments: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @staticmethod
    def answer(number: int) -> Any:
        file = io.BytesIO()
        Image.new("RGB", (96, 64), (40 * number % 256, 90, 160)).save(file, "PNG")
        usage = {"input_tokens": 200, "output_tokens": 1600}
        return {"data": [{"b64_json": base64.b64encode(file.getvalue()).decode()}], "usage": usage}

    def let(self, images: int) -> None:
        self.gate.release(images)

    def stop(self) -> None:
        self.let(1000)
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def provider() -> Iterator[ImageProvider]:
    provider = ImageProvider()
    yield provider
    provider.stop()


@pytest.fixture
def with_provider(start_studio: Callable[..., Any], provider: ImageProvider) -> Any:
    """A Studio that has its images made by the provider, two at a time."""
    return start_studio(
        STUDIO_MODEL="local",
        OPENAI_API_KEY="a-key",
        OPENAI_BASE_URL=provider.url,
        STUDIO_IMAGE_CALLS="2",
        STUDIO_IMAGE_RETRY_WAIT="0",
    )


class Board:
    """The Storyboard page in one window."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.scenes = page.locator(".board-scene")
        self.toolbar = page.get_by_role("region", name="Making images")
        self.tray = page.get_by_role("region", name="Images without a scene")
        self.lightbox = page.locator(".lightbox")
        self.toast = page.locator(".toast").last

    def open(self, project: Any) -> "Board":
        self.page.goto(f"{project.url}/storyboard")
        expect(self.scenes).to_have_count(len(project.scenes()), timeout=60_000)
        return self

    def tiles(self, scene: int) -> Locator:
        return self.scenes.nth(scene).locator("button.tile[data-frame]:has(img)")

    def make(self, per_scene: int) -> None:
        self.toolbar.get_by_label("Images per scene", exact=True).fill(str(per_scene))
        self.toolbar.get_by_role("button", name=re.compile("^Make")).click()

    def counts(self, *images: int) -> None:
        for scene, count in enumerate(images):
            expect(self.tiles(scene)).to_have_count(count)

    def sluglines(self) -> list[str]:
        return self.scenes.locator("h2").all_inner_texts()

    def act(self, scene: int, item: str) -> None:
        self.scenes.nth(scene).get_by_role("button", name=re.compile("Actions for scene")).click()
        self.page.get_by_role("menuitem", name=item).click()


@pytest.fixture
def board(page: Page) -> Board:
    return Board(page)


@pytest.fixture
def local(studio: Any) -> Any:
    """A project in a Studio that draws its images itself."""
    return studio.import_script()


def stored(project: Any) -> Any:
    return project.studio.call("GET", f"/projects/{project.id}/storyboard")


def made(project: Any, per_scene: int) -> Any:
    """Have images made without the page, and return the storyboard."""
    project.studio.call("POST", f"/projects/{project.id}/storyboard/runs", {"per_scene": per_scene})

    def there() -> bool:
        return all(run["state"] != "running" for run in stored(project)["progress"]["runs"])

    Wait.until(there)
    return stored(project)


class Wait:
    """Waiting for what happens in the server."""

    @staticmethod
    def until(condition: Callable[[], bool]) -> None:
        limit = threading.Event()
        for _ in range(600):
            if condition():
                return
            limit.wait(0.1)
        raise AssertionError("The server did not bring it about.")


def test_images_for_all_scenes(local: Any, board: Board) -> None:
    """One click makes the number asked for under every scene, in view, and they are there after a reload."""
    board.open(local)
    expect(board.toolbar).to_contain_text("Drawn on this machine, free.")
    board.make(2)
    expect(board.toolbar.get_by_role("progressbar")).to_be_visible()
    board.counts(2, 2, 2)
    expect(board.toolbar).to_contain_text("6 images made")
    sources = board.page.locator(".tile img").evaluate_all("images => images.map(image => image.src)")
    assert len(set(sources)) == 6
    board.page.wait_for_function(
        "[...document.querySelectorAll('.tile img')].every(image => image.naturalWidth === 960)"
    )
    board.page.reload()
    board.counts(2, 2, 2)


def test_progress_is_seen_as_it_happens_and_by_every_window(
    with_provider: Any, provider: ImageProvider, open_window: Callable[..., Page]
) -> None:
    """Each image that is finished counts up in both windows, in all and at its scene; the price is told before."""
    project = with_provider.import_script()
    windows = [Board(open_window()).open(project) for _ in range(2)]
    first, second = windows
    expect(first.toolbar).to_contain_text("with gpt-image-2")
    expect(first.toolbar).to_contain_text("About $")
    first.make(2)
    for window in windows:
        expect(window.toolbar).to_contain_text("0 of 6 images")
        expect(window.toolbar).to_contain_text("2 being made")
        expect(window.scenes.nth(0)).to_contain_text("1 being made")
        expect(window.scenes.nth(2)).to_contain_text("2 waiting")
    provider.let(1)
    for window in windows:
        expect(window.toolbar).to_contain_text("1 of 6 images")
        expect(window.page.locator(".tile img")).to_have_count(1)
    provider.let(5)
    for window in windows:
        window.counts(2, 2, 2)
        expect(window.toolbar).to_contain_text("6 images made · $0.29")
    second.tiles(0).first.focus()
    second.page.keyboard.press("f")
    expect(first.scenes.nth(0).locator(".frame.favourite")).to_have_count(1)


def test_stopping_keeps_what_is_there_and_can_be_taken_up(
    with_provider: Any, provider: ImageProvider, open_window: Callable[..., Page]
) -> None:
    """Stop ends the run in view; what is finished stays, and the rest can be made later."""
    project = with_provider.import_script()
    board = Board(open_window()).open(project)
    board.make(2)
    provider.let(2)
    expect(board.page.locator(".tile img")).to_have_count(2)
    board.toolbar.get_by_role("button", name="Stop").click()
    expect(board.toolbar).to_contain_text("Stopped after 2 of 6 images")
    assert stored(project)["progress"]["runs"][0]["counts"]["done"] == 2
    provider.let(100)
    board.toolbar.get_by_role("button", name="Make the rest").click()
    board.counts(2, 2, 2)


def test_failures_are_told_and_tried_again(
    with_provider: Any, provider: ImageProvider, open_window: Callable[..., Page]
) -> None:
    """When a provider fails, the page says what happened, where, and offers to try those images again."""
    project = with_provider.import_script()
    board = Board(open_window()).open(project)
    provider.status = 401
    provider.let(100)
    board.make(1)
    expect(board.toolbar.get_by_role("alert")).to_contain_text("refused the API key")
    expect(board.toolbar).to_contain_text("3 failed")
    expect(board.scenes.nth(1)).to_contain_text("1 failed")
    assert "a-key" not in board.page.content()
    provider.status = 200
    board.toolbar.get_by_role("button", name="Try 3 images again").click()
    board.counts(1, 1, 1)
    expect(board.toolbar.get_by_role("alert")).to_have_count(0)


def test_a_run_goes_on_by_itself_after_a_kill(
    with_provider: Any, provider: ImageProvider, open_window: Callable[..., Page]
) -> None:
    """Studio was killed while it made images: started again, it makes the rest, once each, without being asked."""
    project = with_provider.import_script()
    board = Board(open_window(failing=True)).open(project)
    board.make(2)
    provider.let(2)
    expect(board.page.locator(".tile img")).to_have_count(2)
    with_provider.kill()
    with_provider.start()
    provider.let(100)
    board.counts(2, 2, 2)
    run = stored(project)["progress"]["runs"][0]
    assert (run["state"], run["counts"]["done"]) == ("finished", 6)


def test_one_image_is_made_anew_and_the_old_one_can_come_back(
    with_provider: Any, provider: ImageProvider, open_window: Callable[..., Page]
) -> None:
    """The old image stays until the new one is there; Undo, or the earlier takes, bring it back."""
    project = with_provider.import_script()
    provider.let(3)
    old = made(project, 1)["scenes"][0]["frames"][0]
    board = Board(open_window()).open(project)
    board.tiles(0).focus()
    board.page.keyboard.press("r")
    expect(board.tiles(0)).to_contain_text("Being made anew")
    expect(board.tiles(0)).to_have_attribute("data-frame", old["id"])
    provider.let(1)
    expect(board.tiles(0)).not_to_have_attribute("data-frame", old["id"])
    expect(board.toast).to_contain_text("The image was made anew.")
    board.toast.get_by_role("button", name="Undo").click()
    expect(board.tiles(0)).to_have_attribute("data-frame", old["id"])
    board.tiles(0).click()
    expect(board.lightbox).to_contain_text("Earlier takes")
    board.lightbox.get_by_role("button", name="Bring back").click()
    expect(board.tiles(0)).not_to_have_attribute("data-frame", old["id"])
    board.counts(1, 1, 1)


def test_scenes_move_and_go_while_images_are_made(
    with_provider: Any, provider: ImageProvider, open_window: Callable[..., Page]
) -> None:
    """Images find their scenes after a new order; one that comes for a deleted scene is kept aside and goes back with
    the scene."""
    project = with_provider.import_script()
    board = Board(open_window()).open(project)
    lighthouse, breakwater, _ = (scene["id"] for scene in project.scenes())
    board.make(1)
    expect(board.toolbar).to_contain_text("2 being made")
    board.act(1, "Move earlier")
    expect(board.toast).to_contain_text("“EXT. BREAKWATER - DAY” is now scene 1.")
    assert board.sluglines()[0] == "EXT. BREAKWATER - DAY"
    board.act(0, "Delete scene")
    expect(board.scenes).to_have_count(2)
    provider.let(3)
    expect(board.toolbar).to_contain_text("1 kept aside, the scene was deleted meanwhile")
    board.counts(1, 1)
    expect(board.tray).to_contain_text("EXT. BREAKWATER - DAY")
    expect(board.tray).to_contain_text("1 image came after the deletion")
    assert stored(project)["scenes"][0]["id"] == lighthouse
    board.tray.get_by_role("button", name="Bring the scene back").click()
    expect(board.scenes).to_have_count(3)
    expect(board.scenes.nth(0)).to_contain_text("1 image came while this scene was deleted.")
    board.scenes.nth(0).get_by_role("button", name="Put it here").click()
    board.counts(1, 1, 1)
    expect(board.tray).to_have_count(0)
    assert stored(project)["scenes"][0]["id"] == breakwater


def test_an_image_kept_aside_goes_under_another_scene(local: Any, board: Board) -> None:
    """Images of a deleted scene can be put under another one, or discarded; discarding can be undone."""
    made(local, 2)
    board.open(local)
    board.act(0, "Delete scene")
    expect(board.tray.locator(".frame")).to_have_count(2)
    scene = project_scene(local, 0)
    board.tray.get_by_role("combobox").first.select_option(scene)
    board.counts(3, 2)
    board.tray.get_by_role("button", name="Discard").click()
    expect(board.tray).to_have_count(0)
    board.toast.get_by_role("button", name="Undo").click()
    expect(board.tray.locator(".frame")).to_have_count(1)


def project_scene(project: Any, at: int) -> str:
    scene: str = project.scenes()[at]["id"]
    return scene


def test_everything_by_keyboard(local: Any, board: Board) -> None:
    """Arrow keys go through the images of all scenes, and single keys do what the buttons do."""
    made(local, 2)
    board.open(local)
    keyboard = board.page.keyboard
    board.tiles(0).first.focus()
    keyboard.press("ArrowRight")
    expect(board.tiles(0).nth(1)).to_be_focused()
    keyboard.press("ArrowDown")
    expect(board.tiles(1).nth(1)).to_be_focused()
    keyboard.press("ArrowLeft")
    keyboard.press("ArrowLeft")
    expect(board.tiles(0).nth(1)).to_be_focused()
    keyboard.press("f")
    expect(board.scenes.nth(0).locator(".frame").nth(1)).to_have_class("frame favourite")
    keyboard.press("Enter")
    expect(board.lightbox).to_be_visible()
    keyboard.press("ArrowLeft")
    expect(board.lightbox.get_by_role("button", name="Make it the favourite")).to_be_visible()
    keyboard.press("f")
    expect(board.lightbox.get_by_role("button", name="Favourite", exact=True)).to_be_visible()
    keyboard.press("Escape")
    expect(board.lightbox).to_have_count(0)
    expect(board.tiles(0).first).to_be_focused()
    expect(board.page.locator(".frame.favourite")).to_have_count(1)
    keyboard.press("Delete")
    board.counts(1, 2, 2)
    keyboard.press("Control+z")
    board.counts(2, 2, 2)
    board.tiles(1).first.focus()
    keyboard.press("Alt+ArrowUp")
    expect(board.scenes.nth(0)).to_contain_text("BREAKWATER")
    expect(board.toast).to_contain_text("is now scene 1.")
    assert local.sluglines()[0] == "EXT. BREAKWATER - DAY"
    keyboard.press("g")
    board.counts(3, 2, 2)
    board.tiles(0).first.focus()
    keyboard.press("Alt+Delete")
    expect(board.scenes).to_have_count(2)
    keyboard.press("Control+z")
    expect(board.scenes).to_have_count(3)
    board.tiles(0).first.focus()
    keyboard.press("?")
    expect(board.page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()


def test_keys_wait_for_no_answer_after_a_scene_was_moved(local: Any, board: Board) -> None:
    """The moved scene keeps the focus, so the next key acts on it before the server has answered."""
    made(local, 1)
    board.open(local)
    held: list[Route] = []
    board.page.route("**/order", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks what it is given
    board.tiles(1).first.focus()
    board.page.keyboard.press("Alt+ArrowUp")
    expect(board.tiles(0).first).to_be_focused()
    board.page.keyboard.press("g")
    board.counts(2, 1, 1)
    assert len(held) == 1
    held[0].continue_()
    expect(board.toast).to_contain_text("is now scene 1.")
    expect(board.tiles(0).first).to_be_focused()
    assert local.sluglines()[0] == "EXT. BREAKWATER - DAY"


def test_a_scene_is_dragged_to_another_place(local: Any, board: Board) -> None:
    """A scene taken by its number goes where it is dropped."""
    board.open(local)
    handle = board.scenes.nth(2).locator(".number")
    handle.hover()
    board.page.mouse.down()
    target = board.scenes.nth(0).bounding_box()
    assert target is not None
    board.page.mouse.move(target["x"] + 40, target["y"] + 60, steps=6)
    board.page.mouse.move(target["x"] + 40, target["y"] + 8, steps=4)
    board.page.mouse.up()
    expect(board.toast).to_contain_text("is now scene 1.")
    assert local.sluglines() == [
        "INT. LIGHTHOUSE - NIGHT",
        "INT. LIGHTHOUSE - NIGHT",
        "EXT. BREAKWATER - DAY",
    ]


def test_what_is_known_of_an_image(local: Any, board: Board) -> None:
    """The details show shot, model, seed, cost, time and prompt of the image."""
    frame = made(local, 1)["scenes"][1]["frames"][0]
    board.open(local)
    board.tiles(1).click()
    for words in ("Local drawing", str(frame["seed"]), "free", "BREAKWATER", "Scene 2"):
        expect(board.lightbox).to_contain_text(words)
    board.lightbox.get_by_role("button", name="Close").click()
    expect(board.tiles(1)).to_be_focused()


def test_pages_of_a_project_lead_to_each_other(local: Any, board: Board) -> None:
    """The masthead leads from the script to the storyboard and back; a scene's heading leads to its text."""
    board.page.goto(local.url)
    board.page.get_by_role("link", name="Storyboard").click()
    expect(board.scenes).to_have_count(3)
    expect(board.page.get_by_role("link", name="Storyboard")).to_have_attribute("aria-current", "page")
    board.scenes.nth(1).locator("h2 a").click()
    expect(board.page.locator(".surface")).to_contain_text("TOMAS runs along the stones")


def test_a_script_without_scenes_says_what_to_do_first(studio: Any, board: Board) -> None:
    """An empty storyboard leads to the Script page."""
    made_project = studio.call("POST", "/projects", {"title": "Nothing yet"})
    board.page.goto(f"{studio.url}/projects/{made_project['id']}/storyboard")
    expect(board.page.get_by_role("heading", name="No scene to draw yet")).to_be_visible()
    board.page.get_by_role("link", name="Write the first scene").click()
    expect(board.page.get_by_role("heading", name="The first page is yours")).to_be_visible()


def test_the_contact_sheet_shows_the_images(local: Any, board: Board) -> None:
    """The contact sheet has every image, loaded, for printing."""
    made(local, 1)
    board.page.goto(f"{local.studio.url}/api/projects/{local.id}/storyboard/sheet.html")
    expect(board.page.locator("figure img")).to_have_count(3)
    board.page.wait_for_function(
        "[...document.images].every(image => image.complete && image.naturalWidth === 960)"
    )


def test_a_project_that_is_not_there(studio: Any, open_window: Callable[..., Page]) -> None:
    """The storyboard of a project that is gone says so and leads back."""
    page = open_window(failing=True)
    page.goto(f"{studio.url}/projects/{'0' * 32}/storyboard")
    expect(page.get_by_role("heading", name="This project is not here")).to_be_visible()
