"""Rows whose events are listened to, and what their history says."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import get_history

from tests.database.rows import Row
from tests.database.stores import Store, typed

START: dict[str, Any] = {"a": {"n": [1]}, "k": 1}
CHANGED: dict[str, Any] = {"a": {"n": [1, 2]}, "k": 1}


@contextmanager
def listening(target: Any, **handlers: Callable[..., Any]) -> Iterator[None]:
    """Listen to events for the length of a block."""
    with ExitStack() as stack:
        for name, handler in handlers.items():
            event.listen(target, name, handler)
            stack.callback(event.remove, target, name, handler)
        yield


def loaded_row(store: Store, cls: type[Any] = Row, **options: Any) -> tuple[Session, Any]:
    """Store a row and load it in a new session, document and all."""
    cls.metadata.create_all(store.engine)
    store.keep(cls(id=1, doc=copy.deepcopy(START)))
    session = store.session(**options)
    row = session.get_one(cls, 1)
    _ = row.doc
    return session, row


def history_of(row: Any) -> tuple[Any, Any, Any]:
    """Return an independent copy of a document's history."""
    history = get_history(row, "doc")
    return (
        copy.deepcopy(list(history.added or ())),
        copy.deepcopy(list(history.unchanged or ())),
        copy.deepcopy(list(history.deleted or ())),
    )


def expect_change(seen: tuple[Any, Any, Any], new: Any = CHANGED, old: Any = START) -> None:
    """Check what a history tells: one new value, one old one."""
    assert typed(seen[0]) == typed([new])
    assert seen[1] == []
    assert typed(seen[2]) == typed([old])
