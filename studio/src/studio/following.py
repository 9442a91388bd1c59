"""Follow what changes, whoever changes it, and send it to a page as server-sent events."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar

from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from studio.problems import DatabaseBusy, DatabaseUnavailable

T = TypeVar("T")
View = TypeVar("View", bound=BaseModel)

# Another process may change it: looking is the one way that works on every database.
LOOK_SECONDS = 0.4
IDLE_LOOK_SECONDS = 1.0
SECONDS_BETWEEN_SIGNS = 15.0


async def follow(
    look: Callable[[], Awaitable[T]], *, is_busy: Callable[[T], bool], seconds: float
) -> AsyncIterator[T | None]:
    """Yield what `look` returns now and after each change, for `seconds`; None is a sign of life in between.

    It looks more often while `is_busy` says that changes are near. Raises what the first look raises.
    """
    shown = await look()
    yield shown
    start = told = time.monotonic()
    while (now := time.monotonic()) - start < seconds:
        await asyncio.sleep(LOOK_SECONDS if is_busy(shown) else IDLE_LOOK_SECONDS)
        try:
            seen = await look()
        except (DatabaseBusy, DatabaseUnavailable):
            continue
        if seen != shown:
            shown, told = seen, now
            yield seen
        elif now - told > SECONDS_BETWEEN_SIGNS:
            told = now
            yield None


async def stream(event: str, steps: AsyncIterator[View | None]) -> StreamingResponse:
    """Answer with each step as a server-sent event of this name.

    The first step is awaited before the answer begins: what is not there is still a 404.
    """
    first = await anext(steps)
    return StreamingResponse(_events(event, first, steps), media_type="text/event-stream")


def describe_stream(event: str, view: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    """Return what the API's description says of a stream of these events."""
    schema = {
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
    return {
        200: {
            "description": "A server-sent event now and after each change.",
            "content": {"text/event-stream": {"schema": schema}},
        }
    }


async def _events(
    event: str, first: BaseModel | None, steps: AsyncIterator[View | None]
) -> AsyncIterator[str]:
    yield _text(event, first)
    async for step in steps:
        yield _text(event, step)


def _text(event: str, step: BaseModel | None) -> str:
    # A line that begins with a colon is a comment: it keeps proxies from closing a silent connection.
    return ": still here\n\n" if step is None else f"event: {event}\ndata: {step.model_dump_json()}\n\n"
