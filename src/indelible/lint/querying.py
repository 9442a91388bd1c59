"""Which model's row a query gives, judged by how it is written: `session.query(Script).first()`."""

from __future__ import annotations

from collections.abc import Iterator

from indelible.lint.facts import FileFacts, Shape
from indelible.lint.naming import ClassRef
from indelible.lint.project import Project

ONE_ROW = {
    "first", "one", "one_or_none", "scalar_one", "scalar_one_or_none", "scalar", "get", "first_or_404", "get_or_404",
    "one_or_404", "fetchone", "get_one", "last", "first_or_none",
}  # fmt: skip


def model_of_row(project: Project, facts: FileFacts, query: Shape) -> ClassRef | None:
    """Return the model of the one row that an expression asks for; None if it is no such expression."""
    if query.kind != "call" or _called(query) not in ONE_ROW:
        return None
    for named in _selected(query):
        model = project.resolve_class(facts, named)
        if model is not None and project.is_model(model):
            return model
    return None


def _selected(query: Shape) -> Iterator[Shape]:
    """Yield what may be the one entity of a query, from its end to its start."""
    if query.kind == "attribute":
        yield from _selected(query.parts[0])
    elif query.kind == "name":
        model, dot, _ = query.text.partition(".query.")
        if dot:
            yield Shape("name", model)
    elif query.kind == "call":
        made, *arguments = query.parts
        name = _called(query)
        if name in ("get", "get_one") or (name in ("query", "select") and len(arguments) == 1):
            yield from arguments[:1]
        for argument in arguments:
            yield from _selected(argument)
        yield from _selected(made)


def _called(call: Shape) -> str:
    made = call.parts[0]
    return made.text.rpartition(".")[2] if made.kind in ("name", "attribute") else ""
