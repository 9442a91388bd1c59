"""The ways to change a document in place: every mutator, times every way to get at a container."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from tests.database.every_change import CHANGES, TARGETS, Change
from tests.database.every_reach import Reach, plainly


@dataclass(frozen=True)
class Way:
    """One change, of one kind of container, reached in one way."""

    reach: Reach
    kind: type
    method: str
    text: str
    change: Change

    def __str__(self) -> str:
        return f"{self.kind.__name__}, {self.reach.name}, {self.text}"

    def start(self) -> Any:
        """Return the document before."""
        return self.reach.build(copy.deepcopy(TARGETS[self.kind]))

    def expected(self) -> Any:
        """Return the document after, as plain Python makes it."""
        document = self.start()
        self.reach.also(document)
        self.change(self.reach.find(document))
        return plainly(document)

    def run(self, session: Session, cls: Any, key: int) -> None:
        """Change the document of a row, as a program would."""
        container = self.reach.get(session, cls, key)
        self.change(container)
        for later in session.info.pop("later", []):
            later()


def ways(reach: Reach, kind: type) -> list[Way]:
    """Return the ways to change one kind of container that is reached so."""
    return [Way(reach, kind, *change) for change in CHANGES[kind]]


def mapped(type_: Any, name: str) -> Any:
    """Return a class whose `doc` has the type, importable from here so that its rows can be pickled."""

    class Base(DeclarativeBase):
        pass

    members = {
        "__module__": __name__,
        "__qualname__": name,
        "__tablename__": "documents",
        "__annotations__": {"id": Mapped[int], "doc": Mapped[Any]},
        "id": mapped_column(primary_key=True, autoincrement=False),
        "doc": mapped_column(type_),
    }
    globals()[name] = cls = type(name, (Base,), members)
    return cls
