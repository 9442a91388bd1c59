"""Events of one connection, also where SQLAlchemy has none for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import InvalidRequestError

Listener = Callable[..., None]

_listeners: dict[str, WeakKeyDictionary[Connection, Listener]] = {}


def listen(connection: Connection, name: str, listener: Listener) -> None:
    """Call the listener at this event of this connection."""
    try:
        event.listen(connection, name, listener)
    except InvalidRequestError:
        # SQLAlchemy 2.0: the connection's engine was made by `execution_options()` from another.
        _of_all_engines(name)[connection] = listener


def forget(connection: Connection, name: str, listener: Listener) -> None:
    """Call the listener no more."""
    if connection in _listeners.get(name, ()):
        del _listeners[name][connection]
    else:
        event.remove(connection, name, listener)


def _of_all_engines(name: str) -> WeakKeyDictionary[Connection, Listener]:
    if name not in _listeners:
        chosen: WeakKeyDictionary[Connection, Listener] = WeakKeyDictionary()

        def call(connection: Connection, *more: Any) -> None:
            if connection in chosen:
                chosen[connection](connection, *more)

        event.listen(Engine, name, call)
        _listeners[name] = chosen
    return _listeners[name]
