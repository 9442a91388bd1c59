"""Who owns a container: a container above it, the row that holds its document, or nobody any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from indelible.changes.journal import Journal
from indelible.changes.values import Rules
from indelible.errors import StaleContainer

if TYPE_CHECKING:
    from indelible.changes.tracking import Container


class Holder(Protocol):
    """What stands above the topmost container."""

    @property
    def document(self) -> Holder:
        """The document whose present or past the container belongs to."""

    @property
    def journal(self) -> Journal:
        """Where the first change of a container is kept."""

    @property
    def rules(self) -> Rules:
        """Which values may be put in."""

    def admit(self, top: Container) -> None:
        """Raise `StaleContainer` when a change to `top` could not be saved."""

    def changed(self) -> None:
        """Take note that the document may differ from its baseline."""

    def describe(self) -> str:
        """Name the document for people."""


class Removed:
    """The owner of a container that was taken out of its document.

    The container is the program's own now and works as a plain one; it is still part of the document's past, so
    its first change is kept in the journal.
    """

    __slots__ = ("document",)

    def __init__(self, document: Holder) -> None:
        self.document = document

    @property
    def journal(self) -> Journal:
        return self.document.journal

    @property
    def rules(self) -> Rules:
        return self.document.rules

    def admit(self, top: Container) -> None:
        """Allow the change: the container is free."""

    def changed(self) -> None:
        """Do nothing: no document contains the container."""

    def describe(self) -> str:
        return f"a container removed from {self.document.describe()}"


class Superseded(Removed):
    """The owner of a removed container whose copy lives on elsewhere with other content.

    The program may still take this container for the one in the document, so a change is refused.
    """

    __slots__ = ()

    def admit(self, top: Container) -> None:
        raise StaleContainer(
            "this container was put in a second place, which copied it, and was then removed from the first. "
            "Read the copy from the document and change that.",
            document=self.document.describe(),
        )
