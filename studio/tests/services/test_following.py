"""Following what changes while the database is away and while clients come and go."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Any

import pytest
from pydantic import BaseModel
from starlette.responses import StreamingResponse

from studio import following
from studio.following import Away, follow, stream
from studio.problems import DatabaseUnavailable, NotFound

LIMIT = 30


class Seen(BaseModel):
    """What is followed."""

    number: int


class Database:
    """What is looked at; it can go away, or fall silent."""

    def __init__(self) -> None:
        self.number = 1
        self.is_away = self.is_deleted = False
        self.speaks = asyncio.Event()
        self.speaks.set()
        self.ended_looks = 0

    async def look(self) -> Seen:
        try:
            await self.speaks.wait()
        finally:
            self.ended_looks += 1
        if self.is_away:
            raise DatabaseUnavailable
        if self.is_deleted:
            raise NotFound
        return Seen(number=self.number)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOOK_SECONDS", "IDLE_LOOK_SECONDS", "SLOW_LOOK_SECONDS", "SECONDS_BETWEEN_SIGNS"):
        monkeypatch.setattr(following, name, 0.02)


@pytest.fixture
def database() -> Database:
    """A database that answers."""
    return Database()


def looks_at(database: Database) -> AsyncGenerator[Seen | Away, None]:
    return follow(database.look, is_busy=lambda _: True, seconds=LIMIT)


async def test_a_database_that_goes_and_comes_back_is_told_of_once_each(database: Database) -> None:
    """First that it is away; then, when it is back, what is there, though nothing has changed."""
    steps = looks_at(database)
    async with asyncio.timeout(LIMIT):
        assert await anext(steps) == Seen(number=1)
        database.is_away = True
        assert await anext(steps) == Away(detail=DatabaseUnavailable().detail)
        coming = asyncio.create_task(anext(steps))
        done_looks = database.ended_looks
        while database.ended_looks < done_looks + 3:
            await asyncio.sleep(0.01)
        assert not coming.done()
        database.is_away = False
        assert await coming == Seen(number=1)
    await steps.aclose()


async def test_a_database_that_is_silent_is_away_too(database: Database) -> None:
    """A look that takes long is told of while it lasts; what it finds ends it."""
    steps = looks_at(database)
    async with asyncio.timeout(LIMIT):
        assert await anext(steps) == Seen(number=1)
        database.speaks.clear()
        assert isinstance(await anext(steps), Away)
        database.speaks.set()
        assert await anext(steps) == Seen(number=1)
    await steps.aclose()


async def test_a_look_ends_with_those_who_follow(database: Database) -> None:
    """A silent database is not asked on behalf of nobody."""
    steps = looks_at(database)
    async with asyncio.timeout(LIMIT):
        await anext(steps)
        database.speaks.clear()
        await anext(steps)
        before = database.ended_looks
        await steps.aclose()
    assert database.ended_looks == before + 1


class Client:
    """The other end of an answer, as a server has it."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.is_gone, self.reads = asyncio.Event(), asyncio.Event()
        self.reads.set()
        self.has = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        await self.is_gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        if message.get("body"):
            self.parts.append(message["body"].decode())
            self.has.set()
            await self.reads.wait()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(LIMIT):
            while not condition():
                self.has.clear()
                await self.has.wait()

    def answered_with(self, response: StreamingResponse) -> asyncio.Task[None]:
        scope = {"type": "http", "asgi": {"spec_version": "2.3"}}
        return asyncio.create_task(response(scope, self.receive, self.send))


class Steps:
    """Steps that know whether they were closed."""

    def __init__(self) -> None:
        self.may_go_on = asyncio.Event()
        self.are_closed = False

    async def steps(self) -> AsyncGenerator[Seen, None]:
        try:
            yield Seen(number=1)
            await self.may_go_on.wait()
            yield Seen(number=2)
        finally:
            self.are_closed = True


async def test_a_silent_stream_gives_signs_of_life() -> None:
    """Comments keep the connection open, whatever the steps wait for."""
    steps, client = Steps(), Client()
    answer = client.answered_with(await stream("seen", steps.steps(), until=asyncio.Event()))
    await client.until(lambda: client.parts.count(": still here\n\n") >= 2)
    steps.may_go_on.set()
    await asyncio.wait_for(answer, LIMIT)
    assert client.parts[0] == 'event: seen\ndata: {"number":1}\n\n'
    assert client.parts[-1] == 'event: seen\ndata: {"number":2}\n\n'


async def test_that_the_database_is_away_is_an_event_of_its_own(database: Database) -> None:
    """A page can tell it from what it follows."""
    client = Client()
    answer = client.answered_with(await stream("seen", looks_at(database), until=asyncio.Event()))
    database.is_away = True
    await client.until(lambda: any(part.startswith("event: away\ndata: {") for part in client.parts))
    client.is_gone.set()
    await asyncio.wait_for(answer, LIMIT)


@pytest.mark.parametrize("reads", [True, False], ids=["between two parts", "while one is sent"])
async def test_the_steps_are_closed_when_the_client_goes(reads: bool) -> None:
    """At once, and not when the garbage is collected."""
    steps, client = Steps(), Client()
    if not reads:
        client.reads.clear()
    followed = steps.steps()
    answer = client.answered_with(await stream("seen", followed, until=asyncio.Event()))
    await client.until(lambda: bool(client.parts))
    client.is_gone.set()
    await asyncio.wait_for(answer, LIMIT)
    assert steps.are_closed


async def test_a_stream_ends_whole_when_what_it_tells_of_is_deleted(database: Database) -> None:
    """The client sees an end and no broken connection; who asks again is told what is missing."""
    client = Client()
    answer = client.answered_with(await stream("seen", looks_at(database), until=asyncio.Event()))
    await client.until(lambda: bool(client.parts))
    database.is_deleted = True
    await asyncio.wait_for(answer, LIMIT)
    assert {part.partition("\n")[0] for part in client.parts} <= {"event: seen", ": still here"}
    with pytest.raises(NotFound):
        await stream("seen", looks_at(database), until=asyncio.Event())


async def test_streams_end_when_studio_is_to_stop() -> None:
    """A page that is open does not keep Studio waiting."""
    steps, client, stopping = Steps(), Client(), asyncio.Event()
    answer = client.answered_with(await stream("seen", steps.steps(), until=stopping))
    await client.until(lambda: bool(client.parts))
    stopping.set()
    await asyncio.wait_for(answer, LIMIT)
    assert steps.are_closed
