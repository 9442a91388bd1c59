"""Job rows written: new ones, and newer versions of those that are there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import groupby
from typing import Any

from sqlalchemy import (
    Connection,
    Executable,
    Float,
    TwoPhaseTransaction,
    bindparam,
    case,
    false,
    literal,
    literal_column,
    null,
)
from sqlalchemy.dialects.postgresql import Insert
from sqlalchemy.sql.elements import ColumnElement

from indelible.outbox.dialects import dialect_named
from indelible.outbox.messages import Message
from indelible.outbox.priorities import HANDICAPS
from indelible.outbox.tables import jobs

WAITING, RUNNING, DONE, DEAD, CANCELLED = "waiting", "running", "done", "dead", "cancelled"


def write(connection: Connection, messages: Sequence[Message]) -> None:
    """Write messages, in their order, as rows of this transaction; their tickets get the rows' ids."""
    for is_keyed, group in groupby(messages, key=lambda message: message.key is not None):
        if is_keyed:
            _write_keyed(connection, list(group))
        else:
            _write_new(connection, list(group))


def coalesced(messages: Iterable[Message]) -> list[Message]:
    """Return the messages sorted as transactions lock them, one for each key."""
    keyed: dict[tuple[str, str], Message] = {}
    others = []
    for message in messages:
        if message.key is None:
            others.append(message)
        else:
            known = keyed.get(message.order)
            keyed[message.order] = known.coalesce(message) if known else message
    return sorted([*others, *keyed.values()], key=lambda message: message.order)


def _write_new(connection: Connection, messages: list[Message]) -> None:
    statement = _insert(connection.dialect.name, _can_notify(connection))
    rows = connection.execute(statement, [_values(message) for message in messages])
    for message, row in zip(messages, rows, strict=True):
        _number(message, row.id)


def _write_keyed(connection: Connection, messages: list[Message]) -> None:
    statement = _upsert(connection.dialect.name, _can_notify(connection))
    rows = connection.execute(statement, [_values(message) for message in messages])
    ids = {(row.handler, row.key): row.id for row in rows}
    for message in messages:
        _number(message, ids[message.order])


def _number(message: Message, row_id: int) -> None:
    for ticket in message.tickets:
        ticket.number(row_id)


def _values(message: Message) -> dict[str, Any]:
    return {
        "handler": message.handler,
        "queue": message.queue,
        "key": message.key,
        "priority": message.priority,
        "arguments": message.arguments,
        "headers": message.headers,
        "max_attempts": message.max_attempts,
        "delay": message.delay,
        "rank_delay": message.delay + HANDICAPS[message.priority],
    }


def _new_row(dialect: str) -> Insert:
    moment = dialect_named(dialect).moment
    return (
        dialect_named(dialect)
        .insert_into(jobs)
        .values(
            {
                "handler": bindparam("handler"),
                "queue": bindparam("queue"),
                "key": bindparam("key"),
                "priority": bindparam("priority"),
                "arguments": bindparam("arguments"),
                "headers": bindparam("headers"),
                "max_attempts": bindparam("max_attempts"),
                "state": WAITING,
                "wanted": 1,
                "running": 0,
                "token": 0,
                "attempts": 0,
                "cancel_requested": False,
                "enqueued_at": moment(literal(0.0, Float())),
                "due_at": moment(bindparam("delay", type_=Float())),
                "rank_at": moment(bindparam("rank_delay", type_=Float())),
            }
        )
    )


@cache
def _insert(dialect: str, notifies: bool) -> Executable:
    notices = _notices(dialect) if notifies else []
    return _new_row(dialect).returning(jobs.c.id, *notices, sort_by_parameter_order=True)


@cache
def _upsert(dialect: str, notifies: bool) -> Executable:
    notices = _notices(dialect) if notifies else []
    statement = _new_row(dialect)
    new = statement.excluded
    is_running = jobs.c.state == _constant(RUNNING)
    # A version that nobody has started yet, whose time and place in line still count.
    is_pending = (jobs.c.state == _constant(WAITING)) | (is_running & (jobs.c.wanted > jobs.c.running))
    stays_first = is_pending & (jobs.c.priority < new.priority)

    def earlier(name: str) -> ColumnElement[Any]:
        return case((is_pending & (jobs.c[name] < new[name]), jobs.c[name]), else_=new[name])

    def of_the_first(name: str) -> ColumnElement[Any]:
        return case((stays_first, jobs.c[name]), else_=new[name])

    def unless_running(name: str, otherwise: Any) -> ColumnElement[Any]:
        return case((is_running, jobs.c[name]), else_=otherwise)

    return statement.on_conflict_do_update(
        index_elements=[jobs.c.handler, jobs.c.key],
        set_={
            "wanted": jobs.c.wanted + _constant(1),
            "arguments": new.arguments,
            "headers": new.headers,
            "max_attempts": new.max_attempts,
            "queue": of_the_first("queue"),
            "priority": of_the_first("priority"),
            "due_at": earlier("due_at"),
            "rank_at": earlier("rank_at"),
            "enqueued_at": new.enqueued_at,
            "state": case((is_running, _constant(RUNNING)), else_=_constant(WAITING)),
            "attempts": unless_running("attempts", _constant(0)),
            "cancel_requested": unless_running("cancel_requested", false()),
            "finished_at": null(),
            "error": null(),
            # What waits has its wake-up already, unless it belongs into another queue now.
            "sent_at": case(
                ((jobs.c.state == _constant(WAITING)) & (jobs.c.priority <= new.priority), jobs.c.sent_at)
            ),
        },
    ).returning(jobs.c.id, jobs.c.handler, jobs.c.key, *notices)


def _can_notify(connection: Connection) -> bool:
    # PostgreSQL prepares no transaction that has notified anyone. Other processes find its jobs when they poll.
    return not isinstance(connection.get_transaction(), TwoPhaseTransaction)


def _notices(dialect: str) -> list[ColumnElement[Any]]:
    # With the rows, and not in a statement of its own: a save waits for each. PostgreSQL sends equal ones once.
    return dialect_named(dialect).notices(jobs.c.queue)


def _constant(value: str | int) -> ColumnElement[Any]:
    # With parameters in the update part, SQLAlchemy would send row by row.
    return literal_column(repr(value))
