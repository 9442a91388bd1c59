"""No request body is read beyond what Studio takes."""

from contextlib import suppress

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from studio.problem_json import answer_problem
from studio.problems import TooLarge
from studio.settings import MAX_PROJECT_FILE_BYTES, MAX_UPLOAD_BYTES

# JSON writes a script longer than it is, with its line ends as two characters each.
MAX_BODY_BYTES = 2 * MAX_UPLOAD_BYTES + 1024 * 1024
LARGER_BODIES = {"/api/projects/import": MAX_PROJECT_FILE_BYTES + 1024 * 1024}
# A browser that is cut off while it sends shows no answer: so much more is received, and dropped.
MAX_DROPPED_BYTES = 8 * MAX_BODY_BYTES


class BodyLimit:
    """Answer 413 to a request whose body is larger than Studio takes."""

    def __init__(self, app: ASGIApp, *, limit: int = MAX_BODY_BYTES) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = LARGER_BODIES.get(scope["path"], self._limit)
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdigit() and int(announced) > limit:
            await _drop_body(receive)
            await answer_problem(TooLarge())(scope, receive, send)
            return
        await self._count(scope, receive, send, limit)

    async def _count(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        received = 0
        exceeded = started = False

        async def counting() -> Message:
            nonlocal received, exceeded
            message = await receive()
            received += len(message.get("body", b""))
            exceeded = received > limit
            return {"type": "http.disconnect"} if exceeded else message

        async def answering(message: Message) -> None:
            nonlocal started
            # What the app says about a body that broke off is not what happened.
            if started or not exceeded:
                started = True
                await send(message)

        with suppress(ClientDisconnect):
            await self._app(scope, counting, answering)
        if exceeded and not started:
            await answer_problem(TooLarge())(scope, receive, send)


async def _drop_body(receive: Receive) -> None:
    dropped = 0
    more = True
    while more and dropped < MAX_DROPPED_BYTES:
        message = await receive()
        dropped += len(message.get("body", b""))
        more = message["type"] == "http.request" and message.get("more_body", False)
