"""Which expressions can be written a second time, after a statement, and still mean the same."""

from __future__ import annotations

import ast

_PLAIN = (
    ast.Name, ast.Attribute, ast.Subscript, ast.Constant, ast.UnaryOp, ast.keyword, ast.expr_context, ast.unaryop,
)  # fmt: skip
_LOOK_UPS = ("get", "get_one")
"""By a key: a session's identity map has the same row for it, a dictionary the same value."""


def owner_of(node: ast.expr | None, name: str) -> ast.expr | None:
    """Return what the attribute `name` is read of in a chain: `script` in `script.data["x"].y`."""
    while node is not None:
        match node:
            case ast.Attribute(value=value, attr=attribute):
                if attribute == name:
                    return value
                node = value
            case ast.Subscript(value=value) | ast.Call(func=value):
                node = value
            case _:
                return None
    return None


def is_repeatable(node: ast.expr) -> bool:
    """Say whether an expression only looks something up."""
    return all(isinstance(part, _PLAIN) or _is_look_up(part) for part in ast.walk(node))


def _is_look_up(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _LOOK_UPS
