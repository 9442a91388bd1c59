"""How a run of a job ends: done, failed, cancelled or handed back; each only for who holds its token."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, Float, Update, bindparam, case, false, null, update

from indelible.errors import LeaseLost
from indelible.outbox import fencing
from indelible.outbox.claiming import Claim, now
from indelible.outbox.dialects import dialect_named, dialect_of
from indelible.outbox.messages import Message, place
from indelible.outbox.priorities import HANDICAPS
from indelible.outbox.tables import jobs
from indelible.outbox.writing import CANCELLED, DONE, WAITING, write


@dataclass(frozen=True)
class Completion:
    """A run that ended well."""

    claim: Claim
    result: Any

    def values(self) -> dict[str, Any]:
        """Return the values of the statement."""
        return {**_held(self.claim), "new_result": self.result}


def complete_with(connection: Connection, messages: Sequence[Message], completion: Completion) -> None:
    """Write a completion and the messages of its transaction, all rows in order. Raises LeaseLost."""

    def complete() -> int:
        return connection.execute(_complete(connection.dialect.name), completion.values()).rowcount

    _write_around(connection, messages, completion.claim, complete)


def keep_with(connection: Connection, messages: Sequence[Message], claim: Claim, lease: float) -> None:
    """Write the messages of a step of a run, if the run still has its lease, which is prolonged. Raises LeaseLost."""

    def prolong() -> int:
        return connection.execute(_check(connection.dialect.name), {**_held(claim), "lease": lease}).rowcount

    _write_around(connection, messages, claim, prolong)


def _write_around(
    connection: Connection, messages: Sequence[Message], claim: Claim, write_own: Callable[[], int]
) -> None:
    own = place(claim.handler, claim.key)
    # The job may have enqueued its own key: that comes first, so that a completion sees the newer version.
    write(connection, [message for message in messages if message.order <= own])
    if write_own() != 1:
        raise LeaseLost(document=_name(claim))
    write(connection, [message for message in messages if message.order > own])


def complete_all(connection: Connection, completions: Sequence[Completion]) -> None:
    """Write the completions of runs that wrote nothing themselves; those that lost their lease change nothing."""
    dialect_of(connection).begin_writing(connection)
    ordered = sorted(completions, key=lambda one: place(one.claim.handler, one.claim.key))
    connection.execute(_complete(connection.dialect.name), [one.values() for one in ordered])


def fail(connection: Connection, claim: Claim, error: str, state: str, delay: float) -> bool:
    """End a run as dead or cancelled, or let it wait so many seconds; say whether it was still this worker's."""
    dialect_of(connection).begin_writing(connection)
    values = {
        **_held(claim),
        "new_error": error,
        "new_state": state,
        "delay": delay,
        "rank_delay": delay + HANDICAPS[claim.priority],
        "is_waiting": state == WAITING,
    }
    return bool(connection.execute(_fail(connection.dialect.name), values).rowcount)


def hand_back(connection: Connection, claim: Claim) -> bool:
    """Let a run that was interrupted wait again, with its attempt, or end it if someone asked for that.

    Say whether it was still this worker's.
    """
    dialect_of(connection).begin_writing(connection)
    return bool(connection.execute(_hand_back(connection.dialect.name), _held(claim)).rowcount)


def report_progress(connection: Connection, claim: Claim, progress: dict[str, Any]) -> None:
    """Keep what a run says of its progress, if it still has its lease."""
    connection.execute(_progress(), {**_held(claim), "new_progress": progress})


def _held(claim: Claim) -> dict[str, Any]:
    return {"held_id": claim.id, "held_token": claim.token}


def _name(claim: Claim) -> str:
    return f"job {claim.id} ({claim.handler})"


_NO_LEASE = {"worker": None, "leased_until": None, "sent_at": None, "cancel_requested": false()}


@cache
def _complete(dialect: str) -> Update:
    has_newer = jobs.c.wanted > jobs.c.running
    return (
        update(jobs)
        .where(fencing.holds())
        .values(
            **_NO_LEASE,
            state=case((has_newer, WAITING), else_=DONE),
            attempts=case((has_newer, 0), else_=jobs.c.attempts),
            finished_at=case((has_newer, null()), else_=now(dialect)),
            result=bindparam("new_result", type_=jobs.c.result.type),
            error=None,
        )
    )


@cache
def _fail(dialect: str) -> Update:
    has_newer = jobs.c.wanted > jobs.c.running
    is_cancelled = jobs.c.cancel_requested & ~has_newer
    waits = has_newer | (bindparam("is_waiting") & ~is_cancelled)
    moment = dialect_named(dialect).moment
    return (
        update(jobs)
        .where(fencing.holds())
        .values(
            **_NO_LEASE,
            # Asked to stop, it is not tried again, even if its worker has not noticed.
            state=case((has_newer, WAITING), (is_cancelled, CANCELLED), else_=bindparam("new_state")),
            attempts=case((has_newer, 0), else_=jobs.c.attempts),
            due_at=case((has_newer, jobs.c.due_at), else_=moment(bindparam("delay", type_=Float()))),
            rank_at=case((has_newer, jobs.c.rank_at), else_=moment(bindparam("rank_delay", type_=Float()))),
            finished_at=case((waits, null()), else_=now(dialect)),
            error=bindparam("new_error"),
        )
    )


@cache
def _hand_back(dialect: str) -> Update:
    has_newer = jobs.c.wanted > jobs.c.running
    # Its worker may not have noticed. The next one would know nothing of it.
    is_cancelled = jobs.c.cancel_requested & ~has_newer
    return (
        update(jobs)
        .where(fencing.holds())
        .values(
            **_NO_LEASE,
            state=case((is_cancelled, CANCELLED), else_=WAITING),
            attempts=case((has_newer, 0), else_=jobs.c.attempts - 1),
            finished_at=case((is_cancelled, now(dialect))),
        )
    )


@cache
def _check(dialect: str) -> Update:
    until = dialect_named(dialect).moment(bindparam("lease", type_=Float()))
    return update(jobs).where(fencing.holds()).values(leased_until=until)


@cache
def _progress() -> Update:
    progress = bindparam("new_progress", type_=jobs.c.progress.type)
    return update(jobs).where(fencing.holds()).values(progress=progress)
