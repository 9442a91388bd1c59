"""The journal: what a document was when it was last read or written, kept for the parts that changed since."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from indelible.changes.ownership import Container


class Unknown:
    """The baseline of a document that was never read, so that anything in it is news."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


class Journal:
    """Shallow copies of the changed containers, and the containers on the way to them.

    The copies hold the very child objects, so an untouched container is its own copy and moves are known by
    identity. Entries keep their container alive: an `id` is never reused while it is a key.

    A journal is closed when its delta has been sent; what changes afterwards is written into `later`, and both
    together still know the old baseline.
    """

    __slots__ = ("_before", "_opened", "additions", "later", "root", "sources", "unions")

    def __init__(self, root: Any) -> None:
        self.root = root
        self.sources: list[tuple[Any, Container]] = []
        self.later: Journal | None = None
        self.additions: dict[tuple[int, str], tuple[Any, int | float]] = {}
        """What `add` added to members of objects, by the object's identity: the number before, and the amount."""
        self.unions: dict[int, list[Any]] = {}
        """What `union` put into lists, by their identity."""
        self._before: dict[int, tuple[Container, Any]] = {}
        self._opened: dict[int, Container] = {}

    def __bool__(self) -> bool:
        return bool(self._before)

    @property
    def is_blank(self) -> bool:
        """Tell whether no container has changed, here or later."""
        return not self._before and self.later is None

    def knows(self, container: Container) -> bool:
        """Tell whether the container's baseline is already kept."""
        return id(container) in self._before

    def keep(self, container: Container, before: Any) -> None:
        """Keep a container's baseline, once."""
        self._before.setdefault(id(container), (container, before))

    def open(self, container: Container) -> bool:
        """Mark a container as on the way to a change; return whether it was marked already."""
        if id(container) in self._opened:
            return True
        self._opened[id(container)] = container
        return id(container) in self._before

    def touched(self) -> set[int]:
        """Return the identities of the containers that may differ from their baseline, themselves or below."""
        return self._before.keys() | self._opened.keys()

    def kept(self, container: Container) -> Any:
        """Return the shallow content that a container had at the baseline, or `None` when it has it still."""
        entry = self._before.get(id(container))
        return None if entry is None else entry[1]

    def chain(self) -> Iterator[Journal]:
        """Yield this journal and those after it."""
        journal: Journal | None = self
        while journal is not None:
            yield journal
            journal = journal.later

    def reopen(self) -> None:
        """Take in what the journals after this one know, and be the open one again."""
        after = list(self.chain())[1:]
        self.later = None
        for journal in after:
            self.sources += journal.sources
            for container, before in journal._before.values():
                self.keep(container, before)
            self._opened |= journal._opened
            for place, (start, amount) in journal.additions.items():
                first, so_far = self.additions.get(place, (start, 0))
                self.additions[place] = first, so_far + amount
            for list_id, values in journal.unions.items():
                self.unions.setdefault(list_id, []).extend(values)
