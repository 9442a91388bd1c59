"""The sentinel's listeners on sessions and mapped classes."""

from __future__ import annotations

import functools
import threading
import weakref
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction
from sqlalchemy.orm.state import InstanceState

from indelible.sentinel.ledgers import Ledger, watchable_keys
from indelible.sentinel.places import count_as_program

State = InstanceState[Any]
NewLedger = Callable[[Session], Ledger]
_ledgers: weakref.WeakKeyDictionary[Session, Ledger] = weakref.WeakKeyDictionary()
_known_classes: weakref.WeakSet[type] = weakref.WeakSet()
_lock = threading.Lock()


class Listeners:
    """Listens to the sessions of one target, and gives each session a ledger when its first row comes."""

    def __init__(self, target: Any, new_ledger: NewLedger) -> None:
        self._target = target
        self._new_ledger = new_ledger
        self._own: weakref.WeakSet[Session] = weakref.WeakSet()
        self._events: list[tuple[str, Callable[..., None]]] = [
            ("loaded_as_persistent", self._loaded),
            ("pending_to_persistent", self._inserted),
            ("detached_to_persistent", self._attached),
        ]

    def start(self) -> None:
        """Listen from now on."""
        _watch_flushes()
        for name, listener in self._events:
            event.listen(self._target, name, listener, raw=True)
        for name, any_listener in _SESSION_EVENTS:
            if not event.contains(self._target, name, any_listener):
                event.listen(self._target, name, any_listener, raw=True)

    def stop(self) -> None:
        """Listen no more; the rows that were read keep their recording containers, which nobody asks."""
        for name, listener in self._events:
            event.remove(self._target, name, listener)
        for session in list(self._own):
            _ledgers.pop(session, None)

    def _ledger(self, session: Session, state: State) -> Ledger | None:
        if not watchable_keys(state.mapper):
            return None
        _know_class(state.mapper.class_)
        ledger = _ledgers.get(session)
        if ledger is None:
            ledger = _ledgers[session] = self._new_ledger(session)
            self._own.add(session)
            # On the session itself, so that the program's listeners on classes come first.
            event.listen(session, "before_commit", _before_commit)
        return ledger

    def _loaded(self, session: Session, state: State) -> None:
        ledger = self._ledger(session, state)
        if ledger is not None:
            ledger.loaded(state)

    def _inserted(self, session: Session, state: State) -> None:
        ledger = self._ledger(session, state)
        if ledger is not None:
            ledger.inserted(state)

    def _attached(self, session: Session, state: State) -> None:
        ledger = self._ledger(session, state)
        if ledger is not None:
            ledger.attached(state)


def _before_commit(session: Session) -> None:
    ledger = _ledgers.get(session)
    if ledger is not None:
        ledger.before_commit()


def _detached(session: Session, state: State) -> None:
    ledger = _ledgers.get(session)
    if ledger is not None:
        ledger.detached(state)


def _deleted(session: Session, state: State) -> None:
    ledger = _ledgers.get(session)
    if ledger is not None:
        ledger.deleted(state)


def _after_flush(session: Session, _context: object) -> None:
    ledger = _ledgers.get(session)
    if ledger is not None:
        ledger.flushing()


def _after_rollback(session: Session) -> None:
    ledger = _ledgers.get(session)
    if ledger is not None:
        ledger.rolling_back()


def _after_soft_rollback(session: Session, transaction: SessionTransaction) -> None:
    ledger = _ledgers.get(session)
    if ledger is not None:
        ledger.rolled_back(transaction)


def _transaction_begun(session: Session, transaction: SessionTransaction) -> None:
    ledger = _ledgers.get(session)
    if ledger is not None and transaction.nested:
        ledger.savepoint(transaction)


def _transaction_ended(session: Session, transaction: SessionTransaction) -> None:
    ledger = _ledgers.get(session)
    if ledger is not None:
        ledger.ended(transaction)


_SESSION_EVENTS: list[tuple[str, Callable[..., None]]] = [
    ("persistent_to_detached", _detached),
    ("persistent_to_transient", _deleted),
    ("persistent_to_deleted", _deleted),
    ("after_flush", _after_flush),
    ("after_rollback", _after_rollback),
    ("after_soft_rollback", _after_soft_rollback),
    ("after_transaction_create", _transaction_begun),
    ("after_transaction_end", _transaction_ended),
]


def _ledger_of(state: State) -> Ledger | None:
    session = state.session
    return None if session is None else _ledgers.get(session)


def _refreshed(state: State, context: object, attributes: Iterable[str] | None) -> None:
    ledger = _ledger_of(state)
    if ledger is not None:
        # An UPDATE's values, which the program may hold, come without a context.
        ledger.refreshed(state, attributes, read=context is not None)


def _read_by_flush(state: State, _context: object, attributes: Iterable[str] | None) -> None:
    ledger = _ledger_of(state)
    if ledger is not None and attributes and state.key is not None:
        ledger.written(state, attributes)


def _expired(state: State, attributes: Iterable[str] | None) -> None:
    ledger = _ledger_of(state)
    if ledger is not None:
        ledger.expired(state, attributes)


def _merged_without_load(state: State, _context: object) -> None:
    ledger = _ledger_of(state)
    if ledger is not None:
        ledger.attached(state)


def _know_class(cls: type) -> None:
    """Listen to a mapped class, after what the class itself brought: `Mutable` coerces values in such listeners."""
    if cls in _known_classes:
        return
    with _lock:
        if cls in _known_classes:
            return
        count_as_program(cls)
        event.listen(cls, "refresh", _refreshed, raw=True)
        event.listen(cls, "refresh_flush", _read_by_flush, raw=True)
        event.listen(cls, "expire", _expired, raw=True)
        event.listen(cls, "_sa_event_merge_wo_load", _merged_without_load, raw=True)
        _known_classes.add(cls)


def _watch_flushes() -> None:
    """Let every flush tell its session's ledger. A flush that has nothing to write fires no event."""
    plain = Session.flush
    if hasattr(plain, "_indelible_watched"):
        return

    @functools.wraps(plain)
    def flush(self: Session, objects: Sequence[Any] | None = None) -> None:
        if objects is None:
            plain(self)
        else:
            plain(self, objects)
        ledger = _ledgers.get(self)
        if ledger is not None:
            ledger.flushed()

    flush._indelible_watched = True  # type: ignore[attr-defined]
    Session.flush = flush  # type: ignore[method-assign]
