"""The log of changes and conflicts: what was changed, by whom, when, and what clashed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from indelible import ABSENT, ChangeLog, Conflict, Document, LoggedChange, acting_as, add, union
from tests.database.stores import Store


class Base(DeclarativeBase):
    pass


log = ChangeLog(Base.metadata)


class Logged(Base):
    __tablename__ = "logged"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[Any] = mapped_column(Document(log=log, policies={"settled": "theirs"}))
    other: Mapped[Any] = mapped_column(Document)


START = {"n": 1, "gone": [1], "list": ["a", "b"], "settled": 0, "scenes": [{"id": "s1", "t": ""}]}


@pytest.fixture
def session(any_store: Store) -> Session:
    any_store.run(lambda: Base.metadata.create_all(any_store.engine))
    any_store.run(lambda: _keep(any_store))
    return any_store.session(expire_on_commit=False)


def _keep(store: Store) -> None:
    with Session(store.engine) as session:
        session.add(Logged(id=1, doc=START, other={}))
        session.commit()


def _told(entries: list[LoggedChange]) -> list[tuple[Any, ...]]:
    return [(entry.kind, entry.path, entry.before, entry.after) for entry in reversed(entries)]


def test_changes_are_logged_with_path_before_and_after(any_store: Store, session: Session) -> None:
    """Each change of a flush is an entry: its kind, path, the value before and after, who and when."""
    started = datetime.now(UTC) - timedelta(seconds=5)
    row = session.get_one(Logged, 1)
    with acting_as("ana"):
        row.doc["n"] = 2**70
        del row.doc["gone"]
        row.doc["new"] = {"x": None}
        row.doc["list"].append("c")
        row.doc["scenes"][0]["t"] = "Dusk"
        session.commit()
    add(row.doc, "n", 5)
    union(row.doc["list"], ["d"])
    row.other["unlogged"] = True
    session.commit()
    entries = log.recent(session, row, "doc")
    assert sorted(_told(entries)[:5], key=str) == sorted(
        [
            ("put", "n", 1, 2**70),
            ("remove", "gone", [1], ABSENT),
            ("put", "new", ABSENT, {"x": None}),
            ("splice", "list[2]", [], ["c"]),
            ("put", "scenes[0].t", "", "Dusk"),
        ],
        key=str,
    )
    assert _told(entries)[5:] == [("add", "n", ABSENT, 5), ("union", "list", ABSENT, ["d"])]
    assert {entry.author for entry in entries} == {"ana", None}
    assert len({entry.batch for entry in entries}) == 2
    assert all(started < entry.at <= datetime.now(UTC) + timedelta(seconds=5) for entry in entries)
    assert {(entry.table, entry.column, entry.row["id"]) for entry in entries} == {("logged", "doc", 1)}
    assert log.recent(session) == entries
    assert len(log.recent(session, row, limit=3)) == 3


def test_a_rollback_takes_the_entries_away(any_store: Store, session: Session) -> None:
    """What was not committed is not logged."""
    row = session.get_one(Logged, 1)
    row.doc["n"] = 2
    session.flush()
    assert len(log.recent(session)) == 1
    session.rollback()
    assert log.recent(session) == []


def _write_meanwhile(store: Store, document: dict[str, Any]) -> None:
    with Session(store.engine) as other:
        other.execute(update(Logged).values(doc=document))
        other.commit()


def test_a_raised_conflict_is_logged_after_its_rollback(any_store: Store, session: Session) -> None:
    """A conflict is in the log with base, mine and theirs, though its transaction was rolled back."""
    row = session.get_one(Logged, 1)
    session.commit()
    _write_meanwhile(any_store, START | {"n": 7})
    row.doc["n"] = 2
    with pytest.raises(Conflict):
        session.commit()
    session.rollback()
    (entry,) = log.recent(session, row)
    assert (entry.kind, entry.path, entry.before, entry.after, entry.theirs) == ("conflict", "n", 1, 2, 7)
    assert not entry.settled


def test_a_settled_conflict_is_logged_with_the_changes(any_store: Store, session: Session) -> None:
    """A conflict that a policy settled is logged in the transaction that made the change."""
    row = session.get_one(Logged, 1)
    session.commit()
    _write_meanwhile(any_store, START | {"settled": 7})
    row.doc["settled"] = 2
    row.doc["n"] = 3
    session.commit()
    conflict = log.recent(session, row)[0]
    assert (conflict.kind, conflict.path, conflict.theirs, conflict.settled) == (
        "conflict",
        "settled",
        7,
        True,
    )
    any_store.expect(START | {"settled": 7, "n": 3}, Logged)


def test_old_entries_are_purged(any_store: Store, session: Session) -> None:
    """Entries older than asked are forgotten, newer ones stay."""
    row = session.get_one(Logged, 1)
    row.doc["n"] = 2
    session.commit()
    session.execute(update(log.table).values(at=datetime.now(UTC) - timedelta(days=40)))
    row.doc["n"] = 3
    session.commit()
    assert log.purge(session, timedelta(days=30)) == 1
    session.commit()
    assert [entry.after for entry in log.recent(session)] == [3]


def test_a_flush_purges_once_an_hour(
    any_store: Store, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A flush that logs removes what is older than `keep`, when that was last done an hour ago."""
    row = session.get_one(Logged, 1)
    row.doc["n"] = 2
    session.commit()
    session.execute(update(log.table).values(at=datetime.now(UTC) - timedelta(days=40)))
    monkeypatch.setattr(log, "_purged", log._purged - 3601)
    row.doc["n"] = 3
    session.commit()
    assert [entry.after for entry in log.recent(session)] == [3]
