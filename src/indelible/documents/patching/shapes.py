"""What a patch does, apart from its values: equal shapes are the same SQL.

A slot is the number of a bound value of the patch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Key:
    """The member of an object; an odd key is one that a path of some databases cannot name as it is."""

    key: int
    is_odd: bool = False
    is_quoted: bool = False
    """It has a quotation mark."""
    is_dashed: bool = False
    """It begins with `-`."""


@dataclass(frozen=True, slots=True)
class Position:
    """The element of a list, counted from its end where negative."""

    position: int


@dataclass(frozen=True, slots=True)
class Found:
    """The one element of a list that has this value at this key."""

    key: int
    value: int


@dataclass(frozen=True, slots=True)
class Token:
    """What a number in a JSON Pointer means: the element of a list, or the member of an object."""

    key: int
    position: int


@dataclass(frozen=True, slots=True)
class End:
    """What `-` in a JSON Pointer means: the place behind the last element of a list, or the member of an object."""

    key: int


Step: TypeAlias = Key | Position | Found | Token | End
Steps: TypeAlias = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Put:
    """Set a member, or replace an element or the whole document."""

    path: Steps
    value: int
    ignore: bool = False


@dataclass(frozen=True, slots=True)
class Ensure:
    """Put an empty object or list, or 0, where an object has no such member, or the document is `NULL`."""

    path: Steps
    text: str


@dataclass(frozen=True, slots=True)
class Remove:
    """Take away a member or an element."""

    path: Steps
    ignore: bool = False


@dataclass(frozen=True, slots=True)
class Extend:
    """Put the elements of a list at the end of the list that is there."""

    path: Steps
    values: int
    ignore: bool = False


@dataclass(frozen=True, slots=True)
class Insert:
    """Put the elements of a list before the element at a position."""

    path: Steps
    index: int
    values: int
    ignore: bool = False


@dataclass(frozen=True, slots=True)
class Add:
    """Add to a number."""

    path: Steps
    amount: int
    is_float: bool
    ignore: bool = False


@dataclass(frozen=True, slots=True)
class Union:
    """Append those of the elements of a list that are not in the list that is there."""

    path: Steps
    values: int
    count: int
    """How many elements."""
    ignore: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """Take an element of a list elsewhere in it: to a position, or beside another."""

    path: Steps
    source: Position | Found
    target: Position | Found
    side: str
    """`to` a position, `before` or `after` an element."""
    ignore: bool = False


@dataclass(frozen=True, slots=True)
class Test:
    """Go on only where this value is; if not exact, by the rules of JSON Patch: 1 and 1.0 are equal."""

    path: Steps
    value: int
    is_exact: bool


@dataclass(frozen=True, slots=True)
class Replace:
    """JSON Patch: replace what is there."""

    path: Steps
    value: int


@dataclass(frozen=True, slots=True)
class PutIn:
    """JSON Patch's `add`: set a member, or insert an element; `None` stands for the value that was kept."""

    path: Steps
    value: int | None


@dataclass(frozen=True, slots=True)
class Present:
    """Go on only where something is at the path."""

    path: Steps


@dataclass(frozen=True, slots=True)
class Keep:
    """Keep the value at a place for the next change; it must not be longer than JSON Patch may copy."""

    path: Steps
    longest: int


Operation: TypeAlias = (
    Put | Ensure | Remove | Extend | Insert | Add | Union | Move | Test | Replace | PutIn | Present | Keep
)


@dataclass(frozen=True, slots=True)
class Numbered:
    """An operation, and which of the caller's changes it is part of."""

    change: int
    operation: Operation


Shape: TypeAlias = tuple[Numbered, ...]
