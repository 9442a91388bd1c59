"""What `with` statements do at their end."""

from __future__ import annotations

import ast

from indelible.lint.frame import Frame
from indelible.lint.naming import UNKNOWN
from indelible.lint.shaping import dotted, spelled
from indelible.lint.values import Obj, Value, each

_COMMITTING_CONTEXTS = (
    "begin",
    "session_scope",
    "transaction",
    "atomic",
    "unit_of_work",
    "uow",
    "autocommit",
)


def commits_at_end(context: ast.expr) -> bool:
    """Say by what a context is called whether it commits at its end."""
    text = spelled(context).lower()
    return any(word in text for word in _COMMITTING_CONTEXTS)


def makes_session(frame: Frame, context: ast.expr) -> bool:
    """Say whether an expression makes a session that commits nothing when it is closed."""
    name = dotted(context.func) if isinstance(context, ast.Call) else ""
    symbol = frame.project.names.resolve(frame.facts, name) if name else UNKNOWN
    if symbol.kind == "alias":
        made = frame.project.names.files[symbol.path].aliases[symbol.name]
        return made.kind == "call" and made.last_name in ("sessionmaker", "async_sessionmaker")
    return symbol.kind == "external" and symbol.name.rpartition(".")[2] in ("Session", "AsyncSession")


def commits_on_leaving(frame: Frame, value: Value) -> bool:
    """Say whether the `__exit__` of an object of the project commits."""
    for one in each(value):
        if isinstance(one, Obj) and one.cls is not None:
            for name in ("__exit__", "__aexit__"):
                found = frame.project.member(one.cls, name)
                summary = (
                    frame.summaries.of(found[0].path, f"{found[0].name}.{name}", False) if found else None
                )
                if summary is not None and summary.commits:
                    return True
    return False
