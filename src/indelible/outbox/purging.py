"""Ended jobs deleted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Connection, Float, delete, literal, select

from indelible.outbox.dialects import dialect_of
from indelible.outbox.tables import jobs
from indelible.outbox.writing import CANCELLED, DEAD, DONE

ENDED = (DONE, CANCELLED, DEAD)


def purge_finished(
    connection: Connection,
    older_than: timedelta = timedelta(0),
    states: Sequence[str] = (DONE, CANCELLED),
    at_most: int = 10_000,
) -> int:
    """Delete jobs that ended longer ago than this, in these states; return how many."""
    dialect = dialect_of(connection)
    dialect.begin_writing(connection)
    ended = [state for state in states if state in ENDED]
    limit = dialect.moment(literal(-older_than.total_seconds(), Float()))
    old = select(jobs.c.id).where(jobs.c.finished_at <= limit, jobs.c.state.in_(ended))
    # Not what someone enqueues again just now.
    chosen = dialect.free_only(old.order_by(jobs.c.finished_at).limit(at_most))
    return connection.execute(delete(jobs).where(jobs.c.id.in_(chosen))).rowcount
