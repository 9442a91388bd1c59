"""A patch as one SQL expression over a document's own column; what all databases share.

The expression is a subquery within a subquery for each step. Each reads one row of the one inside it, so that each
value is computed once, and nothing but the row's own column is read: a database that waits for another writer's lock
then computes it from what that writer stored.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, assert_never

from indelible.documents.patching import failing
from indelible.documents.patching.shapes import (
    Add,
    End,
    Ensure,
    Extend,
    Found,
    Insert,
    Keep,
    Key,
    Move,
    Operation,
    Position,
    Present,
    Put,
    PutIn,
    Remove,
    Replace,
    Shape,
    Step,
    Steps,
    Test,
    Token,
    Union,
)

Bind = Callable[[int], str]
"""Gives the SQL of a bound value."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the document: its value, `NULL` where nothing is there, and the parts of its path."""

    value: str
    parts: tuple[str, ...] = ()
    document: str = "d"


class Expression(ABC):
    """Writes a patch for one kind of database."""

    barrier: ClassVar[str]
    """Ends a subquery that the database must not merge with the one around it."""

    def __init__(self, bind: Bind, name: Callable[[int], str]) -> None:
        self._bind = bind
        self._name = name
        self._sql = ""
        self._columns = 0
        self._change = 0
        self.d = "d"
        """The column that has the document as it is before the operation."""
        self.t = "t"
        """The column that has the value that was kept."""

    def whole(self, column: str, shape: Shape) -> str:
        """Return the expression for a column's document after all operations."""
        label = self._bind(0)
        self._sql = (
            f"SELECT {self.document(column)} AS d, {self.kept_nothing()} AS t, {self.text(label)} AS said"
        )
        for numbered in shape:
            self._change = numbered.change
            self.carry_out(numbered.operation)
        last = f"SELECT {self.stored()} FROM {self.source()}{self.barrier}"
        return f"({self.beginning()}{last})"

    def column(self, expression: str) -> str:
        """Compute an expression once; return the name of the column that has it."""
        self._columns += 1
        name = f"c{self._columns}"
        source = self.source()
        self._sql = f"SELECT step.*, {expression} AS {name} FROM {source}"
        return name

    def integer(self, expression: str) -> str:
        """Compute an integer, or `NULL`, once; return the name of the column that has it."""
        return self.column(expression)

    def source(self) -> str:
        """Return what the next subquery reads."""
        return f"({self._sql}{self.barrier}) AS step"

    def beginning(self) -> str:
        """Return what comes before the outermost subquery."""
        return ""

    def fail(self, kind: str) -> str:
        """Return an expression that gives a document, but fails when it is evaluated."""
        return self.failing(self.message(kind))

    def message(self, kind: str) -> str:
        """Return what the database's message of a failure begins with."""
        return f"{failing.MARK}:{kind}:{self._name(0)}:{self._change}: "

    def bound(self, slot: int) -> str:
        """Return the JSON that is bound to a slot."""
        return self.json(self._bind(slot))

    # What each kind of database does in its own way.

    @abstractmethod
    def document(self, column: str) -> str:
        """Return a column's document, JSON `null` for SQL `NULL`."""

    @abstractmethod
    def stored(self) -> str:
        """Return what is stored for the document `d`, SQL `NULL` for JSON `null`."""

    @abstractmethod
    def kept_nothing(self) -> str:
        """Return what is kept at first."""

    @abstractmethod
    def text(self, bound: str) -> str:
        """Return a bound text."""

    @abstractmethod
    def json(self, bound: str) -> str:
        """Return the JSON that a bound text says."""

    @abstractmethod
    def failing(self, message: str) -> str:
        """Return an expression that fails with a message, but only when a row is computed with it."""

    @abstractmethod
    def kind(self, place: Place) -> str:
        """Return the kind of the value at a place: `object`, `array` or another."""

    @abstractmethod
    def below(self, place: Place, step: Step) -> Place:
        """Return the place one step further."""

    @abstractmethod
    def new_member(self, place: Place, key: Key | Token | End) -> Place:
        """Return the place of an object's member that may not be there."""

    @abstractmethod
    def put(self, place: Place, value: str) -> str:
        """Return the document with a value at a place in an object or list that is there."""

    @abstractmethod
    def without(self, place: Place) -> str:
        """Return the document without the value that is at a place."""

    @abstractmethod
    def length(self, elements: str) -> str:
        """Return the length of a list."""

    @abstractmethod
    def one(self, value: str) -> str:
        """Return a list of one value."""

    @abstractmethod
    def joined(self, lists: Sequence[str]) -> str:
        """Return lists as one."""

    @abstractmethod
    def first(self, elements: str, index: str) -> str:
        """Return the elements of a list before a position."""

    @abstractmethod
    def rest(self, elements: str, index: str) -> str:
        """Return the elements of a list from a position on."""

    @abstractmethod
    def moved(self, elements: str, source: str, target: str) -> str:
        """Return a list with the element of one position at another."""

    @abstractmethod
    def missing(self, union: Union, elements: str) -> str:
        """Return those of the bound values that are not among the elements."""

    @abstractmethod
    def number(self, slot: int) -> str:
        """Return a bound number as an integer."""

    @abstractmethod
    def found(self, elements: str, step: Found) -> str:
        """Return the position of an element in what may be a list, or `NULL`."""

    @abstractmethod
    def sum(self, place: Place, add: Add) -> str:
        """Return the number at a place with an amount added."""

    @abstractmethod
    def is_same(self, value: str, other: str, *, is_exact: bool) -> str:
        """Tell whether two values are the same."""

    @abstractmethod
    def is_longer(self, value: str, characters: int) -> str:
        """Tell whether a value is longer as text."""

    def carry_out(self, operation: Operation) -> None:
        """Let the next subquery give the document after an operation."""
        if isinstance(operation, Keep):
            there = self._at(operation.path)
            kept = self.cases(
                (f"{there.value} IS NULL", self.fail(failing.MISSING)),
                (self.is_longer(there.value, operation.longest), self.fail(failing.LONG)),
                last=there.value,
            )
            self.next(self.d, kept)
        else:
            self.next(self._after(operation), self.t)

    def next(self, document: str, kept: str) -> None:
        """Go on with this document, and this value kept."""
        self._sql = f"SELECT {document} AS d, {kept} AS t, said FROM {self.source()}"

    def _after(self, operation: Operation) -> str:
        match operation:
            case Put(path, slot, ignore):
                return self._put(path, slot, ignore)
            case Ensure(path, text):
                return self._ensured(path, text)
            case Remove(path, ignore):
                return self._present(path, self.without, ignore)
            case Replace(path, slot):
                return self._present(path, lambda place: self._put_value(place, self.bound(slot)), False)
            case Extend(path, slot, ignore):
                return self._list(path, lambda there: self.joined([there, self.bound(slot)]), ignore)
            case Union(path, _, _, ignore):
                return self._list(
                    path, lambda there: self.joined([there, self.missing(operation, there)]), ignore
                )
            case Insert():
                return self._inserted(operation)
            case Move():
                return self._moved(operation)
            case Add(path, _, _, ignore):
                return self._present(
                    path, lambda place: self._put_value(place, self.sum(place, operation)), ignore
                )
            case Test(path, slot, is_exact):
                there = self._at(path)
                is_it = self.is_same(there.value, self.bound(slot), is_exact=is_exact)
                return self.cases(
                    (f"{there.value} IS NULL", self.fail(failing.MISSING)),
                    (is_it, self.d),
                    last=self.fail(failing.DIFFERS),
                )
            case PutIn(path, value):
                return self._put_in(path, self.t if value is None else self.bound(value))
            case Present(path):
                return self._present(path, lambda _: self.d, False)
            case Keep():
                raise TypeError("a value is kept beside the document")
        assert_never(operation)

    def _at(self, path: Steps) -> Place:
        """Return the place at a path, with its value computed once."""
        place = Place(self.d)
        for step in path:
            place = self.below(place, step)
        return place if not path else Place(self.column(place.value), place.parts)

    def _put_value(self, place: Place, value: str) -> str:
        return self.put(place, value) if place.parts else self._root(value)

    def _root(self, value: str) -> str:
        # The document before is never `NULL`. Were it not looked at, databases would leave out what fails in it.
        return f"CASE WHEN {self.d} IS NULL THEN {self.d} ELSE {value} END"

    def cases(self, *cases: tuple[str, str], last: str) -> str:
        """Return the value of the first case that holds."""
        return "CASE " + " ".join(f"WHEN {when} THEN {then}" for when, then in cases) + f" ELSE {last} END"

    def _unless_missing(self, place: Place, ignore: bool) -> tuple[str, str]:
        return f"{place.value} IS NULL", self.d if ignore else self.fail(failing.MISSING)

    def _present(self, path: Steps, change: Callable[[Place], str], ignore: bool) -> str:
        there = self._at(path)
        return self.cases(self._unless_missing(there, ignore), last=change(there))

    def _put(self, path: Steps, slot: int, ignore: bool) -> str:
        if not path:
            return self._root(self.bound(slot))
        last = path[-1]
        if not isinstance(last, Key):
            return self._present(path, lambda place: self.put(place, self.bound(slot)), ignore)
        above = self._at(path[:-1])
        member = self.new_member(above, last)
        return self.cases(
            self._unless_missing(above, ignore),
            (f"{self.kind(above)} = 'object'", self.put(member, self.bound(slot))),
            last=self.fail(failing.NO_OBJECT),
        )

    def _ensured(self, path: Steps, text: str) -> str:
        value = self.json(f"'{text}'")
        if not path:
            return self.cases((f"{self.kind(Place(self.d))} = 'null'", value), last=self.d)
        last = path[-1]
        above, there = self._at(path[:-1]), self._at(path)
        if not isinstance(last, Key):
            raise TypeError("only members of objects are made")
        is_missing = f"{there.value} IS NULL AND {self.kind(above)} = 'object'"
        return self.cases((is_missing, self.put(self.new_member(above, last), value)), last=self.d)

    def _list(self, path: Steps, change: Callable[[str], str], ignore: bool) -> str:
        there = self._at(path)
        return self.cases(
            self._unless_missing(there, ignore),
            (f"{self.kind(there)} = 'array'", self._put_value(there, change(there.value))),
            last=self.fail(failing.NO_LIST),
        )

    def _inserted(self, insert: Insert) -> str:
        there = self._at(insert.path)
        index = self.number(insert.index)
        is_list = f"{self.kind(there)} = 'array'"
        length = self.integer(f"CASE WHEN {is_list} THEN {self.length(there.value)} END")
        index = self.integer(f"CASE WHEN {index} < 0 THEN {index} + {length} ELSE {index} END")
        longer = self.joined(
            [
                self.first(there.value, index),
                self.bound(insert.values),
                self.rest(there.value, index),
            ]
        )
        return self.cases(
            self._unless_missing(there, insert.ignore),
            (f"{length} IS NULL", self.fail(failing.NO_LIST)),
            (f"{index} BETWEEN 0 AND {length}", self._put_value(there, longer)),
            last=self.d if insert.ignore else self.fail(failing.MISSING),
        )

    def _moved(self, move: Move) -> str:
        there = self._at(move.path)
        length = self.integer(f"CASE WHEN {self.kind(there)} = 'array' THEN {self.length(there.value)} END")
        source = self._index(there, move.source, length)
        target = self._index(there, move.target, length)
        if move.side != "to":
            # Where the other stands when the element is taken out; beside itself it stays where it is.
            behind = " + 1" if move.side == "after" else ""
            target = self.integer(
                f"CASE WHEN {target} = {source} THEN {source} "
                f"WHEN {target} > {source} THEN {target} - 1{behind} ELSE {target}{behind} END"
            )
        return self.cases(
            self._unless_missing(there, move.ignore),
            (f"{length} IS NULL", self.fail(failing.NO_LIST)),
            (
                f"{source} IS NULL OR {target} IS NULL",
                self.d if move.ignore else self.fail(failing.MISSING),
            ),
            last=self._put_value(there, self.moved(there.value, source, target)),
        )

    def _index(self, there: Place, step: Position | Found, length: str) -> str:
        """Return the position that a step means in a list, `NULL` where there is none."""
        if isinstance(step, Found):
            return self.integer(self.found(there.value, step))
        number = self.number(step.position)
        index = self.integer(f"CASE WHEN {number} < 0 THEN {number} + {length} ELSE {number} END")
        return self.integer(f"CASE WHEN {index} >= 0 AND {index} < {length} THEN {index} END")

    def _put_in(self, path: Steps, value: str) -> str:
        if not path:
            return self._root(value)
        last = path[-1]
        above = self._at(path[:-1])
        cases: list[tuple[str, str]] = [(f"{above.value} IS NULL", self.fail(failing.MISSING))]
        if isinstance(last, Key | Token | End):
            member = self.new_member(above, last)
            cases.append((f"{self.kind(above)} = 'object'", self.put(member, value)))
        if isinstance(last, Key):
            return self.cases(*cases, last=self.fail(failing.NO_OBJECT))
        is_list = f"{self.kind(above)} = 'array'"
        if isinstance(last, End):
            longer = self._put_value(above, self.joined([above.value, self.one(value)]))
            return self.cases(*cases, (is_list, longer), last=self.fail(failing.NO_LIST))
        if not isinstance(last, Token):
            raise TypeError("a JSON Pointer has no such step")
        index = self.number(last.position)
        length = self.integer(f"CASE WHEN {is_list} THEN {self.length(above.value)} END")
        longer = self.joined([self.first(above.value, index), self.one(value), self.rest(above.value, index)])
        return self.cases(
            *cases,
            (f"{index} <= {length}", self._put_value(above, longer)),
            last=self.fail(failing.MISSING),
        )
