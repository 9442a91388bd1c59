"""A way to PostgreSQL that can fall silent, or be cut."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
import time
from pathlib import Path
from typing import Any

from sqlalchemy import URL

_LOOK_SECONDS = 0.02
_PATIENCE_SECONDS = 30.0

# What a client asks for before its message of start-up: TLS, or GSSAPI.
_ENCRYPTIONS = (80877103, 80877104)


class Proxy:
    """Forwards connections from a port of this machine to a server's socket.

    `freeze` lets it accept and read, and answer nothing, as a network does that drops packets; `cut` closes every
    connection and refuses new ones; `mend` ends both. `strand` leaves those of now silent for ever.
    """

    def __init__(self, url: URL) -> None:
        self._url = url
        self._server = _socket_of(self._url)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._generation = 0
        self._frozen = threading.Event()
        self._cut = threading.Event()
        self._closed = threading.Event()
        threading.Thread(target=self._accept, name="proxy", daemon=True).start()

    def url(self, drivername: str) -> URL:
        """Return the server's address through the proxy."""
        port = self._listener.getsockname()[1]
        return self._url.set(drivername=drivername, host="127.0.0.1", port=port, query={})

    def freeze(self) -> None:
        """Forward nothing more."""
        self._frozen.set()

    def strand(self) -> None:
        """Forward nothing more on the connections of now; those that are opened later live."""
        self._generation += 1

    def cut(self) -> None:
        """Close all connections."""
        self._cut.set()

    def mend(self) -> None:
        """Forward again what comes from now on, and what was held up."""
        self._frozen.clear()
        self._cut.clear()

    def close(self) -> None:
        """End it."""
        self._closed.set()
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # the listener was closed
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._forward, args=(client,), name="proxy", daemon=True).start()

    def _forward(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as server, contextlib.suppress(OSError):
            if not self._cut.is_set():
                server.connect(self._server)
            generation = self._generation
            other: dict[Any, socket.socket] = {client: server, server: client}
            while not (self._cut.is_set() or self._closed.is_set()):
                if self._frozen.is_set() or generation != self._generation:
                    self._closed.wait(_LOOK_SECONDS)
                    continue
                for ready in select.select(list(other), [], [], _LOOK_SECONDS)[0]:
                    data = ready.recv(65536)
                    if not data:
                        return
                    other[ready].sendall(data)


class StartingServer:
    """A server that tells everyone that it is just starting, as PostgreSQL does after a crash."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._refusals = 0
        threading.Thread(target=self._accept, name="starting", daemon=True).start()

    def url(self, drivername: str) -> URL:
        """Return its address."""
        port = self._listener.getsockname()[1]
        return URL.create(drivername, username="anyone", host="127.0.0.1", port=port, database="any")

    def wait_for_refusals(self, times: int) -> None:
        """Wait until it has refused so often."""
        end = time.monotonic() + _PATIENCE_SECONDS
        while self._refusals < times:
            assert time.monotonic() < end, "nobody asks"
            time.sleep(_LOOK_SECONDS)

    def close(self) -> None:
        """End it."""
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # the listener was closed
            while True:
                client, _ = self._listener.accept()
                with client, contextlib.suppress(OSError):
                    self._refuse(client)

    def _refuse(self, client: socket.socket) -> None:
        while True:
            length = int.from_bytes(client.recv(4, socket.MSG_WAITALL))
            body = client.recv(length - 4, socket.MSG_WAITALL)
            if int.from_bytes(body[:4]) not in _ENCRYPTIONS:
                break
            client.sendall(b"N")
        fields = b"SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0"
        client.sendall(b"E" + (len(fields) + 4).to_bytes(4) + fields)
        self._refusals += 1


def _socket_of(url: URL) -> str:
    directory = url.query["host"]
    return str(next(Path(str(directory)).glob(".s.PGSQL.*[0-9]")))
