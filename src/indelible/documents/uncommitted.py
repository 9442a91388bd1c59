"""Changes that were flushed and not committed: a row that has left its session meanwhile has them to write again.

SQLAlchemy expires the rows of a session whose transaction is undone. Those that `session.close()` or `expunge` took out
before go on as if it had been committed; written to again through another session, they would be sent by deltas to
something that no database holds.

What the database had before is remembered by depth, the number of open savepoints. A document's attachment remembers
it, so that no row is kept alive for that. After `row.doc = None` there is none, and after a refresh there is another
one, which holds what the same transaction wrote: then the row's state remembers the value.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from weakref import WeakSet, ref

from sqlalchemy.orm import Session, SessionTransaction
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.base import NO_VALUE
from sqlalchemy.orm.state import InstanceState

from indelible.changes.differencing import Past, differs
from indelible.changes.journal import UNKNOWN, Journal
from indelible.documents.attachment import Attachment, OldValue, attachment_of

_ROWS = "indelible.uncommitted_rows"
_VALUES = "indelible.uncommitted_values"
_ATTACHMENTS = "indelible.uncommitted_attachments"


def note_sent(state: InstanceState[Any], key: str, before: Journal) -> None:
    """Remember what the database held of a document that was sent, if that is the first time in its transaction."""
    session = state.session
    if session is None or state.key is None:  # a row without a key is being inserted
        return
    depth = _depth(session.get_nested_transaction())
    attachment = attachment_of(state.dict.get(key))
    values = state.info.get(_VALUES, {}).pop(key, {})
    if attachment is not None:
        attachment.uncommitted = values | attachment.uncommitted
        attachment.uncommitted.setdefault(depth, before)
        state.info.setdefault(_ATTACHMENTS, {})[key] = ref(attachment)
    else:
        _attachment_of_sent(state, key)
        old = state.committed_state.get(key)
        known = values | (old.attachment.uncommitted if isinstance(old, OldValue) else {})
        known.setdefault(depth, before)
        state.info.setdefault(_VALUES, {})[key] = _plain(known)
    rows = session.info.get(_ROWS)
    if rows is None:
        rows = session.info[_ROWS] = WeakSet()
    rows.add(state)


def note_written(state: InstanceState[Any], key: str) -> None:
    """Remember the same of what SQLAlchemy wrote, and no attachment has: `None` or an atom, assigned unread."""
    old = state.committed_state[key]
    if isinstance(old, OldValue):
        note_sent(state, key, old.journal)
    else:
        note_sent(state, key, Journal(UNKNOWN if old is NO_VALUE else old))


def note_read_again(state: InstanceState[Any], key: str) -> None:
    """Go on remembering what the database held before a document was sent, which is read anew.

    What is read has what was sent in it, and is undone with it. Nobody else can have changed it: the row is locked.
    """
    attachment = _attachment_of_sent(state, key)
    if attachment is not None and attachment.uncommitted:
        state.info.setdefault(_VALUES, {})[key] = _plain(attachment.uncommitted)


def without_uncommitted(info: dict[Any, Any]) -> dict[Any, Any]:
    """Return a state's notes without those that are made here, to be pickled."""
    return {key: value for key, value in info.items() if key not in (_VALUES, _ATTACHMENTS)}


def settle_committed(session: Session) -> None:
    """Forget what a commit has made lasting; what a savepoint's end has, to the transaction around it."""
    nested = session.get_nested_transaction()
    depth = _depth(nested)
    for state in list(session.info.get(_ROWS, ()) if depth else session.info.pop(_ROWS, ())):
        for _key, uncommitted in _remembered(state):
            if depth == 0:
                uncommitted.clear()
            elif depth in uncommitted:
                uncommitted.setdefault(depth - 1, uncommitted.pop(depth))
        if depth == 0:
            state.info.pop(_ATTACHMENTS, None)


def restore_undone(session: Session, transaction: SessionTransaction) -> None:
    """Let rows outside the session have to write again what this transaction or savepoint did not keep."""
    if not transaction.nested and transaction.parent is not None:
        return  # SQLAlchemy's own, around a flush
    depth = _depth(transaction)
    for state in list(session.info.get(_ROWS, ()) if depth else session.info.pop(_ROWS, ())):
        row = state.obj()
        for key, uncommitted in _remembered(state):
            undone = [uncommitted.pop(level) for level in sorted(uncommitted) if level >= depth]
            if undone and row is not None and state.session is not session and state.key is not None:
                _restore(state, row, key, undone[0])
        if depth == 0:
            state.info.pop(_ATTACHMENTS, None)


def _remembered(state: InstanceState[Any]) -> Iterator[tuple[str, dict[int, Journal]]]:
    yield from list(state.info.get(_VALUES, {}).items())
    for key, known in list(state.info.get(_ATTACHMENTS, {}).items()):
        attachment = known()
        if attachment is not None:
            yield key, attachment.uncommitted


def _attachment_of_sent(state: InstanceState[Any], key: str) -> Attachment | None:
    known = state.info.get(_ATTACHMENTS, {}).pop(key, None)
    return None if known is None else known()


def _plain(journals: dict[int, Journal]) -> dict[int, Journal]:
    return {depth: Journal(_value_before(journal)) for depth, journal in journals.items()}


def _restore(state: InstanceState[Any], row: object, key: str, before: Journal) -> None:
    if key not in state.dict:
        return  # it was expired and is read again
    now = state.dict[key]
    attachment = attachment_of(now)
    if attachment is not None:
        if attachment.journal in before.chain():
            before.reopen()
        else:  # it was merged with what others had stored
            before = Journal(_value_before(before))
        attachment.reopen(before)
    state.committed_state.pop(key, None)
    if differs(before, now):
        flag_modified(row, key)
        if before.root is UNKNOWN:
            old: Any = NO_VALUE
        else:
            old = _value_before(before) if attachment is None else attachment.old_value()
        state.committed_state[key] = old


def _value_before(journal: Journal) -> Any:
    return Past(journal).value(journal.root)


def _depth(transaction: SessionTransaction | None) -> int:
    """Return how many savepoints are open in a transaction."""
    depth = 0
    while transaction is not None:
        depth += transaction.nested
        transaction = transaction.parent
    return depth
