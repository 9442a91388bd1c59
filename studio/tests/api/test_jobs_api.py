"""The REST API of jobs: listed page by page, shown, cancelled, run again, followed."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from indelible.errors import GiveUp
from indelible.outbox import AsyncJobContext, enqueue, job
from studio.database import Database
from studio.jobs import describe

Upload = Callable[[str, bytes], Awaitable[httpx.Response]]
ProblemOf = Callable[[httpx.Response, int, str], dict[str, Any]]


@job(name="tests.studio:work")
async def work(context: AsyncJobContext, _project_id: str, what: str) -> str:
    """Do what a test says: fail, wait to be cancelled, or return it."""
    if what == "fail":
        raise GiveUp("The dog ate it.")
    if what == "wait":
        context.progress(3, 7, "pages")
        await asyncio.Event().wait()
    return what


describe(work, "Work as a test says")


async def ask(client: httpx.AsyncClient, path: str, **query: Any) -> Any:
    answer = await client.get(f"/api{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def until(look: Callable[[], Awaitable[Any]]) -> Any:
    async with asyncio.timeout(30):
        while not (found := await look()):
            await asyncio.sleep(0.02)
    return found


@pytest.fixture
def start(sqlite_url: str, client: httpx.AsyncClient, upload: Upload) -> Callable[..., Awaitable[list[int]]]:
    """Enqueue jobs of a project, which is made unless its id is given; return their ids."""

    async def enqueued(*whats: str, project: str | None = None, delay: float = 0) -> list[int]:
        project = project or (await upload("a.fountain", b"INT. A - DAY\n")).json()["id"]
        database = Database(sqlite_url)
        async with database.writing() as session:
            tickets = [enqueue(session, work.bind(project, what), delay=delay) for what in whats]
        await database.close()
        return [ticket.id for ticket in tickets]

    return enqueued


Start = Callable[..., Awaitable[list[int]]]


async def in_state(client: httpx.AsyncClient, job_id: int, state: str) -> dict[str, Any]:
    async def look() -> Any:
        details = await ask(client, f"/jobs/{job_id}")
        return details if details["state"] == state else None

    details: dict[str, Any] = await until(look)
    return details


async def test_a_job_that_ended_is_shown_with_what_came_out(client: httpx.AsyncClient, start: Start) -> None:
    """Its title, its project, its result; of a dead one the words of its last error, and all of it on demand."""
    good, bad = await start("tidy up", "fail")
    done = await in_state(client, good, "done")
    assert (done["title"], done["result"], done["project_title"]) == ("Work as a test says", "tidy up", "a")
    dead = await in_state(client, bad, "dead")
    assert "The dog ate it." in dead["problem"]
    assert dead["error"].startswith("Traceback")
    listed = await ask(client, "/jobs", state="dead")
    assert [each["id"] for each in listed["items"]] == [bad]
    assert "error" not in listed["items"][0]


async def test_jobs_come_page_by_page(client: httpx.AsyncClient, start: Start) -> None:
    """Each job is on one page, whatever ended at the same moment; filters hold on every page."""
    ids = await start(*"abcdefg", delay=3600)
    (other,) = await start("z", delay=3600)
    project = (await ask(client, f"/jobs/{ids[0]}"))["project_id"]
    seen: list[int] = []
    query: dict[str, Any] = {"limit": 3, "project_id": project}
    while True:
        page = await ask(client, "/jobs", **query)
        seen += [each["id"] for each in page["items"]]
        if page["next"] is None:
            break
        query["before"] = page["next"]
    assert seen == sorted(ids, reverse=True)
    everything = await ask(client, "/jobs", state=["waiting", "dead"], queue="normal")
    assert {each["id"] for each in everything["items"]} == {*ids, other}
    assert (await ask(client, "/jobs", queue="low", project_id=project))["items"] == []


async def test_a_running_job_shows_its_progress_and_is_cancelled(
    client: httpx.AsyncClient, start: Start, problem_of: ProblemOf
) -> None:
    """The overview has it with its progress; asked to stop it stops; an ended one cannot be cancelled."""
    (job_id,) = await start("wait")

    async def progress() -> Any:
        active = (await ask(client, "/jobs/overview"))["active"]
        return next((each["progress"] for each in active if each["id"] == job_id), None)

    assert await until(progress) == {"done": 3, "total": 7, "note": "pages"}
    problem_of(await client.post(f"/api/jobs/{job_id}/retry"), 409, "nothing-to-retry")
    asked = await client.post(f"/api/jobs/{job_id}/cancel")
    assert (asked.status_code, asked.json()["cancel_requested"]) == (200, True)
    await in_state(client, job_id, "cancelled")
    problem_of(await client.post(f"/api/jobs/{job_id}/cancel"), 409, "nothing-to-cancel")


async def test_a_dead_job_is_run_again(client: httpx.AsyncClient, start: Start) -> None:
    """It gets all its attempts again, and a delayed one runs at once."""
    bad, late = (await start("fail"))[0], (await start("now", delay=3600))[0]
    await in_state(client, bad, "dead")
    for each in (bad, late):
        assert (await client.post(f"/api/jobs/{each}/retry")).json()["state"] == "waiting"
    assert (await in_state(client, late, "done"))["result"] == "now"
    assert (await in_state(client, bad, "dead"))["attempts"] == 1


async def test_jobs_of_a_deleted_project_are_shown_to_nobody(
    client: httpx.AsyncClient, start: Start, problem_of: ProblemOf
) -> None:
    """Nor cancelled, nor counted; another project's are."""
    (hidden,), (shown,) = await start("a", delay=3600), await start("b", delay=3600)
    project = (await ask(client, f"/jobs/{hidden}"))["project_id"]
    assert (await client.delete(f"/api/projects/{project}")).is_success
    assert [each["id"] for each in (await ask(client, "/jobs", state="waiting"))["items"]] == [shown]
    overview = await ask(client, "/jobs/overview")
    assert [each["id"] for each in overview["active"]] == [shown]
    assert [(queue["name"], queue["counts"]["waiting"]) for queue in overview["queues"]] == [("normal", 1)]
    for method, path in (("GET", ""), ("POST", "/cancel"), ("POST", "/retry")):
        problem_of(await client.request(method, f"/api/jobs/{hidden}{path}"), 404, "not-found")
    problem_of(await client.get("/api/jobs", params={"project_id": project}), 404, "not-found")


@pytest.mark.parametrize("before", ["", "7", "20260101T000000.000000Z-x", "99999999T000000.0Z-1"])
async def test_a_place_that_no_page_named_is_refused(
    client: httpx.AsyncClient, problem_of: ProblemOf, before: str
) -> None:
    """`before` takes what `next` said, and tells so."""
    problem_of(await client.get("/api/jobs", params={"before": before}), 422, "invalid")


async def test_what_jobs_do_is_streamed(client: httpx.AsyncClient, start: Start) -> None:
    """The stream begins with what is there and goes on with each change, until its time is over."""

    async def act() -> None:
        await asyncio.sleep(0)
        await start("x")

    answer, _ = await asyncio.gather(client.get("/api/jobs/events", params={"seconds": 3}), act())
    events = [line.removeprefix("data: ") for line in answer.text.splitlines() if line.startswith("data: ")]
    counts = [{queue["name"]: queue["counts"] for queue in json.loads(event)["queues"]} for event in events]
    assert counts[0].get("normal") in (None, {"waiting": 1}, {"running": 1})
    assert counts[-1]["normal"] == {"done": 1}
