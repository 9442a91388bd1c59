"""Who owns a container: a container above it, the row that holds its document, or nobody any more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Protocol, TypeAlias, cast

from indelible.changes.journal import Journal
from indelible.changes.paths import Path, Step
from indelible.changes.values import Rules
from indelible.errors import StaleContainer

_NO_SLOTS: tuple[str, ...] = ()


class Container:
    """Base of the tracked containers: knows what is above it and nothing else."""

    # The subclasses have the slots: two bases with slots cannot be one object's, and the other base is a built-in.
    __slots__ = _NO_SLOTS
    _owner: Owner
    _twin: Container | Elsewhere
    """The copy that was made when this container was put in a second place; unset where there is none."""

    _kinds: ClassVar[dict[type, type[Container]]] = {}

    def shallow(self) -> Any:
        """Return a plain copy that holds the same children."""
        raise NotImplementedError

    def __init_subclass__(cls, of: type) -> None:
        Container._kinds[of] = cls

    @staticmethod
    def empty(kind: type, owner: Owner) -> Any:
        """Return a new tracked container of a built-in kind, `dict` or `list`."""
        node: Any = cast(Any, kind).__new__(Container._kinds[kind])
        node._owner = owner
        return node


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

    def holds(self, top: Container) -> bool:
        """Tell whether this container is the present document."""

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
        """Allow the change, since the container is free; unless its row holds it after all."""
        if self.document.holds(top):
            raise StaleContainer(
                "an event listener refused the assignment of another document when this one had already made room. "
                "Refresh the row.",
                document=self.document.describe(),
            )

    def holds(self, top: Container) -> bool:
        return False

    def changed(self) -> None:
        """Do nothing: no document contains the container."""

    def describe(self) -> str:
        return f"a container removed from {self.document.describe()}"


class Replaced(Removed):
    """The owner of a container that gave way to another value by assignment.

    The program may still take it for what the document holds, so a change is refused; it can be put in again.
    """

    __slots__ = ()

    def admit(self, top: Container) -> None:
        super().admit(top)
        raise StaleContainer(
            "this container was replaced in its document by another value, so a change to it would be saved nowhere. "
            "Read the present one from the row, or put this one in again, or change a copy of it.",
            document=self.document.describe(),
        )


class Superseded(Removed):
    """The owner of a removed container whose copy lives on, in another document or with other content.

    The program may still take this container for the copy, so a change is refused; it can be put in again.
    """

    __slots__ = ("_copied_to",)

    def __init__(self, document: Holder, copied_to: str) -> None:
        super().__init__(document)
        self._copied_to = copied_to

    def admit(self, top: Container) -> None:
        raise StaleContainer(
            f"this container was copied into {self._copied_to} and then removed from here, so it cannot be told "
            "which one a change is meant for. Read the copy from its document and change that, or put this one in "
            "again, or change a copy of it.",
            document=self.document.describe(),
        )


class Elsewhere:
    """Stands for a copy in another document, without keeping that one's row alive."""

    __slots__ = ("document",)

    def __init__(self, copy: Container) -> None:
        holder = top_of(copy)[1]
        self.document = "another document" if holder is None else holder.describe()


Owner: TypeAlias = Container | Holder | None


def upwards(owner: Owner) -> Iterator[Container]:
    """Yield a container and all above it."""
    while isinstance(owner, Container):
        yield owner
        owner = owner._owner


def holder_of(container: Container) -> Holder | None:
    """Return what holds the topmost container, which must be the row's present document.

    Raises:
        StaleContainer: it is not.
    """
    top, holder = top_of(container)
    if holder is not None:
        holder.admit(top)
    return holder


def top_of(container: Container) -> tuple[Container, Holder | None]:
    """Return the topmost container and what stands above it, be it the row's present document or not."""
    top, owner = container, container._owner
    while isinstance(owner, Container):
        top, owner = owner, owner._owner
    return top, owner


def containers_in(container: Container) -> list[Container]:
    """Return a container and all that it owns, from the top down."""
    found = [container]
    for each in found:
        found += [item for _, item in members(each) if isinstance(item, Container) and item._owner is each]
    return found


def members(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield the steps and values directly in a container."""
    return iter(dict.items(value)) if isinstance(value, dict) else enumerate(iter(value))


def set_member(container: Any, step: Any, value: Any) -> None:
    """Write past the tracking."""
    if isinstance(container, dict):
        dict.__setitem__(container, step, value)
    else:
        list.__setitem__(container, step, value)


def path_of(container: Container) -> Path:
    """Return where a container is in its document."""
    steps: list[Step] = []
    for above in upwards(container):
        parent = above._owner
        if isinstance(parent, Container):
            steps.append(next((step for step, item in members(parent) if item is above), "?"))
    return tuple(reversed(steps))
