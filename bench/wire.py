"""Counts the bytes between a program and a PostgreSQL server: a proxy on a socket of its own."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_SOCKET = ".s.PGSQL.5432"


@dataclass
class Traffic:
    """Bytes and turns (a request and its answer) since the last reset."""

    sent: int = 0
    received: int = 0
    turns: int = 0

    def reset(self) -> None:
        """Count from here."""
        self.sent = self.received = self.turns = 0


@contextmanager
def counted(server: Path, directory: Path) -> Iterator[Traffic]:
    """Forward a socket in `directory` to the server's, and count what goes through."""
    traffic = Traffic()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(directory / _SOCKET))
    listener.listen()
    threading.Thread(target=_accept, args=(listener, server / _SOCKET, traffic), daemon=True).start()
    try:
        yield traffic
    finally:
        listener.close()


def _accept(listener: socket.socket, server: Path, traffic: Traffic) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return  # closed
        backend = socket.socket(socket.AF_UNIX)
        backend.connect(str(server))
        threading.Thread(target=_forward, args=(client, backend, traffic), daemon=True).start()


def _forward(client: socket.socket, backend: socket.socket, traffic: Traffic) -> None:
    asked = False
    with client, backend:
        while True:
            for end in select.select([client, backend], [], [])[0]:
                data = end.recv(1 << 16)
                if not data:
                    return
                if end is client:
                    traffic.sent += len(data)
                    traffic.turns += not asked
                    asked = True
                    backend.sendall(data)
                else:
                    traffic.received += len(data)
                    asked = False
                    client.sendall(data)
