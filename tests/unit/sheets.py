"""A document without a database: what stands above its root is a variable instead of a row."""

from __future__ import annotations

from typing import Any

from indelible.changes import differencing
from indelible.changes.deltas import Delta
from indelible.changes.editing import Replacement
from indelible.changes.journal import Journal
from indelible.changes.ownership import Container, Holder
from indelible.changes.tracking import load
from indelible.changes.values import JSON_ONLY, Rules, plain
from indelible.errors import StaleContainer


class Sheet:
    """Holds one document, as a row does."""

    rules: Rules = JSON_ONLY

    def __init__(self, value: Any, name: str = "sheet") -> None:
        self._name = name
        self.root: Any = value if value is None else load(value, self)
        self.journal = Journal(self.root)
        self.baseline = plain(value)
        self.marked = 0

    @property
    def document(self) -> Holder:
        """The document itself."""
        return self

    def admit(self, top: Container) -> None:
        """Refuse a change of another document than the present one."""
        if not self.holds(top):
            raise StaleContainer

    def holds(self, top: object) -> bool:
        """Tell whether this container is the present document."""
        return top is self.root

    def changed(self) -> None:
        """Count the changes."""
        self.marked += 1

    def describe(self) -> str:
        """Name the document."""
        return self._name

    def assign(self, value: Any) -> None:
        """Put another document in the place of this one."""
        if value is not self.root:
            with Replacement(self, self.root) as replacement:
                self.root = replacement.place(value)

    def delta(self) -> Delta:
        """Return the changes since the document was loaded or last flushed."""
        return differencing.delta(self.journal, self.root)

    def flush(self) -> None:
        """Take the present for the baseline."""
        closed, self.journal = self.journal, Journal(self.root)
        closed.later = self.journal
        self.baseline = plain(self.root)

    def reload(self) -> None:
        """Read the baseline again; the containers of the document become stale."""
        self.journal = Journal(None)
        self.root = load(self.baseline, self)
        self.journal.root = self.root
