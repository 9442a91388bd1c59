"""`--fix=document`: declares columns tracked, and removes the calls of `flag_modified` that are needed no longer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeVar

import libcst as cst
import libcst.matchers as m

from indelible.lint.column_types import COLUMN_CALLS
from indelible.lint.findings import Finding
from indelible.lint.importing import bound_names, with_import
from indelible.lint.unmarking import remove_marks, utf8_text

_WRAPPERS = {"deferred", "column_property"}
_POSTGRESQL = "sqlalchemy.dialects.postgresql"
_Expression = TypeVar("_Expression", bound=cst.BaseExpression)


class _Target(NamedTuple):
    """A column to declare: class and attribute."""

    model: str
    attribute: str


def declared(findings: Sequence[Finding], files: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Return, by path, the text before and after of each file that changes: models, and where columns were marked.

    `files` is the whole project: a mark is removed only where every model's column of that name is tracked now.
    """
    targets: dict[str, set[_Target]] = defaultdict(set)
    for finding in findings:
        if finding.column_path and finding.attribute:
            targets[finding.column_path].add(_Target(finding.model, finding.attribute))
    changed: dict[str, tuple[str, str]] = {}
    done: set[tuple[str, _Target]] = set()
    for path, wanted in targets.items():
        before = utf8_text(path)
        if before is None:
            continue
        module, found = _with_documents(cst.parse_module(before), wanted)
        done |= {(path, target) for target in found}
        if found:
            changed[path] = before, module.code
    remove_marks(changed, {(path, target.model, target.attribute) for path, target in done}, list(files))
    return changed


def _with_documents(module: cst.Module, wanted: set[_Target]) -> tuple[cst.Module, set[_Target]]:
    declarer = _Declarer(module, wanted)
    changed = module.visit(declarer)
    for source, names in sorted(declarer.imported.items()):
        changed = with_import(changed, f"from {source} import {', '.join(sorted(names))}")
    return changed, declarer.done


class _Declarer(cst.CSTTransformer):
    """Puts `Document`, or `tracked(…)` around other types, into the declarations of some columns."""

    def __init__(self, module: cst.Module, wanted: set[_Target]) -> None:
        super().__init__()
        self.wanted = wanted
        self.done: set[_Target] = set()
        self.imported: dict[str, set[str]] = defaultdict(set)
        self._bound = bound_names(module)
        self._classes: list[str] = []
        self._functions: list[str] = []
        self._tables = 0

    def visit_ClassDef(self, node: cst.ClassDef) -> None:  # noqa: N802
        self._classes.append(node.name.value)

    def leave_ClassDef(self, original_node: cst.ClassDef, updated_node: cst.ClassDef) -> cst.ClassDef:  # noqa: N802
        self._classes.pop()
        return updated_node

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:  # noqa: N802
        self._functions.append(node.name.value)

    def leave_FunctionDef(  # noqa: N802
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef:
        self._functions.pop()
        return updated_node

    def visit_Call(self, node: cst.Call) -> None:  # noqa: N802
        self._tables += _last_name(node.func) == "Table"

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:  # noqa: N802
        self._tables -= _last_name(original_node.func) == "Table"
        if self._tables and _last_name(updated_node.func) == "Column" and updated_node.args:
            name = _string(updated_node.args[0].value)
            for target in self.wanted:
                if target.attribute == name:
                    return self._done(target, updated_node, self._with_type(updated_node))
        return updated_node

    def leave_Assign(self, original_node: cst.Assign, updated_node: cst.Assign) -> cst.Assign:  # noqa: N802
        names = [one.target.value for one in updated_node.targets if isinstance(one.target, cst.Name)]
        for target in self._here(names):
            value = self._done(target, updated_node.value, self._declaration(updated_node.value))
            return updated_node.with_changes(value=value)
        return updated_node

    def leave_AnnAssign(  # noqa: N802
        self, original_node: cst.AnnAssign, updated_node: cst.AnnAssign
    ) -> cst.AnnAssign:
        name = updated_node.target
        for target in self._here([name.value] if isinstance(name, cst.Name) else []):
            if updated_node.value is None:
                self.done.add(target)
                if "mapped_column" not in self._bound:
                    self.imported["sqlalchemy.orm"].add("mapped_column")
                call = cst.Call(cst.Name("mapped_column"), [cst.Arg(self._document())])
                equal = cst.AssignEqual(cst.SimpleWhitespace(" "), cst.SimpleWhitespace(" "))
                return updated_node.with_changes(value=call, equal=equal)
            value = self._done(target, updated_node.value, self._declaration(updated_node.value))
            return updated_node.with_changes(value=value)
        return updated_node

    def leave_Return(self, original_node: cst.Return, updated_node: cst.Return) -> cst.Return:  # noqa: N802
        if updated_node.value is not None and self._functions:
            for target in self._of_class([self._functions[-1]]):
                value = self._done(target, updated_node.value, self._declaration(updated_node.value))
                return updated_node.with_changes(value=value)
        return updated_node

    def _here(self, names: list[str]) -> list[_Target]:
        return [] if self._functions else self._of_class(names)

    def _of_class(self, names: list[str]) -> list[_Target]:
        here = ".".join(self._classes)
        return [target for target in self.wanted if target.model == here and target.attribute in names]

    def _done(self, target: _Target, before: _Expression, after: _Expression | None) -> _Expression:
        if after is None:
            return before
        self.done.add(target)
        return after

    def _declaration(self, value: cst.BaseExpression) -> cst.BaseExpression | None:
        """Return what declares the column, with its type tracked; None if it is not understood."""
        if not isinstance(value, cst.Call):
            return None
        name = _last_name(value.func)
        if name in COLUMN_CALLS:
            return self._with_type(value)
        if name in _WRAPPERS and value.args:
            return self._with_argument(value, 0, self._declaration(value.args[0].value))
        if name == "Field":
            for number, argument in enumerate(value.args):
                keyword = argument.keyword.value if argument.keyword is not None else ""
                if keyword == "sa_column":
                    return self._with_argument(value, number, self._declaration(argument.value))
                if keyword == "sa_type":
                    return self._with_argument(value, number, self._tracked(argument.value))
        return None

    def _with_argument(
        self, call: cst.Call, number: int, argument: cst.BaseExpression | None
    ) -> cst.Call | None:
        if argument is None:
            return None
        args = list(call.args)
        args[number] = args[number].with_changes(value=argument)
        return call.with_changes(args=args)

    def _with_type(self, call: cst.Call) -> cst.Call | None:
        for number, argument in enumerate(call.args):
            if argument.keyword is not None and argument.keyword.value == "type_":
                return self._with_argument(call, number, self._tracked(argument.value))
        named = bool(call.args) and call.args[0].keyword is None and _string(call.args[0].value) is not None
        at = int(named)
        if len(call.args) > at and call.args[at].keyword is None and _may_be_type(call.args[at].value):
            return self._with_argument(call, at, self._tracked(call.args[at].value))
        comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
        added = cst.Arg(self._document())
        args = list(call.args)
        if args[at:]:
            added = added.with_changes(comma=comma)
        elif args:
            args[-1] = args[-1].with_changes(comma=comma)
        return call.with_changes(args=[*args[:at], added, *args[at:]])

    def _tracked(self, type_: cst.BaseExpression) -> cst.BaseExpression | None:
        """Return a type that tracks and stores what another does; None if that is tracked already."""
        if _last_name(type_) in ("Document", "tracked"):
            return None
        inner = _without_mutable(type_)
        if self._is_json(inner):
            return self._document()
        return cst.Call(self._imported("tracked"), [cst.Arg(inner)])

    def _is_json(self, type_: cst.BaseExpression) -> bool:
        """Say whether a type is what `Document` stores: JSONB on PostgreSQL, JSON elsewhere."""
        if isinstance(type_, cst.Call):
            if m.matches(type_.func, m.Attribute(attr=m.Name("with_variant"))):
                assert isinstance(type_.func, cst.Attribute)
                variant = type_.args[0].value if type_.args else type_
                return self._is_json(type_.func.value) and self._is_json(variant)
            plain = all(_is_none_as_null(argument) for argument in type_.args)
            return plain and self._is_json(type_.func)
        name = _last_name(type_)
        if name == "JSONB":
            return self._bound.get(name, _POSTGRESQL).startswith("sqlalchemy")
        # PostgreSQL's own `JSON` is kept: the table has that type, and `Document` would be another.
        outer = _last_name(type_.value) if isinstance(type_, cst.Attribute) else ""
        generic = self._bound.get(name, "sqlalchemy").startswith(("sqlalchemy", "sqlmodel"))
        return name == "JSON" and generic and self._bound.get(name) != _POSTGRESQL and outer != "postgresql"

    def _document(self) -> cst.Name:
        return self._imported("Document")

    def _imported(self, name: str) -> cst.Name:
        known = self._bound.get(name)
        if known == "indelible":
            return cst.Name(name)
        other = name if known is None else f"Indelible{name.title()}"
        self.imported["indelible"].add(name if known is None else f"{name} as {other}")
        return cst.Name(other)


def _last_name(node: cst.BaseExpression) -> str:
    while isinstance(node, cst.Call):
        node = node.func
    if isinstance(node, cst.Attribute):
        return node.attr.value
    return node.value if isinstance(node, cst.Name) else ""


def _string(node: cst.BaseExpression) -> str | None:
    value = node.evaluated_value if isinstance(node, cst.SimpleString) else None
    return value if isinstance(value, str) else None


def _may_be_type(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Name | cst.Attribute | cst.Call) and _last_name(node) not in (
        "ForeignKey", "Sequence", "Identity", "Computed", "CheckConstraint", "FetchedValue",
    )  # fmt: skip


def _without_mutable(type_: cst.BaseExpression) -> cst.BaseExpression:
    """Return the type that is inside `MutableDict.as_mutable(…)`."""
    if isinstance(type_, cst.Call) and _last_name(type_.func) == "as_mutable" and type_.args:
        return type_.args[0].value
    return type_


def _is_none_as_null(argument: cst.Arg) -> bool:
    return argument.keyword is not None and argument.keyword.value == "none_as_null"
