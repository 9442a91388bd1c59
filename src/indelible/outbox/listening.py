"""Hints from PostgreSQL that there are jobs; without them workers poll."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import select
import threading
from collections.abc import Callable, Coroutine
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from indelible.outbox.databases import DATABASE_ERRORS, AsyncDatabase, Database, ThreadedDatabase, translated
from indelible.outbox.dialects.postgresql import CHANNEL
from indelible.outbox.ending import raise_if_cancelled

logger = logging.getLogger("indelible.outbox")

_RETRY_SECONDS = 5.0
_LOOK_UP_SECONDS = 1.0

Notice = Callable[[], object]


async def listen(
    threaded: ThreadedDatabase | None, asynchronous: AsyncDatabase | None, notice: Notice
) -> None:
    """Call `notice` whenever a commit in some process enqueued jobs; listen anew when the connection breaks."""
    way = _way(threaded, asynchronous, notice)
    while way is not None:
        database, listening = way
        try:
            with translated(database.sync_engine):
                await listening()
        except DATABASE_ERRORS as error:
            raise_if_cancelled()
            logger.info("Not listening for jobs, polling only: %s", error)
        notice()
        await asyncio.sleep(_RETRY_SECONDS)


def _way(
    threaded: ThreadedDatabase | None, asynchronous: AsyncDatabase | None, notice: Notice
) -> tuple[Database, Callable[[], Coroutine[Any, Any, None]]] | None:
    """Return what can listen, and how; None if nothing can."""
    if asynchronous is not None and asynchronous.sync_engine.driver == "asyncpg":
        return asynchronous, lambda: _listen_asyncpg(asynchronous.engine, notice)
    if asynchronous is not None and asynchronous.sync_engine.driver in ("psycopg", "psycopg_async"):
        return asynchronous, lambda: _listen_psycopg(asynchronous.engine, notice)
    if threaded is not None and threaded.sync_engine.name == "postgresql":
        return threaded, lambda: _listen_in_thread(threaded, notice)
    return None


async def _listen_asyncpg(engine: AsyncEngine, notice: Notice) -> None:
    async with engine.connect() as connection:
        raw = (await connection.get_raw_connection()).driver_connection
        assert raw is not None
        broken = asyncio.Event()
        raw.add_termination_listener(lambda *_: broken.set())
        await raw.add_listener(CHANNEL, lambda *_: notice())
        try:
            notice()
            await broken.wait()
        finally:
            # A connection that listens must not go back to the program's pool.
            await connection.invalidate()


async def _listen_psycopg(engine: AsyncEngine, notice: Notice) -> None:
    async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        await connection.execute(text(f"LISTEN {CHANNEL}"))
        raw = (await connection.get_raw_connection()).driver_connection
        assert raw is not None
        try:
            notice()
            async for _ in raw.notifies():
                notice()
        finally:
            await connection.invalidate()


async def _listen_in_thread(database: ThreadedDatabase, notice: Notice) -> None:
    loop = asyncio.get_running_loop()
    ended = threading.Event()
    done: asyncio.Future[BaseException | None] = loop.create_future()

    def settle(error: BaseException | None) -> None:
        if not done.done():
            done.set_result(error)

    def from_thread(callback: Callable[..., object], *args: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop was closed just now
            loop.call_soon_threadsafe(callback, *args)

    def target() -> None:
        try:
            _listen_sync(database, lambda: from_thread(notice), ended)
        except Exception as error:  # noqa: BLE001 - raised again in the event loop
            from_thread(settle, error)

    threading.Thread(target=target, name="indelible listen", daemon=True).start()
    try:
        error = await done
    finally:
        ended.set()
    if error is not None:
        raise error


def _listen_sync(database: ThreadedDatabase, notice: Notice, ended: threading.Event) -> None:
    engine = database.sync_engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"LISTEN {CHANNEL}"))
        try:
            notice()
            while not ended.is_set():
                if _has_notice(connection):
                    notice()
        finally:
            # A connection that listens must not go back to the program's pool.
            connection.invalidate()


def _has_notice(connection: Connection) -> bool:
    raw = connection.connection.driver_connection
    assert raw is not None
    if connection.dialect.driver == "psycopg2":
        select.select([raw], [], [], _LOOK_UP_SECONDS)
        raw.poll()
        found = bool(raw.notifies)
        raw.notifies.clear()
        return found
    return any(True for _ in raw.notifies(timeout=_LOOK_UP_SECONDS, stop_after=1))
