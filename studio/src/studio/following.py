"""Follow what changes, whoever changes it, and send it to a page as server-sent events."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing
from typing import Any, TypeVar

from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from starlette.types import Receive, Scope, Send

from studio.problems import DatabaseBusy, DatabaseUnavailable, NotFound

T = TypeVar("T")

# Another process may change it: looking is the one way that works on every database.
LOOK_SECONDS = 0.4
IDLE_LOOK_SECONDS = 1.0
# A look that takes longer is told of, as one that fails is.
SLOW_LOOK_SECONDS = 5.0
SECONDS_BETWEEN_SIGNS = 15.0
END_SECONDS = 2.0

# A line that begins with a colon is a comment: it keeps proxies from closing a silent connection, and tells a page that
# Studio is there.
SIGN_OF_LIFE = ": still here\n\n"
AWAY = "away"


class Away(BaseModel):
    """The database does not answer at the moment; `detail` says so to a person. The next other event ends it."""

    detail: str


async def follow(
    look: Callable[[], Coroutine[Any, Any, T]], *, is_busy: Callable[[T], bool], seconds: float
) -> AsyncGenerator[T | Away, None]:
    """Yield what `look` returns now and after each change, for `seconds`, and `Away` when the database goes away.

    It looks more often while `is_busy` says that changes are near. Raises what the first look raises.
    """
    shown = await look()
    yield shown
    is_away = False
    start = time.monotonic()
    while time.monotonic() - start < seconds:
        await asyncio.sleep(LOOK_SECONDS if is_busy(shown) else IDLE_LOOK_SECONDS)
        looking = asyncio.create_task(look())
        try:
            answered, _ = await asyncio.wait([looking], timeout=SLOW_LOOK_SECONDS)
            if not answered and not is_away:
                is_away = True
                yield Away(detail=DatabaseUnavailable().detail)
            seen = await looking
        except (DatabaseBusy, DatabaseUnavailable) as problem:
            if not is_away:
                is_away = True
                yield Away(detail=problem.detail)
            continue
        finally:
            await _end(looking)
        if is_away or seen != shown:
            is_away, shown = False, seen
            yield seen


async def stream(
    event: str, steps: AsyncGenerator[BaseModel, None], *, until: asyncio.Event
) -> StreamingResponse:
    """Answer with each step as a server-sent event of this name, or of the name `away`, until Studio is to stop.

    The first step is awaited before the answer begins: what is not there is still a 404. The steps are closed when the
    answer ends, be it that the client goes, or that what they tell of is no longer there.
    """
    first = await anext(steps)
    return _EventStream(_events(event, first, steps, until), media_type="text/event-stream")


def describe_stream(event: str, view: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    """Return what the API's description says of a stream of these events."""
    schema = {"oneOf": [_schema(event, view), _schema(AWAY, Away)]}
    return {
        200: {
            "description": f"An event now and after each change; `{AWAY}` while the database does not answer.",
            "content": {"text/event-stream": {"schema": schema}},
        }
    }


class _EventStream(StreamingResponse):
    """Closes what it streams although the client goes while a part is sent."""

    def __init__(self, parts: AsyncGenerator[str, None], media_type: str) -> None:
        super().__init__(parts, media_type=media_type)
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with aclosing(self._parts):
            await super().__call__(scope, receive, send)


async def _events(
    event: str, first: BaseModel, steps: AsyncGenerator[BaseModel, None], until: asyncio.Event
) -> AsyncGenerator[str, None]:
    stopping = asyncio.create_task(until.wait())
    step: asyncio.Task[BaseModel | None] | None = None
    try:
        yield _text(event, first)
        while not stopping.done():
            step = step or asyncio.create_task(_next(steps))
            await asyncio.wait(
                [step, stopping], timeout=SECONDS_BETWEEN_SIGNS, return_when=asyncio.FIRST_COMPLETED
            )
            if not step.done():
                yield SIGN_OF_LIFE
                continue
            try:
                told, step = step.result(), None
            except NotFound:
                return  # what is followed was deleted: whoever asks again is told so
            if told is None:
                return
            yield _text(event, told)
    finally:
        stopping.cancel()
        if step is not None:
            await _end(step)
        await steps.aclose()


async def _next(steps: AsyncGenerator[BaseModel, None]) -> BaseModel | None:
    return await anext(steps, None)


async def _end(task: asyncio.Task[Any]) -> None:
    """Cancel a task, and wait a moment for its end: a driver may take its time."""
    task.cancel()
    if not task.done():
        await asyncio.wait([task], timeout=END_SECONDS)
    if task.done() and not task.cancelled():
        task.exception()  # whoever waited for the task has it


def _schema(event: str, view: type[BaseModel]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["event", "data"],
        "properties": {
            "event": {"const": event},
            "data": {
                "type": "string",
                "contentMediaType": "application/json",
                "contentSchema": {"$ref": f"#/components/schemas/{view.__name__}"},
            },
        },
    }


def _text(event: str, step: BaseModel) -> str:
    return f"event: {AWAY if isinstance(step, Away) else event}\ndata: {step.model_dump_json()}\n\n"
