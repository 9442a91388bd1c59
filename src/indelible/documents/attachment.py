"""The bond between a document and the attribute of the row that holds it."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified, instance_dict, instance_state
from sqlalchemy.orm.state import InstanceState

from indelible.changes import differencing
from indelible.changes.editing import Replacement
from indelible.changes.journal import UNKNOWN, Journal
from indelible.changes.ownership import Container, Holder
from indelible.changes.tracking import load
from indelible.changes.values import Rules, plain
from indelible.documents.strictness import is_strict
from indelible.errors import StaleContainer

_NOTHING = object()


class Attachment:
    """Holds one document of one row: its journal, and the row itself, which lives as long as any container of it."""

    __slots__ = (
        "__weakref__",
        "_old",
        "earlier",
        "flushing",
        "instance",
        "journal",
        "key",
        "rules",
        "seen",
        "uncommitted",
    )

    def __init__(self, instance: object, key: str, rules: Rules, baseline: Any) -> None:
        self.instance = instance
        self.key = key
        self.rules = rules
        self.journal = Journal(baseline)
        self.flushing = False
        self.seen: Any = _NOTHING
        self.earlier: list[Journal] = []
        self.uncommitted: dict[int, Journal] = {}
        self._old: OldDict | OldList | None = None

    @classmethod
    def load(cls, instance: object, key: str, rules: Rules, value: Any) -> Attachment:
        """Attach a value that the database or another row gave."""
        attachment = cls(instance, key, rules, UNKNOWN)
        attachment.journal.root = load(value, attachment)
        if is_strict():
            attachment.seen = value
        return attachment

    @property
    def document(self) -> Holder:
        return self

    def admit(self, top: Container) -> None:
        if not self.holds(top):
            raise StaleContainer(
                "this container was read before the row was committed, refreshed, rolled back or expired, and the row "
                f"holds another document by now. Read `{self.key}` from the row again and change that.",
                document=self.describe(),
            )
        if instance_state(self.instance).deleted:
            raise StaleContainer(
                "the row was deleted, so a change to its document would be saved nowhere.",
                document=self.describe(),
            )

    def holds(self, root: object) -> bool:
        """Tell whether the row's present document is this one."""
        return instance_dict(self.instance).get(self.key) is root

    def changed(self) -> None:
        """Mark the attribute modified, as an assignment would, with the baseline as its old value."""
        state = instance_state(self.instance)
        committed = state.committed_state
        if self.key in committed and state.modified:
            return
        known = committed.get(self.key, _NOTHING)
        flag_modified(self.instance, self.key)
        committed[self.key] = self.old_value() if known is _NOTHING else known

    def old_value(self) -> Any:
        """Return what stands for the baseline in SQLAlchemy's history."""
        root = self.journal.root
        if not isinstance(root, dict | list):
            return root
        if self._old is None:
            self._old = OldDict() if isinstance(root, dict) else OldList()
            self._old.attachment, self._old.journal = self, self.journal
        return self._old

    def replace(self, current: Any, value: Any) -> Any:
        """Return the tracked document for a value that is assigned in place of the current one."""
        with Replacement(self, current) as replacement:
            return replacement.place(value)

    def sent(self, root: Any) -> None:
        """Begin a new journal: what the database is about to hold is the baseline from now on."""
        closed, self.journal = self.journal, Journal(root)
        closed.later = self.journal
        self.flushing = False
        self._old = None
        if is_strict():
            self.seen = plain(root)
            self.earlier.append(closed)
        else:
            self.seen = _NOTHING

    def reopen(self, journal: Journal) -> None:
        """Take up an earlier journal again: what was sent since is not in the database."""
        self.journal = journal
        self._old = None
        self.earlier.clear()
        if self.is_watched:
            self.seen = differencing.Past(journal).value(journal.root)

    def describe(self) -> str:
        """Name the document as `Script(id=1).scene_summaries`, without asking the database."""
        state = instance_state(self.instance)
        return f"{_row(state)}.{self.key}"

    @property
    def is_watched(self) -> bool:
        """Tell whether strict mode keeps a plain copy of the baseline in `seen`."""
        return self.seen is not _NOTHING

    def is_live(self, session: Session) -> bool:
        """Tell whether a row of this session holds the document that belongs here."""
        state = instance_state(self.instance)
        current = attachment_of(instance_dict(self.instance).get(self.key))
        return current is self and state.session is session


class OldValue:
    """A document's old value in SQLAlchemy's history, filled in when somebody compares with it.

    Most flushes look at nothing but whether there is a change, so the whole old value is not made for each.
    """

    __slots__ = ()
    attachment: Attachment
    journal: Journal

    def is_still(self, now: Any) -> bool:
        """Tell whether the document has this value; fill it in where it has not."""
        if not differencing.differs(self.journal, now):
            return True
        self.fill()
        return False

    def fill(self) -> None:
        """Take on the old value. In a flush, parts that did not change are shared with the document."""
        raise NotImplementedError

    def _content(self) -> Any:
        past = differencing.Past(self.journal)
        read = past.sharing_value if self.attachment.flushing else past.value
        return read(self.journal.root)

    def __reduce_ex__(self, protocol: Any) -> Any:
        value = differencing.Past(self.journal).value(self.journal.root)
        return value.__class__, (value,)


class OldDict(OldValue, dict[Any, Any]):
    """The old value of a document that was an object."""

    __slots__ = ("attachment", "journal")

    def fill(self) -> None:
        self.clear()
        self.update(self._content())


class OldList(OldValue, list[Any]):
    """The old value of a document that was an array."""

    __slots__ = ("attachment", "journal")

    def fill(self) -> None:
        self[:] = self._content()


def attachment_of(value: object) -> Attachment | None:
    """Return what holds a document, given its root."""
    owner = value._owner if isinstance(value, Container) else None
    return owner if isinstance(owner, Attachment) else None


def _row(state: InstanceState[Any]) -> str:
    name = state.class_.__name__
    if state.identity is None:
        return f"{name}(new)"
    keys = ", ".join(
        f"{column.key}={value!r}"
        for column, value in zip(state.mapper.primary_key, state.identity, strict=True)
    )
    return f"{name}({keys})"
