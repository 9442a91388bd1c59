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

    def unload(self, column: str) -> None:
        """Forget a document that was expired: what was read of it is stale."""
        self.loaded[column] = False
        self.slots[column].value = None


@dataclass
class Savepoint:
    """An open savepoint, and what the transaction held when it was set."""

    real: Any
    stored: dict[tuple[int, str], Any]
