"""Two writers who read one row at the same moment, change it, and commit one after the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from tests.database.merging.papers import Base, Paper
from tests.database.stores import Store

Change = Callable[[Any], Any]


class Two:
    """Two sessions with one row each, both read before either wrote."""

    def __init__(self, store: Store, row: Any, *, key: Any = 1) -> None:
        Base.metadata.create_all(store.engine)
        type(row).metadata.create_all(store.engine)
        store.keep(row)
        self.store = store
        self.cls = type(row)
        self.sessions = [store.session(expire_on_commit=False) for _ in range(2)]
        self.one: Any = self.sessions[0].get_one(self.cls, key)
        self.other: Any = self.sessions[1].get_one(self.cls, key)
        self.end_reading()

    @classmethod
    def of(cls, store: Store, document: Any) -> Two:
        """Return two writers of a document."""
        return cls(store, Paper(id=1, doc=document))

    def end_reading(self) -> None:
        """End the transactions, in which SQLite would go on reading an old snapshot."""
        for session in self.sessions:
            session.commit()

    @property
    def second(self) -> Session:
        """The session of the writer who commits last."""
        return self.sessions[1]

    def commit(self) -> None:
        """Commit both in turn."""
        for session in self.sessions:
            session.commit()

    def stored(self) -> Any:
        """Return what a fresh session reads."""
        with Session(self.store.engine) as fresh:
            row = fresh.get(self.cls, 1)
            return None if row is None else row.doc


def both(store: Store, document: Any, one: Change, other: Change) -> Two:
    """Let two writers change a document and commit in turn."""
    two = Two.of(store, document)
    one(two.one.doc)
    other(two.other.doc)
    two.commit()
    return two
