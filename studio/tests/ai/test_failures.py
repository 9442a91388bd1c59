"""What a person is told when a provider does not give a summary, over real sockets."""

import asyncio
import logging
import socket
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from studio.ai import (
    EmptyAnswer,
    GarbageAnswer,
    KeyRefused,
    NoAnswer,
    ProviderError,
    ProviderFailed,
    QuotaSpent,
    RequestRefused,
    SummaryModel,
    choose_model,
    summarise_scene,
)

SLUGLINE = "INT. LIGHTHOUSE KITCHEN - NIGHT"
SCENE = f"{SLUGLINE}\n\nRain hammers the shutters. MARA (60s, oilskins) sets two cups on the table.\n"
SUMMARY = "Mara lays the table for two and waits for someone who is late."
Connect = Callable[..., SummaryModel]


async def summarise(model: SummaryModel) -> Any:
    return await summarise_scene(SCENE, slugline=SLUGLINE, model=model)


async def failure(model: SummaryModel) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await summarise(model)
    return caught.value


class TestRefusal:
    """The provider answers, and says no."""

    @pytest.mark.parametrize("status", [500, 502, 503, 529])
    async def test_server_error(
        self, server: Any, dialect: Any, connect: Connect, answer: Any, status: int
    ) -> None:
        """A 5xx, with a web page for a body as proxies send, is the provider's failure."""
        server.answers = [answer(b"<html>Bad gateway</html>", status, content_type="text/html")]
        error = await failure(connect())
        assert isinstance(error, ProviderFailed)
        assert (error.code, error.provider_status) == ("ai-provider-failed", status)

    @pytest.mark.parametrize("status", [401, 403])
    async def test_refused_key(
        self, server: Any, dialect: Any, connect: Connect, answer: Any, status: int
    ) -> None:
        """A refused key is named by its variable."""
        server.answers = [answer({"error": {"message": "invalid key"}}, status)]
        error = await failure(connect())
        assert isinstance(error, KeyRefused)
        assert "_API_KEY" in str(error)

    @pytest.mark.parametrize("status", [400, 404, 413, 422])
    async def test_refused_request(
        self, server: Any, dialect: Any, connect: Connect, answer: Any, status: int
    ) -> None:
        """A request that the provider does not take names the model and the variable that chooses it."""
        server.answers = [answer({"error": {"message": "no such model"}}, status)]
        error = await failure(connect())
        assert isinstance(error, RequestRefused)
        assert dialect.name in str(error)
        assert "STUDIO_MODEL" in str(error)

    async def test_spent_quota(self, server: Any, dialect: Any, connect: Connect, answer: Any) -> None:
        """402 is an empty account: asked once, and told as one."""
        server.answers = [answer({"error": {"message": "no credit"}}, 402)]
        assert isinstance(await failure(connect()), QuotaSpent)
        assert len(server.received) == 1


class TestNonsense:
    """The provider answers, but with no summary."""

    @pytest.mark.parametrize(
        ("body", "content_type"),
        [
            (b"not json", "application/json"),
            (b"not json", "text/plain"),
            (b"", "application/json"),
            (b"", "text/plain"),
            (b"<!doctype html><title>Log in</title>", "text/html"),
            (b"\xff\xfe\x00", "application/json"),
            (b'{"hello": "world"}', "application/json"),
            (b'{"content": 7, "output": 7, "choices": 7, "candidates": 7}', "application/json"),
            (b'{"content": [7], "output": [7], "choices": [7], "candidates": [7]}', "application/json"),
            (b'{"content": null, "output": null, "choices": null, "candidates": null}', "application/json"),
            (b"[]", "application/json"),
            (b"null", "application/json"),
            (b'"text"', "application/json"),
            (b"17", "application/json"),
        ],
    )
    async def test_garbage(
        self, server: Any, dialect: Any, connect: Connect, answer: Any, body: bytes, content_type: str
    ) -> None:
        """What is not an answer of the provider's API is told as such, whatever it is."""
        server.answers = [answer(body, content_type=content_type)]
        error = await failure(connect())
        assert isinstance(error, GarbageAnswer | EmptyAnswer)
        assert "Nothing was lost" in str(error)

    @pytest.mark.parametrize("text", ["", "  \n\t ", "\x00"])
    async def test_empty_text(
        self, server: Any, dialect: Any, connect: Connect, answer: Any, text: str
    ) -> None:
        """An answer whose text is empty is told as empty, and not asked for a second time."""
        server.answers = [answer(dialect.answer(text))]
        assert isinstance(await failure(connect()), EmptyAnswer)
        assert len(server.received) == 1

    async def test_no_content(self, server: Any, dialect: Any, connect: Connect, answer: Any) -> None:
        """An answer without any content is told as empty."""
        server.answers = [answer(dialect.no_text)]
        assert isinstance(await failure(connect()), EmptyAnswer)

    async def test_garbage_in_a_box(self, server: Any, dialect: Any, connect: Connect, answer: Any) -> None:
        """A body that claims to be compressed and is not ends in a message, not in a crash."""
        server.answers = [answer(b"not gzip", headers={"Content-Encoding": "gzip"})]
        assert isinstance(await failure(connect()), NoAnswer | GarbageAnswer)


class TestSilence:
    """No answer comes, or it does not end."""

    @pytest.mark.parametrize("behaviour", ["hang up", "break off"])
    async def test_connection_lost(
        self, server: Any, dialect: Any, connect: Connect, answer: Any, behaviour: str
    ) -> None:
        """A connection that is lost before or within the answer is told as no answer."""
        server.answers = [answer(dialect.answer(SUMMARY), behaviour=behaviour)]
        error = await failure(connect())
        assert isinstance(error, NoAnswer)
        assert "broke the connection off" in str(error)

    async def test_connection_refused(self, dialect: Any, server: Any, connect: Connect) -> None:
        """An address where nobody listens is told with host and port."""
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            nobody = unused.getsockname()[1]
        chosen = choose_model(dialect.environment(f"http://127.0.0.1:{nobody}"))
        error = await failure(SummaryModel(chosen.connection, connect().patience))
        assert isinstance(error, NoAnswer)
        assert f"cannot be reached (127.0.0.1:{nobody})" in str(error)

    @pytest.mark.parametrize("behaviour", ["say nothing", "trickle"])
    async def test_silence_ends(
        self, server: Any, dialect: Any, connect: Connect, answer: Any, behaviour: str
    ) -> None:
        """A provider that says nothing, or never ends, is given up in time and asked once."""
        server.answers = [answer({}, behaviour=behaviour)]
        error = await failure(connect(request=1.5, waits=0.1))
        assert isinstance(error, NoAnswer)
        assert "did not answer within 1.5 seconds" in str(error)
        assert len(server.received) == 1
        assert await asyncio.to_thread(server.left.wait, 30)

    async def test_cancelling_hangs_up(
        self, server: Any, dialect: Any, connect: Connect, answer: Any
    ) -> None:
        """Cancelling a summary raises CancelledError, closes the connection, and leaves no task behind."""
        server.answers = [answer(behaviour="say nothing")]
        before = asyncio.all_tasks()
        task = asyncio.create_task(summarise(connect()))
        assert await asyncio.to_thread(server.arrived.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(server.left.wait, 30)
        assert asyncio.all_tasks() == before

    async def test_cancelling_a_pause(self, server: Any, dialect: Any, connect: Connect, answer: Any) -> None:
        """Cancelling while a pause is waited for ends at once and sends no further request."""
        server.answers = [answer({"error": {}}, 429, {"Retry-After": "4"})]
        task = asyncio.create_task(summarise(connect()))
        assert await asyncio.to_thread(server.arrived.wait, 10)
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, 1)
        assert len(server.received) == 1


class TestSecrets:
    """Where the key must not appear."""

    async def test_key_and_script_stay_out_of_errors_and_logs(
        self,
        server: Any,
        dialect: Any,
        connect: Connect,
        answer: Any,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        """Even when a proxy quotes the key, no message, traceback, repr or log at DEBUG holds it."""
        caplog.set_level(logging.DEBUG)
        key = dialect.key_header[1].removeprefix("Bearer ")
        server.answers = [answer({"error": {"message": f"Incorrect API key provided: {key}"}}, 401)]
        model = connect()
        error = await failure(model)
        shown = "".join(traceback.format_exception(error)) + repr(error) + repr(model) + model.description
        studio_log = "".join(r.getMessage() for r in caplog.records if r.name.startswith("studio"))
        assert "ai-key-refused" in studio_log
        assert key not in shown + caplog.text
        assert "oilskins" not in shown + studio_log
