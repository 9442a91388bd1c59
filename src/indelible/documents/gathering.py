"""Sends the documents of many rows together, where nothing can tell that from sending them one by one.

When a flush comes to its first row, all others of its class that it will come to are known, and what they have to
write. They are sent ahead, in the same order. That holds only where no listener of the program's runs between the
rows, which might change them or look into the database: each row is looked at for that, and the first one that has
such a listener waits for its turn, and so do those behind it.

Rows next to each other with the same statement become one call; a row that it does not find is merged before the next
one is touched. So the database gets the statements that it would get without this, in the same order.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType
from typing import Any

from sqlalchemy import Connection, Update
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.orm import Mapper, Session, UOWTransaction
from sqlalchemy.orm.interfaces import EXT_CONTINUE
from sqlalchemy.orm.state import InstanceState

from indelible.documents.attachment import attachment_of
from indelible.documents.executing import update_while_found
from indelible.documents.rows import documents_of
from indelible.documents.sending import Sending, sendings
from indelible.documents.statements import RowUpdate

_FLUSH = "indelible.flush"

_MOST = 100
"""So many rows are sent in one call: their parameters are in memory together."""


class _Flush:
    """One flush of a session: which rows it will come to, and which of them were sent ahead."""

    def __init__(self, context: UOWTransaction) -> None:
        self._context = context
        self._orders: dict[Mapper[Any], dict[InstanceState[Any], int]] = {}
        self._rows: dict[Mapper[Any], list[InstanceState[Any]]] = {}
        self.sent_ahead: set[InstanceState[Any]] = set()

    @property
    def has_one_row(self) -> bool:
        """Tell whether there is nothing to look ahead to: many flushes are of one row, and are to cost no more."""
        context: Any = self._context
        return len(context.states) == 1

    def behind(self, state: InstanceState[Any]) -> Iterator[InstanceState[Any]]:
        """Yield the rows that the flush comes to right after this one, with nothing of the program's between."""
        base = state.manager.mapper.base_mapper
        if base not in self._orders:
            rows = self._rows[base] = self._in_order(base)
            self._orders[base] = {row: number for number, row in enumerate(rows)}
        number = self._orders[base].get(state)
        if number is None:
            return
        rows = self._rows[base]
        for index in range(number + 1, len(rows)):  # no slice: each row asks where none is sent ahead
            row = rows[index]
            if any(listener not in _OURS for listener in row.manager.mapper.dispatch.before_update):
                return
            yield row

    def _in_order(self, base: Mapper[Any]) -> list[InstanceState[Any]]:
        """Return the rows that are in the database, in SQLAlchemy's order; none where it takes several turns."""
        context: Any = self._context
        if context.cycles or not base.batch or context.session.connection_callable:
            return []
        rows = [row for row in context.states_for_mapper_hierarchy(base, False, False) if row.key is not None]
        sort_key: Any = base._persistent_sortkey_fn
        return sorted(rows, key=sort_key) if len(rows) > 1 else []


def begin_flush(session: Session, context: UOWTransaction) -> None:
    """Take note of a flush."""
    session.info[_FLUSH] = _Flush(context)


def end_flush(session: Session) -> None:
    """Forget it."""
    session.info.pop(_FLUSH, None)


def begin_flushing(_mapper: object, _connection: object, state: InstanceState[Any]) -> Any:
    """Mark a row's documents as about to be written."""
    flush = _flush_of(state)
    if flush is None or state not in flush.sent_ahead:
        _mark(state)
    return EXT_CONTINUE


def send_documents(mapper: Mapper[Any], connection: Connection, state: InstanceState[Any]) -> Any:
    """Write what changed in a row's documents, and ahead what can be sent with it.

    Raises:
        Conflict: another writer changed the same place, and the column's policy is to raise.
        StaleDataError: a row is gone, or its version is another.
    """
    flush = _flush_of(state)
    if flush is None or flush.has_one_row:
        _send(sendings(mapper, connection, state))
    elif state not in flush.sent_ahead:
        with _Rows(connection) as rows:
            rows.add(sendings(mapper, connection, state))
            for row in flush.behind(state):
                flush.sent_ahead.add(row)
                _mark(row)
                rows.add(sendings(row.manager.mapper, connection, row))
    return EXT_CONTINUE


_OURS = (begin_flushing, send_documents)


def _flush_of(state: InstanceState[Any]) -> _Flush | None:
    session = state.session
    return None if session is None else session.info.get(_FLUSH)


def _mark(state: InstanceState[Any]) -> None:
    for key in documents_of(state):
        attachment = attachment_of(state.dict.get(key))
        if attachment is not None:
            attachment.flushing = True


def _send(row: list[Sending]) -> None:
    for sending in row:
        sending.send(sending.fast_update())


class _Rows:
    """Rows in the order in which they are to be written; those at the end have one statement, and wait."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._statement: Update | None = None
        self._waiting: list[tuple[Sending, RowUpdate]] = []

    def __enter__(self) -> _Rows:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if kind is None or issubclass(kind, Exception):
            # A row that cannot be written is told of after those before it, which may have conflicts to tell.
            self._send_waiting()

    def add(self, row: list[Sending]) -> None:
        """Write a row, or let it wait for others with its statement."""
        if len(row) == 1 and row[0].is_one_statement:
            self._add(row[0])
        elif row:
            self._send_waiting()
            _send(row)

    def _add(self, sending: Sending) -> None:
        fast = sending.fast_update()
        if fast is None:
            self._send_waiting()
            sending.merge()
            return
        statement = fast.statement()
        if statement is not self._statement or len(self._waiting) >= _MOST:
            self._send_waiting()
            self._statement = statement
        self._waiting.append((sending, fast))

    def _send_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        while len(waiting) > 1:
            waiting = waiting[self._send_some(waiting) :]
        for sending, fast in waiting:
            sending.send(fast)

    def _send_some(self, waiting: list[tuple[Sending, RowUpdate]]) -> int:
        """Write rows up to the first one that is not as it was read, and that one too; return how many these are."""
        assert self._statement is not None
        try:
            found = update_while_found(
                self._connection, self._statement, [fast.all_parameters() for _, fast in waiting]
            )
        except DBAPIError:
            raise
        except StatementError:
            # A parameter cannot be sent, so that nothing was: those before it may have conflicts to tell.
            for sending, fast in waiting:
                sending.send(fast)
            return len(waiting)
        for (sending, _), written in zip(waiting, found, strict=False):
            sending.settle(written, {})
        if len(found) == len(waiting):
            return len(waiting)
        waiting[len(found)][0].merge()
        return len(found) + 1
