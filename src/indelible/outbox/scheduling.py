"""Periodic jobs: one is enqueued at each tick, however many workers there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, DateTime, select, type_coerce, update

from indelible.errors import OutboxError
from indelible.outbox.claiming import as_utc, now
from indelible.outbox.dialects import dialect_of
from indelible.outbox.handlers import Call, Handler
from indelible.outbox.messages import compose
from indelible.outbox.priorities import Priority
from indelible.outbox.tables import schedules
from indelible.outbox.writing import write

_LONGEST_SLEEP = 60.0


class Rhythm(Protocol):
    """When ticks are."""

    def next_after(self, moment: datetime) -> datetime:
        """Return the first tick after this moment, both in UTC."""


@dataclass(frozen=True)
class Every:
    """Ticks at whole multiples of a period since 1970, so that all workers agree on them."""

    period: timedelta

    def __post_init__(self) -> None:
        if self.period < timedelta(milliseconds=10):
            raise OutboxError("A period has at least 10 milliseconds.")

    def next_after(self, moment: datetime) -> datetime:
        """Return the first tick after this moment, both in UTC."""
        epoch = datetime(1970, 1, 1, tzinfo=UTC)
        return epoch + ((moment - epoch) // self.period + 1) * self.period


@dataclass(frozen=True)
class Cron:
    """Ticks by a crontab line in a time zone; needs the package croniter."""

    line: str
    timezone: str = "UTC"

    def __post_init__(self) -> None:
        ZoneInfo(self.timezone)
        if not _croniter().is_valid(self.line):
            raise OutboxError(f"{self.line!r} is no crontab line.")

    def next_after(self, moment: datetime) -> datetime:
        """Return the first tick after this moment, both in UTC."""
        local = moment.astimezone(ZoneInfo(self.timezone))
        tick: datetime = _croniter()(self.line, local).get_next(datetime)
        return tick.astimezone(UTC)


def _croniter() -> Any:
    # An extra, and without types.
    return import_module("croniter").croniter


@dataclass(frozen=True)
class Schedule:
    """A periodic job. A tick while the last one's job still runs lets it run once more; missed ticks become one."""

    handler: Handler[..., Any] | Call
    rhythm: Rhythm
    name: str = ""
    queue: str | None = None
    priority: Priority | None = None

    def __post_init__(self) -> None:
        if not self.name:
            handler = self.handler.handler if isinstance(self.handler, Call) else self.handler
            object.__setattr__(self, "name", handler.name)


def tick(connection: Connection, schedule: Schedule) -> float:
    """Enqueue the schedule's job if its tick has come and no worker did; return seconds to the next look."""
    dialect = dialect_of(connection)
    dialect.begin_writing(connection)
    clock = select(type_coerce(now(connection.dialect.name), DateTime(timezone=True)))
    moment = as_utc(connection.execute(clock).scalar_one())
    following = schedule.rhythm.next_after(moment)
    first = dialect.insert_into(schedules).values(name=schedule.name, next_at=following)
    connection.execute(first.on_conflict_do_nothing())
    planned = as_utc(
        connection.execute(select(schedules.c.next_at).where(schedules.c.name == schedule.name)).scalar_one()
    )
    is_due = planned <= moment
    # A tick that was planned later than the rhythm has it now is of an older rhythm.
    if (is_due or following < planned) and _advance(connection, schedule, planned, following) and is_due:
        _enqueue(connection, schedule)
    return max(0.0, min((following - moment).total_seconds(), _LONGEST_SLEEP))


def _advance(connection: Connection, schedule: Schedule, planned: datetime, following: datetime) -> bool:
    # Of several workers that see the same tick, one finds it still planned.
    own = (schedules.c.name == schedule.name) & (schedules.c.next_at == planned)
    return connection.execute(update(schedules).where(own).values(next_at=following)).rowcount == 1


def _enqueue(connection: Connection, schedule: Schedule) -> None:
    message = compose(
        schedule.handler,
        (),
        queue=schedule.queue,
        key=f"schedule:{schedule.name}",
        delay=0.0,
        priority=schedule.priority,
    )
    write(connection, [message])
