"""From expressions to shapes and names: what declarations need of them."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from indelible.lint.facts import OTHER, Shape, named

_DEPTH = 7


def dotted(node: ast.expr) -> str:
    """Return `a.b.c` for names and attribute chains, else an empty string."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    parts.append(node.id)
    return ".".join(reversed(parts))


def spelled(node: ast.expr) -> str:
    """Return an expression as `ast.unparse` writes it, which takes fifty times longer for the many that are names."""
    return dotted(node) or ast.unparse(node)


def shape(node: ast.expr | None, depth: int = _DEPTH) -> Shape:
    """Boil an expression down."""
    if node is None or depth == 0:
        return OTHER
    kind = type(node)
    if kind is ast.Name:
        return named(node.id)  # type: ignore[attr-defined]
    boil = _SHAPES.get(kind)
    return boil(node, depth - 1) if boil is not None else OTHER


def _attribute_shape(node: ast.Attribute, below: int) -> Shape:
    if name := dotted(node):
        return named(name)
    # a method of something made in place: JSON().with_variant(…)
    return Shape("attribute", node.attr, (shape(node.value, below),))


def _call_shape(node: ast.Call, below: int) -> Shape:
    parts = (shape(node.func, below), *[shape(arg, below) for arg in node.args])
    keywords = tuple([(kw.arg, shape(kw.value, below)) for kw in node.keywords if kw.arg])
    return Shape("call", "", parts, keywords)


def _subscript_shape(node: ast.Subscript, below: int) -> Shape:
    inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    return Shape("subscript", "", (shape(node.value, below), *[shape(one, below) for one in inner]))


def _constant_shape(node: ast.Constant, _: int) -> Shape:
    value = node.value
    if isinstance(value, str):
        return Shape("constant", value)
    return Shape("constant", repr(value)) if value is None or isinstance(value, bool) else OTHER


def _binary_shape(node: ast.BinOp, below: int) -> Shape:
    if isinstance(node.op, ast.BitOr):
        return Shape("union", "", (shape(node.left, below), shape(node.right, below)))
    return OTHER


def _sequence_shape(node: ast.List | ast.Tuple, below: int) -> Shape:
    return Shape("sequence", "", tuple([shape(item, below) for item in node.elts]))


def _mapping_shape(node: ast.Dict, below: int) -> Shape:
    pairs = [(key, value) for key, value in zip(node.keys, node.values, strict=True) if key is not None]
    return Shape("mapping", "", tuple([shape(part, below) for pair in pairs for part in pair]))


def _lambda_shape(node: ast.Lambda, below: int) -> Shape:
    return Shape("lambda", "", (shape(node.body, below),))


_SHAPES: dict[type[ast.AST], Callable[[Any, int], Shape]] = {
    ast.Attribute: _attribute_shape,
    ast.Call: _call_shape,
    ast.Subscript: _subscript_shape,
    ast.Constant: _constant_shape,
    ast.BinOp: _binary_shape,
    ast.List: _sequence_shape,
    ast.Tuple: _sequence_shape,
    ast.Dict: _mapping_shape,
    ast.Lambda: _lambda_shape,
}


def parsed_annotation(node: ast.expr | None) -> ast.expr | None:
    """Return the annotation, parsed if it is a string."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            return ast.parse(node.value.strip(), mode="eval").body
        except (SyntaxError, ValueError):
            return None
    return node
