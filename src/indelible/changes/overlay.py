"""A writer's changes laid over the document that it had read: what it touched, and nothing else."""

from __future__ import annotations

from typing import Any, TypeAlias

from indelible.changes.deltas import ABSENT, Add, Change, Delta, Move, Put, Remove, Splice, Union, missing
from indelible.changes.paths import By, Path, Step, format_path
from indelible.changes.values import plain


class ChangedDict:
    """An object that was changed, itself or below."""

    __slots__ = ("amounts", "base", "now")

    def __init__(self, base: dict[str, Any]) -> None:
        self.base = base
        self.now: dict[str, Any] = {}
        """The touched members: a value, an overlay, or `ABSENT`."""
        self.amounts: dict[str, int | float] = {}
        """What was added to members that are numbers."""

    def child(self, key: Any) -> Any:
        """Return the present value of a member."""
        return self.now[key] if key in self.now else self.base[key]

    def replace(self, key: Any, value: Any) -> None:
        """Set a member, or take it away with `ABSENT`."""
        self.now[key] = value
        self.amounts.pop(key, None)

    def add(self, key: Any, amount: int | float) -> None:
        """Add to a number."""
        present = self.now.get(key, self.base.get(key, 0))
        total = self.amounts.get(key, 0) + amount
        counts_still = key not in self.now or key in self.amounts
        self.now[key] = (0 if present is ABSENT else present) + amount
        if counts_still:
            self.amounts[key] = total


class Item:
    """An element of a changed list: where it was in the base (`None`: nowhere), and its value or overlay."""

    __slots__ = ("origin", "value")

    def __init__(self, origin: int | None, value: Any) -> None:
        self.origin = origin
        self.value = value


class ChangedList:
    """A list that was changed, itself or below."""

    __slots__ = ("base", "items", "united")

    def __init__(self, base: list[Any]) -> None:
        self.base = base
        self.items = [Item(index, value) for index, value in enumerate(base)]
        self.united: list[Any] = []

    def child(self, step: Any) -> Any:
        """Return the present value of an element."""
        return self.items[self._position(step)].value

    def replace(self, step: Any, value: Any) -> None:
        """Set an element."""
        self.items[self._position(step)].value = value

    def change(self, change: Splice | Move | Union) -> None:
        """Change which elements there are, and where."""
        if isinstance(change, Splice):
            self._splice(change)
        elif isinstance(change, Move):
            self.items.insert(change.target, self.items.pop(change.source))
        else:
            self.united += change.values

    def _splice(self, change: Splice) -> None:
        """Take elements that come in place of others for their changed form."""
        end = change.index + len(change.old)
        former = [item.origin for item in self.items[change.index : end]]
        origins = former + [None] * len(change.new)
        self.items[change.index : end] = [
            Item(origin, plain(value)) for origin, value in zip(origins, change.new, strict=False)
        ]

    def _position(self, step: Step) -> int:
        if isinstance(step, By):
            for position, item in enumerate(self.items):
                if step.finds(present(item.value)):
                    return position
            raise LookupError
        if not isinstance(step, int):
            raise TypeError
        return step


Changed: TypeAlias = ChangedDict | ChangedList


def lay_over(base: Any, delta: Delta) -> Any:
    """Return a document with a delta laid over it: an overlay, or the new value of a document that was replaced.

    Raises:
        LookupError: a path of the delta is not in the document.
    """
    above = ChangedDict({"": base})
    for change in delta:
        _lay(change, above)
    return above.child("")


def _lay(change: Change, above: ChangedDict) -> None:
    path: Path = ("", *change.path)
    try:
        if isinstance(change, Put):
            _opened(above, path[:-1]).replace(path[-1], plain(change.value))
        elif isinstance(change, Remove):
            _opened(above, path[:-1]).replace(path[-1], ABSENT)
        elif isinstance(change, Add):
            _opened(above, path[:-1]).add(path[-1], change.amount)
        else:
            _opened(above, path).change(change)
    except (LookupError, TypeError, AttributeError):
        raise LookupError(f"nothing at {format_path(change.path)} for {change!r}") from None


def _opened(above: ChangedDict, path: Path) -> Any:
    """Return the overlay at a path, made where there is none yet."""
    node: Any = above
    for step in path:
        value = node.child(step)
        if not isinstance(value, Changed):
            value = changed(value)
            node.replace(step, value)
        node = value
    return node


def changed(value: Any) -> Changed:
    """Return an overlay that changes nothing.

    Raises:
        TypeError: the value is no container.
    """
    if isinstance(value, dict):
        return ChangedDict(value)
    if isinstance(value, list):
        return ChangedList(value)
    raise TypeError(f"{value!r} is no container")


def present(value: Any) -> Any:
    """Return what a value or overlay says is there now, made of plain containers."""
    if isinstance(value, ChangedDict):
        members = {key: present(item) for key, item in (value.base | value.now).items()}
        return {key: item for key, item in members.items() if item is not ABSENT}
    if isinstance(value, ChangedList):
        elements = [present(item.value) for item in value.items]
        return elements + missing(value.united, elements)
    return value
