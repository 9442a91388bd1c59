"""What a save costs while a relay hands its jobs to a Redis that is healthy, refuses, or never answers."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy import URL, Column, Engine, Integer, MetaData, Table, Text, create_engine, insert
from sqlalchemy.orm import Session

from bench.redis_servers import refusing_address, silent_address
from indelible.outbox import JobContext, add_outbox_tables, enqueue, job
from indelible.outbox.relay import Relay
from indelible.outbox.rq import RQTransport

CONDITIONS = ("healthy", "refused", "black-holed")

_METADATA = MetaData()
add_outbox_tables(_METADATA)
_scenes = Table("scenes", _METADATA, Column("id", Integer, primary_key=True), Column("text", Text))


@job
def refresh(context: JobContext, number: int) -> None:
    """Stand for the refresh of a summary; nobody runs it here."""


def save_times(postgres: URL, redis: str, saves: int) -> dict[str, list[float]]:
    """Return the seconds of each save by condition; the conditions take turns, so that a busy machine strikes all."""
    engine = create_engine(postgres)
    _METADATA.create_all(engine)
    times: dict[str, list[float]] = {condition: [] for condition in CONDITIONS}
    addresses: dict[str, Callable[[], AbstractContextManager[str]]] = {
        "healthy": lambda: _given(redis),
        "refused": refusing_address,
        "black-holed": silent_address,
    }
    turns = 5
    for _ in range(turns):
        for condition, address in addresses.items():
            with address() as url, _relay(engine, url):
                times[condition] += [_save(engine) for _ in range(max(1, saves // turns))]
    engine.dispose()
    return times


@contextmanager
def _given(url: str) -> Iterator[str]:
    yield url


def _save(engine: Engine) -> float:
    began = time.perf_counter()
    with Session(engine) as session:
        session.execute(insert(_scenes).values(text="A street. Night."))
        enqueue(session, refresh, 1)
        session.commit()
    return time.perf_counter() - began


@contextmanager
def _relay(engine: Engine, url: str) -> Iterator[None]:
    ready = threading.Event()
    loops: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[None]]] = []

    async def serve() -> None:
        relay = Relay(engine, transport=RQTransport.from_url(url, app="bench:none"), keep=None)
        task = asyncio.create_task(relay.serve())
        loops.append((asyncio.get_running_loop(), task))
        ready.set()
        await asyncio.wait({task})

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    ready.wait()
    try:
        yield
    finally:
        loop, task = loops[0]
        loop.call_soon_threadsafe(task.cancel)
        thread.join()
