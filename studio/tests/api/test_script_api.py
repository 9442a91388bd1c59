"""The REST API of scripts, scenes and summaries."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx
import pytest
import pytest_asyncio

ProblemOf = Callable[[httpx.Response, int, str], dict[str, Any]]
Upload = Callable[[str, bytes], Awaitable[httpx.Response]]

SCRIPT = b"""Title: Harbour

INT. KITCHEN - DAY

Maria finds the letter under the bread.

MARIA
It is from him.

EXT. PIER - NIGHT

Waves break over the pier.

INT. KITCHEN - DAY

Joseph burns the letter in the sink.
"""


@pytest_asyncio.fixture
async def script(client: httpx.AsyncClient, upload: Upload) -> dict[str, Any]:
    """The script of a project with three scenes, two of them under one slugline."""
    project = (await upload("harbour.fountain", SCRIPT)).json()
    found: dict[str, Any] = (await client.get(f"/api/projects/{project['id']}/script")).json()
    return found


async def reread(client: httpx.AsyncClient, script: dict[str, Any]) -> dict[str, Any]:
    """Return the script as it is now."""
    found: dict[str, Any] = (await client.get(f"/api/projects/{script['project_id']}/script")).json()
    return found


async def test_a_script_is_read_whole(client: httpx.AsyncClient, script: dict[str, Any]) -> None:
    """Preamble and scenes joined are the imported file; each scene has its place, speakers and blocks."""
    assert (script["preamble"] + "".join(scene["text"] for scene in script["scenes"])).encode() == SCRIPT
    assert [scene["position"] for scene in script["scenes"]] == [0, 1, 2]
    assert script["scenes"][0]["characters"] == ["MARIA"]
    assert script["scenes"][0]["summary"] is None
    listed = (await client.get(f"/api/scripts/{script['id']}/scenes")).json()
    assert [scene["id"] for scene in listed] == [scene["id"] for scene in script["scenes"]]


async def test_a_script_is_sent_again_only_when_it_changed(
    client: httpx.AsyncClient, script: dict[str, Any]
) -> None:
    """The ETag of a script changes with an edit, an order, a summary and the project's title."""
    address = f"/api/projects/{script['project_id']}/script"
    first, second, third = (scene["id"] for scene in script["scenes"])
    changes: list[Callable[[], Awaitable[httpx.Response]]] = [
        lambda: client.patch(f"/api/scenes/{first}", json={"base_version": 1, "text": "INT. X - DAY\n\n"}),
        lambda: client.put(f"/api/scripts/{script['id']}/order", json={"scene_ids": [third, second, first]}),
        lambda: client.post(f"/api/scenes/{second}/summary"),
        lambda: client.patch(f"/api/projects/{script['project_id']}", json={"title": "Port"}),
        lambda: client.delete(f"/api/scenes/{third}"),
    ]
    for change in changes:
        tag = (await client.get(address)).headers["etag"]
        assert (await client.get(address, headers={"If-None-Match": tag})).status_code == 304
        assert (await change()).is_success
        assert (await client.get(address, headers={"If-None-Match": tag})).status_code == 200


async def test_a_scene_is_saved_and_its_version_is_its_etag(
    client: httpx.AsyncClient, script: dict[str, Any]
) -> None:
    """A save answers the new version; a reader of the old one is sent the new text."""
    address = f"/api/scenes/{script['scenes'][1]['id']}"
    assert (await client.get(address)).headers["etag"] == '"1"'
    saved = await client.patch(address, json={"base_version": 1, "text": "EXT. PIER - DAWN\n\nGulls.\n\n"})
    assert saved.status_code == 200
    assert (saved.json()["version"], saved.json()["slugline"]) == (2, "EXT. PIER - DAWN")
    assert saved.headers["etag"] == '"2"'
    assert (await client.get(address, headers={"If-None-Match": '"1"'})).json()["version"] == 2
    assert (await client.get(address, headers={"If-None-Match": '"2"'})).status_code == 304


async def test_an_old_base_version_gets_the_stored_scene(
    client: httpx.AsyncClient, script: dict[str, Any], problem_of: ProblemOf
) -> None:
    """409 carries what is stored, so that nothing typed has to be thrown away to see it."""
    address = f"/api/scenes/{script['scenes'][1]['id']}"
    stored = (await client.patch(address, json={"base_version": 1, "text": "INT. A - DAY\n"})).json()
    refused = await client.patch(address, json={"base_version": 1, "text": "INT. B - DAY\n"})
    problem = problem_of(refused, 409, "version-conflict")
    del stored["added"]
    assert problem["scene"] == stored
    future = await client.patch(address, json={"base_version": 9, "text": "INT. B - DAY\n"})
    problem_of(future, 409, "version-conflict")


async def test_a_save_that_is_sent_again_is_answered_again(
    client: httpx.AsyncClient, script: dict[str, Any], problem_of: ProblemOf
) -> None:
    """The same bytes and ETag for the same `op_id`, though the scene was saved since; other content is a problem."""
    address = f"/api/scenes/{script['scenes'][1]['id']}"
    body = {"base_version": 1, "op_id": "550e8400-e29b-41d4-a716-446655440000", "text": "INT. A - DAY\n"}
    first = await client.patch(address, json=body)
    later = await client.patch(address, json={"base_version": 2, "op_id": "b", "text": "INT. B - DAY\n"})
    assert (first.status_code, later.json()["version"]) == (200, 3)
    again = await client.patch(address, json=body, headers={"If-Match": '"1"'})
    assert (again.status_code, again.content, again.headers["etag"]) == (200, first.content, '"2"')
    assert (await client.get(address)).json()["version"] == 3
    problem_of(await client.patch(address, json={**body, "text": "INT. C - DAY\n"}), 422, "op-id-reused")


async def test_a_title_page_that_is_sent_again_is_no_conflict(
    client: httpx.AsyncClient, script: dict[str, Any]
) -> None:
    """A repeated `op_id` gets the preamble that it saved."""
    address = f"/api/scripts/{script['id']}"
    body = {"base_preamble": script["preamble"], "op_id": "a", "preamble": "Title: Port\n\n"}
    for _ in range(2):
        assert (await client.patch(address, json=body)).json()["preamble"] == "Title: Port\n\n"


async def test_two_edits_are_merged(client: httpx.AsyncClient, problem_of: ProblemOf) -> None:
    """Different lines are put together; for the same line both edits come with what they began with."""
    texts = {"base": "One.\n\nTwo.\n", "mine": "One!\n\nTwo.\n", "theirs": "One.\r\n\r\nTwo?\r\n"}
    merged = (await client.post("/api/merge", json=texts)).json()
    assert merged["merged"] == "One!\n\nTwo?\n"
    assert [hunk["kind"] for hunk in merged["hunks"]] == ["mine", "same", "theirs"]
    clash = (await client.post("/api/merge", json={**texts, "theirs": "Won.\n\nTwo.\n"})).json()
    assert clash["merged"] is None
    assert clash["hunks"][0] == {"kind": "conflict", "base": "One.\n", "mine": "One!\n", "theirs": "Won.\n"}
    blind = (await client.post("/api/merge", json={**texts, "base": None})).json()
    assert [hunk["kind"] for hunk in blind["hunks"]] == ["conflict", "same", "conflict"]
    problem_of(await client.post("/api/merge", json={"mine": "a", "theirs": "b"}), 422, "invalid-request")


async def test_an_if_match_that_contradicts_the_base_version_is_refused(
    client: httpx.AsyncClient, script: dict[str, Any], problem_of: ProblemOf
) -> None:
    """A save that names two versions is not stored."""
    address = f"/api/scenes/{script['scenes'][1]['id']}"
    body = {"base_version": 1, "text": "INT. A - DAY\n"}
    problem_of(
        await client.patch(address, json=body, headers={"If-Match": '"2"'}), 412, "precondition-failed"
    )
    assert (await client.patch(address, json=body, headers={"If-Match": '"1"'})).status_code == 200


async def test_a_scene_saved_with_a_second_heading_answers_both(
    client: httpx.AsyncClient, script: dict[str, Any]
) -> None:
    """The scene and the one that was split off come in one answer, and stand in this order."""
    address = f"/api/scenes/{script['scenes'][0]['id']}"
    text = "INT. KITCHEN - DAY\n\nMaria.\n\nEXT. YARD - DAY\n\nA dog.\n\n"
    saved = (await client.patch(address, json={"base_version": 1, "text": text})).json()
    assert (saved["slugline"], saved["text"]) == ("INT. KITCHEN - DAY", "INT. KITCHEN - DAY\n\nMaria.\n\n")
    assert [scene["slugline"] for scene in saved["added"]] == ["EXT. YARD - DAY"]
    scenes = (await reread(client, script))["scenes"]
    assert [scene["id"] for scene in scenes[:2]] == [saved["id"], saved["added"][0]["id"]]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"text": "x"}, "invalid-request"),
        ({"base_version": "1", "text": "x"}, "invalid-request"),
        ({"base_version": 0, "text": "x"}, "invalid-request"),
        ({"base_version": 1, "blocks": [{"type": "action"}]}, "invalid-request"),
        ({"base_version": 1, "text": "x", "op_id": ""}, "invalid-request"),
        ({"base_version": 1, "text": "x", "op_id": "two words"}, "invalid-request"),
        ({"base_version": 1, "text": "x", "op_id": "x" * 65}, "invalid-request"),
        ({"base_version": 1}, "invalid"),
        ({"base_version": 1, "text": "x", "blocks": []}, "invalid"),
        ({"base_version": 1, "text": "nul\0"}, "invalid"),
    ],
)
async def test_a_save_that_does_not_fit_changes_nothing(
    client: httpx.AsyncClient, script: dict[str, Any], problem_of: ProblemOf, body: dict[str, Any], code: str
) -> None:
    """Each is a problem, and the stored scene keeps its version."""
    address = f"/api/scenes/{script['scenes'][1]['id']}"
    problem_of(await client.patch(address, json=body), 422, code)
    assert (await client.get(address)).json()["version"] == 1


async def test_scenes_are_added_deleted_and_restored(
    client: httpx.AsyncClient, script: dict[str, Any], problem_of: ProblemOf
) -> None:
    """A new scene stands where it was asked for; a deleted one is listed as such and comes back there."""
    first = script["scenes"][0]["id"]
    added = await client.post(
        f"/api/scripts/{script['id']}/scenes", json={"after": first, "text": "INT. HALL - DAY\n\n"}
    )
    assert added.status_code == 201
    address = added.headers["location"]
    assert (await reread(client, script))["scenes"][1]["slugline"] == "INT. HALL - DAY"
    assert (await client.delete(address)).status_code == 204
    problem_of(await client.get(address), 404, "not-found")
    deleted = await client.get(f"/api/scripts/{script['id']}/scenes", params={"deleted": True})
    assert [scene["slugline"] for scene in deleted.json()] == ["INT. HALL - DAY"]
    assert (await client.post(f"{address}/restore")).json()["position"] == 1
    problem_of(await client.post(f"{address}/restore"), 404, "not-found")


async def test_scenes_are_put_in_order(
    client: httpx.AsyncClient, script: dict[str, Any], problem_of: ProblemOf
) -> None:
    """All scenes named once is an order; anything else is a problem."""
    address = f"/api/scripts/{script['id']}/order"
    order = [scene["id"] for scene in reversed(script["scenes"])]
    moved = await client.put(address, json={"scene_ids": order})
    assert [scene["id"] for scene in moved.json()["scenes"]] == order
    problem_of(await client.put(address, json={"scene_ids": order[1:]}), 409, "order-conflict")
    problem_of(await client.put(address, json={"scene_ids": [*order, order[0]]}), 422, "invalid")


async def test_the_text_before_the_first_scene_is_saved(
    client: httpx.AsyncClient, script: dict[str, Any], problem_of: ProblemOf
) -> None:
    """On top of what was read; otherwise 409 carries what is stored."""
    address = f"/api/scripts/{script['id']}"
    body = {"base_preamble": script["preamble"], "preamble": "Title: Port\n\n"}
    assert (await client.patch(address, json=body)).json()["preamble"] == "Title: Port\n\n"
    problem = problem_of(await client.patch(address, json=body), 409, "version-conflict")
    assert problem["preamble"] == "Title: Port\n\n"


async def test_a_summary_is_made_kept_and_marked_stale(
    client: httpx.AsyncClient, script: dict[str, Any], problem_of: ProblemOf
) -> None:
    """There is none, then there is one in every answer, then an edit makes it stale."""
    scene = script["scenes"][0]
    address = f"/api/scenes/{scene['id']}/summary"
    assert "Generate one" in problem_of(await client.get(address), 404, "not-found")["detail"]
    made = (await client.post(address)).json()
    assert "letter" in made["text"]
    assert (await client.get(address)).json() == made
    assert (await reread(client, script))["scenes"][0]["summary"] == made
    await client.patch(
        f"/api/scenes/{scene['id']}", json={"base_version": 1, "text": "INT. KITCHEN - DAY\n\nNobody.\n\n"}
    )
    assert (await client.get(address)).json() == {**made, "stale": True}


async def test_two_scenes_with_one_slugline_keep_two_summaries(
    client: httpx.AsyncClient, script: dict[str, Any]
) -> None:
    """Both INT. KITCHEN - DAY have their own summary in the script."""
    for place in (0, 2):
        await client.post(f"/api/scenes/{script['scenes'][place]['id']}/summary")
    first, _, third = (scene["summary"] for scene in (await reread(client, script))["scenes"])
    assert "Maria" in first["text"]
    assert "Joseph" in third["text"]


def events_of(response: httpx.Response) -> list[dict[str, Any]]:
    """Return the data of a stream of events."""
    assert response.headers["content-type"].startswith("text/event-stream")
    events = response.text.strip().split("\n\n")
    assert all(event.startswith("event: progress\ndata: ") for event in events)
    return [json.loads(event.split("data: ", 1)[1]) for event in events]


async def test_a_whole_script_is_summarised_as_events(
    client: httpx.AsyncClient, script: dict[str, Any], problem_of: ProblemOf
) -> None:
    """Progress comes scene by scene; fresh summaries are left alone unless `all` asks for them."""
    address = f"/api/scripts/{script['id']}/summaries"
    events = events_of(await client.post(address))
    assert sorted(event["state"] for event in events) == ["done"] * 3 + ["finished"] + ["started"] * 3
    for scene in script["scenes"]:
        mine = [event["state"] for event in events if event["scene_id"] == scene["id"]]
        assert mine == ["started", "done"]
    assert events[-1]["done"] == events[-1]["total"] == 3
    assert [scene["summary"]["stale"] for scene in (await reread(client, script))["scenes"]] == [False] * 3
    assert [event["state"] for event in events_of(await client.post(address))] == ["finished"]
    assert events_of(await client.post(address, params={"all": True}))[-1]["total"] == 3
    problem_of(await client.post(f"/api/scripts/{'0' * 32}/summaries"), 404, "not-found")


async def test_the_state_of_all_summaries_is_followed(
    client: httpx.AsyncClient, script: dict[str, Any], problem_of: ProblemOf
) -> None:
    """A stream of events tells each scene's summary, whether one is on its way, and what went wrong; DELETE stops."""
    address = f"/api/scripts/{script['id']}/summaries"
    made = (await client.post(f"/api/scenes/{script['scenes'][1]['id']}/summary")).json()
    followed = await client.get(f"{address}/events", params={"seconds": 0})
    kind, data = followed.text.strip().split("\n")
    assert kind == "event: summaries"
    none = {"summary": None, "refreshing": False, "problem": None}
    assert json.loads(data.removeprefix("data: "))["scenes"] == [
        {"scene_id": script["scenes"][0]["id"], **none},
        {"scene_id": script["scenes"][1]["id"], **none, "summary": made},
        {"scene_id": script["scenes"][2]["id"], **none},
    ]
    assert (await client.delete(address)).status_code == 204
    problem_of(await client.delete(f"/api/scripts/{'0' * 32}/summaries"), 404, "not-found")
    problem_of(await client.get(f"/api/scripts/{'0' * 32}/summaries/events"), 404, "not-found")


@pytest.mark.parametrize("identifier", ["x", "0" * 32, "%00", "..%2f", "%ED%A0%80", "a" * 5000])
async def test_what_does_not_exist_is_not_found_anywhere(
    client: httpx.AsyncClient, problem_of: ProblemOf, identifier: str
) -> None:
    """Any text in an address is answered by a problem."""
    for method, address in (
        ("GET", f"/api/projects/{identifier}"),
        ("GET", f"/api/projects/{identifier}/script"),
        ("GET", f"/api/projects/{identifier}/export.fountain"),
        ("DELETE", f"/api/projects/{identifier}"),
        ("GET", f"/api/scripts/{identifier}/scenes"),
        ("GET", f"/api/scenes/{identifier}"),
        ("POST", f"/api/scenes/{identifier}/summary"),
        ("POST", f"/api/scenes/{identifier}/restore"),
    ):
        response = await client.request(method, address)
        problem_of(response, 404, response.json()["code"])


@contextmanager
def provider(status: int, body: bytes, headers: dict[str, str]) -> Iterator[str]:
    """Serve one answer to all that asks, as the provider; yield its address."""

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(status)
            for name, value in {"content-length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("status", "body", "headers", "expected"),
    [
        (429, b"{}", {"retry-after": "7"}, 503),
        (500, b"oops", {}, 502),
        (401, b"{}", {}, 502),
        (200, b"<html>", {"content-type": "text/html"}, 502),
        (200, b"", {}, 502),
    ],
)
async def test_a_provider_that_fails_leaves_the_old_summary(
    open_studio: Any, sqlite_url: str, status: int, body: bytes, headers: dict[str, str], expected: int
) -> None:
    """429, 500, a refused key, garbage and nothing: a clear problem, and the summary before it stays."""
    async with open_studio(STUDIO_DATABASE_URL=sqlite_url) as client:
        sample = (await client.get("/api/projects")).json()["items"][0]
        scene = (await client.get(f"/api/projects/{sample['id']}/script")).json()["scenes"][0]
        address = f"/api/scenes/{scene['id']}/summary"
        before = (await client.post(address)).json()
    with provider(status, body, headers) as base_url:
        async with open_studio(
            STUDIO_DATABASE_URL=sqlite_url,
            STUDIO_MODEL="openai-chat:any",
            OPENAI_BASE_URL=base_url,
            STUDIO_MODEL_RETRY_WAIT="0",
        ) as client:
            failed = await client.post(address)
            assert (await client.get(address)).json() == before
    assert failed.status_code == expected, failed.text
    assert failed.headers["content-type"] == "application/problem+json"
    assert failed.json()["code"].startswith("ai-")
    assert failed.headers.get("retry-after") == headers.get("retry-after")


async def test_forty_writers_at_once_are_all_served(
    client: httpx.AsyncClient, script: dict[str, Any]
) -> None:
    """Saves of different scenes, reads and new scenes that come together are all answered."""
    identifiers = [scene["id"] for scene in script["scenes"]]
    answers = await asyncio.gather(
        *(
            client.patch(
                f"/api/scenes/{identifier}",
                json={"base_version": 1, "text": f"INT. ROOM {identifier} - DAY\n\n"},
            )
            for identifier in identifiers
        ),
        *(client.post(f"/api/scripts/{script['id']}/scenes", json={}) for _ in range(20)),
        *(client.get(f"/api/projects/{script['project_id']}/script") for _ in range(20)),
    )
    assert {answer.status_code for answer in answers} == {200, 201}
    assert len((await reread(client, script))["scenes"]) == 23
