"""A log of what was changed in documents, by whom and when, and of the conflicts: for audits, and to undo."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Awaitable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, overload
from uuid import uuid4

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    DateTime,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    delete,
    insert,
    select,
)
from sqlalchemy.dialects import mysql
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import instance_state

from indelible.changes.deltas import ABSENT, Add, Change, Delta, Move, Put, Remove, Splice
from indelible.changes.paths import Path, format_path
from indelible.errors import Clash

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

Kind: TypeAlias = Literal["put", "remove", "splice", "move", "add", "union", "conflict"]

_RAISED = "indelible.raised_conflicts"
_PURGE_EVERY = 3600.0  # seconds
_log = logging.getLogger("indelible.change_log")
_author: ContextVar[str | None] = ContextVar("indelible.author", default=None)

_TEXT = Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")
_NUMBER = BigInteger().with_variant(Integer(), "sqlite")


@contextmanager
def acting_as(author: str) -> Iterator[None]:
    """Name who makes the changes that are flushed in this block; it holds in tasks that are started there, too."""
    token = _author.set(author)
    try:
        yield
    finally:
        _author.reset(token)


@dataclass(frozen=True, slots=True)
class LoggedChange:
    """One change of one document, or a conflict.

    `before` and `after` are the values at `path`; `ABSENT` where there was none. Of a splice they are the elements that
    went and came, with `path` up to the first of them; of a move the positions; of `add`, `after` is the amount. For a
    conflict `before` is what was read, `after` what this writer wrote, `theirs` what was stored, and `settled` tells
    whether a policy settled it or it was raised. The changes of one flush of one document have one `batch`.
    """

    id: int
    batch: str
    at: datetime
    author: str | None
    table: str
    row: dict[str, Any]
    column: str
    kind: Kind
    path: str
    before: Any
    after: Any
    theirs: Any = ABSENT
    settled: bool = False


class ChangeLog:
    """A table of the caller's metadata with what was changed in the documents that name it: `Document(log=…)`.

    What is logged is written in the transaction that makes the change; a conflict that was raised is logged after its
    rollback, in a transaction of its own. About every hour a flush that logs removes what is older than `keep`.
    INSERTs are not logged, nor documents that are overwritten without having been read.
    """

    def __init__(
        self,
        metadata: MetaData,
        name: str = "document_changes",
        *,
        schema: str | None = None,
        keep: timedelta = timedelta(days=30),
    ) -> None:
        self.keep = keep
        self._purged = time.monotonic()
        self.table = Table(
            name,
            metadata,
            Column("id", _NUMBER, primary_key=True, autoincrement=True),
            Column("batch", String(32), nullable=False),
            Column("at", DateTime(timezone=True), nullable=False, index=True),
            Column("author", String(255), nullable=True),
            Column("document_table", String(255), nullable=False),
            Column("document_row", String(500), nullable=False),
            Column("document_column", String(255), nullable=False),
            Column("kind", String(16), nullable=False),
            Column("path", _TEXT, nullable=False),
            Column("before", _TEXT, nullable=True),
            Column("after", _TEXT, nullable=True),
            Column("theirs", _TEXT, nullable=True),
            Column("settled", Integer, nullable=False, default=0),
            schema=schema,
        )

    @overload
    def recent(
        self, session: Session, row: object = None, attribute: str | None = None, *, limit: int = 100
    ) -> list[LoggedChange]: ...

    @overload
    def recent(
        self, session: AsyncSession, row: object = None, attribute: str | None = None, *, limit: int = 100
    ) -> Awaitable[list[LoggedChange]]: ...

    def recent(
        self,
        session: Session | AsyncSession,
        row: object = None,
        attribute: str | None = None,
        *,
        limit: int = 100,
    ) -> list[LoggedChange] | Awaitable[list[LoggedChange]]:
        """Return the newest entries, the newest first: all, those of a row, or those of one of its documents."""
        if isinstance(session, Session):
            return self._recent(session, row, attribute, limit)
        return session.run_sync(self._recent, row, attribute, limit)

    @overload
    def purge(self, session: Session, older_than: timedelta) -> int: ...

    @overload
    def purge(self, session: AsyncSession, older_than: timedelta) -> Awaitable[int]: ...

    def purge(self, session: Session | AsyncSession, older_than: timedelta) -> int | Awaitable[int]:
        """Forget what is older, in the caller's transaction, and return how many entries that were."""
        if isinstance(session, Session):
            return self._purge(session.connection(), older_than)
        return session.run_sync(lambda sync: self._purge(sync.connection(), older_than))

    def write(self, connection: Connection, place: Place, delta: Delta, settled: Sequence[Clash]) -> None:
        """Log what one flush changed in one document, in its transaction."""
        entries = [place.entry(*_told(change)) for change in delta]
        entries += [_conflict(place, clash, is_settled=True) for clash in settled]
        connection.execute(insert(self.table), entries)
        if time.monotonic() - self._purged > _PURGE_EVERY:
            self._purged = time.monotonic()
            self._purge(connection, self.keep)

    def note_raised(self, session: Session, engine: Engine, place: Place, clashes: Sequence[Clash]) -> None:
        """Remember a conflict that is about to be raised, to log it when its transaction has ended."""
        entries = [_conflict(place, clash, is_settled=False) for clash in clashes]
        session.info.setdefault(_RAISED, []).append((engine, self.table, entries))

    def _recent(self, session: Session, row: object, attribute: str | None, limit: int) -> list[LoggedChange]:
        columns = self.table.c
        query = select(self.table).order_by(columns.id.desc()).limit(limit)
        if row is not None:
            state = instance_state(row)
            column = None if attribute is None else state.mapper.column_attrs[attribute].columns[0]
            table = state.mapper.local_table if column is None else column.table
            query = query.where(columns.document_row == row_text(state.mapper.primary_key, state.identity))
            query = query.where(columns.document_table == getattr(table, "fullname", ""))
            if column is not None:
                query = query.where(columns.document_column == column.name)
        return [_read(entry) for entry in session.execute(query).mappings()]

    def _purge(self, connection: Connection, older_than: timedelta) -> int:
        limit = datetime.now(UTC) - older_than
        return connection.execute(delete(self.table).where(self.table.c.at < limit)).rowcount


class Place:
    """Where a flush changes something: a column of a row; and when, and by whom."""

    def __init__(self, column: Column[Any], row: str) -> None:
        self._common = {
            "batch": uuid4().hex,
            "at": datetime.now(UTC),
            "author": _author.get(),
            "document_table": column.table.fullname,
            "document_row": row,
            "document_column": column.name,
        }

    def entry(self, kind: Kind, path: Path, before: Any, after: Any, theirs: Any = ABSENT) -> dict[str, Any]:
        """Return a row of the log."""
        values = {"before": before, "after": after, "theirs": theirs}
        # Only ASCII, which every database takes, whatever is in it.
        texts = {
            name: None if value is ABSENT else json.dumps(value, default=str)
            for name, value in values.items()
        }
        return {**self._common, **texts, "kind": kind, "path": format_path(path), "settled": 0}


def row_text(primary_key: Sequence[Any], identity: Sequence[Any] | None) -> str:
    """Return a row's primary key as the log has it."""
    keys = dict(zip((column.key for column in primary_key), identity or (), strict=False))
    return json.dumps(keys, default=str)


def log_raised(session: Session) -> None:
    """Log the conflicts that were raised in a transaction that has ended."""
    for engine, table, entries in session.info.pop(_RAISED, []):
        try:
            with engine.begin() as connection:
                connection.execute(insert(table), entries)
        except SQLAlchemyError:
            _log.warning("a conflict could not be logged: %s", entries[0]["path"], exc_info=True)


def _conflict(place: Place, clash: Clash, *, is_settled: bool) -> dict[str, Any]:
    entry = place.entry("conflict", clash.path, clash.base, clash.mine, clash.theirs)
    return entry | {"settled": int(is_settled)}


def _told(change: Change) -> tuple[Kind, Path, Any, Any]:
    if isinstance(change, Put):
        return "put", change.path, change.old, change.value
    if isinstance(change, Remove):
        return "remove", change.path, change.old, ABSENT
    if isinstance(change, Splice):
        return "splice", (*change.path, change.index), list(change.old), list(change.new)
    if isinstance(change, Move):
        return "move", change.path, change.source, change.target
    if isinstance(change, Add):
        return "add", change.path, ABSENT, change.amount
    return "union", change.path, ABSENT, list(change.values)


def _read(entry: Any) -> LoggedChange:
    before, after, theirs = (
        ABSENT if entry[name] is None else json.loads(entry[name]) for name in ("before", "after", "theirs")
    )
    at = entry["at"] if entry["at"].tzinfo else entry["at"].replace(tzinfo=UTC)
    return LoggedChange(
        entry["id"],
        entry["batch"],
        at,
        entry["author"],
        entry["document_table"],
        json.loads(entry["document_row"]),
        entry["document_column"],
        entry["kind"],
        entry["path"],
        before,
        after,
        theirs,
        bool(entry["settled"]),
    )
