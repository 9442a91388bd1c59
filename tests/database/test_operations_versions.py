"""A row is given only to a writer that has seen its version."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import ForeignKey, ForeignKeyConstraint, select, text
from sqlalchemy.exc import ArgumentError, NoResultFound
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

from indelible import VersionConflict, get_at_version
from tests.database.rows import Row, Versioned
from tests.database.stores import DRIVERS, Store, new_store

LIMIT_SECONDS = 60


class Base(DeclarativeBase):
    """Tables of this module."""


class Plain(Base):
    """A row whose version the program counts, and that always loads another one along."""

    __tablename__ = "plain"
    id: Mapped[int] = mapped_column(primary_key=True)
    edits: Mapped[int] = mapped_column()
    text: Mapped[str] = mapped_column(default="")
    above_id: Mapped[int | None] = mapped_column(ForeignKey("plain.id"))
    above: Mapped[Plain | None] = relationship(remote_side=[id], lazy="joined", join_depth=1)


class Pair(Base):
    """A row whose key has two parts."""

    __tablename__ = "pairs"
    left: Mapped[int] = mapped_column(primary_key=True)
    right: Mapped[str] = mapped_column("on_the_right", primary_key=True)
    edits: Mapped[int] = mapped_column()
    kind: Mapped[str] = mapped_column(default="pair")
    __mapper_args__ = {"polymorphic_on": kind, "polymorphic_identity": "pair", "version_id_col": edits}  # noqa: RUF012


class Couple(Pair):
    """One that is stored in two tables."""

    __tablename__ = "couples"
    left: Mapped[int] = mapped_column(primary_key=True)
    right: Mapped[str] = mapped_column("on_the_right", primary_key=True)
    since: Mapped[str] = mapped_column(default="")
    __table_args__ = (ForeignKeyConstraint([left, right], [Pair.left, Pair.right]),)
    __mapper_args__ = {"polymorphic_identity": "couple"}  # noqa: RUF012


@pytest.mark.parametrize("ident", [(1, "a"), [1, "a"], {"right": "a", "left": 1}])
def test_a_key_of_several_parts_is_given_as_to_session_get(store: Store, ident: Any) -> None:
    """In order or by attribute; a row of joined inheritance is given whole."""
    store.create(Base.metadata)
    store.keep(Couple(left=1, right="a", since="May"), Couple(left=1, right="b"))
    with store.session() as session:
        row = get_at_version(session, Couple, ident, 1)
        assert (row.right, row.since) == ("a", "May")
        with pytest.raises(VersionConflict):
            get_at_version(session, Pair, ident, 0)
        with pytest.raises(ArgumentError, match="has 2 parts, not 1"):
            get_at_version(session, Pair, 1, 1)


def test_a_row_at_the_version_is_given(any_store: Store) -> None:
    """Its flush advances the version, so the same base is refused the next time, with what is stored."""
    any_store.keep(Versioned(id=1, doc={"n": 0}))
    with any_store.session() as session:
        row = get_at_version(session, Versioned, 1, 1)
        row.doc["n"] = 1
        session.commit()
    with any_store.session() as session:
        with pytest.raises(VersionConflict, match=r"^Versioned 1: This row was changed") as caught:
            get_at_version(session, Versioned, 1, 1)
        assert (caught.value.base, caught.value.stored, caught.value.row.doc) == (1, 2, {"n": 1})
        assert get_at_version(session, Versioned, 1, 2).doc == {"n": 1}
        with pytest.raises(VersionConflict):
            get_at_version(session, Versioned, 1, 3)


def test_the_row_is_read_again(store: Store) -> None:
    """A row that the session has read before is brought to what is stored, and what waits in it is flushed first."""
    store.keep(Versioned(id=1, doc={"n": 0}))
    with store.session(expire_on_commit=False) as session:
        row = session.get_one(Versioned, 1)
        session.commit()
        with Session(store.engine) as other:
            other.get_one(Versioned, 1).doc["n"] = 5
            other.commit()
        with pytest.raises(VersionConflict):
            get_at_version(session, Versioned, 1, 1)
        assert (row.version, row.doc) == (2, {"n": 5})
        row.doc["n"] = 6
        with pytest.raises(VersionConflict) as caught:
            get_at_version(session, Versioned, 1, 2)
        assert (caught.value.stored, row.doc) == (3, {"n": 6})


def test_a_version_of_the_programs_own_is_compared(any_store: Store) -> None:
    """The attribute is named; a row that loads others with an outer join can be locked."""
    any_store.create(Base.metadata)
    any_store.keep(Plain(id=1, edits=1), Plain(id=2, edits=7, above_id=1))
    with any_store.session() as session:
        row = get_at_version(session, Plain, 2, 7, version=Plain.edits)
        row.edits += 1
        session.commit()
        with pytest.raises(VersionConflict):
            get_at_version(session, Plain, 2, 7, version=Plain.edits)


def test_a_row_that_is_not_there_is_told(store: Store) -> None:
    """So is an entity without a version."""
    with store.session() as session:
        with pytest.raises(NoResultFound, match="no Versioned with the key 1"):
            get_at_version(session, Versioned, 1, 1)
        with pytest.raises(ArgumentError, match="Row has no version_id_col"):
            get_at_version(session, Row, 1, 1)


def test_rows_below_it_are_added_meanwhile(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """On PostgreSQL a row that refers to the one that is held does not wait for it: neither waits for the other."""
    store = new_store(DRIVERS["psycopg"], tmp_path, lambda: request.getfixturevalue("postgres_uri"))
    store.create(Base.metadata)
    store.keep(Plain(id=1, edits=1))
    with store.session() as session, Session(store.engine) as other:
        get_at_version(session, Plain, 1, 1, version=Plain.edits).edits += 1
        other.execute(text("SET lock_timeout = '2s'"))
        other.add(Plain(id=2, edits=1, above_id=1))
        other.commit()
        session.commit()
        assert sorted(session.scalars(select(Plain.edits))) == [1, 2]


@pytest.mark.parametrize("driver", ["sqlite3", "psycopg", "psycopg2"])
def test_of_writers_that_saw_one_version_one_wins(
    driver: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Eight threads save on top of one version: one is stored, seven are told which version is."""
    store = new_store(DRIVERS[driver], tmp_path, lambda: request.getfixturevalue("postgres_uri"))
    store.create(Base.metadata)
    store.keep(Plain(id=1, edits=1))
    together = Barrier(8)

    def save(number: int) -> Any:
        together.wait(LIMIT_SECONDS)
        with Session(store.engine) as session:
            try:
                row = get_at_version(session, Plain, 1, 1, version=Plain.edits)
            except VersionConflict as conflict:
                return conflict.stored
            row.edits, row.text = 2, f"writer {number}"
            session.commit()
            return row.text

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(save, range(8)))
    with Session(store.engine) as session:
        assert sorted(map(str, answers)) == sorted(["2"] * 7 + [str(session.scalar(select(Plain.text)))])


@pytest.mark.parametrize("driver", ["aiosqlite", "asyncpg"])
async def test_async_sessions_await_it(driver: str, tmp_path: Path, postgres_uri: str) -> None:
    """With an AsyncSession the row and the error come from an await."""
    store = new_store(DRIVERS[driver], tmp_path, lambda: postgres_uri)
    engine = store.new_async_engine()
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        session.add(Plain(id=1, edits=1))
        await session.commit()
        row = await get_at_version(session, Plain, 1, 1, version=Plain.edits)
        row.edits = 2
        with pytest.raises(VersionConflict):
            await get_at_version(session, Plain, 1, 1, version=Plain.edits)
    await engine.dispose()
