"""Story 002: an interview whose messages were lost, doubled, or asked before the answer was there. Here none is.

Fifty interviews at once, each in two windows that do not know of each other; the process is killed in their midst and
started again. Then plain SQL tells what is stored. `STUDIO_STORY_002=long` asks every question of the model and kills
more often.
"""

import asyncio
import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

LONG = os.environ.get("STUDIO_STORY_002") == "long"
INTERVIEWS = 50
FOLLOW_UPS = 10 if LONG else 2
KILLS = 6 if LONG else 1
PATIENCE_SECONDS = 900 if LONG else 180
FIXED = 18
WORDS = [
    "Maria keeps a secret from Tomas",
    "The lamp is dark",
    "Nobody comes to Skerry any more",
    "She rows out at night",
    "Greta, the cook, saw it",
    "Not sure",
    "The clockwork stops",
    "Old Pell lies about the storm",
    "Two boats and a drone",
    "A letter",
]


class Server:
    """A `studio serve` process that can be killed and started again on the same data."""

    def __init__(self, data: Path) -> None:
        self.data = data
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = data.with_suffix(".log")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        keep = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
        environment = {**keep, "STUDIO_DATA_DIR": str(self.data), "STUDIO_PORT": str(self.port)}
        command = [str(Path(sys.executable).with_name("studio")), "serve", "--no-browser"]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    @property
    def ended(self) -> bool:
        return self._process is not None and self._process.poll() is not None


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "data")
    server.start()
    yield server
    server.kill()


@dataclass
class Ledger:
    """What the windows were told, to be compared with what is stored."""

    acknowledged: list[tuple[str, str, str]] = field(default_factory=list)
    refused: int = 0
    sent_again: int = 0


class Window:
    """One window at one interview: answers what it is asked, and sends again what it got no reply to."""

    def __init__(self, server: Server, project: str, name: str, ledger: Ledger, seed: int) -> None:
        self._server = server
        self._project = project
        self._name = name
        self._ledger = ledger
        self._random = random.Random(f"{seed}-{project}-{name}")
        self._client = httpx.AsyncClient(base_url=server.url, timeout=20)

    async def run(self) -> None:
        async with self._client:
            view = await self._send("POST", "")
            while view["plan"]["state"] != "ready":
                view = await self._go_on(view)

    async def _go_on(self, view: Any) -> Any:
        if view["state"] == "asking" and self._has_to_answer(view):
            return await self._answer(view["current"], len(view["questions"]))
        if (
            view["state"] in ("asking", "thinking")
            and len(view["questions"]) >= FIXED + FOLLOW_UPS
            and not LONG
        ):
            return await self._send("POST", "/finish")
        if view["state"] == "finished" and view["plan"]["state"] == "none":
            return await self._send("POST", "/plan", {"instead_of": None})
        assert view["state"] in ("thinking", "finished"), view
        await asyncio.sleep(self._random.uniform(0.3, 0.9))
        return await self._send("GET", "")

    def _has_to_answer(self, view: Any) -> bool:
        return LONG or len(view["questions"]) <= FIXED + FOLLOW_UPS - 1

    async def _answer(self, question: str, number: int) -> Any:
        text = f"{self._random.choice(WORDS)}.\n{self._name} {question} “{number}”  "
        body = {"text": text, "op_id": f"{self._name}-{question}-{self._random.random()}"}
        answered = await self._send("PUT", f"/answers/{question}", body)
        if answered is None:
            self._ledger.refused += 1
            return await self._send("GET", "")
        self._ledger.acknowledged.append((self._project, question, text))
        if self._random.random() < 0.1:  # the reply got lost, as far as this window knows
            again = await self._send("PUT", f"/answers/{question}", body)
            assert again["answer"] == answered["answer"]
        return answered["interview"]

    async def _send(self, method: str, path: str, body: Any = None) -> Any:
        """Send until there is a reply; None when another window was faster."""
        while True:
            with suppress(httpx.TransportError):
                reply = await self._client.request(
                    method, f"/api/projects/{self._project}/interview{path}", json=body
                )
                if reply.status_code == 409:
                    return None if method == "PUT" else await self._send("GET", "")
                if reply.status_code < 500:
                    assert reply.is_success, reply.text
                    return reply.json()
            self._ledger.sent_again += 1
            await asyncio.sleep(self._random.uniform(0.3, 1.0))


async def make_projects(server: Server) -> list[str]:
    """Wait until the server answers, and make a project for each interview."""
    limit = time.monotonic() + 60
    async with httpx.AsyncClient(base_url=server.url, timeout=30) as client:
        while True:
            assert not server.ended, server.log.read_text()[-3000:]
            assert time.monotonic() < limit, server.log.read_text()[-3000:]
            with suppress(httpx.TransportError):
                if (await client.get("/api/health")).is_success:
                    break
            await asyncio.sleep(0.05)
        made = [await client.post("/api/projects", json={"title": f"Film {n}"}) for n in range(INTERVIEWS)]
    return [answer.json()["id"] for answer in made]


async def kill_in_the_midst(server: Server, ledger: Ledger) -> None:
    """Kill the server each time so many more answers have arrived, and start it again."""
    for number in range(1, KILLS + 1):
        # By default in the moments when the fixed questions end and the model's begin.
        goal = INTERVIEWS * (FIXED + 3) * number // (KILLS + 1) if LONG else INTERVIEWS * (FIXED - 1)
        while len(ledger.acknowledged) < goal:
            await asyncio.sleep(0.01)
        server.kill()
        server.start()


@pytest.mark.timeout(PATIENCE_SECONDS + 120)
async def test_fifty_interviews_in_two_windows_each_with_the_process_killed(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every message is stored once and in order, every acknowledged answer as given, every plan made once."""
    seed = random.SystemRandom().randrange(10**6)
    began = time.monotonic()
    ledger = Ledger()
    projects = await make_projects(server)
    async with asyncio.timeout(PATIENCE_SECONDS), asyncio.TaskGroup() as group:
        group.create_task(kill_in_the_midst(server, ledger))
        for project in projects:
            for name in ("left", "right"):
                group.create_task(Window(server, project, name, ledger, seed).run())
    server.kill()
    with capsys.disabled():
        sys.stdout.write(
            f"\nstory 002: seed {seed}; {len(ledger.acknowledged)} answers acknowledged, {ledger.refused} refused to "
            f"the slower window, {ledger.sent_again} requests sent again; {KILLS} kills; "
            f"{time.monotonic() - began:.1f} s\n"
        )
    judge(server.data / "studio.sqlite3", projects, ledger)


def judge(path: Path, projects: list[str], ledger: Ledger) -> None:
    """Compare what is stored, by plain SQL, with what was acknowledged."""
    with sqlite3.connect(path) as database:
        stored = dict(database.execute("SELECT project_id, messages FROM interviews"))
        assert sorted(stored) == sorted(projects)
        messages = {project: json.loads(told) for project, told in stored.items()}
        for told in messages.values():
            check_order(told)
        for project, question, text in ledger.acknowledged:
            [answer] = [one for one in messages[project] if one["id"] == f"{question}-answer"]
            assert answer["text"] == text
        acknowledged = {(project, question) for project, question, _ in ledger.acknowledged}
        assert len(acknowledged) == len(ledger.acknowledged)
        plans = list(database.execute("SELECT project_id, id FROM interview_plans"))
        assert sorted(project for project, _ in plans) == sorted(projects)
        current = list(
            database.execute(
                "SELECT project_id, plan_id FROM interviews WHERE wanted_plan IS NULL AND closed_at IS NOT NULL"
            )
        )
        assert sorted(current) == sorted(plans)
        for (outline,) in database.execute("SELECT outline FROM interview_plans"):
            assert json.loads(outline)["epics"]
        # A plan that was wanted again after it was made leaves a job that found nothing to do; none may be dead.
        states = dict(database.execute("SELECT state, count(*) FROM indelible_jobs GROUP BY state"))
        assert "dead" not in states
    database.close()


def check_order(messages: list[dict[str, Any]]) -> None:
    """Check that questions and answers alternate, each once, the model's questions numbered after the fixed ones."""
    questions, answers = messages[::2], messages[1::2]
    assert len(questions) == len(answers)
    assert all(question["role"] == "interviewer" for question in questions)
    assert [answer["id"] for answer in answers] == [f"{question['id']}-answer" for question in questions]
    assert len({message["id"] for message in messages}) == len(messages)
    follow_ups = [question["id"] for question in questions[FIXED:]]
    assert follow_ups == [f"follow-up-{number:02}" for number in range(1, len(follow_ups) + 1)]
    assert len(follow_ups) >= min(FOLLOW_UPS, 1)
    assert len({question["text"] for question in questions}) == len(questions)
