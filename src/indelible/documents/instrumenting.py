"""Makes every mapped class that has tracked columns keep their documents attached."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Mapper
from sqlalchemy.orm.attributes import instance_dict, instance_state, set_attribute
from sqlalchemy.orm.base import NO_VALUE
from sqlalchemy.orm.state import InstanceState
from sqlalchemy.schema import Column
from sqlalchemy.sql import ClauseElement

from indelible.changes import differencing
from indelible.changes.deltas import Delta
from indelible.changes.journal import UNKNOWN, Journal
from indelible.changes.ownership import Container
from indelible.changes.values import Rules, plain
from indelible.documents.attachment import Attachment, OldValue, attachment_of
from indelible.documents.column import TrackedType
from indelible.documents.gathering import begin_flushing, send_documents
from indelible.documents.rows import DOCUMENTS, documents_of
from indelible.documents.sending import show_sent
from indelible.documents.uncommitted import note_read_again, note_written, without_uncommitted
from indelible.documents.watching import watch

_PICKLED = "indelible.documents"


def _instrument(mapper: Mapper[Any], cls: type) -> None:
    documents = {
        attribute.key: attribute.columns[0].type.rules
        for attribute in mapper.column_attrs
        if isinstance(attribute.columns[0], Column) and isinstance(attribute.columns[0].type, TrackedType)
    }
    if not documents or DOCUMENTS in mapper.class_manager.info:
        return
    mapper.class_manager.info[DOCUMENTS] = documents
    # Each class has its own listeners, so none is propagated to subclasses, which may have documents of their own.
    event.listen(cls, "load", _loaded, raw=True)
    event.listen(cls, "refresh", _refreshed, raw=True)
    event.listen(cls, "refresh_flush", _refreshed, raw=True)
    event.listen(cls, "_sa_event_merge_wo_load", _merged, raw=True)
    event.listen(cls, "expire", _expired, raw=True)
    event.listen(cls, "pickle", _pickled, raw=True)
    event.listen(cls, "unpickle", _unpickled, raw=True)
    event.listen(mapper, "before_insert", begin_flushing, raw=True, retval=True)
    event.listen(mapper, "before_update", begin_flushing, raw=True, retval=True)
    event.listen(mapper, "before_update", send_documents, raw=True, retval=True)
    # Before the program's own listeners: what those change was not sent.
    event.listen(mapper, "after_insert", _written, raw=True, insert=True)
    event.listen(mapper, "after_update", _written, raw=True, insert=True)
    for key, rules in documents.items():
        _listen_to_attribute(cls, key, rules)
    if hasattr(cls, "__pydantic_fields__"):
        _keep_attached_in_pydantic(cls, documents)


def _loaded(state: InstanceState[Any], _context: object) -> None:
    _attach(state, documents_of(state))


def _merged(state: InstanceState[Any], _context: object) -> None:
    _reattach(state, documents_of(state))


def _refreshed(state: InstanceState[Any], _context: object, attributes: Iterable[str] | None) -> None:
    documents = documents_of(state)
    _reattach(state, documents if not attributes else documents.keys() & set(attributes))


def _reattach(state: InstanceState[Any], keys: Iterable[str]) -> None:
    for key in keys:
        note_read_again(state, key)
    _attach(state, keys)


def _attach(state: InstanceState[Any], keys: Iterable[str]) -> None:
    """Track the documents that a row has got from elsewhere than an assignment."""
    values = state.dict
    for key in keys:
        value = values.get(key)
        if value is None or not isinstance(value, dict | list):
            continue
        attachment = attachment_of(value)
        if attachment is None or attachment.instance is not state.obj():
            values[key] = _load(state, key, value)


def _load(state: InstanceState[Any], key: str, value: Any) -> Any:
    if isinstance(value, Container):
        value = plain(value)
    row = state.obj()
    attachment = Attachment.load(row, key, documents_of(state)[key], value)
    if attachment.is_watched:
        watch(state.session, attachment)
    return attachment.journal.root


def _listen_to_attribute(cls: type, key: str, rules: Rules) -> None:
    attribute = getattr(cls, key)

    def assigned(state: InstanceState[Any], value: Any, _old: object, _initiator: object) -> Any:
        current = state.dict.get(key, NO_VALUE)
        attachment = _present_attachment(state, key, current)
        if value is current and attachment is not None:
            _remember(state, attachment)
            return value
        if isinstance(value, ClauseElement) or hasattr(value, "__clause_element__"):
            return value
        if attachment is None:
            # What was assigned before is not what the database has.
            read = state.committed_state.get(key, current)
            baseline = UNKNOWN if isinstance(read, dict | list) or read is NO_VALUE else read
            return Attachment(state.obj(), key, rules, baseline).replace(current, value)
        root = attachment.replace(current, value)
        _remember(state, attachment)
        return root

    def removed(state: InstanceState[Any], _value: Any, _initiator: object) -> None:
        attachment = _present_attachment(state, key, state.dict.get(key))
        if attachment is not None:
            _remember(state, attachment)
            old = state.committed_state[key]
            if isinstance(old, OldValue):
                old.fill()
            attachment.replace(state.dict.get(key), None)

    event.listen(attribute, "set", assigned, raw=True, retval=True)
    event.listen(attribute, "remove", removed, raw=True)


def _present_attachment(state: InstanceState[Any], key: str, current: object) -> Attachment | None:
    """Return the attachment of a row's document; after `row.doc = None` its old value in the history knows it."""
    attachment = attachment_of(current)
    if attachment is not None and attachment.instance is state.obj() and attachment.key == key:
        return attachment
    old = state.committed_state.get(key)
    return old.attachment if isinstance(old, OldValue) else None


def _remember(state: InstanceState[Any], attachment: Attachment) -> None:
    """Give SQLAlchemy the baseline as the old value, before it would take the document itself, which may change."""
    state.committed_state.setdefault(attachment.key, attachment.old_value())


def pending_delta(row: object, attribute: str) -> Delta:
    """Return what the next flush has to write of a row's document: its changes since it was read or last flushed.

    It reads nothing from the database. A document that was never read or flushed is one `Put` of all of it.

    Raises:
        AttributeError: the row's class has no tracked attribute of that name.
    """
    state = instance_state(row)
    if attribute not in documents_of(state):
        raise AttributeError(f"{row.__class__.__name__} has no tracked attribute {attribute!r}")
    if attribute not in state.dict:
        return ()
    current = state.dict[attribute]
    attachment = _present_attachment(state, attribute, current)
    if attachment is not None:
        return differencing.delta(attachment.journal, current)
    if attribute not in state.committed_state:
        return ()
    old = state.committed_state[attribute]
    return differencing.delta(Journal(UNKNOWN if old is NO_VALUE else old), current)


def _expired(state: InstanceState[Any], _attributes: object) -> None:
    # An assignment that another listener refused leaves an old value behind, and SQLAlchemy does not load an
    # attribute again that has one.
    for key in documents_of(state):
        if key not in state.dict:
            state.committed_state.pop(key, None)
            session = state.session
            if session is not None and (session.is_active or session.in_nested_transaction()):
                note_read_again(state, key)  # after a rollback of all there is nothing to remember


def send_last(mapper: Mapper[Any]) -> None:
    """Let documents be sent after the program's own listeners, which may change them, were they registered later."""
    if (
        DOCUMENTS in mapper.class_manager.info
        and list(mapper.dispatch.before_update)[-1] is not send_documents
    ):
        event.remove(mapper, "before_update", send_documents)
        event.listen(mapper, "before_update", send_documents, raw=True, retval=True)


def _written(_mapper: object, _connection: object, state: InstanceState[Any]) -> None:
    for key in documents_of(state):
        if key in state.committed_state and attachment_of(state.dict.get(key)) is None:
            note_written(state, key)
    show_sent(state)
    for key in documents_of(state):
        root = state.dict.get(key)
        attachment = attachment_of(root)
        if attachment is not None and attachment.flushing:  # `Document` did not write it
            if differencing.differs(attachment.journal, root):
                attachment.sent(root)  # but the type did that a variant names for this database
            attachment.flushing = False


def _pickled(state: InstanceState[Any], pickled: dict[str, Any]) -> None:
    documents = {key: state.dict.get(key) for key in documents_of(state)}
    pickled[_PICKLED] = {key: value for key, value in documents.items() if isinstance(value, Container)}
    if "info" in pickled:
        pickled["info"] = without_uncommitted(pickled["info"])


def _unpickled(state: InstanceState[Any], pickled: dict[str, Any]) -> None:
    # The row's own `__dict__` is filled only after this event, with the very objects that are in `pickled`.
    for key, root in pickled.get(_PICKLED, {}).items():
        old = state.committed_state.get(key, root)
        unknown = not isinstance(old, dict | list)
        attachment = Attachment(state.obj(), key, documents_of(state)[key], UNKNOWN if unknown else old)
        root._owner = attachment
        if key in state.committed_state and not unknown:
            state.committed_state[key] = attachment.old_value()


def _keep_attached_in_pydantic(cls: type, documents: dict[str, Rules]) -> None:
    """Give SQLModel's `__setattr__` the tracked document.

    It assigns through SQLAlchemy and then lets pydantic write the given value into the same `__dict__`, which would
    put the plain value over the tracked one.
    """
    inherited: Callable[[Any, str, Any], None] = getattr(cls, "__setattr__")  # noqa: B009

    def set_document(self: Any, name: str, value: Any) -> None:
        if name not in documents:
            inherited(self, name, value)
            return
        set_attribute(self, name, value)
        root = instance_dict(self).get(name)
        inherited(self, name, root)
        if instance_dict(self).get(name) is not root:  # pydantic validated and made a value of its own
            set_attribute(self, name, instance_dict(self)[name])

    type.__setattr__(cls, "__setattr__", set_document)


event.listen(Mapper, "mapper_configured", _instrument)
