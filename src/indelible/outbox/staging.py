"""Messages kept until the transaction commits, and written last in it; savepoints take theirs along."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, event
from sqlalchemy.orm import Session, SessionTransaction

from indelible.errors import NoTransaction, OutboxError
from indelible.outbox import waking
from indelible.outbox.connection_events import forget, listen
from indelible.outbox.messages import Message
from indelible.outbox.tables import jobs
from indelible.outbox.writing import coalesced, write

Writer = Callable[[Connection, list[Message]], None]


class SessionStaging:
    """What one session has staged.

    Rows are written by the `commit` event of the connection, which comes after every flush and every `before_commit`
    handler. The session's own events see to it that there is a connection, and follow savepoints.
    """

    def __init__(self) -> None:
        self._staged: list[tuple[SessionTransaction | None, Message]] = []
        self._kept_savepoints: set[SessionTransaction] = set()
        self._connection: Connection | None = None
        self._commits_begun = 0
        # Who writes the messages; a job's own session puts the job's completion among them.
        self.writer: Writer = write

    def add(self, session: Session, message: Message) -> None:
        """Stage a message in the session's innermost savepoint."""
        if not session.in_transaction():
            if not session.autobegin:
                raise NoTransaction(
                    "A job can be enqueued in a transaction only. Call begin() on this session first."
                )
            # As any statement would; else a rollback, which has nothing to do then, would leave the message here.
            session.begin()
        transaction = session.get_nested_transaction() or session.get_transaction()
        if transaction is not None and not transaction.is_active:
            raise NoTransaction(
                "This session's transaction is prepared, committed or has failed; it takes no more jobs."
            )
        self._staged.append((session.get_nested_transaction(), message))
        if self._commits_begun:
            self.attach(session)

    def attach(self, session: Session) -> None:
        """Write what is staged when the session's connection commits."""
        if self._connection is None:
            self._connection = session.connection(bind_arguments={"clause": jobs})
            listen(self._connection, "commit", self._write)
            listen(self._connection, "prepare_twophase", self._write_prepared)

    def before_commit(self, session: Session) -> None:
        """Prepare for the commit of the transaction or of a savepoint."""
        self._commits_begun += 1
        if self._staged or self.writer is not write:
            self.attach(session)

    def after_commit(self, session: Session) -> None:
        """Wake workers after the commit of the transaction."""
        self._commits_begun -= 1
        savepoint = session.get_nested_transaction()
        if savepoint is not None:
            self._kept_savepoints.add(savepoint)
        elif self._connection is not None:
            if self._staged:
                # The session lives in a transaction of its connection, which goes on: the rows belong to that.
                self._write(self._connection)
            waking.wake_workers()

    def after_end(self, session: Session, ended: SessionTransaction) -> None:
        """Leave a savepoint or the transaction."""
        if ended.parent is None:
            self._commits_begun = 0
            self._staged.clear()
            self._kept_savepoints.clear()
            self._detach()
        elif ended.nested:
            self._leave_savepoint(session, ended)

    def _write(self, connection: Connection) -> None:
        staged, self._staged = self._staged, []
        with _whole_or_nothing(connection):
            self.writer(connection, coalesced(message for _, message in staged))

    def _write_prepared(self, connection: Connection, _xid: Any) -> None:
        self._write(connection)

    def _leave_savepoint(self, session: Session, ended: SessionTransaction) -> None:
        is_kept = ended in self._kept_savepoints
        self._kept_savepoints.discard(ended)
        outer = session.get_nested_transaction()
        self._staged = [
            (outer if owner is ended else owner, message)
            for owner, message in self._staged
            if is_kept or owner is not ended
        ]
        if not is_kept:
            self._commits_begun = 0

    def _detach(self) -> None:
        if self._connection is not None:
            forget(self._connection, "commit", self._write)
            forget(self._connection, "prepare_twophase", self._write_prepared)
            self._connection = None


class ConnectionStaging:
    """What one connection, used without a session, has staged."""

    def __init__(self, connection: Connection) -> None:
        # With the number of the savepoint that was innermost, 0 for none.
        self._staged: list[tuple[int, Message]] = []
        listen(connection, "commit", self._write)
        listen(connection, "prepare_twophase", self._write_prepared)
        listen(connection, "commit_twophase", self._commit_prepared)
        listen(connection, "rollback", self._drop)
        listen(connection, "rollback_twophase", self._drop)
        listen(connection, "rollback_savepoint", self._drop_savepoint)

    def add(self, connection: Connection, message: Message) -> None:
        """Stage a message in the connection's innermost savepoint."""
        is_autocommit = connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT"
        if is_autocommit or not connection.in_transaction():
            raise NoTransaction
        savepoint = connection.get_nested_transaction()
        # SQLAlchemy has no public name for a savepoint, but gives it to the event of its rollback.
        number = _number(savepoint._savepoint) if savepoint is not None else 0
        self._staged.append((number, message))

    def _write(self, connection: Connection) -> None:
        staged, self._staged = self._staged, []
        if staged:
            with _whole_or_nothing(connection):
                write(connection, coalesced(message for _, message in staged))
            waking.wake_workers_soon()

    def _write_prepared(self, connection: Connection, _xid: Any) -> None:
        self._write(connection)

    def _commit_prepared(self, connection: Connection, _xid: Any, is_prepared: bool) -> None:
        if not is_prepared:
            self._write(connection)
        waking.wake_workers_soon()

    def _drop(self, *_: Any) -> None:
        self._staged.clear()

    def _drop_savepoint(self, _connection: Connection, name: str, _context: Any) -> None:
        # Savepoints are numbered as they begin, so all that was staged since has this number or a higher one.
        self._staged = [(owner, message) for owner, message in self._staged if owner < _number(name)]


_sessions: WeakKeyDictionary[Session, SessionStaging] = WeakKeyDictionary()
_connections: WeakKeyDictionary[Connection, ConnectionStaging] = WeakKeyDictionary()


def staging_of(session: Session) -> SessionStaging:
    """Return what this session has staged."""
    staging = _sessions.get(session)
    if staging is None:
        staging = _sessions[session] = SessionStaging()
    return staging


# On the class, not on each session: a session may be in the midst of calling its own listeners when it enqueues
# for the first time, and its commit must be known to have begun then.
@event.listens_for(Session, "before_commit")
def _before_commit(session: Session) -> None:
    staging_of(session).before_commit(session)


@event.listens_for(Session, "after_commit")
def _after_commit(session: Session) -> None:
    staging_of(session).after_commit(session)


@event.listens_for(Session, "after_transaction_end")
def _after_transaction_end(session: Session, ended: SessionTransaction) -> None:
    staging = _sessions.get(session)
    if staging is not None:
        staging.after_end(session, ended)


def stage(target: Session | Connection, message: Message) -> None:
    """Keep a message until the transaction of this session or connection commits. Raises NoTransaction."""
    if isinstance(target, Session):
        staging_of(target).add(target, message)
        return
    staging = _connections.get(target)
    if staging is None:
        staging = _connections[target] = ConnectionStaging(target)
    staging.add(target, message)


@contextmanager
def _whole_or_nothing(connection: Connection) -> Iterator[None]:
    try:
        yield
    except BaseException:
        # After an error in its commit event SQLAlchemy takes the transaction for ended. It would give the connection
        # back to the pool with the transaction open, and the next user would commit what belongs to this one.
        try:
            connection.dialect.do_rollback(connection.connection)
        except connection.dialect.loaded_dbapi.Error:
            connection.invalidate()
        raise


def _number(savepoint: str) -> int:
    digits = savepoint.rpartition("_")[2]
    if not digits.isdigit():
        raise OutboxError(f"A job was enqueued in the savepoint {savepoint!r}, whose place is unknown.")
    return int(digits)
