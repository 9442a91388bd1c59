"""Says of a type expression whether its column holds JSON, and how far SQLAlchemy tracks changes of it."""

from __future__ import annotations

import enum
from typing import NamedTuple

from indelible.lint.facts import OTHER, FileFacts, Member, Shape
from indelible.lint.mutables import tracks_one_level, unannounced
from indelible.lint.naming import ClassRef, Names, Symbol

_DEPTH = 8

UNTRACKED_TYPES = {
    "JSON", "JSONB", "JSONType", "PickleType", "LargePickleType", "ARRAY", "HSTORE", "JSONEncodedDict", "JSONField",
    "VARIANT", "SUPER", "NestedJSON", "PydanticJSON", "JSONPickle", "CompositeArray", "MSJson", "JSONText",
}  # fmt: skip
_ONE_LEVEL = {"MutableDict", "MutableList", "MutableSet", "MutableJson", "MutableDictJson"}
_FULL = {
    "NestedMutableJson", "NestedMutableDict", "NestedMutableList", "NestedMutable", "TrackedDict", "TrackedList",
    "MutableDictType", "MutableListType", "MutablePydanticType",
}  # fmt: skip
COLUMN_CALLS = {"Column", "mapped_column", "MappedColumn"}
_WRAPPERS = {"deferred", "column_property", "map_column"}
_LIBRARIES = ("sqlalchemy", "sqlmodel", "geoalchemy", "advanced_alchemy", "snowflake", "sqlalchemy_utils")


class Depth(enum.Enum):
    """How far SQLAlchemy notices changes inside a column's value."""

    NONE = "untracked"
    ONE_LEVEL = "one level"
    FULL = "tracked"


class Tracking(NamedTuple):
    """How far changes are noticed, and the changes at the top level that are not: `.update()`.

    `always` says that every assignment counts, also of the very same object.
    """

    depth: Depth
    silent: frozenset[str] = frozenset()
    always: bool = False


NONE, ONE_LEVEL, FULL = map(Tracking, Depth)


class ColumnTypes:
    """Classifies the expressions that columns are declared with."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.associated = [
            (facts, receiver, of) for facts in names.files.values() for receiver, of in facts.associated
        ]

    def of_type(self, facts: FileFacts, shape: Shape, depth: int = _DEPTH) -> Tracking | None:
        """Return the tracking of a column type, None for a type that holds no JSON."""
        if not depth:
            return None
        match shape.kind:
            case "call":
                return self._of_call(facts, shape, depth - 1)
            case "name":
                return self._of_name(facts, shape.text, depth - 1)
            case "lambda":
                return self.of_type(facts, shape.parts[0], depth - 1)
        return None

    def _of_call(self, facts: FileFacts, shape: Shape, depth: int) -> Tracking | None:
        func = shape.parts[0]
        if func.kind == "attribute":
            # JSON().with_variant(JSONB(), "postgresql"), MutableDict.as_mutable(…).with_variant(…)
            if func.text in ("with_variant", "evaluates_none", "copy"):
                base = self.of_type(facts, func.parts[0], depth)
                return base or self._first(facts, shape.parts[1:2], depth)
            return None
        last = func.last_name
        if last == "as_mutable":
            return self._mutable(facts, Shape("name", func.text.rpartition(".")[0]))
        if last == "with_variant":
            return self.of_type(facts, Shape("name", func.text.rpartition(".")[0]), depth)
        if last == "mutable_json_type":
            nested = shape.keyword("nested")
            return FULL if nested is not None and nested.text == "True" else ONE_LEVEL
        if last in ("tracked", "Document") and self._is_ours(self.names.resolve(facts, func.text)):
            return FULL
        if last == "TypeDecorator" or last == "Variant":
            return self._first(facts, shape.parts[1:2], depth)
        symbol = self.names.resolve(facts, func.text)
        if symbol.kind == "function":
            returned = self.names.files[symbol.path].functions[symbol.name]
            return self.of_type(self.names.files[symbol.path], returned, depth) if returned else None
        return self._of_name(facts, func.text, depth)

    def _first(self, facts: FileFacts, shapes: tuple[Shape, ...], depth: int) -> Tracking | None:
        return self.of_type(facts, shapes[0], depth) if shapes else None

    def _is_ours(self, symbol: Symbol) -> bool:
        """Say whether a name is Indelible's, installed or among the files that are checked."""
        if symbol.kind == "external":
            return symbol.name.partition(".")[0] == "indelible"
        return symbol.path in self.names.files and "indelible" in self.names.files[symbol.path].module.split(
            "."
        )

    def _of_name(self, facts: FileFacts, name: str, depth: int) -> Tracking | None:
        symbol = self.names.resolve(facts, name)
        last = name.rpartition(".")[2]
        if self._is_ours(symbol):
            return FULL if last == "Document" else None
        if symbol.kind == "class":
            return self._of_class(ClassRef(symbol.path, symbol.name), depth)
        if symbol.kind == "alias":
            where = self.names.files[symbol.path]
            return self._associated(symbol) or self.of_type(where, where.aliases[symbol.name], depth)
        if symbol.kind == "external":
            return self._of_external(symbol.name)
        # `db.JSON`, where `db` is made by a call, or a name whose import could not be followed
        return NONE if last in UNTRACKED_TYPES and symbol.kind == "unknown" else None

    def _of_external(self, name: str) -> Tracking | None:
        last = name.rpartition(".")[2]
        if last in _FULL:
            return FULL
        if last in _ONE_LEVEL:
            return ONE_LEVEL
        if last in UNTRACKED_TYPES and last != "JSONField":
            return NONE
        return None

    def _mutable(self, facts: FileFacts, receiver: Shape) -> Tracking:
        """Return what `<receiver>.as_mutable(…)` tracks; a project's own class gets the benefit of the doubt.

        Not if it is written as SQLAlchemy's documentation shows it, which tracks one level.
        """
        symbol = self.names.resolve(facts, receiver.text)
        if symbol.kind in ("class", "member"):
            made = (
                self.names.class_facts(ClassRef(symbol.path, symbol.name)) if symbol.kind == "class" else None
            )
            if made is not None and tracks_one_level(made):
                return ONE_LEVEL._replace(silent=unannounced(made))
            return FULL
        return ONE_LEVEL if receiver.last_name in _ONE_LEVEL else FULL

    def _of_class(self, ref: ClassRef, depth: int) -> Tracking | None:
        """Return the tracking of a project's own type: a subclass of a JSON type or of `TypeDecorator`."""
        if not depth:
            return None
        made = self.names.class_facts(ref)
        facts = self.names.files[ref.path]
        if tracked := self._associated(Symbol("class", ref.path, ref.name)):
            return tracked
        bases = [base.last_name for base in made.bases]
        if "TypeDecorator" in bases or "UserDefinedType" in bases or "TypeEngine" in bases:
            impl = made.members.get("impl")
            if made.reads_json:
                return NONE._replace(always=made.always_differs)
            typed = self.of_type(facts, impl.value, depth) if impl and impl.value else None
            # a decorator that turns JSON into objects of its own is not a document
            if typed is None or made.makes_objects:
                return None
            return typed._replace(always=typed.always or made.always_differs)
        for base in made.bases:
            if base.last_name in ("object", "Generic", "Protocol", "BaseModel", "Enum"):
                continue
            if found := self.of_type(facts, base, depth - 1):
                return None if made.makes_objects and not made.reads_json else found
        return None

    def _associated(self, symbol: Symbol) -> Tracking | None:
        for facts, receiver, of in self.associated:
            of_name = of.text if of.kind == "name" else of.parts[0].text if of.kind == "call" else ""
            if self.names.resolve(facts, of_name)[1:] == symbol[1:]:
                return self._mutable(facts, receiver)
        return None

    def of_column(self, facts: FileFacts, shape: Shape | None, depth: int = _DEPTH) -> Tracking | bool | None:
        """Return the tracking of `Column(…)` and its kind; False if the expression makes no column, None if no JSON."""
        if shape is None or shape.kind != "call" or not depth:
            if shape is not None and shape.kind == "name":
                return self._aliased_column(facts, shape, depth)
            return False
        name = shape.parts[0].last_name
        if name in COLUMN_CALLS:
            return self._argument_types(facts, shape)
        if name in _WRAPPERS:
            return self.of_column(facts, shape.parts[1], depth - 1) if len(shape.parts) > 1 else False
        if name == "Field":
            return self._of_field(facts, shape, depth)
        return self._made_by_function(facts, shape, depth)

    def _argument_types(self, facts: FileFacts, shape: Shape) -> Tracking | None:
        candidates = [*shape.parts[1:3], *filter(None, [shape.keyword("type_")])]
        for candidate in candidates:
            if found := self.of_type(facts, candidate):
                return found
        return None

    def under_decorator(self, facts: FileFacts, shape: Shape | None) -> Tracking | None:
        """Return the tracking of the JSON type that a column's own type decorates, whatever it makes of the value."""
        for candidate in shape.parts[1:3] if shape is not None and shape.kind == "call" else ():
            called = candidate.parts[0] if candidate.kind == "call" else candidate
            symbol = self.names.resolve(facts, called.text) if called.kind == "name" else None
            if symbol is None or symbol.kind != "class":
                continue
            ref = ClassRef(symbol.path, symbol.name)
            made = self.names.class_facts(ref)
            impl = made.members.get("impl")
            if impl is not None and "TypeDecorator" in {base.last_name for base in made.bases}:
                return self._associated(symbol) or self._of_impl(ref, impl)
        return None

    def _of_impl(self, ref: ClassRef, impl: Member) -> Tracking | None:
        return self.of_type(self.names.files[ref.path], impl.value) if impl.value is not None else None

    def _of_field(self, facts: FileFacts, shape: Shape, depth: int) -> Tracking | bool | None:
        if column := shape.keyword("sa_column"):
            return self.of_column(facts, column, depth - 1)
        if typed := shape.keyword("sa_type"):
            return self.of_type(facts, typed)
        return False

    def _aliased_column(self, facts: FileFacts, shape: Shape, depth: int) -> Tracking | bool | None:
        symbol = self.names.resolve(facts, shape.text)
        if symbol.kind != "alias" or not depth:
            return False
        where = self.names.files[symbol.path]
        return self.of_column(where, where.aliases[symbol.name], depth - 1)

    def _made_by_function(self, facts: FileFacts, shape: Shape, depth: int) -> Tracking | bool | None:
        symbol = self.names.resolve(facts, shape.parts[0].text) if shape.parts[0].kind == "name" else None
        if symbol is None or not depth:
            return False
        where = self.names.files.get(symbol.path)
        if where is None:
            return False
        if symbol.kind == "function":
            return self.of_column(where, where.functions[symbol.name], depth - 1)
        if symbol.kind == "alias":
            # functools.partial(mapped_column, JSON)
            made = where.aliases[symbol.name]
            if made.kind == "call" and made.parts[0].last_name == "partial" and len(made.parts) > 1:
                return self.of_column(where, Shape("call", "", made.parts[1:], made.keywords), depth - 1)
        return False

    def text(self, shape: Shape | None) -> str:
        """Return a short name of the type for messages."""
        shape = shape or OTHER
        if shape.kind == "call":
            func = shape.parts[0]
            if shape.last_name in COLUMN_CALLS or shape.last_name in (*_WRAPPERS, "Field"):
                inner = [
                    *shape.parts[1:3],
                    *(value for key, value in shape.keywords if key in _TYPE_KEYWORDS),
                ]
                texts = [self.text(part) for part in inner if part.kind in ("name", "call")]
                return next(filter(None, texts), "")
            if func.last_name == "as_mutable":
                return func.text.split(".")[-2]
            if func.kind == "attribute":
                return self.text(func.parts[0])
            return func.last_name
        return shape.last_name


_TYPE_KEYWORDS = ("type_", "sa_column", "sa_type")
