"""What is remembered of one parsed file: small, picklable, and enough to link a project."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, NamedTuple


class Shape(NamedTuple):
    """An expression boiled down to what declarations need.

    `kind` is `name` (dotted, in `text`), `call` and `subscript` (`parts[0]` is what is called or subscripted),
    `constant` (in `text`, strings only), `union` (`a | b`), `sequence`, `mapping` (`parts` are key, value, key, value
    …) or `other`.
    """

    kind: str
    text: str = ""
    parts: tuple[Shape, ...] = ()
    keywords: tuple[tuple[str, Shape], ...] = ()

    def keyword(self, name: str) -> Shape | None:
        """Return the argument passed under `name`."""
        return next((shape for key, shape in self.keywords if key == name), None)

    @property
    def last_name(self) -> str:
        """Return the last part of the dotted name, of this or of what it calls or subscripts."""
        shape = self
        while shape.kind in ("call", "subscript"):
            shape = shape.parts[0]
        return shape.text.rpartition(".")[2] if shape.kind == "name" else ""


OTHER = Shape("other")


@cache
def named(text: str) -> Shape:
    """Return the shape of a name, always the same one: most shapes are names, and most names are used often."""
    return Shape("name", text)


def without_none(note: Shape) -> list[Shape]:
    """Return the alternatives of an annotation that are not None."""
    if note.kind == "union":
        return [inner for part in note.parts for inner in without_none(part)]
    if note.kind == "subscript" and note.last_name in ("Optional", "Union"):
        return [inner for part in note.parts[1:] for inner in without_none(part)]
    return [] if note.kind == "constant" and note.text == "None" else [note]


class Member(NamedTuple):
    """A name bound in a class body; `kind` is `value`, `method`, `property`, `declared` or `class`."""

    kind: str
    line: int
    annotation: Shape | None = None
    value: Shape | None = None


@dataclass(slots=True)
class ClassFacts:
    """A class as written; `converted` are the attributes for which a validator returns another object.

    `always_differs` says of a column's type that it takes no two values for equal, `makes_objects` that it makes
    objects of what it reads.
    """

    name: str
    line: int
    end: int
    bases: tuple[Shape, ...]
    keywords: tuple[tuple[str, Shape], ...]
    decorators: tuple[Shape, ...]
    members: dict[str, Member]
    self_attributes: dict[str, Shape | None]
    reads_json: bool = False
    looks_deeper: bool = False
    converted: list[str] = field(default_factory=list)
    always_differs: bool = False
    makes_objects: bool = False


MODULE = "<module>"
"""What the statements outside functions and classes are called, taken as one function."""


class FunctionFacts(NamedTuple):
    """A function or method: lines from 1 of its first decorator, its `def`, its body and its end; what it returns.

    `abstract` says that it does nothing: another class has the body.
    """

    first: int
    line: int
    body: int
    end: int
    abstract: bool
    returns: Shape | None


@dataclass(slots=True)
class FileFacts:
    """A module as written; `module` is its dotted name from the root that was checked.

    `functions` has the functions of the module's top level with what they make; `bodies` all functions by qualified
    name; `words` each identifier of the text once, separated by spaces.
    """

    path: str
    module: str
    is_package: bool
    imports: dict[str, tuple[str, str]] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)
    aliases: dict[str, Shape] = field(default_factory=dict)
    classes: dict[str, ClassFacts] = field(default_factory=dict)
    functions: dict[str, Shape | None] = field(default_factory=dict)
    associated: list[tuple[Shape, Shape]] = field(default_factory=list)
    mapped: list[tuple[Shape, Shape, Shape | None]] = field(default_factory=list)
    bodies: dict[str, FunctionFacts] = field(default_factory=dict)
    words: str = ""
    digest: str = ""
    problem: str = ""
    python2: bool = False
    python312: bool = False


def file_to_json(facts: FileFacts) -> list[object]:
    """Return facts as what `json` can write."""
    values: list[object] = [getattr(facts, one.name) for one in fields(facts)]
    values[_CLASSES] = [[getattr(made, one.name) for one in fields(made)] for made in facts.classes.values()]
    return values


def file_from_json(values: Sequence[Any]) -> FileFacts:
    """Return the facts that `file_to_json` wrote; `TypeError`, `ValueError` or `IndexError` if they are none."""
    facts = FileFacts(*values)
    facts.imports = {name: (module, of) for name, (module, of) in facts.imports.items()}
    facts.aliases = {name: _shape(value) for name, value in facts.aliases.items()}
    facts.classes = {made[0]: _class(made) for made in values[_CLASSES]}
    facts.functions = {name: _maybe(value) for name, value in facts.functions.items()}
    facts.associated = [(_shape(one), _shape(other)) for one, other in facts.associated]
    facts.mapped = [(_shape(one), _shape(two), _maybe(three)) for one, two, three in facts.mapped]
    facts.bodies = {name: FunctionFacts(*body[:-1], _maybe(body[-1])) for name, body in facts.bodies.items()}
    return facts


def _shape(values: Sequence[Any]) -> Shape:
    kind, text, parts, keywords = values
    if kind == "name":
        return named(text)
    return Shape(
        kind,
        text,
        tuple([_shape(part) for part in parts]) if parts else (),
        tuple([(name, _shape(value)) for name, value in keywords]) if keywords else (),
    )


def _maybe(values: Sequence[Any] | None) -> Shape | None:
    return _shape(values) if values is not None else None


def _class(values: Sequence[Any]) -> ClassFacts:
    made = ClassFacts(*values)
    made.bases = tuple(map(_shape, made.bases))
    made.keywords = tuple((name, _shape(value)) for name, value in made.keywords)
    made.decorators = tuple(map(_shape, made.decorators))
    made.members = {
        name: Member(kind, line, _maybe(note), _maybe(value))
        for name, (kind, line, note, value) in made.members.items()
    }
    made.self_attributes = {name: _maybe(value) for name, value in made.self_attributes.items()}
    return made


_CLASSES = [one.name for one in fields(FileFacts)].index("classes")
