"""Patches for PostgreSQL's `jsonb`.

`->` with typed steps tells a list from an object, and gives `NULL` where there is nothing; `jsonb_set` is called only
for places that were found so, as it does nothing for others, in silence.
"""

from __future__ import annotations

from collections.abc import Sequence

from indelible.documents.patching import failing
from indelible.documents.patching.expressing import Expression, Place
from indelible.documents.patching.moving import order_after_move
from indelible.documents.patching.shapes import Add, End, Found, Key, Position, Step, Token, Union


class PostgreSQL(Expression):
    """Writes patches for `jsonb`."""

    barrier = " OFFSET 0"

    def document(self, column: str) -> str:
        return f"coalesce({column}, CAST('null' AS jsonb))"

    def stored(self) -> str:
        return "nullif(d, CAST('null' AS jsonb))"

    def kept_nothing(self) -> str:
        return "CAST(NULL AS jsonb)"

    def text(self, bound: str) -> str:
        return f"CAST({bound} AS text)"

    def json(self, bound: str) -> str:
        return f"CAST(CAST({bound} AS text) AS jsonb)"

    def failing(self, message: str) -> str:
        return f"to_jsonb({self._failing_integer(message)})"

    def _failing_integer(self, message: str) -> str:
        # Without a column in it, the planner would compute it before it looks at any row.
        return f"CAST(concat('{message}', said) AS integer)"

    def kind(self, place: Place) -> str:
        return f"jsonb_typeof({place.value})"

    def below(self, place: Place, step: Step) -> Place:
        match step:
            case Key(slot) | End(slot):
                key = self.text(self._bind(slot))
                return Place(f"({place.value} -> {key})", (*place.parts, key))
            case Position(slot):
                position = self.text(self._bind(slot))
                return Place(f"({place.value} -> CAST({position} AS integer))", (*place.parts, position))
            case Found():
                elements = self.column(place.value)
                index = self.column(self.found(elements, step))
                return Place(f"({elements} -> {index})", (*place.parts, f"CAST({index} AS text)"))
            case Token(key_slot, _):
                above = self.column(place.value)
                key = self.text(self._bind(key_slot))
                value = (
                    f"CASE jsonb_typeof({above}) WHEN 'array' THEN {above} -> {self.number(step.position)} "
                    f"ELSE {above} -> {key} END"
                )
                return Place(value, (*place.parts, key))

    def new_member(self, place: Place, key: Key | Token | End) -> Place:
        name = self.text(self._bind(key.key))
        return Place(f"({place.value} -> {name})", (*place.parts, name))

    def put(self, place: Place, value: str) -> str:
        return f"jsonb_set(d, {_path(place)}, {value})"

    def without(self, place: Place) -> str:
        return f"(d #- {_path(place)})"

    def length(self, elements: str) -> str:
        return f"jsonb_array_length({elements})"

    def one(self, value: str) -> str:
        return f"jsonb_build_array({value})"

    def joined(self, lists: Sequence[str]) -> str:
        return f"({' || '.join(lists)})"

    def first(self, elements: str, index: str) -> str:
        return self._part(elements, f"n < {index}")

    def rest(self, elements: str, index: str) -> str:
        return self._part(elements, f"n >= {index}")

    def _part(self, elements: str, condition: str) -> str:
        each = f"SELECT element, place - 1 AS n FROM {_elements(elements)}"
        found = f"SELECT jsonb_agg(element ORDER BY n) FROM ({each}) AS each WHERE {condition}"
        return f"coalesce(({found}), CAST('[]' AS jsonb))"

    def moved(self, elements: str, source: str, target: str) -> str:
        order = order_after_move(source, target)
        each = f"SELECT element, place - 1 AS n FROM {_elements(elements)}"
        return f"(SELECT jsonb_agg(element ORDER BY {order}) FROM ({each}) AS each)"

    def missing(self, union: Union, elements: str) -> str:
        values = self.bound(union.values)
        # As text, since `=` takes 1.0 and 1 for equal.
        present = (
            f"SELECT CAST(present.element AS text) FROM jsonb_array_elements({elements}) AS present (element)"
        )
        new = f"SELECT jsonb_agg(element ORDER BY place) FROM {_elements(values)}"
        return f"coalesce(({new} WHERE CAST(element AS text) NOT IN ({present})), CAST('[]' AS jsonb))"

    def number(self, slot: int) -> str:
        return f"CAST({self.text(self._bind(slot))} AS integer)"

    def found(self, elements: str, step: Found) -> str:
        key, value = self.text(self._bind(step.key)), self.bound(step.value)
        twice = self._failing_integer(self.message(failing.TWICE))
        is_it = f"CAST(element -> {key} AS text) = CAST({value} AS text)"
        of_list = f"CASE jsonb_typeof({elements}) WHEN 'array' THEN {elements} ELSE '[]' END"
        index = f"CASE WHEN count(*) > 1 THEN {twice} ELSE CAST(min(place) - 1 AS integer) END"
        return f"(SELECT {index} FROM {_elements(of_list)} WHERE {is_it})"

    def sum(self, place: Place, add: Add) -> str:
        number = f"CAST({place.value} AS text)"
        amount = f"CAST({self._bind(add.amount)} AS text)"
        exact = f"to_jsonb(CAST({number} AS numeric) + CAST({amount} AS numeric))"
        # Python's floats: their sum, and a point in each, which tells them from integers.
        digits = f"CAST(CAST(CAST(CAST({number} AS float8) + CAST({amount} AS float8) AS text) AS numeric) AS text)"
        as_float = f"CAST({digits} || CASE WHEN position('.' IN {digits}) = 0 THEN '.0' ELSE '' END AS jsonb)"
        return self.cases(
            (f"jsonb_typeof({place.value}) <> 'number'", self.fail(failing.NO_NUMBER)),
            (f"position('.' IN {number}) > 0", as_float),
            last=as_float if add.is_float else exact,
        )

    def is_same(self, value: str, other: str, *, is_exact: bool) -> str:
        return f"CAST({value} AS text) = CAST({other} AS text)" if is_exact else f"{value} = {other}"

    def is_longer(self, value: str, characters: int) -> str:
        return f"length(CAST({value} AS text)) > {characters}"


def _path(place: Place) -> str:
    return f"ARRAY[{', '.join(place.parts)}]"


def _elements(elements: str) -> str:
    return f"jsonb_array_elements({elements}) WITH ORDINALITY AS listed (element, place)"
