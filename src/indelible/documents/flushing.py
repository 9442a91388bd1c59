"""What a session does with documents around its flushes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction, UOWTransaction
from sqlalchemy.orm.attributes import instance_dict, instance_state

from indelible.changes import differencing
from indelible.documents import watching
from indelible.documents.attachment import Attachment, attachment_of
from indelible.documents.change_log import log_raised
from indelible.documents.gathering import begin_flush, end_flush
from indelible.documents.instrumenting import send_last
from indelible.documents.rows import documents_of
from indelible.documents.uncommitted import restore_undone, settle_committed

_FLUSHED = "indelible.flushed"


def _attachments(rows: Iterable[object]) -> Iterator[Attachment]:
    for row in rows:
        values = instance_dict(row)
        for key in documents_of(instance_state(row)):
            attachment = attachment_of(values.get(key))
            if attachment is not None:
                yield attachment


def _before_flush(session: Session, context: UOWTransaction, _objects: object) -> None:
    begin_flush(session, context)
    for mapper in {instance_state(row).mapper for row in session.dirty}:
        send_last(mapper)
    for attachment in _attachments([*session.new, *session.dirty]):
        if attachment.journal.sources:
            watching.check_sources(attachment)
    for attachment in watching.watched(session):
        watching.check_unseen_changes(attachment)


def _before_commit(session: Session) -> None:
    # A session with nothing to flush has no `before_flush`.
    for attachment in watching.watched(session):
        watching.check_unseen_changes(attachment)
        watching.check_sources(attachment)


def _after_commit(session: Session) -> None:
    settle_committed(session)


def _after_transaction_end(session: Session, transaction: SessionTransaction) -> None:
    end_flush(session)
    restore_undone(session, transaction)
    if transaction.parent is None:
        log_raised(session)
        for attachment in watching.watched(session):
            attachment.earlier.clear()


def _after_flush(session: Session, _context: object) -> None:
    # Rows that event handlers changed meanwhile are among them; SQLAlchemy takes those for clean from here on.
    session.info[_FLUSHED] = [*session.new, *session.dirty]


def _after_flush_postexec(session: Session, _context: object) -> None:
    for attachment in _attachments(session.info.pop(_FLUSHED, [])):
        root = instance_dict(attachment.instance).get(attachment.key)
        if differencing.differs(attachment.journal, root) and _is_persistent(attachment.instance):
            attachment.changed()
        if attachment.is_watched:
            watching.watch(session, attachment)


def _is_persistent(row: object) -> bool:
    return instance_state(row).persistent


event.listen(Session, "before_flush", _before_flush)
event.listen(Session, "before_commit", _before_commit)
event.listen(Session, "after_commit", _after_commit)
event.listen(Session, "after_transaction_end", _after_transaction_end)
event.listen(Session, "after_flush", _after_flush)
event.listen(Session, "after_flush_postexec", _after_flush_postexec)
