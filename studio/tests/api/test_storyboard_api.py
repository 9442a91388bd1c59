"""The storyboard over REST: images made in the background, followed, changed, kept aside, served."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

SCRIPT = b"INT. KITCHEN - NIGHT\n\nMARIA boils an egg.\n\nEXT. SEA - DAY\n\nWaves.\n\nINT. KITCHEN - NIGHT\n\nDark.\n"
Upload = Callable[[str, bytes], Awaitable[httpx.Response]]


@pytest.fixture
def make_project(upload: Upload) -> Callable[[], Awaitable[str]]:
    async def make() -> str:
        project_id: str = (await upload("film.fountain", SCRIPT)).json()["id"]
        return project_id

    return make


async def board_of(client: httpx.AsyncClient, project: str) -> Any:
    answer = await client.get(f"/api/projects/{project}/storyboard")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def ended(client: httpx.AsyncClient, project: str) -> Any:
    """Wait until nothing is being made, and return the storyboard."""
    async with asyncio.timeout(60):
        while True:
            board = await board_of(client, project)
            if all(run["state"] != "running" for run in board["progress"]["runs"]):
                return board
            await asyncio.sleep(0.05)


async def made(client: httpx.AsyncClient, project: str, per_scene: int = 1) -> Any:
    """Make images of all scenes, and return the storyboard."""
    answer = await client.post(f"/api/projects/{project}/storyboard/runs", json={"per_scene": per_scene})
    assert answer.status_code == 201, answer.text
    return await ended(client, project)


async def test_images_of_all_scenes(
    client: httpx.AsyncClient, make_project: Callable[[], Awaitable[str]]
) -> None:
    """Every scene gets as many images as asked for, each with its prompt, seed, model, cost and time, and its bytes."""
    project = await make_project()
    assert [scene["frames"] for scene in (await board_of(client, project))["scenes"]] == [[], [], []]
    board = await made(client, project, 2)
    assert [len(scene["frames"]) for scene in board["scenes"]] == [2, 2, 2]
    frames = [frame for scene in board["scenes"] for frame in scene["frames"]]
    assert len({frame["url"] for frame in frames}) == 6
    assert len({frame["seed"] for frame in frames}) == 6
    for frame in frames:
        assert (frame["model"], frame["cost"], frame["favourite"]) == ("Local drawing", 0.0, False)
        assert frame["seconds"] > 0
        image = await client.get(frame["url"])
        assert image.headers["content-type"] == "image/png"
        assert image.content.startswith(b"\x89PNG")
        assert "immutable" in image.headers["cache-control"]
        again = await client.get(frame["url"], headers={"If-None-Match": image.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    assert "KITCHEN" in board["scenes"][0]["frames"][0]["prompt"]
    run = board["progress"]["runs"][-1]
    assert (run["state"], run["wanted"], run["counts"]["done"]) == ("finished", 6, 6)


async def test_one_scene_only(client: httpx.AsyncClient, make_project: Callable[[], Awaitable[str]]) -> None:
    """A run for some scenes leaves the others alone, also one with the same slugline."""
    project = await make_project()
    last = (await board_of(client, project))["scenes"][2]["id"]
    answer = await client.post(
        f"/api/projects/{project}/storyboard/runs", json={"per_scene": 1, "scene_ids": [last]}
    )
    assert answer.status_code == 201
    assert [len(scene["frames"]) for scene in (await ended(client, project))["scenes"]] == [0, 0, 1]


async def test_a_frame_made_anew_stands_where_the_old_one_stood_and_can_be_undone(
    client: httpx.AsyncClient, make_project: Callable[[], Awaitable[str]]
) -> None:
    """The new frame takes the old one's place and its favourite mark; bringing the old one back turns both around."""
    project = await make_project()
    old, other = (await made(client, project, 2))["scenes"][0]["frames"]
    at = f"/api/projects/{project}/storyboard/frames"
    assert (await client.patch(f"{at}/{old['id']}", json={"favourite": True})).status_code == 204
    assert (await client.post(f"{at}/{old['id']}/regenerate")).status_code == 201
    frames = (await ended(client, project))["scenes"][0]["frames"]
    assert [frame["id"] for frame in frames if frame["replaced_by"] is None] == [frames[1]["id"], other["id"]]
    new = frames[1]
    assert (frames[0]["replaced_by"], new["favourite"], new["shot"]) == (new["id"], True, old["shot"])
    assert new["seed"] != old["seed"]
    assert (await client.post(f"{at}/{old['id']}/bring-back")).status_code == 204
    frames = (await board_of(client, project))["scenes"][0]["frames"]
    assert [(frame["id"], frame["favourite"]) for frame in frames if frame["replaced_by"] is None] == [
        (old["id"], True),
        (other["id"], False),
    ]


async def test_one_favourite_for_each_scene(
    client: httpx.AsyncClient, make_project: Callable[[], Awaitable[str]]
) -> None:
    """A new favourite takes the mark from the one before, of its own scene only."""
    project = await make_project()
    board = await made(client, project, 2)
    at = f"/api/projects/{project}/storyboard/frames"
    (first, second), (elsewhere, _) = (scene["frames"] for scene in board["scenes"][:2])
    for frame in (first, elsewhere, second):
        assert (await client.patch(f"{at}/{frame['id']}", json={"favourite": True})).status_code == 204
    board = await board_of(client, project)
    marked = {frame["id"] for scene in board["scenes"] for frame in scene["frames"] if frame["favourite"]}
    assert marked == {second["id"], elsewhere["id"]}


async def test_a_discarded_frame_comes_back(
    client: httpx.AsyncClient, make_project: Callable[[], Awaitable[str]]
) -> None:
    """Discarding hides a frame and keeps its bytes; undoing shows it where it was."""
    project = await make_project()
    before = (await made(client, project, 2))["scenes"][0]["frames"]
    at = f"/api/projects/{project}/storyboard/frames/{before[0]['id']}"
    await client.patch(at, json={"discarded": True})
    frames = (await board_of(client, project))["scenes"][0]["frames"]
    assert [frame["discarded"] for frame in frames] == [True, False]
    assert (await client.get(before[0]["url"])).status_code == 200
    await client.patch(at, json={"discarded": False})
    assert (await board_of(client, project))["scenes"][0]["frames"] == before


async def test_images_of_a_deleted_scene_are_offered_and_can_be_attached_elsewhere(
    client: httpx.AsyncClient, make_project: Callable[[], Awaitable[str]]
) -> None:
    """A deleted scene's images are listed apart; one that is attached stands under its new scene, the rest come back
    with their scene."""
    project = await make_project()
    board = await made(client, project, 2)
    gone, there = board["scenes"][0], board["scenes"][1]
    await client.delete(f"/api/scenes/{gone['id']}")
    board = await board_of(client, project)
    assert [(aside["scene_id"], aside["came_late"]) for aside in board["aside"]] == [(gone["id"], False)] * 2
    moved = gone["frames"][0]["id"]
    at = f"/api/projects/{project}/storyboard/frames/{moved}/attach"
    assert (await client.post(at, json={"scene_id": there["id"]})).status_code == 204
    await client.post(f"/api/scenes/{gone['id']}/restore")
    board = await board_of(client, project)
    assert board["aside"] == []
    assert [len(scene["frames"]) for scene in board["scenes"]] == [1, 3, 2]
    assert board["scenes"][1]["frames"][-1]["id"] == moved


async def test_what_goes_on_is_streamed(
    client: httpx.AsyncClient, make_project: Callable[[], Awaitable[str]]
) -> None:
    """The stream begins with what there is; for a project that is not there it is a 404."""
    project = await make_project()
    await made(client, project)
    answer = await client.get(f"/api/projects/{project}/storyboard/events?seconds=0")
    assert answer.headers["content-type"].startswith("text/event-stream")
    (event,) = answer.text.strip().split("\n\n")
    assert event.startswith("event: progress\ndata: ")
    assert json.loads(event.split("data: ")[1])["runs"][0]["counts"]["done"] == 3
    assert (await client.get(f"/api/projects/{'0' * 32}/storyboard/events")).status_code == 404


async def test_the_contact_sheet_shows_text_as_text(client: httpx.AsyncClient, upload: Upload) -> None:
    """The page for printing has every scene and image, and obeys no markup in the script."""
    text = b"INT. <script>alert(1)</script> - DAY\n\n<b>Loud</b> bang.\n"
    project = (await upload("film.fountain", text)).json()["id"]
    board = await made(client, project)
    page = await client.get(f"/api/projects/{project}/storyboard/sheet.html")
    assert "<script" not in page.text
    assert "<b>" not in page.text
    assert board["scenes"][0]["frames"][0]["url"] in page.text
    assert "img-src 'self'" in page.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/projects/nothing/storyboard", None, 404, "not-found"),
        ("POST", "/projects/nothing/storyboard/runs", {"per_scene": 1}, 404, "not-found"),
        ("POST", "/projects/{project}/storyboard/runs", {"per_scene": 99}, 422, "invalid-request"),
        (
            "POST",
            "/projects/{project}/storyboard/runs",
            {"per_scene": 1, "scene_ids": ["x"]},
            404,
            "not-found",
        ),
        ("POST", "/storyboard-runs/nothing/cancel", None, 404, "not-found"),
        ("POST", "/storyboard-runs/nothing/resume", None, 404, "not-found"),
        ("PATCH", "/projects/{project}/storyboard/frames/x", {"favourite": True}, 404, "not-found"),
        ("PATCH", "/projects/{project}/storyboard/frames/x", {}, 422, "invalid"),
        ("POST", "/projects/{project}/storyboard/frames/x/regenerate", None, 404, "not-found"),
        ("POST", "/projects/{project}/storyboard/frames/x/bring-back", None, 404, "not-found"),
        ("POST", "/projects/{project}/storyboard/frames/x/attach", {"scene_id": "y"}, 404, "not-found"),
        ("GET", "/images/../studio.sqlite3", None, 404, "http-404"),
        ("GET", f"/images/{'0' * 64}.png", None, 404, "not-found"),
        ("GET", "/images/x.png", None, 404, "not-found"),
    ],
)
async def test_what_is_not_there_is_told(
    client: httpx.AsyncClient,
    make_project: Callable[[], Awaitable[str]],
    problem_of: Callable[[httpx.Response, int, str], dict[str, Any]],
    method: str,
    path: str,
    body: Any,
    status: int,
    code: str,
) -> None:
    """A request about what is not there, or that does not fit, is answered with a problem."""
    path = path.format(project=await make_project())
    problem_of(await client.request(method, f"/api{path}", json=body), status, code)


async def test_a_script_without_scenes_has_nothing_to_make(
    client: httpx.AsyncClient, problem_of: Callable[[httpx.Response, int, str], dict[str, Any]]
) -> None:
    """Making images of an empty script is refused with what to do first."""
    project = (await client.post("/api/projects", json={"title": "Empty"})).json()["id"]
    answer = await client.post(f"/api/projects/{project}/storyboard/runs", json={"per_scene": 1})
    assert "Script page" in problem_of(answer, 409, "nothing-to-make")["detail"]


async def test_the_storyboard_is_not_sent_to_whom_has_it(
    client: httpx.AsyncClient, make_project: Callable[[], Awaitable[str]]
) -> None:
    """A reader who names the ETag that it has is answered 304 until something changes."""
    project = await make_project()
    first = await client.get(f"/api/projects/{project}/storyboard")
    tag = {"If-None-Match": first.headers["etag"]}
    assert (await client.get(f"/api/projects/{project}/storyboard", headers=tag)).status_code == 304
    await made(client, project)
    assert (await client.get(f"/api/projects/{project}/storyboard", headers=tag)).status_code == 200
