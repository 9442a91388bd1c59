"""Imports, as far as fixes add and remove them."""

from __future__ import annotations

import ast

import libcst as cst
import libcst.matchers as m


def with_import(module: cst.Module, line: str) -> cst.Module:
    """Add `from … import …` after the last import at the top, unless the module imports that name so."""
    wanted = cst.ensure_type(cst.parse_statement(f"{line}\n"), cst.SimpleStatementLine)
    imported = cst.ensure_type(wanted.body[0], cst.ImportFrom)
    last = -1
    for number, statement in enumerate(module.body):
        if not isinstance(statement, cst.SimpleStatementLine):
            break
        first = statement.body[0]
        if isinstance(first, cst.ImportFrom) and _has(first, imported):
            return module
        if isinstance(first, cst.Import | cst.ImportFrom):
            last = number
        elif not (number == 0 and isinstance(first, cst.Expr)):
            break
    body = list(module.body)
    at = last + 1 if last >= 0 else int(module.get_docstring() is not None)
    body.insert(at, wanted)
    return module.with_changes(body=body)


def _has(statement: cst.ImportFrom, wanted: cst.ImportFrom) -> bool:
    if isinstance(statement.names, cst.ImportStar) or isinstance(wanted.names, cst.ImportStar):
        return False
    if statement.module is None or wanted.module is None or not statement.module.deep_equals(wanted.module):
        return False
    name = wanted.names[0]
    return any(one.evaluated_name == name.evaluated_name and one.evaluated_alias == name.evaluated_alias
               for one in statement.names)  # fmt: skip


def bound_names(module: cst.Module) -> dict[str, str]:
    """Return the names that a module binds at its top, with the module that each is imported from; else "here"."""
    bound: dict[str, str] = {}
    for node in ast.walk(ast.parse(module.code)):
        match node:
            case ast.ImportFrom(module=source, names=names, level=level):
                bound |= {one.asname or one.name: "." * level + (source or "") for one in names}
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                bound.setdefault(name, "here")
            case ast.Assign(targets=targets):
                bound |= {one.id: "here" for one in targets if isinstance(one, ast.Name)}
    return bound


def name_used(module: cst.Module, name: str) -> bool:
    """Say whether a module uses a name that it imports."""
    return any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(ast.parse(module.code)))


def without_name(module: cst.Module, name: str) -> cst.Module:
    """Import a name no longer; a statement that would import nothing goes."""
    changed = module.visit(_Unimporter(name))
    assert isinstance(changed, cst.Module)
    return changed


class _Unimporter(cst.CSTTransformer):
    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def leave_ImportFrom(  # noqa: N802
        self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom
    ) -> cst.ImportFrom | cst.RemovalSentinel:
        if isinstance(updated_node.names, cst.ImportStar):
            return updated_node
        kept = [one for one in updated_node.names if not m.matches(one.name, m.Name(self.name)) or one.asname]
        if len(kept) == len(updated_node.names):
            return updated_node
        if not kept:
            return cst.RemoveFromParent()
        if updated_node.rpar is None:
            kept[-1] = kept[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
        return updated_node.with_changes(names=kept)
