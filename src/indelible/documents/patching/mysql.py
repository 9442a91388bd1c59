"""Patches for MySQL's JSON and MariaDB's JSON text.

No derived table of MariaDB's may look at the row that is updated; `JSON_TABLE` may, so that each value that is needed
twice is the one row of a `JSON_TABLE`, joined to those before it. MySQL has lateral derived tables for that, and takes
no subquery in a `JSON_TABLE` (`Table_function_json::do_init_args` in its sql/table_function.cc).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import ClassVar

from indelible.documents.dialects.mysql import OTHERWISE_WRITTEN, SMALL_INTEGER
from indelible.documents.patching import failing
from indelible.documents.patching.expressing import Bind, Expression, Place
from indelible.documents.patching.shapes import (
    Add,
    End,
    Found,
    Keep,
    Key,
    Operation,
    Position,
    PutIn,
    Shape,
    Step,
    Token,
    Union,
)
from indelible.errors import CannotPatch

OLDEST_MYSQL = (8, 0, 14)
"""The first version with lateral derived tables."""

OLDEST_MARIADB = (10, 9)
"""The first version whose paths name ranges of elements."""

_MOST_TABLES = 61
"""So many can be joined, in both."""

_MANY_TABLES = 20
"""With more a subquery of its own begins, if it can."""

_LARGEST = 2**63 - 1

# In a document of its own words, a number is another string for each way to write it.
_NUMBER = r'"(?:[^"\\]|\\.)*+"(*SKIP)(*FAIL)|-?[0-9][-+.0-9eE]*'
_IN_QUOTES = r'"\0"'


class _JSONFunctions(Expression):
    """Writes patches by the functions that both have."""

    barrier = ""
    longest_path: ClassVar[int]
    """A longer one is an error, or to MariaDB's less strict modes `NULL`."""

    def __init__(self, bind: Bind, name: Callable[[int], str]) -> None:
        super().__init__(bind, name)
        self._tables: list[str] = []
        self._keeps = False

    def whole(self, column: str, shape: Shape) -> str:
        self._bind(0)  # or else it has no name yet
        self.d = column
        self._begin(self.document(column))
        for numbered in shape:
            self._change = numbered.change
            self.carry_out(numbered.operation)
        return f"(SELECT {self.stored()} FROM {self._joined_tables()})"

    def carry_out(self, operation: Operation) -> None:
        if len(self._tables) > _MANY_TABLES and not self._keeps:
            self._begin(f"(SELECT {self.d} FROM {self._joined_tables()})")
        if isinstance(operation, Keep):
            self._keeps = True
        super().carry_out(operation)
        if isinstance(operation, PutIn):
            self._keeps = False

    def _begin(self, document: str) -> None:
        name = self._new_name()
        self._tables = [self._beginning(document, name)]
        self.d = name

    def _joined_tables(self) -> str:
        if len(self._tables) > _MOST_TABLES:
            raise _too_many_steps()
        return " LEFT JOIN ".join(self._tables)

    def _new_name(self) -> str:
        self._columns += 1
        return f"patch{self._columns}"

    def next(self, document: str, kept: str) -> None:
        if document != self.d:
            # What the functions make NULL of is never what was meant.
            self.d = self.column(f"COALESCE({document}, {self.fail(failing.DEEP)})")
        if kept != self.t:
            self.t = self.column(kept)

    def column(self, expression: str) -> str:
        name = self._new_name()
        self._tables.append(f"{self._one_row(expression, name)} ON TRUE")
        return name

    @abstractmethod
    def _beginning(self, document: str, name: str) -> str:
        """Return the table that has the document as its one row."""

    @abstractmethod
    def _one_row(self, expression: str, name: str) -> str:
        """Return a table with a JSON value as its one row, or none where that is `NULL`."""

    @abstractmethod
    def _as_text(self, value: str) -> str:
        """Return a JSON value's text, for comparison byte by byte."""

    def stored(self) -> str:
        return self.cases((f"{self.kind(Place(self.d))} = 'null'", "NULL"), last=self.d)

    def kept_nothing(self) -> str:
        return "NULL"

    def text(self, bound: str) -> str:
        return bound

    def failing(self, message: str) -> str:
        return self.json(self._failing_integer(message))

    def _failing_integer(self, message: str, number: str = "") -> str:
        # The error for a number beyond 64 bits quotes what it comes of. Without a column in that, the server would
        # compute it before it looks at any row.
        number = number or f"COALESCE(LENGTH({self.d}), 0)"
        return f"({_LARGEST} + (LENGTH(CONCAT('{message}', {self._bind(0)})) + {number}))"

    def kind(self, place: Place) -> str:
        return f"LOWER(JSON_TYPE({place.value}))"

    def below(self, place: Place, step: Step) -> Place:
        match step:
            case Key() | End():
                return self._further(place, self._bind(step.key))
            case Token(key):
                return self._further(place, self._part_of_token(place, key, self.number(step.position)))
            case Position():
                index = self.integer(self._index_in(place.value, self.number(step.position)))
            case Found():
                index = self.integer(self.found(place.value, step))
        return self._further(place, f"CONCAT('[', {index}, ']')")

    def _index_in(self, elements: str, number: str) -> str:
        # Of what is no list, both take the first element for the value itself.
        length = self.length(elements)
        return self.cases(
            (f"{self.kind(Place(elements))} <> 'array'", "NULL"),
            (f"{number} >= 0", number),
            (f"{number} + {length} >= 0", f"{number} + {length}"),
            last="NULL",
        )

    def _part_of_token(self, place: Place, key: int, position: str) -> str:
        above = self.column(place.value)
        is_list = f"{self.kind(Place(above))} = 'array'"
        return self.cases((is_list, f"CONCAT('[', {position}, ']')"), last=self._bind(key))

    def _further(self, place: Place, part: str) -> Place:
        further = (*place.parts, part)
        if len(further) > self.longest_path:
            raise _too_many_steps()
        return Place(f"JSON_EXTRACT({self.d}, {_path(further)})", further)

    def new_member(self, place: Place, key: Key | Token | End) -> Place:
        return self._further(place, self._bind(key.key))

    def put(self, place: Place, value: str) -> str:
        return f"JSON_SET({self.d}, {_path(place.parts)}, {self.json(value)})"

    def without(self, place: Place) -> str:
        return f"JSON_REMOVE({self.d}, {_path(place.parts)})"

    def length(self, elements: str) -> str:
        return f"JSON_LENGTH({elements})"

    def one(self, value: str) -> str:
        return f"JSON_ARRAY({self.json(value)})"

    def joined(self, lists: Sequence[str]) -> str:
        return f"JSON_MERGE_PRESERVE({', '.join(lists)})"

    def first(self, elements: str, index: str) -> str:
        # MariaDB takes -1 for the last element.
        before = f"JSON_EXTRACT({elements}, CONCAT('$[0 to ', {index} - 1, ']'))"
        return self.cases((f"{index} > 0", f"COALESCE({before}, {self._empty()})"), last=self._empty())

    def rest(self, elements: str, index: str) -> str:
        after = f"JSON_EXTRACT({elements}, CONCAT('$[', {index}, ' to last]'))"
        return f"COALESCE({after}, {self._empty()})"

    def _empty(self) -> str:
        return self.json("'[]'")

    def moved(self, elements: str, source: str, target: str) -> str:
        at_source, at_target = (f"CONCAT('$[', {index}, ']')" for index in (source, target))
        element = self.json(f"JSON_EXTRACT({elements}, {at_source})")
        return f"JSON_ARRAY_INSERT(JSON_REMOVE({elements}, {at_source}), {at_target}, {element})"

    def missing(self, union: Union, elements: str) -> str:
        # Not by JSON_ARRAYAGG: MySQL's has no order, and MariaDB cuts its off at `group_concat_max_len`.
        values = [f"JSON_EXTRACT({self.bound(union.values)}, '$[{index}]')" for index in range(union.count)]
        new = [
            self.cases((self._is_in(elements, value), self._empty()), last=self.one(value))
            for value in values
        ]
        return self.joined([self._empty(), self._empty(), *new])

    def _is_in(self, elements: str, value: str) -> str:
        is_it = f"COALESCE({self._as_text('element')}, 'null') = {self._as_text(value)}"
        return f"EXISTS (SELECT 1 FROM {_listed(elements)} WHERE {is_it})"

    def number(self, slot: int) -> str:
        return f"CAST({self._bind(slot)} AS SIGNED)"

    def found(self, elements: str, step: Found) -> str:
        member = f"JSON_EXTRACT(element, {_path([self._bind(step.key)])})"
        is_it = f"{self._as_text(member)} = {self._as_text(self.bound(step.value))}"
        # Without the count in it, it would be computed for each element.
        twice = self._failing_integer(self.message(failing.TWICE), "COUNT(*)")
        index = self.cases(("COUNT(*) > 1", twice), last="MIN(place) - 1")
        of_list = self.cases((f"{self.kind(Place(elements))} = 'array'", elements), last=self._empty())
        is_object = "JSON_TYPE(element) = 'OBJECT'"
        return f"(SELECT {index} FROM {_listed(of_list)} WHERE {is_object} AND {is_it})"

    def sum(self, place: Place, add: Add) -> str:
        number, amount = self._as_text(place.value), self._bind(add.amount)
        is_number = f"{self.kind(place)} IN ('integer', 'unsigned integer', 'double', 'decimal')"
        is_exact = f"{number} REGEXP '{SMALL_INTEGER}'"
        total = self.cases(
            (f"NOT {is_number}", self._failing_integer(self.message(failing.NO_NUMBER))),
            (f"NOT {is_exact}", self._failing_integer(self.message(failing.INEXACT))),
            last=f"CAST({number} AS SIGNED) + CAST({amount} AS SIGNED)",
        )
        return self.json(total)

    def is_longer(self, value: str, characters: int) -> str:
        return f"LENGTH({self._as_text(value)}) > {characters}"


class MySQL(_JSONFunctions):
    """Writes patches for MySQL's JSON."""

    longest_path = 100

    def document(self, column: str) -> str:
        nothing = self.json("'null'")
        return f"COALESCE({column}, {nothing})"

    def json(self, bound: str) -> str:
        return f"CAST({bound} AS JSON)"

    def _beginning(self, document: str, name: str) -> str:
        return f"(SELECT {document} AS {name} LIMIT 1) AS of_{name}"

    def _one_row(self, expression: str, name: str) -> str:
        return f"LATERAL (SELECT {expression} AS {name} LIMIT 1) AS of_{name}"

    def _as_text(self, value: str) -> str:
        return f"CAST({value} AS CHAR CHARACTER SET utf8mb4) COLLATE utf8mb4_bin"

    def is_same(self, value: str, other: str, *, is_exact: bool) -> str:
        # As JSON, 1 and 1.0 are equal. The server writes both texts, so that they have one order of keys.
        return f"{self._as_text(value)} = {self._as_text(other)}" if is_exact else f"{value} = {other}"


class MariaDB(_JSONFunctions):
    """Writes patches for MariaDB's JSON text."""

    longest_path = 31

    def document(self, column: str) -> str:
        is_readable = (
            f"JSON_VALID({column}) AND NOT CAST({column} AS BINARY) REGEXP {_literal(OTHERWISE_WRITTEN)}"
        )
        return self.cases(
            (f"{column} IS NULL", "'null'"), (is_readable, column), last=self.fail(failing.FOREIGN)
        )

    def json(self, bound: str) -> str:
        # Not JSON_COMPACT, as Python writes spaces.
        return f"JSON_LOOSE({bound})"

    def integer(self, expression: str) -> str:
        name = self._new_name()
        table = f"JSON_TABLE(CAST({expression} AS CHAR), '$' COLUMNS ({name} BIGINT PATH '$')) AS of_{name}"
        self._tables.append(f"{table} ON TRUE")
        return name

    def new_member(self, place: Place, key: Key | Token | End) -> Place:
        return Place("NULL") if _is_dashed(key) else super().new_member(place, key)

    def put(self, place: Place, value: str) -> str:
        return super().put(place, value) if place.parts else self.fail(failing.DASH)

    def below(self, place: Place, step: Step) -> Place:
        if not _is_dashed(step):
            return super().below(place, step)
        is_object = f"{self.kind(place)} = 'object'"
        nothing = self.column(self.cases((is_object, self.fail(failing.DASH)), last="NULL"))
        return Place(nothing, (nothing,))

    def _beginning(self, document: str, name: str) -> str:
        return self._one_row(document, name)

    def _one_row(self, expression: str, name: str) -> str:
        return f"JSON_TABLE({expression}, '$' COLUMNS ({name} JSON PATH '$')) AS of_{name}"

    def _as_text(self, value: str) -> str:
        return f"CAST({value} AS BINARY)"

    def is_same(self, value: str, other: str, *, is_exact: bool) -> str:
        # JSON_EQUALS knows objects in another order; it takes 1 and 1.0 for equal, but not "1" and "1.0".
        is_text = f"{self._as_text(value)} = {self._as_text(other)}"
        is_equal = f"JSON_EQUALS({value}, {other})"
        if is_exact:
            quoted = (
                f"REGEXP_REPLACE({each}, {_literal(_NUMBER)}, {_literal(_IN_QUOTES)})"
                for each in (value, other)
            )
            is_equal += f" AND JSON_EQUALS({', '.join(quoted)})"
        return f"({is_text} OR {is_equal})"


def _too_many_steps() -> CannotPatch:
    return CannotPatch("A path of the change has too many steps. Load the row and change it.")


def _path(parts: Sequence[str]) -> str:
    return f"CONCAT('$', {', '.join(parts)})" if parts else "'$'"


def _is_dashed(step: Step) -> bool:
    """Tell whether a step is a key that MariaDB takes for a syntax error in a path."""
    return isinstance(step, End) or (isinstance(step, Key) and step.is_dashed)


def _listed(elements: str) -> str:
    columns = "place FOR ORDINALITY, element JSON PATH '$'"
    return f"JSON_TABLE({elements}, '$[*]' COLUMNS ({columns})) AS listed"


def _literal(text: str) -> str:
    """Return text as SQL, the same in all modes of the server."""
    return f"CONVERT(x'{text.encode().hex()}' USING utf8mb4)"
