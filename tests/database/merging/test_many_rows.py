"""Many rows in a flush: rows of one shape are one call, and all else is as if each were sent by itself."""

from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import ForeignKey, Integer, event, func, inspect, select
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship, with_polymorphic
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.types import TypeDecorator

from indelible import ChangeLog, Conflict, Document, NotJSON, add
from indelible.changes.values import plain
from indelible.documents import gathering
from indelible.documents.executing import Written, update_while_found
from tests.database.merging.papers import Base as Papers
from tests.database.merging.papers import Paper
from tests.database.merging.paths_taken import merges_seen, one_by_one, only_merging, waiting_for_each_row
from tests.database.rows import Versioned
from tests.database.stores import DRIVERS, Store, new_store


class Base(DeclarativeBase):
    """The tables of these tests."""


log = ChangeLog(Base.metadata)


class Even(TypeDecorator[int]):
    """A number that cannot be sent when it is odd."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: object) -> int | None:
        """Refuse odd numbers."""
        if value is not None and value % 2:
            raise ValueError(f"{value} is odd")
        return value


stamps: Iterator[str] = (f"stamp {number}" for number in range(10**9))


class Stamped(Base):
    """A row with all that an UPDATE can bring along."""

    __tablename__ = "stamped_rows"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[Any] = mapped_column(Document(log=log))
    other: Mapped[Any] = mapped_column(Document, nullable=True)
    version: Mapped[int] = mapped_column()
    name: Mapped[str | None] = mapped_column(unique=True)
    even: Mapped[int | None] = mapped_column(Even)
    stamp: Mapped[str] = mapped_column(default="-", onupdate=lambda: next(stamps))
    length: Mapped[int] = mapped_column(default=0, onupdate=func.length("four"))
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own form


class Work(Base):
    """A row that others join."""

    __tablename__ = "many_works"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column()
    doc: Mapped[Any] = mapped_column(Document, default=dict)
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "work"}  # noqa: RUF012


class Film(Work):
    """A row in two tables, each with a document."""

    __tablename__ = "many_films"
    id: Mapped[int] = mapped_column(ForeignKey("many_works.id"), primary_key=True)
    scenes: Mapped[Any] = mapped_column(Document, default=list)
    __mapper_args__ = {"polymorphic_identity": "film"}  # noqa: RUF012


class Song(Work):
    """A row in the same table."""

    __mapper_args__ = {"polymorphic_identity": "song"}  # noqa: RUF012


class Folder(Base):
    """A row that refers to others of its table, so that a flush takes them in several turns."""

    __tablename__ = "many_folders"
    id: Mapped[int] = mapped_column(primary_key=True)
    above_id: Mapped[int | None] = mapped_column(ForeignKey("many_folders.id"))
    above: Mapped[Folder | None] = relationship(remote_side=[id])
    doc: Mapped[Any] = mapped_column(Document)


def papers(store: Store, count: int, document: Any = None) -> tuple[Session, list[Paper]]:
    """Return that many rows, read, and their session, whose transaction has ended."""
    Papers.metadata.create_all(store.engine)
    store.keep(*(Paper(id=n, doc=document or {"n": n, "list": []}) for n in range(1, count + 1)))
    return read(store, Paper)


def read(store: Store, cls: Any) -> tuple[Session, list[Any]]:
    """Read all rows in a session of its own."""
    session = store.session(expire_on_commit=False)
    rows = list(session.scalars(select(cls).order_by(cls.id)))
    session.commit()
    return session, rows


@contextmanager
def updates(store: Store) -> Iterator[list[tuple[str, Any]]]:
    """Collect the UPDATEs that the driver gets, each with its parameters."""
    found: list[tuple[str, Any]] = []
    with store.carried_out() as statements:
        yield found
    found += (each for each in statements if each[0].startswith("UPDATE"))


def test_rows_of_one_shape_are_one_call(any_store: Store) -> None:
    """Contract 5, for many: each row is one UPDATE, all are one call; rows that did not change are none."""
    session, rows = papers(any_store, 40)
    for row in rows:
        row.doc["m"] = row.id
        if row.id % 2:
            del row.doc["m"]
    with any_store.statements() as calls, updates(any_store) as statements, merges_seen() as merged:
        session.commit()
    assert len(calls) == 1
    assert len(statements) == 20
    assert not merged
    for row in rows:
        expected = {"n": row.id, "list": []} | ({} if row.id % 2 else {"m": row.id})
        assert row.doc == expected
        any_store.expect(expected, Paper, row.id)
    assert not session.dirty


def test_more_rows_than_a_call_takes(store: Store) -> None:
    """A call has a hundred rows at most; none is left out between them."""
    session, rows = papers(store, 230)
    for row in rows:
        row.doc["list"].append(row.id)
    with store.statements() as calls:
        session.commit()
    assert len(calls) == 3
    _, again = read(store, Paper)
    assert [row.doc["list"] for row in again] == [[number] for number in range(1, 231)]


def test_one_row_is_what_it_was(store: Store) -> None:
    """A row alone is one call that is no `executemany`."""
    session, rows = papers(store, 3)
    rows[1].doc["m"] = 1
    many: list[bool] = []

    def watch(*given: Any) -> None:
        if given[2].startswith("UPDATE"):
            many.append(given[-1])

    event.listen(store.engine, "before_cursor_execute", watch)
    session.commit()
    assert many == [False]


def test_rows_of_different_shapes(store: Store) -> None:
    """Neighbours of one shape go together; the order of rows is kept."""
    session, rows = papers(store, 9)
    for row in rows:
        if row.id in (4, 5):
            row.doc["list"].append(1)
        else:
            row.doc["m"] = row.id
    with store.statements() as calls, updates(store) as statements:
        session.commit()
    assert len(calls) == 3
    assert len(statements) == 9
    _, again = read(store, Paper)
    assert [plain(row.doc) for row in again] == [plain(row.doc) for row in rows]


def test_a_row_that_others_changed_is_merged_in_its_place(any_store: Store) -> None:
    """The first, one in the middle, two next to each other, the last: each is read and merged, the others are not."""
    session, rows = papers(any_store, 9, {"list": ["old"]})
    other, theirs = read(any_store, Paper)
    changed = {1, 4, 6, 7, 9}
    for row in theirs:
        if row.id in changed:
            row.doc["new"] = row.id
            row.doc["list"].append("theirs")
    other.commit()
    for row in rows:
        row.doc["list"].append("mine")
        row.doc["m"] = row.id
        row.doc["list"].insert(0, "first")
    with merges_seen() as merged:
        session.commit()
    assert merged == [f"Paper(id={number}).doc" for number in sorted(changed)]
    for row in rows:
        expected: dict[str, Any] = {"list": ["first", "old", "mine"], "m": row.id}
        if row.id in changed:
            expected = {"list": ["first", "old", "theirs", "mine"], "m": row.id, "new": row.id}
        any_store.expect(expected, Paper, row.id)
        assert row.doc == expected


def test_a_guard_in_the_middle_of_a_call_does_not_hold(store: Store) -> None:
    """The same statement for all rows: those before and behind the one that is merged are sent as they were to be."""
    session, rows = papers(store, 7)
    other, theirs = read(store, Paper)
    theirs[3].doc.update(moved=True, m=4)
    other.commit()
    for row in rows:
        row.doc["m"] = row.id
    with merges_seen() as merged, store.statements() as calls, updates(store) as statements:
        session.commit()
    assert merged == ["Paper(id=4).doc"]
    assert len([each for each in calls if each.startswith("UPDATE")]) == 3
    assert len(statements) == 8
    for row in rows:
        moved = {"moved": True} if row.id == 4 else {}
        store.expect({"n": row.id, "m": row.id, "list": [], **moved}, Paper, row.id)


def test_a_conflict_names_its_row(any_store: Store) -> None:
    """Contract 3: of two rows that clash the first is told, with its path, and nothing of any row is written."""
    session, rows = papers(any_store, 6)
    other, theirs = read(any_store, Paper)
    for number in (2, 4):
        theirs[number].doc["m"] = "theirs"
    other.commit()
    for row in rows:
        row.doc["m"] = "mine"
    with pytest.raises(Conflict) as caught:
        session.commit()
    assert (caught.value.document, caught.value.path) == ("Paper(id=3).doc", "m")
    session.rollback()
    for row in rows:
        theirs_too = {"m": "theirs"} if row.id in (3, 5) else {}
        any_store.expect({"n": row.id, "list": [], **theirs_too}, Paper, row.id)
        assert row.doc == {"n": row.id, "list": [], **theirs_too}


def test_a_row_deleted_meanwhile(any_store: Store) -> None:
    """It is stale, by its name, and nothing is written."""
    session, rows = papers(any_store, 5)
    any_store.sql("DELETE FROM papers WHERE id = 3")
    for row in rows:
        row.doc["m"] = 1
    with pytest.raises(StaleDataError, match=r"Paper\(id=3\)"):
        session.commit()
    session.rollback()
    any_store.expect({"n": 5, "list": []}, Paper, 5)


def test_a_version_that_another_took(any_store: Store) -> None:
    """Versions go up by one a flush for each row; a row with another version is stale."""
    any_store.keep(*(Versioned(id=n, doc={}) for n in range(1, 6)))
    session, rows = read(any_store, Versioned)
    for number in (2, 3):
        for row in rows:
            row.doc[f"m{number}"] = row.id
        with any_store.statements() as calls:
            session.commit()
        assert len(calls) == 1
        assert [row.version for row in rows] == [number] * 5
        assert any_store.sql("SELECT DISTINCT version FROM versioned") == [(number,)]
    any_store.sql("UPDATE versioned SET version = 9 WHERE id = 4")
    for row in rows:
        row.doc["late"] = 1
    with pytest.raises(StaleDataError, match=r"Versioned\(id=4\)"):
        session.commit()
    session.rollback()
    assert sorted(any_store.sql("SELECT version FROM versioned")) == [(3,)] * 4 + [(9,)]


def stamped(store: Store, count: int = 6) -> tuple[Session, list[Stamped]]:
    Base.metadata.create_all(store.engine)
    store.keep(*(Stamped(id=n, doc={"n": n}, other={}, name=f"row {n}") for n in range(1, count + 1)))
    return read(store, Stamped)


def test_all_that_an_update_brings_along(any_store: Store) -> None:
    """Two documents, another column, a version, values of Python's and of the database's, the log: each row its own."""
    session, rows = stamped(any_store)
    for row in rows:
        row.doc["m"] = row.id
        row.other["x"] = [row.id]
        row.name = f"renamed {row.id}"
    with any_store.statements() as calls:
        session.commit()
    assert len([each for each in calls if each.startswith("UPDATE")]) == 1
    assert len({row.stamp for row in rows}) == 6
    kept = any_store.sql("SELECT id, name, version, stamp, length FROM stamped_rows ORDER BY id")
    assert kept == [(row.id, f"renamed {row.id}", 2, row.stamp, 4) for row in rows]
    assert [row.length for row in rows] == [4] * 6
    for row in rows:
        any_store.expect({"n": row.id, "m": row.id}, Stamped, row.id)
        any_store.expect({"x": [row.id]}, Stamped, row.id, "other")
        [entry] = log.recent(session, row, "doc")
        assert (entry.kind, entry.path, entry.after, entry.row) == ("put", "m", row.id, {"id": row.id})


def test_a_value_that_the_database_refuses(store: Store) -> None:
    """The error has the parameters of the row that it is about, not those of all."""
    session, rows = stamped(store)
    store.sql("UPDATE stamped_rows SET name = 'taken' WHERE id = 6")
    for row in rows[:5]:
        row.doc["m"] = row.id
        row.name = "taken" if row.id == 3 else f"renamed {row.id}"
    with pytest.raises(IntegrityError) as caught:
        session.commit()
    assert "taken" in str(caught.value)
    assert "renamed" not in str(caught.value)
    session.rollback()
    store.expect({"n": 1}, Stamped, 1)


def test_a_value_that_cannot_be_sent(store: Store) -> None:
    """It is told of after a conflict in a row before it, and before one in a row behind it."""
    for odd, clashing in ((4, 2), (2, 4)):
        session, rows = stamped(store)
        store.sql("UPDATE stamped_rows SET version = 7 WHERE id = :id", id=clashing)
        for row in rows:
            row.doc["m"] = row.id
            row.even = 1 if row.id == odd else 2
        expected = StaleDataError if clashing < odd else StatementError
        with pytest.raises(expected, match=r"Stamped\(id=2\)" if clashing < odd else "1 is odd"):
            session.commit()
        session.rollback()
        store.expect({"n": 1}, Stamped, 1)
        Base.metadata.drop_all(store.engine)


def test_what_is_no_json_is_told_in_its_turn(store: Store) -> None:
    """After a conflict in a row before it, and with document and path."""
    for clashes in (False, True):
        Papers.metadata.drop_all(store.engine)
        session, rows = papers(store, 5)
        other, theirs = read(store, Paper)
        if clashes:
            theirs[1].doc["m"] = "theirs"
        other.commit()
        for row in rows:
            row.doc["m"] = object() if row.id == 4 else row.id
        with pytest.raises(Conflict if clashes else NotJSON) as caught:
            session.commit()
        assert (caught.value.document, caught.value.path) == (f"Paper(id={2 if clashes else 4}).doc", "m")
        session.rollback()
        store.expect({"n": 1, "list": []}, Paper, 1)


@pytest.fixture
def deep_calls() -> Iterator[None]:
    """Python may call itself more often than is usual."""
    was = sys.getrecursionlimit()
    sys.setrecursionlimit(30_000)
    yield
    sys.setrecursionlimit(was)


def _can_read(text: str) -> bool:
    try:
        json.loads(text)
    except RecursionError:
        return False
    return True


@pytest.mark.usefixtures("deep_calls", "lax")
def test_documents_that_the_database_gives_up_on(tmp_path: Path) -> None:
    """What SQLite's functions take for too deep is merged in its place; nothing is written if Python cannot read it."""
    store = new_store(DRIVERS["sqlite3"], tmp_path, str)

    def test() -> None:
        session, rows = papers(store, 5)
        deep = f'{{"n": {"[" * 2100}{"]" * 2100}, "list": []}}'
        store.sql("UPDATE papers SET doc = :doc WHERE id = 3", doc=deep)
        for row in rows:
            row.doc["m"] = row.id
        if not _can_read(deep):  # Python 3.12.1 reads some 1,500 levels, whatever its limit for calls
            with pytest.raises(RecursionError):
                session.commit()
            session.rollback()
            assert not any('"m"' in (store.stored_text(Paper, number) or "") for number in range(1, 6))
            return
        with merges_seen() as merged, updates(store) as statements:
            session.commit()
        assert merged == ["Paper(id=3).doc"]
        assert len(statements) == 6
        for row in rows:
            text = (store.stored_text(Paper, row.id) or "").replace(" ", "")
            assert text.endswith(f'"list":[],"m":{row.id}}}')

    store.run(test)


def test_joined_tables_and_subclasses(store: Store) -> None:
    """Rows of one hierarchy, some in two tables: each is whole, in the order of the keys."""
    Base.metadata.create_all(store.engine)
    kinds = [Work, Song, Film, Film, Song, Film, Work, Work]
    store.keep(*(kind(id=number, doc={"n": number}) for number, kind in enumerate(kinds, start=1)))
    session, rows = read(store, with_polymorphic(Work, "*"))
    for row in rows:
        row.doc["m"] = row.id
        if isinstance(row, Film) and row.id != 4:
            row.scenes.append(row.id)
    with updates(store) as statements, store.statements() as calls:
        session.commit()
    assert len(statements) == 10
    assert len(calls) == 7
    for row in rows:
        store.expect({"n": row.id, "m": row.id}, type(row), row.id)
        if isinstance(row, Film):
            store.expect([] if row.id == 4 else [row.id], Film, row.id, "scenes")


def test_rows_that_refer_to_each_other(store: Store) -> None:
    """New rows, deleted rows and changed ones of one table in one flush."""
    Base.metadata.create_all(store.engine)
    store.keep(*(Folder(id=number, doc={}) for number in range(1, 7)))
    session, rows = read(store, Folder)
    above = Folder(id=10, doc={"new": True})
    for row in rows[:5]:
        row.doc["m"] = row.id
        row.above = above
    session.delete(rows[5])
    session.commit()
    found = store.sql("SELECT id, above_id FROM many_folders ORDER BY id")
    assert found == [*((number, 10) for number in range(1, 6)), (10, None)]
    for row in rows[:5]:
        store.expect({"m": row.id}, Folder, row.id)


def test_listeners_of_the_program_run_between_the_rows(store: Store) -> None:
    """One that looks into the database sees the rows before it written, and those behind it not."""
    session, rows = papers(store, 5)
    seen: list[list[int]] = []

    def look(_mapper: object, connection: Any, row: Any) -> None:
        written = [found.id for found in connection.execute(select(Paper.id, Paper.doc)) if "m" in found.doc]
        seen.append(sorted(written))
        row.doc["by"] = "listener"

    event.listen(Paper, "before_update", look)
    try:
        for row in rows:
            row.doc["m"] = row.id
        session.commit()
    finally:
        event.remove(Paper, "before_update", look)
    assert seen == [list(range(1, number)) for number in range(1, 6)]
    for row in rows:
        store.expect({"n": row.id, "list": [], "m": row.id, "by": "listener"}, Paper, row.id)


def test_listeners_after_the_update_see_old_and_new(store: Store) -> None:
    """History in `after_update`, of each row its own; what they change then is saved."""
    session, rows = papers(store, 4)
    seen: list[Any] = []

    def look(_mapper: object, _connection: object, row: Any) -> None:
        history = inspect(row).attrs.doc.history
        seen.append((plain(history.deleted[0]), plain(history.added[0])))
        if "later" not in row.doc:
            row.doc["later"] = True

    for row in rows:
        row.doc["m"] = row.id
    event.listen(Paper, "after_update", look)
    try:
        session.flush()
    finally:
        event.remove(Paper, "after_update", look)
    base: dict[str, Any] = {"list": []}
    assert seen == [({"n": n} | base, {"n": n, "m": n} | base) for n in range(1, 5)]
    session.commit()
    for row in rows:
        store.expect({"n": row.id, "list": [], "m": row.id, "later": True}, Paper, row.id)


def test_savepoints(store: Store) -> None:
    """What a savepoint's rollback undoes in many rows can be done and saved again, also by another session."""
    session, rows = papers(store, 5)
    for row in rows:
        row.doc["kept"] = 1
    session.flush()
    savepoint = session.begin_nested()
    for row in rows:
        row.doc["undone"] = 1
    session.flush()
    savepoint.rollback()
    for row in rows:
        row.doc["list"].append("again")
    session.commit()
    for row in rows:
        store.expect({"n": row.id, "list": ["again"], "kept": 1}, Paper, row.id)
    for row in rows:
        row.doc["left"] = 1
    session.flush()
    session.close()
    with store.session(expire_on_commit=False) as another:
        another.add_all(rows)
        another.commit()
    for row in rows:
        store.expect({"n": row.id, "list": ["again"], "kept": 1, "left": 1}, Paper, row.id)


def test_a_failed_flush_leaves_nothing_taken_for_sent(store: Store) -> None:
    """Rows that were sent ahead in a flush that failed are sent again by the next one."""
    session, rows = papers(store, 5)
    store.sql("UPDATE papers SET doc = :doc WHERE id = 3", doc='{"n": 3, "list": [], "m": "theirs"}')
    for row in rows:
        row.doc["m"] = "mine"
    with pytest.raises(Conflict):
        session.flush()
    session.rollback()
    with session.no_autoflush:
        for row in rows:
            row.doc["m"] = "mine, later"
    with updates(store) as statements:
        session.commit()
    assert len(statements) == 5
    for row in rows:
        store.expect({"n": row.id, "list": [], "m": "mine, later"}, Paper, row.id)


def test_counters_in_many_rows(any_store: Store) -> None:
    """`add` in each row, by two writers, is done once by each."""
    session, rows = papers(any_store, 5)
    other, theirs = read(any_store, Paper)
    for written in (theirs, rows):
        for row in written:
            add(row.doc, "n", 10)
    other.commit()
    session.commit()
    for row in rows:
        any_store.expect({"n": row.id + 20, "list": []}, Paper, row.id)


def some_change(rng: random.Random) -> Callable[[Any], None]:
    """Return a change of a document: few kinds, so that neighbours often have one shape."""
    value: Any = rng.choice([1, 2.5, "text", None, {"x": []}, True])
    changes: list[Callable[[Any], object]] = [
        lambda row: row.doc.update(m=value),
        lambda row: row.doc.update(m=value),
        lambda row: row.doc["list"].append(value),
        lambda row: row.doc["list"].insert(0, value),
        lambda row: row.doc.pop("n", None),
        lambda row: setattr(row, "doc", {"whole": value, "list": []}),
        lambda row: setattr(row, "other", {"was": "none"}),
        lambda row: setattr(row, "title", f"title {value}"),
        lambda row: add(row.doc, "count", 2),
    ]
    chosen = [rng.choice(changes) for _ in range(rng.choice([0, 1, 1, 1, 2]))]

    def change(row: Any) -> None:
        for each in chosen:
            each(row)

    return change


def outcome(store: Store, seed: object, way: Callable[[], AbstractContextManager[None]]) -> tuple[Any, ...]:
    """Let another writer and then this one change many rows; return statements, error, what is stored, memory."""
    rng = random.Random(f"{seed} many rows")
    store.sql("DELETE FROM papers")
    session, rows = papers(store, 24)
    other, theirs = read(store, Paper)
    rate = rng.choice([0.0, 0.03, 0.3])
    for row in theirs:
        if rng.random() < rate:
            some_change(rng)(row)
    if rng.random() < 0.2:
        other.delete(rng.choice(theirs))
    other.commit()
    common = some_change(rng)
    alike = rng.choice([0.7, 0.95, 1])
    for row in rows:
        (common if rng.random() < alike else some_change(rng))(row)
    error = ""
    with store.carried_out() as statements, way():
        try:
            session.commit()
        except (Conflict, StaleDataError) as raised:
            error = str(raised)
            session.rollback()
    stored = store.sql("SELECT id, title, CAST(doc AS TEXT), CAST(other AS TEXT) FROM papers ORDER BY id")
    memory = [] if error else [(row.title, plain(row.doc), plain(row.other)) for row in rows]
    session.close()
    return error, stored, memory, statements


SEEDS = int(os.environ.get("INDELIBLE_MANY_ROWS", "12"))


@pytest.mark.parametrize("seed", range(SEEDS))
def test_the_database_gets_what_it_would_get_of_rows_sent_by_themselves(store: Store, seed: int) -> None:
    """The very same statements in the same order, and the same rows and memory, whatever others did meanwhile."""
    Papers.metadata.create_all(store.engine)
    apart, together = (outcome(store, seed, way) for way in (one_by_one, waiting_for_each_row))
    assert together == apart
    # A driver that does not wait may send some statements twice.
    at_once = outcome(store, seed, nullcontext)
    assert at_once[:-1] == apart[:-1]


def test_a_lost_row_would_be_seen(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """With each row taken for found, those behind a broken guard are lost, and these tests see it."""

    def all_found(connection: Any, statement: Any, rows: Any) -> list[Written]:
        found = update_while_found(connection, statement, rows)
        return [*found, *(Written(each, ()) for each in rows[len(found) :])]

    monkeypatch.setattr(gathering, "update_while_found", all_found)
    session, rows = papers(store, 6)
    other, theirs = read(store, Paper)
    theirs[2].doc["m"] = 3
    other.commit()
    for row in rows:
        row.doc["m"] = row.id
    session.commit()
    with pytest.raises(AssertionError):
        store.expect({"n": 6, "list": [], "m": 6}, Paper, 6)


def test_only_merging_many_rows(store: Store) -> None:
    """Where the database applies no delta, each row is merged, as ever."""
    session, rows = papers(store, 4)
    for row in rows:
        row.doc["m"] = row.id
    with only_merging(), merges_seen() as merged:
        session.commit()
    assert len(merged) == 4
    for row in rows:
        store.expect({"n": row.id, "list": [], "m": row.id}, Paper, row.id)


async def test_async_psycopg(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """The driver that does not wait for each answer, with asyncio: one call, and a broken guard is found."""
    store = new_store(DRIVERS["psycopg"], tmp_path, lambda: request.getfixturevalue("postgres_uri"))
    engine = store.new_async_engine()
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Papers.metadata.create_all)
        async with AsyncSession(engine, expire_on_commit=False) as session:
            rows = [Paper(id=number, doc={"list": []}) for number in range(20)]
            session.add_all(rows)
            await session.commit()
            for broken in (None, 11):
                if broken is not None:
                    async with AsyncSession(engine) as other:
                        (await other.get_one(Paper, broken)).doc[f"m {broken}"] = "same"
                        await other.commit()
                for row in rows:
                    row.doc[f"m {broken}"] = "same"
                with merges_seen() as merged:
                    await session.commit()
                assert merged == ([] if broken is None else [f"Paper(id={broken}).doc"])
        async with AsyncSession(engine) as session:
            stored = list(await session.scalars(select(Paper)))
            assert len(stored) == 20
            for row in stored:
                assert row.doc == {"list": [], "m None": "same", "m 11": "same"}
    finally:
        await engine.dispose()
