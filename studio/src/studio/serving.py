"""Serve Studio until it is told to stop."""

import asyncio
import errno
import os
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn
from fastapi import FastAPI
from uvicorn.server import HANDLED_SIGNALS

from studio.jobs.stopping import Stopping
from studio.settings import SettingsError

PORTS_TO_TRY = 50
# Pages hold a connection open; they are cut off then, and reconnect by themselves to whatever starts next.
SECONDS_TO_FINISH = 3


class StudioServer(uvicorn.Server):
    """Say when it is ready, and end well when it is told to stop."""

    def __init__(
        self,
        config: uvicorn.Config,
        stopping: Stopping,
        when_ready: Callable[[], None],
        when_stopping: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self._stopping = stopping
        self._when_ready = when_ready
        self._when_stopping = when_stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._when_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._when_stopping()
        await super().shutdown(sockets)
        if self.force_exit:
            # uvicorn leaves it out then; jobs are handed back there.
            await self.lifespan.shutdown()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn raises the signal again at the end, which makes a clean stop look like a crash.
        loop = asyncio.get_running_loop()

        def press(number: int, _frame: FrameType | None) -> None:
            self.should_exit, self.force_exit = True, self.should_exit
            self._stopping.press(number, loop)

        before = {number: signal.signal(number, press) for number in HANDLED_SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def serve(
    app: FastAPI,
    listener: socket.socket,
    when_ready: Callable[[], None],
    when_stopping: Callable[[], None],
) -> None:
    """Serve `app` on `listener` until SIGTERM or Ctrl-C, of which a second one cuts the end short.

    `when_ready` is called once it answers, `when_stopping` when it begins to end.
    """
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=SECONDS_TO_FINISH,
    )
    StudioServer(config, app.state.context.stopping, when_ready, when_stopping).run(sockets=[listener])


def listen(host: str, port: int, *, only_this_port: bool) -> socket.socket:
    """Return a socket that listens on `port`, or on the next free one unless `only_this_port`.

    Raises SettingsError when there is none, or `host` is no address of this machine.
    """
    last = port if only_this_port else min(port + PORTS_TO_TRY, 65535)
    for candidate in range(port, last + 1):
        try:
            return _listen(host, candidate)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise SettingsError(
                    f"Studio cannot listen on {host} port {candidate}: {error.strerror or error}. "
                    "Set --host to an address of this machine and --port to a port that you may use."
                ) from error
    tried = f"Port {port} is" if last == port else f"Ports {port} to {last} are"
    raise SettingsError(f"{tried} in use. Choose another with --port or STUDIO_PORT, or stop what uses it.")


def address_of(listener: socket.socket) -> str:
    """Return the address to open in a browser on this machine."""
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):
        host = "localhost"
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def has_display() -> bool:
    """Tell whether a browser could show itself."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def open_browser(address: str) -> None:
    """Open the address in the user's browser, without waiting for it."""
    threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()


def _listen(host: str, port: int) -> socket.socket:
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    # It listens from here on, so that two Studios that start together cannot both believe it theirs.
    return socket.create_server(address[:2], family=family, backlog=2048)
