"""The interview over REST: questions, answers, a model's questions, the plan."""

import asyncio
import csv
import io
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

Problem = Callable[[httpx.Response, int, str], dict[str, Any]]
ANSWERS = {
    "title": "The Last Keeper",
    "description": "Maria keeps a lighthouse that is to be switched off.\n\n  As typed, with its blanks.  ",
    "protagonist": "Maria Lund, 61, hums when she works.",
    "want": "To keep the lamp lit until the Ardent is home.",
    "opposition": "The harbour board, and Tomas, who signed the order in secret.",
    "others": "Tomas, her son. Old Pell, the pilot.",
    "means": "Two boats, a drone and four days in March.",
}


class Interview:
    """One project's interview, as the API has it."""

    def __init__(self, client: httpx.AsyncClient, project: str) -> None:
        self.client = client
        self.project = project
        self.at = f"/api/projects/{project}/interview"

    async def get(self, path: str = "") -> Any:
        answer = await self.client.get(self.at + path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str = "", json: Any = None, status: int = 200) -> Any:
        answer = await self.client.post(self.at + path, json=json)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def put(self, question: str, text: str, **more: Any) -> httpx.Response:
        return await self.client.put(f"{self.at}/answers/{question}", json={"text": text, **more})

    async def answer(self, question: str, text: str) -> Any:
        answer = await self.put(question, text)
        assert answer.status_code == 200, answer.text
        return answer.json()["interview"]

    async def answer_fixed(self, answers: dict[str, str] = ANSWERS) -> Any:
        """Answer all fixed questions, those that `answers` does not hold by a sentence."""
        view = await self.post()
        for _ in range(18):
            current = view["current"]
            view = await self.answer(
                current, answers.get(current, f"Something about {current}, told at length.")
            )
        return view

    async def until(self, condition: Callable[[Any], bool]) -> Any:
        """Wait until the interview is as told."""
        async with asyncio.timeout(60):
            while not condition(view := await self.get()):
                await asyncio.sleep(0.02)
        return view

    async def settled(self) -> Any:
        return await self.until(lambda view: view["state"] != "thinking")

    async def planned(self) -> Any:
        """Go to the end and have a plan made."""
        await self.answer_fixed()
        await self.settled()
        await self.post("/finish")
        await self.post("/plan", {"instead_of": None}, status=202)
        await self.until(lambda view: view["plan"]["state"] == "ready")
        return await self.get("/plan")


@pytest.fixture
def start(client: httpx.AsyncClient) -> Callable[[], Awaitable[Interview]]:
    async def start() -> Interview:
        project = await client.post(
            "/api/projects", json={"title": "Working title", "description": "An idea."}
        )
        return Interview(client, project.json()["id"])

    return start


Start = Callable[[], Awaitable[Interview]]


async def test_questions_come_one_at_a_time_and_the_first_two_are_prefilled(
    client: httpx.AsyncClient, start: Start
) -> None:
    """18 fixed questions, each after the answer before; the first two begin with what the project says already."""
    interview = await start()
    assert (await interview.get())["state"] == "not-started"
    view = await interview.post()
    assert await interview.post() == view
    asked = []
    prefilled = {}
    for number in range(1, 19):
        assert (view["state"], len(view["questions"])) == ("asking", number)
        current = view["questions"][-1]
        assert current["id"] == view["current"]
        asked.append(current["id"])
        if current["prefill"]:
            prefilled[current["id"]] = current["prefill"]
        view = await interview.answer(current["id"], ANSWERS.get(current["id"], "An answer."))
    assert len(set(asked)) == 18
    assert prefilled == {"title": "Working title", "description": "An idea."}
    answers = {question["id"]: question["answer"]["text"] for question in view["questions"][:18]}
    assert answers == {name: ANSWERS.get(name, "An answer.") for name in asked}
    project = (await client.get(f"/api/projects/{interview.project}")).json()
    assert (project["title"], project["description"]) == (ANSWERS["title"], ANSWERS["description"])


async def test_the_model_asks_because_of_the_answers_up_to_ten_times(start: Start) -> None:
    """After the 18th answer a job asks on, in the maker's words, and says why; after ten questions it ends."""
    interview = await start()
    view = await interview.answer_fixed()
    for number in range(1, 11):
        view = await interview.settled()
        if view["state"] == "finished":
            break
        question = view["questions"][-1]
        assert (view["state"], question["id"]) == ("asking", f"follow-up-{number:02}")
        assert question["follow_up"]
        assert question["why"]
        assert question["model"] == "local"
        await interview.answer(question["id"], f"Answer {number}: Greta, the cook, saw the clockwork.")
    view = await interview.settled()
    assert view["state"] == "finished"
    told = " ".join(question["text"] for question in view["questions"][18:])
    assert "Tomas" in told
    assert "To keep the lamp lit" in told
    assert len({question["text"] for question in view["questions"]}) == len(view["questions"]) > 22


async def test_an_answer_that_is_sent_again_is_saved_once(start: Start, problem_of: Problem) -> None:
    """The same op_id gets the first answer again, also after later changes; with another text it is refused."""
    interview = await start()
    await interview.post()
    first = await interview.put("title", "One", op_id="a")
    changed = await interview.put("title", "Two", op_id="b", base_version=1)
    again = await interview.put("title", "One", op_id="a")
    assert first.json()["answer"] == again.json()["answer"]
    assert changed.json()["interview"] == again.json()["interview"]
    assert again.json()["interview"]["questions"][0]["answer"]["text"] == "Two"
    assert len(again.json()["interview"]["questions"]) == 2
    problem_of(await interview.put("title", "Three", op_id="a"), 422, "op-id-reused")


async def test_another_windows_answer_is_not_overwritten_unseen(start: Start, problem_of: Problem) -> None:
    """409 carries the stored answer; with its version it can be replaced, and the same text is no conflict."""
    interview = await start()
    await interview.post()
    await interview.answer("title", "Mine")
    await interview.client.patch(f"/api/projects/{interview.project}", json={"title": "Renamed since"})
    same = await interview.put("title", "Mine")
    assert (same.status_code, same.json()["answer"]["version"]) == (200, 1)
    project = (await interview.client.get(f"/api/projects/{interview.project}")).json()
    assert project["title"] == "Renamed since"
    problem = problem_of(await interview.put("title", "Other"), 409, "version-conflict")
    assert (problem["answer"]["text"], problem["answer"]["version"]) == ("Mine", 1)
    replaced = await interview.put("title", "Other", base_version=1)
    assert replaced.json()["answer"]["version"] == 2
    assert len(replaced.json()["interview"]["questions"]) == 2


async def test_answers_are_taken_as_given_or_refused_whole(
    client: httpx.AsyncClient, start: Start, problem_of: Problem
) -> None:
    """A question that was not asked, a title that is too long, a NUL: refused with advice, and nothing is changed."""
    interview = await start()
    problem_of(await interview.put("title", "x"), 404, "not-found")
    before = await interview.post()
    problem_of(await interview.put("ending", "x"), 409, "not-asked-yet")
    problem_of(await interview.put("title", "x" * 201), 422, "invalid")
    problem_of(await interview.put("title", "x\0"), 422, "invalid")
    problem_of(await interview.put("title", "x" * 20_001), 422, "invalid")
    problem_of(await client.post(f"{interview.at}/finish"), 409, "not-finished")
    problem_of(await client.post(f"{interview.at}/plan", json={}), 409, "not-finished")
    problem_of(await client.post(f"{interview.at}/ask-again"), 409, "not-asked-yet")
    problem_of(await client.get(f"{interview.at}/plan"), 404, "not-found")
    assert await interview.get() == before


async def test_a_question_can_be_skipped_and_answered_later(start: Start) -> None:
    """An empty answer skips, keeps the project's title, and can be replaced when one goes back."""
    interview = await start()
    await interview.post()
    view = await interview.answer("title", "")
    assert view["questions"][0]["answer"]["skipped"]
    assert view["current"] == "description"
    answered = await interview.put("title", "Found", base_version=1)
    assert not answered.json()["answer"]["skipped"]


async def test_a_reader_that_has_the_newest_is_told_so(client: httpx.AsyncClient, start: Start) -> None:
    """The ETag changes with each answer, and answers 304 until then."""
    interview = await start()
    await interview.post()
    tag = (await client.get(interview.at)).headers["etag"]
    assert (await client.get(interview.at, headers={"If-None-Match": tag})).status_code == 304
    await interview.answer("title", "x")
    assert (await client.get(interview.at, headers={"If-None-Match": tag})).status_code == 200


async def test_finishing_early_and_asking_for_more(start: Start, client: httpx.AsyncClient) -> None:
    """Finishing skips the open question of the model; asked for more, the model goes on where it was."""
    interview = await start()
    await interview.answer_fixed()
    view = await interview.settled()
    assert view["current"] == "follow-up-01"
    view = await interview.post("/finish")
    assert (view["state"], view["can_ask_more"]) == ("finished", True)
    assert view["questions"][-1]["answer"]["skipped"]
    assert await interview.post("/finish") == view
    await interview.post("/ask-again")
    view = await interview.settled()
    assert (view["state"], view["current"]) == ("asking", "follow-up-02")


async def test_a_plan_is_made_of_the_answers(start: Start) -> None:
    """Epics, stories, tasks and subtasks, in the maker's words; changed answers make it stale, the old one stays."""
    interview = await start()
    plan = await interview.planned()
    kinds = {item["kind"] for item in flat(plan["epics"])}
    assert kinds == {"epic", "story", "task", "subtask"}
    told = json.dumps(plan["epics"])
    assert "Tomas" in told
    assert "Two boats" in told
    assert "keep the lamp lit" in told
    assert not plan["stale"]
    view = await interview.get()
    await interview.put("ending", "Quite another one, with a fire.", base_version=1)
    assert (await interview.get("/plan"))["stale"]
    assert (await interview.post("/plan", {"instead_of": None}, status=202))["plan"]["state"] == "ready"
    await interview.post("/plan", {"instead_of": plan["id"]}, status=202)
    view = await interview.until(lambda now: now["plan"]["id"] != view["plan"]["id"])
    newer = await interview.get("/plan")
    assert "with a fire" in json.dumps(newer["epics"])
    assert not newer["stale"]
    assert [made["current"] for made in newer["plans"]] == [True, False]
    back = await interview.post(f"/plans/{plan['id']}/bring-back")
    assert (back["id"], back["epics"]) == (plan["id"], plan["epics"])


def flat(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for item in items for one in (item, *flat(item["children"]))]


async def test_a_plan_can_be_edited(client: httpx.AsyncClient, start: Start, problem_of: Problem) -> None:
    """Add, rename, tick off with all below, move, remove and bring back; a text that was changed elsewhere is a 409."""
    interview = await start()
    plan = await interview.planned()
    epic = plan["epics"][0]
    story, other = epic["children"][:2]
    new = {"title": "Call the harbour", "parent": story["id"], "op_id": "n"}
    added = await interview.post("/plan/items", new, status=201)
    assert await interview.post("/plan/items", new, status=201) == added
    task = added["epics"][0]["children"][0]["children"][-1]
    assert (task["title"], task["kind"]) == ("Call the harbour", "task")
    at = f"{interview.at}/plan/items/{task['id']}"

    renamed = await client.patch(at, json={"title": " Call  them ", "base_title": "Call the harbour"})
    assert renamed.status_code == 200
    problem = problem_of(
        await client.patch(at, json={"title": "Write", "base_title": "Call the harbour"}),
        409,
        "version-conflict",
    )
    assert problem["item"]["title"] == "Call them"

    moved = (await client.post(f"{at}/move", json={"parent": other["id"]})).json()
    assert moved["epics"][0]["children"][1]["children"][0]["id"] == task["id"]
    refused = await client.post(f"{at}/move", json={"parent": epic["id"]})
    problem_of(refused, 422, "invalid")

    done = (await client.patch(f"{interview.at}/plan/items/{epic['id']}", json={"done": True})).json()
    assert all(item["done"] for item in flat(done["epics"][:1]))
    removed = (await client.patch(f"{interview.at}/plan/items/{other['id']}", json={"removed": True})).json()
    assert other["id"] not in {item["id"] for item in flat(removed["epics"])}
    back = (await client.patch(f"{interview.at}/plan/items/{other['id']}", json={"removed": False})).json()
    assert back["epics"] == done["epics"]
    problem_of(await client.patch(f"{interview.at}/plan/items/none", json={"done": True}), 404, "not-found")


async def test_a_plan_as_json_csv_and_markdown(client: httpx.AsyncClient, start: Start) -> None:
    """Each holds every item; a cell that a spreadsheet would run is made text, and Markdown's own marks are escaped."""
    interview = await start()
    plan = await interview.planned()
    story = plan["epics"][0]["children"][0]["id"]
    await interview.post("/plan/items", {"title": "=1+1 *now* [x]", "parent": story}, status=201)
    items = flat((await interview.get("/plan"))["epics"])

    as_json = await client.get(f"{interview.at}/plan/export.json")
    assert "The-Last-Keeper-plan.json" in as_json.headers["content-disposition"]
    epics = as_json.json()["epics"]
    told = [
        [
            epic["title"],
            [[s["title"], [[t["title"], len(t["subtasks"])] for t in s["tasks"]]] for s in epic["stories"]],
        ]
        for epic in epics
    ]
    assert sum(1 + sum(1 + sum(1 + t[1] for t in s[1]) for s in e[1]) for e in told) == len(items)

    rows = list(
        csv.DictReader(
            io.StringIO((await client.get(f"{interview.at}/plan/export.csv")).text.lstrip("\ufeff"))
        )
    )
    assert [row["id"] for row in rows] == [item["id"] for item in items]
    assert "'=1+1 *now* [x]" in {row["title"] for row in rows}

    markdown = (await client.get(f"{interview.at}/plan/export.md")).text
    assert "- [ ] =1+1 \\*now\\* \\[x\\]" in markdown
    assert markdown.startswith("# The Last Keeper\n\n## ")


async def test_what_happens_arrives_live(client: httpx.AsyncClient, start: Start) -> None:
    """The stream tells the present state at once and each change after it; a project that is not there is a 404."""
    interview = await start()
    await interview.post()

    async def follow(seen: asyncio.Event) -> list[dict[str, Any]]:
        told = []
        async with client.stream("GET", f"{interview.at}/events?seconds=3") as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            async for line in answer.aiter_lines():
                if line.startswith("data: "):
                    told.append(json.loads(line[6:]))
                    seen.set()
        return told

    seen = asyncio.Event()
    following = asyncio.create_task(follow(seen))
    await asyncio.sleep(0)
    await interview.answer("title", "Live")
    told = await following
    assert (told[-1]["questions"], told[-1]["answers"]) == (2, 1)
    assert (await client.get(f"/api/projects/{'0' * 32}/interview/events?seconds=0")).status_code == 404
