"""What the model knows of a row and of a savepoint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.database.programs.store import COLUMNS, Page
from tests.unit.model import Slot, bare, identical

UNKNOWN = object()
"""The baseline of a document that was assigned before it was read."""

PENDING, PERSISTENT, DETACHED, TRANSIENT, ABANDONED = (
    "pending",
    "persistent",
    "detached",
    "transient",
    "abandoned",
)


@dataclass(eq=False)
class Line:
    """A row as the model sees it."""

    id: int
    real: Page | None
    status: str
    slots: dict[str, Slot] = field(default_factory=lambda: {name: Slot(name) for name in COLUMNS})
    loaded: dict[str, bool] = field(default_factory=lambda: dict.fromkeys(COLUMNS, True))
    baseline: dict[str, Any] = field(default_factory=lambda: dict.fromkeys(COLUMNS, UNKNOWN))
    sent: dict[str, dict[int, Any]] = field(default_factory=lambda: {name: {} for name in COLUMNS})
    """What the database had of a document before it was sent, by how many savepoints were open; not committed yet."""
    copied_from_sent: bool = False
    """Whether it was unpickled from a row with changes that were flushed and not committed: it cannot know of them."""
    dropped: Callable[[], Page | None] = field(default=lambda: None)
    """The row that the program holds no more; a container that it holds can keep it alive."""
    born: int | None = None
    """How many savepoints were open when the row was inserted; `None` once that is committed."""

    @property
    def name(self) -> str:
        return f"row{self.id}"

    @property
    def alive(self) -> Page | None:
        """The row, if there is any reference to it."""
        return self.real if self.real is not None else self.dropped()

    @property
    def in_session(self) -> bool:
        return self.status in (PENDING, PERSISTENT)

    @property
    def is_settled(self) -> bool:
        """Whether the database holds the row for good."""
        return self.status == PERSISTENT and self.born is None

    def differs(self, column: str) -> bool:
        """Tell whether the next flush must write the document."""
        baseline = self.baseline[column]
        return self.loaded[column] and (
            baseline is UNKNOWN or not identical(bare(self.slots[column].value), baseline)
        )

    def undo(self, depth: int, *, restores: bool) -> None:
        """Forget what was sent since a savepoint; a row out of the session has to write it again."""
        for column, by_depth in self.sent.items():
            undone = [by_depth.pop(level) for level in sorted(by_depth) if level >= depth]
            if undone and restores:
                self.baseline[column] = undone[0]

    def unload(self, column: str) -> None:
        """Forget a document that was expired: what was read of it is stale."""
        self.loaded[column] = False
        self.slots[column].value = None


@dataclass
class Savepoint:
    """An open savepoint, and what the transaction held when it was set."""

    real: Any
    stored: dict[tuple[int, str], Any]
