"""What changes among all jobs, found in the table by looking again and again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, DateTime, Select, or_, select, type_coerce

from indelible.outbox.claiming import as_utc, now
from indelible.outbox.statuses import JobStatus, status_of
from indelible.outbox.tables import jobs
from indelible.outbox.writing import RUNNING, WAITING

# A row has its moments when it is written, last in its transaction, and is there for others after the commit.
# What commits later than this, as in two phases, is found when it runs.
_LATEST_COMMIT = timedelta(seconds=5)


class Following:
    """Finds what has changed since the last look, be it an old job that was enqueued again by its key.

    `wanted` are values of columns that the jobs must have. Of changes between two looks the last is seen.
    """

    def __init__(self, wanted: Mapping[str, Any]) -> None:
        self._wanted = {name: value for name, value in wanted.items() if value is not None}
        self._looked_at: datetime | None = None
        self._seen: dict[int, JobStatus] = {}

    def look(self, connection: Connection) -> list[JobStatus]:
        """Return what has changed since the last look, in order of ids; nothing at the first."""
        clock = select(type_coerce(now(connection.dialect.name), DateTime(True)))
        moment = as_utc(connection.execute(clock).scalar_one())
        since = (self._looked_at or moment) - _LATEST_COMMIT
        found = {row.id: status_of(row) for row in connection.execute(self._recent(since, moment))}
        changed = [status for status in found.values() if status.differs_from(self._seen.get(status.id))]
        is_first = self._looked_at is None
        self._looked_at, self._seen = moment, found
        return [] if is_first else changed

    def _recent(self, since: datetime, moment: datetime) -> Select[Any]:
        # Each part is in a partial index, of waiting, running or ended jobs: the bulk that ended long ago is not read.
        enqueued = jobs.c.enqueued_at >= since
        ran = jobs.c.started_at >= since
        due_by_hand = (jobs.c.due_at >= since) & (jobs.c.due_at <= moment)
        # What ran at the last look may have been handed back, which leaves no moment in its row.
        ran_then = [status.id for status in self._seen.values() if status.state == RUNNING]
        recent = or_(
            jobs.c.state == RUNNING,
            (jobs.c.state == WAITING) & or_(enqueued, ran, due_by_hand),
            jobs.c.finished_at >= since,
            jobs.c.id.in_(ran_then),
        )
        matching = [jobs.c[name] == value for name, value in self._wanted.items()]
        return select(jobs).where(recent, *matching).order_by(jobs.c.id)
