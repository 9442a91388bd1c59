"""Random programs on tracked documents, each step compared with a model, each commit with the database.

`INDELIBLE_PROGRAMS=2000` sets how many run on SQLite (a fifth of it on PostgreSQL);
`python -m tests.database.programs` runs more.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import Phase
from sqlalchemy.exc import SQLAlchemyError

from indelible import IndelibleError
from indelible.changes.tracking import TrackedDict, TrackedList
from indelible.documents.attachment import Attachment
from tests.database.programs.machine import run
from tests.database.programs.store import Store

PROGRAMS = int(os.environ.get("INDELIBLE_PROGRAMS", "200"))


@pytest.fixture
def sqlite() -> Iterator[Store]:
    """A SQLite database in memory."""
    store = Store("sqlite://")
    yield store
    store.close()


@pytest.fixture
def postgresql(postgres_uri: str) -> Iterator[Store]:
    """A PostgreSQL database."""
    store = Store(postgres_uri.replace("postgresql://", "postgresql+psycopg://"))
    yield store
    store.close()


@pytest.mark.timeout(0)
def test_random_programs_on_sqlite(sqlite: Store) -> None:
    """No random program loses, invents or misplaces a change on SQLite."""
    assert run(sqlite, PROGRAMS)["begin"] >= PROGRAMS
    assert sqlite.together >= PROGRAMS // 50


@pytest.mark.timeout(0)
def test_random_programs_on_postgresql(postgresql: Store) -> None:
    """No random program loses, invents or misplaces a change on PostgreSQL."""
    assert run(postgresql, PROGRAMS // 5)["begin"] >= PROGRAMS // 5
    assert postgresql.together >= PROGRAMS // 250


SABOTAGE: list[tuple[type, str, Any]] = [
    (TrackedList, "append", list.append),
    (TrackedList, "__delitem__", list.__delitem__),
    (TrackedDict, "popitem", dict.popitem),
    (Attachment, "admit", lambda self, top: None),
    (Attachment, "changed", lambda self: None),
    (Attachment, "sent", lambda self, root: None),
]


@pytest.mark.filterwarnings("ignore::indelible.IndelibleWarning")
@pytest.mark.parametrize(
    ("cls", "name", "broken"), SABOTAGE, ids=lambda value: getattr(value, "__name__", value)
)
def test_the_programs_find_a_broken_library(
    sqlite: Store, monkeypatch: pytest.MonkeyPatch, cls: type, name: str, broken: Any
) -> None:
    """With a method of the library broken, the random programs fail: they are able to find a lost change."""
    monkeypatch.setattr(cls, name, broken)
    with pytest.raises((AssertionError, SQLAlchemyError, IndelibleError)):
        run(sqlite, 1500, phases=[Phase.generate])
