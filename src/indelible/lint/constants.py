"""Constants of modules and classes that hold the names of attributes: `FIELD = "data"`, `FIELDS = ("data", "meta")`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from indelible.lint.facts import FileFacts, Shape
from indelible.lint.values import Const, Tup, Value

_SINGLETONS = {"None", "True", "False"}


def named_by(shape: Shape) -> Value:
    """Return the names that a constant holds; None if it is something else."""
    if shape.kind == "constant" and shape.text.isidentifier() and shape.text not in _SINGLETONS:
        return Const(shape.text)
    if shape.kind == "sequence" and shape.parts:
        names = tuple(map(named_by, shape.parts))
        return Tup(names) if all(isinstance(one, Const) for one in names) else None
    return None


def naming(files: Iterable[FileFacts], attributes: Collection[str]) -> frozenset[str]:
    """Return what constants are called that hold the name of one of some attributes."""
    return frozenset(
        name for facts in files for name, shape in _constants(facts) if _holds(named_by(shape), attributes)
    )


def _constants(facts: FileFacts) -> Iterator[tuple[str, Shape]]:
    yield from facts.aliases.items()
    for made in facts.classes.values():
        for name, member in made.members.items():
            if member.value is not None:
                yield name, member.value


def _holds(value: Value, attributes: Collection[str]) -> bool:
    match value:
        case Const(text):
            return text in attributes
        case Tup(values):
            return any(_holds(one, attributes) for one in values)
    return False
