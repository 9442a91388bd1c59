"""Abstract values: what a variable may hold, as far as lost changes are concerned."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any, NamedTuple

from indelible.lint.naming import ClassRef

_MOST_ALTERNATIVES = 8
MOST_DEPTH = 3
ELEMENT = "*"
"""In place of an attribute: what any element of a container is."""


class Obj:
    """Something with an identity: a row, a parameter, what an attribute holds.

    `foreign` means: known to be nothing of this project. `hidden` means: a row that only a function called has seen.
    `loose` means: no row at all, only values of its columns were loaded.
    `kind` is what holds the class of a row where only a caller knows it: a parameter, or an attribute of one.
    `argument` is the class that a generic class was made for.
    `parent` and `attribute` say where it was read from. `used` collects the attributes that the code reads of it,
    `given` those that it sets, `names` what the code calls it.
    """

    __slots__ = (
        "argument", "attribute", "cls", "element", "foreign", "given", "hidden", "kind", "loose", "names",
        "parameter", "parent", "session", "single", "used",
    )  # fmt: skip

    def __init__(
        self,
        cls: ClassRef | None = None,
        parent: Obj | None = None,
        attribute: str = "",
        names: Iterable[str] = (),
        foreign: bool = False,
        parameter: int | None = None,
    ) -> None:
        self.cls = cls
        self.parent = parent
        self.attribute = attribute
        self.names = {name for name in names if name}
        self.used: set[str] = set()
        self.given: set[str] = set()
        self.foreign = foreign
        self.parameter = parameter
        self.session = ""
        self.element = False
        self.single = False
        self.hidden = False
        self.loose = False
        self.kind: Obj | None = None
        self.argument: ClassRef | None = None

    @property
    def root(self) -> Obj:
        """Return the object at the start of the attribute chain."""
        obj = self
        while obj.parent is not None:
            obj = obj.parent
        return obj


class Fresh:
    """A container made here. A shallow copy (`deep` is false) shares its elements with `source`.

    `items_of` is the dictionary whose keys and values are the pairs in it, `chosen_from` what a filter chose from,
    perhaps all. `text` says that it is no container, but the text of one. `stand_in` says that it was made empty, as in
    `row.c or {}`.
    """

    __slots__ = ("chosen_from", "deep", "items_of", "source", "stand_in", "text")

    def __init__(self, source: Value = None, deep: bool = False) -> None:
        self.source = source
        self.deep = deep
        self.items_of: Value = None
        self.chosen_from: Value = None
        self.text = False
        self.stand_in = False


class Part(NamedTuple):
    """What lies `depth` levels inside the value of `obj`; `via` is the shallow copy that it was reached through."""

    obj: Obj
    depth: int
    via: Fresh | None = None


class Inner(NamedTuple):
    """Something inside a fresh container that is not shared with anything."""

    fresh: Fresh


class Many(NamedTuple):
    """Rows to come; `scalar` says that one item is a row and not a tuple of them.

    An item that is an object stands for rows of the class that it holds, which only a caller knows.
    """

    items: tuple[ClassRef | ColumnValue | Obj | None, ...]
    scalar: bool
    session: str = ""
    locked: bool = False
    keyed: bool = False


class Tup(NamedTuple):
    """A tuple display, or a result row."""

    values: tuple[Value, ...]


class ClassValue(NamedTuple):
    """A class of the project; `argument` is the class that stands in brackets after it."""

    ref: ClassRef
    argument: ClassRef | None = None


class ColumnValue(NamedTuple):
    """A column of a class, as queries name it."""

    ref: ClassRef
    attribute: str


class FunctionValue(NamedTuple):
    """A function of the project, with what it is bound to."""

    path: str
    name: str
    bound: Value = None


class Closure:
    """A lambda, or a function in a function: it is run where it is called, and sees what is around it.

    `parked` are the changes that it makes when it is called by somebody who is not seen.
    """

    __slots__ = ("frame", "node", "parked")

    def __init__(self, node: ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef, frame: object) -> None:
        self.node = node
        self.frame = frame
        self.parked: set[Any] = set()


class Partial(NamedTuple):
    """A function with some of its arguments: `functools.partial(function, row)`."""

    function: Value
    args: tuple[Value, ...]
    kwargs: tuple[tuple[str, Value], ...]


class ModuleValue(NamedTuple):
    """A module of the project."""

    path: str


class External(NamedTuple):
    """Something imported from elsewhere."""

    name: str


class Const(NamedTuple):
    """A constant."""

    value: str | int | float | bytes | None


class Alternatives(NamedTuple):
    """One of several values."""

    values: tuple[Value, ...]


Container = Fresh | Part | Inner | Tup
Callable = FunctionValue | Closure | Partial
Definition = ClassValue | ColumnValue | Callable | ModuleValue | External
Value = Obj | Many | Container | Definition | Const | Alternatives | None


_NAMED_LATER = "?"


def named_later(parameter: int) -> str:
    """Return what stands for an attribute whose name a parameter gives, by the parameter's number."""
    return f"{_NAMED_LATER}{parameter}"


def is_named_later(name: str) -> bool:
    """Say whether an attribute's name is only known where the function is called."""
    return name.startswith(_NAMED_LATER)


def number_of(name: str) -> int:
    """Return the number of the parameter that gives an attribute's name."""
    return int(name.removeprefix(_NAMED_LATER))


def each(value: Value) -> tuple[Value, ...]:
    """Return the alternatives of a value."""
    return value.values if isinstance(value, Alternatives) else (value,)


def either(*values: Value) -> Value:
    """Join values."""
    if len(values) == 2:
        one, other = values
        if one is None or one is other:
            return other
        if other is None:
            return one
    elif len(values) == 1:
        return values[0]
    found: list[Value] = []
    for value in values:
        for one in each(value):
            if one is not None and not any(one is other or _same(one, other) for other in found):
                found.append(one)
    if len(found) > 1:
        # None and constants tell nothing beside containers and rows
        found = [one for one in found if not isinstance(one, Const)] or found
    if not found:
        return None
    return found[0] if len(found) == 1 else Alternatives(tuple(found[:_MOST_ALTERNATIVES]))


def _same(one: Value, other: Value) -> bool:
    return type(one) is type(other) and not isinstance(one, Obj | Fresh | Closure) and one == other
