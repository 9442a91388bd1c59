"""From annotations to abstract values."""

from __future__ import annotations

from indelible.lint.facts import FileFacts, Shape, without_none
from indelible.lint.naming import ClassRef
from indelible.lint.project import Project
from indelible.lint.values import Alternatives, ClassValue, Many, Obj, Tup, Value, either

_LISTS = {
    "list", "List", "Sequence", "Iterable", "Iterator", "Collection", "set", "Set", "frozenset", "AsyncIterator",
    "Generator", "AsyncGenerator", "ScalarResult", "Query", "deque", "MutableSequence", "AbstractSet", "AsyncIterable",
    "DynamicMapped", "WriteOnlyMapped",
}  # fmt: skip
_MAPPINGS = {"dict", "Dict", "Mapping", "MutableMapping", "defaultdict", "OrderedDict"}
_WRAPPERS = {
    "Optional",
    "Mapped",
    "Annotated",
    "Awaitable",
    "Coroutine",
    "ClassVar",
    "Final",
    "NotNone",
    "Union",
}
_UNKNOWN = {"Any", "object", "T", "Self", ""}


def value_of_note(
    project: Project, facts: FileFacts, note: Shape, own: ClassRef | None = None, steps: int = 6
) -> Value:
    """Return what a value with this annotation may be, None if the annotation says nothing."""
    if not steps:
        return None
    inner = without_none(note)
    if len(inner) != 1:
        return either(*(value_of_note(project, facts, one, own, steps - 1) for one in inner))
    note = inner[0]
    if note.kind == "subscript":
        return _of_subscript(project, facts, note, own, steps - 1)
    if note.kind == "name" and note.last_name == "Self":
        return Obj(own) if own else None
    ref = project.resolve_class(facts, note)
    if ref is not None:
        return None if project.is_container(ref) else Obj(ref)
    if note.kind != "name":
        return None
    symbol = project.names.resolve(facts, note.text)
    if symbol.kind == "alias":
        where = project.names.files[symbol.path]
        alias = where.aliases[symbol.name]
        if alias.last_name == "TypeVar":
            bound = alias.keyword("bound")
            return (
                value_of_note(project, where, bound, own, steps - 1)
                if bound and bound.kind == "name"
                else None
            )
        return value_of_note(project, where, alias, own, steps - 1)
    if symbol.kind == "external" and symbol.name.rpartition(".")[2] not in _UNKNOWN:
        return Obj(foreign=True)
    if symbol.kind == "unknown" and note.text in _BUILTINS:
        return Obj(foreign=True)
    return None


_CONTAINERS = {*_LISTS, *_MAPPINGS, "tuple", "Tuple", "Any", "object"}


def says_enough(note: Shape | None) -> bool:
    """Say whether an annotation tells what a function gives back, as far as rows in it go: `dict` and `Any` do not."""
    return note is not None and not any(
        (one.kind == "name" and one.last_name in _CONTAINERS)
        or (one.kind == "subscript" and one.last_name in _MAPPINGS)
        for one in without_none(note)
    )


_BUILTINS = {"dict", "list", "str", "int", "bytes", "bool", "float", "set", "tuple"}


def _is_type_variable(project: Project, facts: FileFacts, note: Shape) -> bool:
    symbol = project.names.resolve(facts, note.text) if note.kind == "name" else None
    return (
        symbol is not None
        and symbol.kind == "alias"
        and project.names.files[symbol.path].aliases[symbol.name].last_name == "TypeVar"
    )


def _of_subscript(project: Project, facts: FileFacts, note: Shape, own: ClassRef | None, steps: int) -> Value:
    name, parts = note.last_name, note.parts
    if name in _WRAPPERS:
        return value_of_note(project, facts, parts[-1] if name == "Coroutine" else parts[1], own, steps)
    if name in _LISTS or name in _MAPPINGS:
        at = 1 if name in _LISTS else -1
        item = value_of_note(project, facts, parts[at], own, steps)
        if isinstance(item, Obj) and item.cls is not None:
            return Many((item.cls,), True, keyed=name in _MAPPINGS)
        # a mapping or list of different things may have rows among them
        return Obj(foreign=True) if not isinstance(item, Alternatives) else None
    if name in ("type", "Type"):
        if _is_type_variable(project, facts, parts[1]):
            return None
        item = value_of_note(project, facts, parts[1], own, steps)
        return ClassValue(item.cls) if isinstance(item, Obj) and item.cls else None
    if name in ("tuple", "Tuple", "Row", "Result"):
        return _of_tuple(project, facts, note, own, steps)
    ref = project.resolve_class(facts, note)
    if ref is None:
        return None
    made = Obj(ref)
    made.argument = project.resolve_class(facts, parts[1]) if len(parts) == 2 else None
    return made


def _of_tuple(project: Project, facts: FileFacts, note: Shape, own: ClassRef | None, steps: int) -> Value:
    values = tuple(value_of_note(project, facts, part, own, steps) for part in note.parts[1:])
    if note.last_name in ("tuple", "Tuple", "Row"):
        return Tup(values)
    first = values[0]
    items = first.values if isinstance(first, Tup) else values
    return Many(tuple(one.cls if isinstance(one, Obj) else None for one in items), False)
