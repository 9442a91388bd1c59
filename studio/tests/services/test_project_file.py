"""A project file holds the whole project: taken to another Studio it makes the same project, read by API and by SQL."""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from sqlalchemy import create_engine, text

from studio.app import create_app, create_context
from studio.context import AppContext
from studio.images import ImageStore, MadeImage
from studio.interview import service as interviews
from studio.interview.filing import UNDER_WAY
from studio.interview.questions import FIXED_QUESTIONS
from studio.problems import BadUpload
from studio.projects import exporting
from studio.projects import service as projects
from studio.settings import Settings
from studio.storyboard.board import get_storyboard
from studio.storyboard.models import Storyboard

SCRIPT = "Title: Film\n\n" + "".join(f"INT. ROOM {n} - DAY\n\nMARIA\nWörds {n}.\n\n" for n in range(4))
TABLES = {
    "projects": ("id = :project", ["title", "description", "created_at", "deleted_at"]),
    "scripts": ("project_id = :project", ["preamble", "source_encoding", "source_bom"]),
    "interviews": (
        "project_id = :project",
        ["messages", "question_failure", "plan_failure", "started_at", "wanted_at", "closed_at"],
    ),
    "interview_plans": ("project_id = :project", ["outline", "model", "answers", "made_at"]),
}
SCENE = ["slugline", "scene_number", "characters", "blocks", "updated_at", "deleted_at"]


@dataclass
class Studio:
    """One Studio: its parts, its API, and the address of its database for plain SQL."""

    context: AppContext
    client: httpx.AsyncClient
    url: str

    async def call(self, method: str, path: str, json: Any = None) -> Any:
        answer = await self.client.request(method, f"/api{path}", json=json)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    async def take_in(self, data: bytes) -> str:
        answer = await self.client.post("/api/projects/import", files={"file": ("film.json", data)})
        assert answer.status_code == 201, answer.text
        project: str = answer.json()["id"]
        return project

    def rows(self, sql: str, **parameters: str) -> list[dict[str, Any]]:
        """Read rows by plain SQL; JSON and moments parsed."""
        engine = create_engine(self.url.replace("+aiosqlite", ""))
        with engine.connect() as connection:
            rows = [dict(row._mapping) for row in connection.execute(text(sql), parameters)]
        engine.dispose()
        return [{name: _parsed(name, value) for name, value in row.items()} for row in rows]

    def stored(self, project: str) -> dict[str, Any]:
        """Everything of one project as it is stored, identifiers replaced by what they stand for."""
        found: dict[str, Any] = {}
        for table, (where, columns) in TABLES.items():
            found[table] = self.rows(f"SELECT * FROM {table} WHERE {where}", project=project)
            found[table] = [{name: row[name] for name in columns} for row in found[table]]
        found["interview_plans"].sort(key=lambda plan: str(plan["made_at"]))
        [script] = self.rows("SELECT * FROM scripts WHERE project_id = :project", project=project)
        scenes = {
            row["id"]: row for row in self.rows("SELECT * FROM scenes WHERE script_id = :s", s=script["id"])
        }
        place = {scene: at for at, scene in enumerate(script["scene_order"])}
        found["scenes"] = [{name: scenes[scene][name] for name in SCENE} for scene in script["scene_order"]]
        assert len(scenes) == len(place)
        found["summaries"] = {place[scene]: entry for scene, entry in script["scene_summaries"].items()}
        [board] = self.rows("SELECT * FROM storyboards WHERE project_id = :project", project=project)
        found["frames"] = _without_ids(board, place)
        return found


def _parsed(name: str, value: Any) -> Any:
    if name.endswith("_at") and value is not None:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return json.loads(value) if isinstance(value, str) and value[:1] in ("[", "{") else value


def _without_ids(board: dict[str, Any], place: dict[str, int]) -> dict[str, Any]:
    under = {place[scene["id"]]: scene["frames"] for scene in board["generated_output"]["scenes"]}
    frames = [frame for scene in sorted(under) for frame in under[scene]] + board["set_aside"]
    known = {frame["id"]: number for number, frame in enumerate(frames)}
    for frame in frames:
        if "scene_id" in frame:
            frame["scene_id"] = place[frame["scene_id"]]
        frame["replaced_by"] = known.get(frame["replaced_by"], frame["replaced_by"] and "gone")
        del frame["id"]
    return {
        "under": {scene: frames for scene, frames in under.items() if frames},
        "aside": board["set_aside"],
    }


@pytest.fixture
def open_studio(tmp_path: Path) -> Callable[..., Any]:
    """Open a Studio with a data directory of its own, which runs jobs."""

    @asynccontextmanager
    async def opened(name: str, url: str) -> AsyncIterator[Studio]:
        settings = Settings.from_environment(
            {"STUDIO_DATA_DIR": str(tmp_path / name), "STUDIO_DATABASE_URL": url}
        )
        app = create_app(settings, pages=False)
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://localhost", timeout=60) as client,
        ):
            yield Studio(app.state.context, client, url)

    return opened


def picture(colour: str) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(data, "PNG")
    return data.getvalue()


async def film(studio: Studio) -> str:
    """Make a project with something in every place that a project has."""
    made = await studio.client.post(
        "/api/projects/import", files={"file": ("film.fountain", SCRIPT.encode("utf-16-le"))}
    )
    project: str = made.json()["id"]
    at = f"/projects/{project}"
    script = await studio.call("GET", f"{at}/script")
    scenes = [scene["id"] for scene in script["scenes"]]
    view = await studio.call("POST", f"{at}/interview")
    for question in FIXED_QUESTIONS:
        answer = {"text": "" if question.id == "logline" else f"Of “{question.topic}”.\n  "}
        view = (await studio.call("PUT", f"{at}/interview/answers/{question.id}", answer))["interview"]
    changed = {"text": "To keep the lamp lit.", "base_version": 1}
    await studio.call("PUT", f"{at}/interview/answers/want", changed)
    view = await until(studio, at, lambda view: view["state"] == "asking")
    await studio.call("PUT", f"{at}/interview/answers/{view['current']}", {"text": "Greta."})
    await until(studio, at, lambda view: view["state"] != "thinking")
    await studio.call("POST", f"{at}/interview/finish")
    for instead_of in (None, "first"):
        wish = {"instead_of": instead_of and view["plan"]["id"]}
        await studio.call("POST", f"{at}/interview/plan", wish)
        view = await until(studio, at, lambda view: view["plan"]["state"] == "ready")
    plan = await studio.call("GET", f"{at}/interview/plan")
    epic, other = plan["epics"][0], plan["epics"][1]
    await studio.call("PATCH", f"{at}/interview/plan/items/{epic['children'][0]['id']}", {"done": True})
    await studio.call("PATCH", f"{at}/interview/plan/items/{other['id']}", {"removed": True})
    await studio.call("POST", f"{at}/interview/plans/{plan['plans'][1]['id']}/bring-back")
    await studio.call("POST", f"/scenes/{scenes[0]}/summary")
    await studio.call("POST", f"/scenes/{scenes[2]}/summary")
    text = {"text": "INT. ROOM 2 - NIGHT\n\nDark.\n\n", "base_version": 1, "op_id": "a"}
    await studio.call("PATCH", f"/scenes/{scenes[2]}", text)
    await draw(studio, project)
    await studio.call("DELETE", f"/scenes/{scenes[3]}")
    order = {"scene_ids": [scenes[2], scenes[0], scenes[1]]}
    await studio.call("PUT", f"/scripts/{script['id']}/order", order)
    return project


async def draw(studio: Studio, project: str) -> None:
    """Make images: a favourite, one that was made anew, a discarded one, one that came too late."""
    at = f"/projects/{project}/storyboard"
    await run(studio, at, f"{at}/runs", {"per_scene": 2})
    board = await studio.call("GET", at)
    first, second, third = (scene["frames"] for scene in board["scenes"][:3])
    await studio.call("PATCH", f"{at}/frames/{first[1]['id']}", {"favourite": True})
    await run(studio, at, f"{at}/frames/{second[0]['id']}/regenerate", None)
    await studio.call("PATCH", f"{at}/frames/{third[0]['id']}", {"discarded": True})
    # One came late, another was first seen hidden by the sweeper.
    name = studio.context.images.keep(MadeImage(picture("red"), "image/png", "p", "m", None))
    async with studio.context.database.writing() as session:
        storyboard = await session.get_one(Storyboard, project)
        frame = storyboard.generated_output["scenes"][2]["frames"][0]
        scene = board["scenes"][3]
        late: Any = {**frame, "id": "late", "file": name, "discarded": False, "cost": 0.125}
        late |= {"scene_id": scene["id"], "slugline": scene["slugline"]}
        storyboard.set_aside.append(late)
        frame["hidden_since"] = frame["made_at"]


async def run(studio: Studio, at: str, path: str, order: Any) -> None:
    run_id = (await studio.call("POST", path, order))["id"]
    async with asyncio.timeout(60):
        while True:
            runs = (await studio.call("GET", at))["progress"]["runs"]
            if any(each["id"] == run_id and each["state"] == "finished" for each in runs):
                return
            await asyncio.sleep(0.05)


async def until(studio: Studio, at: str, condition: Callable[[Any], bool]) -> Any:
    async with asyncio.timeout(60):
        while not condition(view := await studio.call("GET", f"{at}/interview")):
            await asyncio.sleep(0.05)
    return view


async def told(studio: Studio, project: str) -> dict[str, Any]:
    """What the API tells of a project, identifiers and counts of changes apart."""
    at = f"/projects/{project}"
    pages = {
        path: await studio.call("GET", at + path)
        for path in ("", "/script", "/interview", "/interview/plan", "/storyboard")
    }
    deleted = f"/scripts/{pages['/script']['id']}/scenes?deleted=true"
    pages["deleted"] = await studio.call("GET", deleted)
    pages["/storyboard"].pop("progress")
    kept: dict[str, Any] = _without(
        pages,
        {"id", "project_id", "script_id", "scene_id", "version", "updated_at", "replaced_by"},
    )
    return kept


def _without(value: Any, names: set[str]) -> Any:
    if isinstance(value, dict):
        return {name: _without(each, names) for name, each in value.items() if name not in names}
    return [_without(each, names) for each in value] if isinstance(value, list) else value


async def test_a_project_taken_to_another_studio_is_the_same(
    open_studio: Any, database_url: str, tmp_path: Path
) -> None:
    """Script, deleted scenes, summaries, interview, plans, images with their bytes and all that is known of them."""
    async with open_studio("one", database_url) as studio:
        project = await film(studio)
        before, told_before = studio.stored(project), await told(studio, project)
        answer = await studio.client.get(f"/api/projects/{project}/export.json")
    assert [len(before[name]) for name in ("interviews", "interview_plans", "scenes")] == [1, 2, 4]
    assert len(before["frames"]["aside"]) == 1
    fresh = f"sqlite+aiosqlite:///{tmp_path}/fresh.sqlite3"
    async with open_studio("two", fresh) as other:
        copy = await other.take_in(answer.content)
        assert other.stored(copy) == before
        assert await told(other, copy) == told_before
        for frame in [frame for scene in told_before["/storyboard"]["scenes"] for frame in scene["frames"]]:
            assert (await other.client.get(frame["url"])).is_success
        again = await other.client.get(f"/api/projects/{copy}/export.json")
        assert _comparable(again.json()) == _comparable(answer.json())


def _comparable(file: dict[str, Any]) -> Any:
    """A file without the moment of its export, its identifiers in the order in which they are named."""
    file.pop("exported_at")
    ids: dict[str, str] = {}
    frames = [frame for scene in file["script"]["scenes"] for frame in scene["images"]] + file["aside"]
    for each in [*frames, *file["interview"]["plans"]]:
        each["id"] = ids.setdefault(each["id"], f"id {len(ids)}")
    for frame in frames:
        frame["replaced_by"] = ids.get(frame["replaced_by"], frame["replaced_by"])
    file["interview"]["plan"] = ids.get(file["interview"]["plan"])
    return file


async def test_what_a_model_was_at_waits_for_a_person(
    open_studio: Any, sqlite_url: str, tmp_path: Path
) -> None:
    """Opening a file sends nothing to a model: the interview says that it was under way, and can be asked again."""
    context = create_context(
        Settings.from_environment(
            {"STUDIO_DATA_DIR": str(tmp_path / "still"), "STUDIO_DATABASE_URL": sqlite_url}
        )
    )
    # No worker: the question is wanted for as long as the file takes.
    project = await projects.create_project(context.database, title="Film")
    await interviews.start_interview(context.database, project.id)
    for question in FIXED_QUESTIONS:
        await interviews.answer_question(context.database, project.id, question.id, text="So.")
    data = await projects.export_json(context.database, project.id)
    await context.close()
    async with open_studio("two", f"sqlite+aiosqlite:///{tmp_path}/fresh.sqlite3") as studio:
        at = f"/projects/{await studio.take_in(data)}"
        view = await studio.call("GET", f"{at}/interview")
        assert (view["state"], view["failure"]) == ("stuck", UNDER_WAY)
        await studio.call("POST", f"{at}/interview/ask-again")
        view = await until(studio, at, lambda view: view["state"] == "asking")
        assert len(view["questions"]) == 19


async def test_the_images_that_are_shown_come_first(
    open_studio: Any, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that would be too large to import leaves out bytes of images, hidden ones first, and nothing else."""
    async with open_studio("one", sqlite_url) as studio:
        project = await film(studio)
        whole = (await studio.client.get(f"/api/projects/{project}/export.json")).content
        largest = max(len(data) for data in json.loads(whole)["image_files"].values())
        limit = len(whole) - largest
        monkeypatch.setattr(exporting, "MAX_PROJECT_FILE_BYTES", limit)
        smaller = (await studio.client.get(f"/api/projects/{project}/export.json")).content
        assert len(smaller) <= limit
        file = json.loads(smaller)
        copy = await studio.take_in(smaller)
        assert len((await get_storyboard(studio.context.database, copy)).scenes) == 3
    named = {
        frame["file"] for scene in file["script"]["scenes"] for frame in scene["images"] if not hidden(frame)
    }
    assert named <= set(file["image_files"]) < set(json.loads(whole)["image_files"])


def hidden(frame: dict[str, Any]) -> bool:
    return bool(frame["discarded"] or frame["replaced_by"])


async def test_a_file_of_the_first_version_is_read_as_before(database: Any) -> None:
    """What older Studios exported: no interview, images without bytes, one of them replaced."""
    image = {
        "file": f"{'0' * 64}.png",
        "prompt": "p",
        "seed": 7,
        "shot": "wide",
        "model": "local",
        "cost": None,
        "seconds": 0.5,
        "made_at": "2026-10-01T08:00:00.25Z",
        "favourite": True,
        "discarded": False,
    }
    old = {
        "format": "studio-project",
        "format_version": 1,
        "title": "Old",
        "description": "d",
        "exported_at": "2026-11-01T08:00:00Z",
        "script": {
            "preamble": "Title: Old\n\n",
            "encoding": "latin-1",
            "bom": False,
            "scenes": [
                {
                    "slugline": "INT. A - DAY",
                    "text": "INT. A - DAY\n\nA.\n\n",
                    "summary": {
                        "text": "s",
                        "model": "m",
                        "fingerprint": "f",
                        "made_at": "2026-10-01T08:00:00Z",
                    },
                    "images": [
                        {"id": "a", "replaced_by": "b", **image},
                        {"id": "b", "replaced_by": None, **image},
                    ],
                },
                {"text": "INT. B - DAY\n\nINT. C - DAY\n\n"},
            ],
        },
    }
    project = await projects.import_json(database, "old.json", json.dumps(old).encode())
    assert (project.title, project.scene_count) == ("Old", 3)
    board = await get_storyboard(database, project.id)
    one, two = board.scenes[0].frames
    assert (one.replaced_by, two.replaced_by, two.favourite) == (two.id, None, True)


BROKEN: list[tuple[str, Callable[[Any], Any]]] = [
    ("format_version", lambda file: file.update(format_version=3)),
    ("title", lambda file: file.update(title=" ")),
    ("title: The title has 300", lambda file: file.update(title="x" * 300)),
    ("description", lambda file: file.update(description="a\0b")),
    ("script.scenes.1.text", lambda file: file["script"]["scenes"][1].update(text="a\0b")),
    ("script.scenes.1.text", lambda file: file["script"]["scenes"][1].pop("text")),
    ("script.scenes.2.deleted_at", lambda file: file["script"]["scenes"][2].update(deleted_at="yesterday")),
    (
        "script.scenes.2.updated_at",
        lambda file: file["script"]["scenes"][2].update(updated_at="0001-01-01T00:00:00+14:00"),
    ),
    (
        "script.scenes.1.images.0.seed",
        lambda file: file["script"]["scenes"][1]["images"][0].update(seed="seven"),
    ),
    (
        "script.scenes.1.images.0.file",
        lambda file: file["script"]["scenes"][1]["images"][0].update(file="../../etc/passwd"),
    ),
    (
        "script.scenes.1.images.1.id is “same”, as script.scenes.1.images.0.id",
        lambda file: [frame.update(id="same") for frame in file["script"]["scenes"][1]["images"]],
    ),
    ("aside.0.scene is 99", lambda file: file["aside"][0].update(scene=99)),
    ("aside.0.seconds", lambda file: file["aside"][0].update(seconds=float("nan"))),
    (
        "interview.messages.3.at",
        lambda file: file["interview"]["messages"][3].update(at="2026-11-21T08:00:00"),
    ),
    ("interview.messages: Message 4", lambda file: file["interview"]["messages"].pop(4)),
    ("interview.messages", lambda file: file["interview"].update(messages=[])),
    ("interview.messages", lambda file: file["interview"]["messages"].extend(file["interview"]["messages"])),
    ("interview: The current plan", lambda file: file["interview"].update(plan="none of them")),
    (
        "interview.plans.0.epics.0.children.0.title",
        lambda file: file["interview"]["plans"][0]["epics"][0]["children"][0].pop("title"),
    ),
    (
        "interview.plans.1.epics: Two items",
        lambda file: [epic.update(id="same") for epic in file["interview"]["plans"][1]["epics"]],
    ),
    ("interview.plans.0.answers", lambda file: file["interview"]["plans"][0].update(answers="x" * 65)),
    ("image_files", lambda file: file["image_files"].update({f"{'0' * 64}.png": "AAAA"})),
    ("image_files", lambda file: file["image_files"].update({next(iter(file["image_files"])): "%%%"})),
]


async def test_a_broken_file_names_the_place_and_leaves_nothing(
    open_studio: Any, sqlite_url: str, tmp_path: Path
) -> None:
    """Whatever is wrong with a file, the message has its path, no row is stored and no image kept."""
    async with open_studio("one", sqlite_url) as studio:
        data = (await studio.client.get(f"/api/projects/{await film(studio)}/export.json")).content
        tables = ["projects", "scripts", "scenes", "storyboards", "interviews", "interview_plans"]
        counts = {table: studio.rows(f"SELECT count(*) AS n FROM {table}") for table in tables}
        store = ImageStore(tmp_path / "nothing")
        for words, break_it in BROKEN:
            file = json.loads(data)
            break_it(file)
            with pytest.raises(BadUpload) as told:
                await projects.import_json(
                    studio.context.database, "film.json", json.dumps(file).encode(), store
                )
            assert f"is not a project that Studio exported: {words}" in str(told.value)
            assert str(told.value).endswith("Export the project again and import that file.")
        assert {table: studio.rows(f"SELECT count(*) AS n FROM {table}") for table in tables} == counts
        assert list(tmp_path.glob("nothing/*")) == []
