"""Several documents of one row that clash in one flush: the writer is told of all of them at once."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from indelible import ChangeLog, Conflict, Document
from tests.database.merging.papers import Paper
from tests.database.merging.two import Two
from tests.database.stores import Store


class Base(DeclarativeBase):
    pass


log = ChangeLog(Base.metadata)


class Logged(Base):
    __tablename__ = "logged_pairs"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[Any] = mapped_column(Document(log=log))
    other: Mapped[Any] = mapped_column(Document(log=log))


def _clashing(two: Two) -> Conflict:
    """Let both writers change both documents; return what the second is told."""
    for row, value in ((two.one, 1), (two.other, 2)):
        row.doc["a"] = value
        row.doc["b"] = value
        row.other["c"] = value
    two.sessions[0].commit()
    with pytest.raises(Conflict) as caught:
        two.second.commit()
    two.second.rollback()
    return caught.value


def test_all_clashes_of_a_row_are_in_one_conflict(store: Store) -> None:
    """Each with its document; the error is of the first, and its notes name the others."""
    conflict = _clashing(Two(store, Paper(id=1, doc={}, other={"c": 0})))
    assert (conflict.document, conflict.path) == ("Paper(id=1).doc", "a")
    told = [(clash.document, clash.path, clash.base, clash.mine, clash.theirs) for clash in conflict.clashes]
    assert [each[:2] for each in told] == [
        ("Paper(id=1).doc", ("a",)),
        ("Paper(id=1).doc", ("b",)),
        ("Paper(id=1).other", ("c",)),
    ]
    assert told[2][2:] == (0, 2, 1)
    [note] = conflict.__notes__
    assert note.startswith("Paper(id=1).other at c: ")


def test_one_clashing_document_is_told_alone(store: Store) -> None:
    """What merged well in the other document is no clash, and is not written either."""
    two = Two(store, Paper(id=1, doc={}, other={}))
    two.one.other["c"], two.other.other["c"] = 1, 2
    two.one.doc["a"], two.other.doc["b"] = 1, 2
    two.sessions[0].commit()
    with pytest.raises(Conflict) as caught:
        two.second.commit()
    assert [clash.document for clash in caught.value.clashes] == ["Paper(id=1).other"]
    assert not getattr(caught.value, "__notes__", [])
    two.second.rollback()
    store.expect({"a": 1}, Paper)


def test_each_clash_is_logged_under_its_document(store: Store) -> None:
    """The log of each document has its own clashes only."""
    two = Two(store, Logged(id=1, doc={}, other={"c": 0}))
    _clashing(two)
    for attribute, paths in (("doc", ["a", "b"]), ("other", ["c"])):
        entries = log.recent(two.second, two.other, attribute)
        assert sorted(each.path for each in entries if each.kind == "conflict") == paths
