"""Patches for SQLite's JSON text.

`->` gives the text of a value as it is stored, so that no digit of a number is lost; `json_each` finds keys that the
paths of some builds cannot name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from indelible.documents.patching import failing
from indelible.documents.patching.expressing import Bind, Expression, Place
from indelible.documents.patching.moving import order_after_move
from indelible.documents.patching.shapes import Add, End, Found, Key, Operation, Position, Step, Token, Union

OLDEST = (3, 38)
"""The first version with `->`."""

_EXACT = 2**62
"""Beyond this a sum may leave SQLite's integers of 64 bits, which then become floats."""


class SQLite(Expression):
    """Writes patches for JSON text."""

    barrier = " LIMIT 1 OFFSET 0"

    def __init__(self, bind: Bind, name: Callable[[int], str]) -> None:
        super().__init__(bind, name)
        self._tables: list[str] = []

    def source(self) -> str:
        # Not nested: the parser's stack, of a hundred entries in most builds, would overflow.
        self._tables.append(f"{self._sql}{self.barrier}")
        return f"step{len(self._tables)} AS step"

    def beginning(self) -> str:
        tables = ", ".join(f"step{number} AS ({sql})" for number, sql in enumerate(self._tables, 1))
        return f"WITH {tables} "

    def carry_out(self, operation: Operation) -> None:
        if any(isinstance(step, Key) and step.is_quoted for step in operation.path):
            self.next(_spelled_out("d"), "t")
        super().carry_out(operation)

    def document(self, column: str) -> str:
        return f"coalesce({column}, 'null')"

    def stored(self) -> str:
        # The numeric affinity of a JSON column would make another JSON value of a bare number such as 1.0.
        is_changed = (
            f"json_type(d) = 'integer' AND abs(json_extract(d, '$')) > {_EXACT} OR json_type(d) = 'real'"
        )
        is_null = "json_type(d) = 'null'"
        return self.cases((is_null, "NULL"), (is_changed, self.fail(failing.BARE)), last="d")

    def kept_nothing(self) -> str:
        return "NULL"

    def text(self, bound: str) -> str:
        return f"CAST({bound} AS TEXT)"

    def json(self, bound: str) -> str:
        return f"json({bound})"

    def failing(self, message: str) -> str:
        # Without a column in it, it could be computed before any row is looked at.
        return f"json_extract('[]', '{message}' || said)"

    def kind(self, place: Place) -> str:
        return f"json_type({place.value})"

    def below(self, place: Place, step: Step) -> Place:
        match step:
            case Key(slot, is_odd=True):
                return self._further(place, self.column(self._member(place, slot)))
            case Key(slot) | End(slot):
                return self._further(place, self._bind(slot))
            case Position(slot):
                return self._further(place, self._bind(slot))
            case Found():
                index = self.column(self.found(self.column(place.value), step))
                return self._further(place, f"'[' || {index} || ']'")
            case Token():
                above = self.column(place.value)
                position = f"'[' || {self.number(step.position)} || ']'"
                part = f"CASE json_type({above}) WHEN 'array' THEN {position} ELSE {self._bind(step.key)} END"
                return self._further(place, self.column(part))

    def _further(self, place: Place, part: str) -> Place:
        further = (*place.parts, part)
        return Place(f"(d -> ({_path(further)}))", further)

    def _member(self, place: Place, slot: int) -> str:
        """Return the part of a path that finds a member, as SQLite itself writes it; or `NULL`."""
        above = self.column(place.value)
        of_object = f"CASE json_type({above}) WHEN 'object' THEN {above} ELSE '{{}}' END"
        return f"(SELECT substr(fullkey, 2) FROM json_each({of_object}) WHERE key = {self._bind(slot)})"

    def new_member(self, place: Place, key: Key | Token | End) -> Place:
        if isinstance(key, Key) and key.is_quoted:
            return self._new_quoted(place, key.key)
        if isinstance(key, Key) and key.is_odd:
            # The slot behind that of an odd key has how a path makes it.
            found = self.column(self._member(place, key.key))
            return self._further(place, f"coalesce({found}, {self._bind(key.key + 1)})")
        return self._further(place, self._bind(key.key))

    def _new_quoted(self, place: Place, slot: int) -> Place:
        """Make the member first, as no path can, and then find it."""
        member = f"json_patch({place.value}, json_object({self._bind(slot)}, 0))"
        larger = f"json_set(d, {_path(place.parts)}, json({member}))"
        is_new = f"{self.column(self._member(place, slot))} IS NULL AND {self.kind(place)} = 'object'"
        document = self.column(self.cases((is_new, _spelled_out(larger)), last="d"))
        above = self.column(f"{document} -> ({_path(place.parts)})")
        part = self.column(self._member(Place(above), slot))
        return Place(place.value, (*place.parts, part), document)

    def put(self, place: Place, value: str) -> str:
        return f"json_set({place.document}, {_path(place.parts)}, json({value}))"

    def without(self, place: Place) -> str:
        return f"json_remove(d, {_path(place.parts)})"

    def length(self, elements: str) -> str:
        return f"json_array_length({elements})"

    def one(self, value: str) -> str:
        return f"json_array(json({value}))"

    def joined(self, lists: Sequence[str]) -> str:
        # As text, which keeps each number as it is written. The lists are made whether they are needed or not:
        # of what is no list they are nonsense, not an error.
        first, *others = (self.column(f"json({each})") for each in lists)
        for other in others:
            both = f"substr({first}, 1, length({first}) - 1) || ',' || substr({other}, 2)"
            first = self.column(self.cases((f"{first} = '[]'", other), (f"{other} = '[]'", first), last=both))
        return first

    def first(self, elements: str, index: str) -> str:
        return self._part(elements, f"n < {index}")

    def rest(self, elements: str, index: str) -> str:
        return self._part(elements, f"n >= {index}")

    def _part(self, elements: str, condition: str) -> str:
        return f"(SELECT json_group_array(json(element)) FROM ({_each(elements)}) WHERE {condition})"

    def moved(self, elements: str, source: str, target: str) -> str:
        order = order_after_move(source, target)
        each = f"SELECT {elements} -> fullkey AS element, key AS n FROM json_each({elements})"
        placed = f"SELECT element, {order} AS place FROM ({each})"
        ordered = f"SELECT element FROM ({placed}) ORDER BY place LIMIT -1 OFFSET 0"
        return f"(SELECT json_group_array(json(element)) FROM ({ordered}))"

    def missing(self, union: Union, elements: str) -> str:
        values = self.bound(union.values)
        is_it = "present.type = new.type AND present.atom IS new.atom"
        present = f"SELECT 1 FROM json_each({elements}) AS present WHERE {is_it}"
        element = f"json({values} -> new.fullkey)"
        return f"(SELECT json_group_array({element}) FROM json_each({values}) AS new WHERE NOT EXISTS ({present}))"

    def number(self, slot: int) -> str:
        return f"CAST({self._bind(slot)} AS INTEGER)"

    def found(self, elements: str, step: Found) -> str:
        key, value = self._bind(step.key), self._bind(step.value)
        is_it = f"member.key = {key} AND member.type = json_type({value}) AND member.value = json_extract({value}, '$')"
        has_it = f"EXISTS (SELECT 1 FROM json_each(each.value) AS member WHERE {is_it})"
        of_list = f"CASE json_type({elements}) WHEN 'array' THEN {elements} ELSE '[]' END"
        index = f"CASE WHEN count(*) > 1 THEN {self.fail(failing.TWICE)} ELSE min(each.key) END"
        is_object = f"CASE each.type WHEN 'object' THEN {has_it} ELSE 0 END"
        return f"(SELECT {index} FROM json_each({of_list}) AS each WHERE {is_object})"

    def sum(self, place: Place, add: Add) -> str:
        number, amount = f"json_extract({place.value}, '$')", f"CAST({self._bind(add.amount)} AS INTEGER)"
        return self.cases(
            (f"json_type({place.value}) NOT IN ('integer', 'real')", self.fail(failing.NO_NUMBER)),
            (
                f"json_type({place.value}) = 'real' OR {number} NOT BETWEEN -{_EXACT} AND {_EXACT}",
                self.fail(failing.INEXACT),
            ),
            last=f"({number} + {amount})",
        )

    def is_same(self, value: str, other: str, *, is_exact: bool) -> str:
        # As text or, where keys come in another order, by each of the atoms and empty containers.
        kind = "type" if is_exact else "CASE WHEN type IN ('integer', 'real') THEN 'number' ELSE type END"
        atoms = f"SELECT fullkey, {kind}, atom FROM json_tree"
        one, two = f"{atoms}({value})", f"{atoms}({other})"
        is_inexact = "type = 'integer' AND typeof(atom) = 'real'"
        has_same_text = f"{_spelled_out(f'json({value})')} = {_spelled_out(other)}"
        return (
            f"{has_same_text} OR NOT EXISTS ({one} EXCEPT {two}) AND NOT EXISTS ({two} EXCEPT {one})"
            f" AND NOT EXISTS (SELECT 1 FROM json_tree({value}) WHERE {is_inexact})"
        )

    def is_longer(self, value: str, characters: int) -> str:
        return f"length({value}) > {characters}"


def _path(parts: Sequence[str]) -> str:
    return " || ".join(["'$'", *parts])


def _spelled_out(document: str) -> str:
    """Return a document with `\\u0022` for quotation marks in text: so a path finds keys that have some."""
    return f"replace(replace({document}, '\\\\', '\\u005c'), '\\\"', '\\u0022')"


def _each(elements: str) -> str:
    return f"SELECT {elements} -> fullkey AS element, key AS n FROM json_each({elements})"
