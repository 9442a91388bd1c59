"""Removes calls of `flag_modified` for columns that are tracked now."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

import libcst as cst
import libcst.matchers as m

from indelible.lint.discovering import read_text
from indelible.lint.importing import name_used, without_name

_FLAG = "flag_modified"
Column = tuple[str, str, str]
"""Path, class and attribute."""


def utf8_text(path: str) -> str | None:
    """Return a file's text with its line ends; None for a file that is not UTF-8 or not Python."""
    try:
        with open(path, encoding="utf-8", newline="") as file:
            text = file.read()
        ast.parse(text)
    except (OSError, ValueError, SyntaxError):
        return None
    return text


def remove_marks(changed: dict[str, tuple[str, str]], tracked: set[Column], files: Sequence[str]) -> None:
    """Remove the marks of attributes whose every column in the project is tracked now.

    `changed` has the text before and after of the files that are changed anyway, and is added to.
    """
    attributes = {attribute for _, _, attribute in tracked}
    texts = {path: text for path in files if (text := _mentioning(path, attributes)) is not None}
    for path, text in texts.items():
        attributes -= {
            name
            for model, name in _columns_in(ast.parse(text).body, "")
            if (path, model, name) not in tracked
        }
    for path, text in texts.items():
        before, after = changed.get(path, (text, text))
        if _FLAG in after and attributes:
            fixed = _without_marks(cst.parse_module(after), attributes).code
            if fixed != before:
                changed[path] = before, fixed


def _mentioning(path: str, attributes: set[str]) -> str | None:
    try:
        rough = read_text(path)
    except (OSError, ValueError, SyntaxError):
        return None
    return utf8_text(path) if any(attribute in rough for attribute in attributes) else None


def _columns_in(body: list[ast.stmt], above: str) -> Iterator[tuple[str, str]]:
    """Yield class and attribute of what looks like a column."""
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _columns_in(node.body, f"{above}{node.name}.")
        elif above and isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield above[:-1], node.target.id
        elif above and isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            yield from ((above[:-1], name.id) for name in node.targets if isinstance(name, ast.Name))
        elif above and isinstance(node, ast.FunctionDef) and node.decorator_list:
            yield above[:-1], node.name


def _without_marks(module: cst.Module, attributes: set[str]) -> cst.Module:
    remover = _MarkRemover(attributes)
    changed = module.visit(remover)
    if remover.removed and not name_used(changed, _FLAG):
        changed = without_name(changed, _FLAG)
    return changed


class _MarkRemover(cst.CSTTransformer):
    """Removes statements `flag_modified(row, "attribute")` that do not stand alone in their block."""

    def __init__(self, attributes: set[str]) -> None:
        super().__init__()
        self.attributes = attributes
        self.removed = 0

    def leave_IndentedBlock(  # noqa: N802
        self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock
    ) -> cst.IndentedBlock:
        return updated_node.with_changes(body=self._kept(updated_node.body))

    def leave_Module(self, original_node: cst.Module, updated_node: cst.Module) -> cst.Module:  # noqa: N802
        return updated_node.with_changes(body=self._kept(updated_node.body))

    def _kept(self, body: Sequence[cst.BaseStatement]) -> list[cst.BaseStatement]:
        kept = [statement for statement in body if not self._is_mark(statement)]
        if not kept or all(_is_docstring(statement) for statement in kept):
            return list(body)
        self.removed += len(body) - len(kept)
        return kept

    def _is_mark(self, statement: cst.BaseStatement) -> bool:
        match statement:
            case cst.SimpleStatementLine(body=[cst.Expr(value=cst.Call(func=func, args=[_, name]))]):
                return _is_flag(func) and _string(name.value) in self.attributes
        return False


def _is_docstring(statement: cst.BaseStatement) -> bool:
    return m.matches(
        statement, m.SimpleStatementLine(body=[m.Expr(value=m.SimpleString() | m.ConcatenatedString())])
    )


def _is_flag(func: cst.BaseExpression) -> bool:
    return m.matches(func, m.Name(_FLAG) | m.Attribute(attr=m.Name(_FLAG)))


def _string(node: cst.BaseExpression) -> str | None:
    value = node.evaluated_value if isinstance(node, cst.SimpleString) else None
    return value if isinstance(value, str) else None
