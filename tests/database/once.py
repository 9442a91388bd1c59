"""A ledger that operations write to, and the log of those operations."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Integer, MetaData, String, Table, func, insert, select
from sqlalchemy.orm import Session

from indelible import OperationLog

metadata = MetaData()
operations = OperationLog(metadata)
ledger = Table("ledger", metadata, Column("id", Integer, primary_key=True), Column("entry", String(255)))


def enter(session: Session, entry: str) -> int:
    """Write an entry and return how many there are now."""
    session.execute(insert(ledger).values(entry=entry))
    return entries_in(session)


def entries_in(session: Session) -> int:
    """Count the entries that a transaction sees."""
    return session.scalar(select(func.count()).select_from(ledger)) or 0


def apply(session: Session, op_id: str | None, **options: Any) -> tuple[bool, Any]:
    """Enter the operation's id once; return whether it was a replay, and the result."""
    with operations.once(session, op_id, **options) as op:
        if not op.replayed:
            op.result = {"entries": enter(session, str(op_id))}
    return op.replayed, op.result


def stored(session: Session) -> list[str]:
    """The entries of the ledger, in order."""
    return [str(entry) for entry in session.scalars(select(ledger.c.entry).order_by(ledger.c.id))]
