"""What the sentinel knows of one session."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.orm import Mapper, Session, SessionTransaction
from sqlalchemy.orm.attributes import get_history, instance_state
from sqlalchemy.orm.base import PASSIVE_NO_INITIALIZE
from sqlalchemy.orm.state import InstanceState
from sqlalchemy.schema import Column
from sqlalchemy.types import TypeDecorator

from indelible.errors import UnsavedChange
from indelible.sentinel import adopting, clock, tracing
from indelible.sentinel.comparing import same
from indelible.sentinel.suspicions import Suspicion, error_of, is_stored
from indelible.sentinel.watches import Watch

State = InstanceState[Any]
_SWEEP = 200
_watches: weakref.WeakKeyDictionary[State, dict[str, Watch]] = weakref.WeakKeyDictionary()
_keys: weakref.WeakKeyDictionary[Mapper[Any], tuple[str, ...]] = weakref.WeakKeyDictionary()


def watchable_keys(mapper: Mapper[Any]) -> tuple[str, ...]:
    """Return the attributes of a mapped class whose values may be containers."""
    keys = _keys.get(mapper)
    if keys is None:
        keys = _keys[mapper] = tuple(
            attribute.key
            for attribute in mapper.column_attrs
            if isinstance(attribute.columns[0], Column) and _may_hold_containers(attribute.columns[0])
        )
    return keys


def _may_hold_containers(column: Column[Any]) -> bool:
    if isinstance(column.type, TypeDecorator):
        return True
    try:
        kind = column.type.python_type
    except NotImplementedError:
        return True
    return issubclass(kind, dict | list) or kind is object


class Ledger:
    """The watched values of a session's rows, and the changes to them that may be lost."""

    def __init__(
        self,
        session: Session,
        report: Callable[[UnsavedChange], None],
        *,
        ignored: frozenset[str],
        at_flush: bool,
        trace: bool,
    ) -> None:
        self._session = weakref.ref(session)
        self._report = report
        self._ignored = ignored
        self._at_flush = at_flush
        self._trace = trace
        self._watches: dict[int, Watch] = {}
        self._pending: list[Suspicion] = []
        self._written: list[tuple[State, tuple[str, ...]]] = []
        self._savepoints: weakref.WeakKeyDictionary[SessionTransaction, int] = weakref.WeakKeyDictionary()
        self._flushed_at = self._judged_at = clock.now()
        self._committing = self._rolling_back = False
        self._sweep_at = _SWEEP

    @property
    def session(self) -> Session:
        session = self._session()
        assert session is not None  # only a live session calls
        return session

    # -- rows that come and go

    def loaded(self, state: State) -> None:
        """Watch the values of a row that was just read."""
        for key in watchable_keys(state.mapper):
            self._watch(state, key, loaded=True)

    def attached(self, state: State) -> None:
        """Watch a row that comes from elsewhere: another session, or a pickle."""
        known = _watches.get(state, {})
        for key in watchable_keys(state.mapper):
            if key in known:
                self._keep(known[key])
            else:
                self._watch(state, key, loaded=False)

    def detached(self, state: State) -> None:
        """Leave a row alone, but for changes that a flush should have written."""
        for watch in _watches.get(state, {}).values():
            self._leave(watch)

    def deleted(self, state: State) -> None:
        """Forget a row."""
        for watch in _watches.pop(state, {}).values():
            self._drop(watch)

    def refreshed(self, state: State, attributes: Iterable[str] | None, read: bool) -> None:
        """Watch the values that were just read again, or that a statement's values were taken for."""
        keys = watchable_keys(state.mapper)
        for key in keys if attributes is None else [key for key in keys if key in set(attributes)]:
            known = _watches.get(state, {}).get(key)
            if known is not None and known.root is state.dict.get(key):
                known.take_saved()
                continue
            if known is not None:
                self._leave(known, unless=state.dict.get(key))
            self._watch(state, key, loaded=read)

    def expired(self, state: State, attributes: Iterable[str] | None) -> None:
        """Forget values that the row holds no more."""
        known = _watches.get(state, {})
        for key in list(known) if attributes is None else [key for key in attributes if key in known]:
            self._leave(known.pop(key))

    def written(self, state: State, attributes: Iterable[str]) -> None:
        """Take note that a flush writes these values, or has read them from the database."""
        keys = set(attributes)
        self._written.append((state, tuple(key for key in watchable_keys(state.mapper) if key in keys)))

    def inserted(self, state: State) -> None:
        """Take note that a flush writes a new row."""
        self._written.append((state, watchable_keys(state.mapper)))

    def flushing(self) -> None:
        """Take note of what the flush that is about to end has written."""
        for row in self.session.dirty:
            state = instance_state(row)
            keys = watchable_keys(state.mapper)
            if keys:
                self.written(state, [key for key in keys if _is_changed(row, key)])

    # -- the transaction

    def flushed(self) -> None:
        """Begin anew with what was written; judge if this flush is the last of a commit."""
        written, self._written = self._written, []
        for state, keys in written:
            known = _watches.get(state, {})
            for key in keys:
                if key in known:
                    known[key].take_saved()
                    self._follow(known[key])
                else:
                    self._watch(state, key, loaded=False)
        self._flushed_at = clock.tick()
        if (self._committing and self._is_clean()) or self._at_flush:
            self._committing = False
            self.judge()

    def before_commit(self) -> None:
        """Judge now, or after the flush that the commit begins with."""
        if self.session.in_nested_transaction():
            return
        if self._is_clean():
            self.judge()
        else:
            self._committing = True

    def savepoint(self, transaction: SessionTransaction) -> None:
        """Tell later changes from earlier ones."""
        self._savepoints[transaction] = clock.tick()

    def rolling_back(self) -> None:
        """Take values that expire now for given up on purpose; of a savepoint's, those changed after it began."""
        self._rolling_back = not self.session.in_nested_transaction()
        self._committing = False

    def rolled_back(self, transaction: SessionTransaction) -> None:
        """Forget the changes that the program took back with the transaction."""
        self._rolling_back = False
        self._written.clear()
        if not transaction.nested:
            if transaction.parent is None:
                self._pending.clear()
            return
        begun = self._savepoints.get(transaction, 0)
        self._pending = [one for one in self._pending if _began_before(one, begun)]
        for watch in self._watches.values():
            if watch.differs() and not _began_before(Suspicion.of(watch), begun):
                watch.take_saved()

    def ended(self, transaction: SessionTransaction) -> None:
        """Judge what was closed without a commit on a connection whose transaction goes on."""
        if transaction.parent is not None:
            return
        given_up, self._rolling_back, self._committing = self._rolling_back, False, False
        for watch in [watch for watch in self._watches.values() if watch.is_orphan()]:
            self._drop(watch)
        pending, self._pending = self._pending, []
        if pending and not given_up and isinstance(self.session.bind, Connection):
            self._tell(pending)

    def judge(self) -> None:
        """Report the changes that the transaction does not save."""
        suspected = [watch for watch in self._watches.values() if watch.differs()]
        suspicions = [*self._pending, *map(Suspicion.of, suspected)]
        lost = [one for one in suspicions if not is_stored(self.session, one)]
        lost_names = {(one.name, one.identity) for one in lost}
        for watch in suspected:
            if (watch.name(), watch.identity) not in lost_names:
                watch.take_saved()
        if lost:
            self._tell(lost)
            for watch in suspected:  # reported once
                watch.take_saved()
        self._pending.clear()
        self._judged_at = self._flushed_at

    def _tell(self, lost: list[Suspicion]) -> None:
        self._report(error_of(lost))

    def _is_clean(self) -> bool:
        session = self.session
        return not (session.new or session.deleted or session.dirty)

    # -- values

    def _watch(self, state: State, key: str, loaded: bool) -> None:
        if not adopting.is_watchable(state.dict.get(key)) or self._is_ignored(state.mapper, key):
            _watches.get(state, {}).pop(key, None)
            return
        watch = Watch(state, key, loaded)
        _watches.setdefault(state, {})[key] = watch
        self._keep(watch)

    def _keep(self, watch: Watch) -> None:
        if len(self._watches) >= self._sweep_at:
            self._sweep()
        self._watches[id(watch)] = watch
        self._follow(watch)

    def _follow(self, watch: Watch) -> None:
        if watch.foreign or self._trace:
            tracing.follow(watch, always=self._trace)

    def _sweep(self) -> None:
        """Forget rows that are gone, so that a session which reads many does not hold what is in them."""
        self._watches = {key: watch for key, watch in self._watches.items() if not watch.is_forgotten()}
        self._sweep_at = 2 * len(self._watches) + _SWEEP

    def _leave(self, watch: Watch, unless: Any = None) -> None:
        """Drop a value, and keep the suspicion if a flush should have written it."""
        self._drop(watch)
        if self._rolling_back or self._flushed_at <= max(watch.since, self._judged_at):
            return
        if watch.differs() and not (unless is not None and same(watch.root, unless)):
            suspicion = Suspicion.of(watch)
            if _began_before(suspicion, self._flushed_at):
                self._pending.append(suspicion)

    def _drop(self, watch: Watch) -> None:
        self._watches.pop(id(watch), None)
        tracing.leave(watch)

    def _is_ignored(self, mapper: Mapper[Any], key: str) -> bool:
        return bool(self._ignored) and any(
            f"{cls.__name__}.{key}" in self._ignored for cls in mapper.class_.__mro__
        )


def _is_changed(row: object, key: str) -> bool:
    return bool(get_history(row, key, PASSIVE_NO_INITIALIZE).has_changes())


def _began_before(suspicion: Suspicion, time: int) -> bool:
    made = suspicion.first_made()
    return made is not None and made < time
