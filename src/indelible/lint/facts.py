"""What is remembered of one parsed file: small, picklable, and enough to link a project."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


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


class Member(NamedTuple):
    """A name bound in a class body; `kind` is `value`, `method`, `property`, `declared` or `class`."""

    kind: str
    line: int
    annotation: Shape | None = None
    value: Shape | None = None


@dataclass(slots=True)
class ClassFacts:
    """A class as written."""

    name: str
    line: int
    end: int
    bases: tuple[Shape, ...]
    keywords: tuple[tuple[str, Shape], ...]
    decorators: tuple[Shape, ...]
    members: dict[str, Member]
    self_attributes: dict[str, Shape | None]
    reads_json: bool = False


class FunctionFacts(NamedTuple):
    """A function or method: lines from 1 of its first decorator, its `def`, its body and its end; what it returns."""

    first: int
    line: int
    body: int
    end: int
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
    problem: str = ""
