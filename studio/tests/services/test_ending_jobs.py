"""How what runs jobs in the web process ends."""

import asyncio
from pathlib import Path

import pytest

from studio.app import create_context
from studio.jobs import serving
from studio.settings import Settings


class SlowlyEndingRelay:
    """A relay that takes its time when it is cancelled."""

    def __init__(self) -> None:
        self.has_begun, self.is_ending, self.may_end = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.has_ended = False

    async def serve(self) -> None:
        self.has_begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.is_ending.set()
            await self.may_end.wait()
            self.has_ended = True


@pytest.fixture
def relay(monkeypatch: pytest.MonkeyPatch) -> SlowlyEndingRelay:
    """The relay of a Studio with REDIS_URL."""
    relay = SlowlyEndingRelay()
    monkeypatch.setattr(serving, "_relay_for", lambda _: relay)
    return relay


async def begin_to_end(relay: SlowlyEndingRelay, tmp_path: Path) -> asyncio.Task[None]:
    """Return what runs jobs, at the moment at which it waits for the relay's end."""
    settings = {"STUDIO_DATA_DIR": str(tmp_path), "REDIS_URL": "redis://localhost:1/0"}
    context = create_context(Settings.from_environment(settings))

    async def serve() -> None:
        async with serving.running_jobs(context):
            await relay.has_begun.wait()
        await context.close()

    running = asyncio.create_task(serve())
    await asyncio.wait_for(relay.is_ending.wait(), 30)
    return running


async def test_the_relay_has_ended_when_the_block_has(relay: SlowlyEndingRelay, tmp_path: Path) -> None:
    """Who closes the database next closes it under nobody."""
    running = await begin_to_end(relay, tmp_path)
    assert not running.done()
    relay.may_end.set()
    await asyncio.wait_for(running, 30)
    assert relay.has_ended


async def test_a_server_that_is_cancelled_while_its_relay_ends_is_cancelled(
    relay: SlowlyEndingRelay, tmp_path: Path
) -> None:
    """Its cancellation is not taken for that of the relay, and goes on up."""
    running = await begin_to_end(relay, tmp_path)
    running.cancel()
    await asyncio.wait([running], timeout=30)
    relay.may_end.set()
    assert running.cancelled()
