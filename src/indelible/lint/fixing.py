"""Changes code by LibCST, formatting kept, so that what was lost is saved."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Sequence

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from indelible.lint.declaring import declared
from indelible.lint.discovering import decode
from indelible.lint.findings import Finding
from indelible.lint.importing import with_import
from indelible.lint.unmarking import utf8_text

_FIXABLE = {"IND101", "IND102", "IND103", "IND104", "IND105"}
_MODULE = "sqlalchemy.orm.attributes"
_INNER = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
Edits = dict[int, list[tuple[str, str]]]


def fixed_files(
    findings: Sequence[Finding], kind: str, files: Sequence[str] = ()
) -> dict[str, tuple[str, str]]:
    """Return, by path, the text of each file before and after the fix.

    Left out are files that are not UTF-8 or not Python 3, or whose result would not parse, and changes behind which
    nothing can be written: their row cannot be named there, or they are made by a lambda, by a comprehension over the
    rows, in a `return`, in the head of a block, or with other statements on their line.
    `kind` is `flag`, `copy`, or `document`, which also looks through the other `files` of the project.
    """
    if kind == "document":
        found = declared([finding for finding in findings if finding.rule in _FIXABLE], files)
        return {path: (before, after) for path, (before, after) in found.items() if _parses(after)}
    return _marked_or_copied(findings, kind)


def _marked_or_copied(findings: Sequence[Finding], kind: str) -> dict[str, tuple[str, str]]:
    by_file: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.rule in _FIXABLE and finding.row and finding.attribute:
            by_file[finding.mark_place[0]].append(finding)
    changed: dict[str, tuple[str, str]] = {}
    for path, found in by_file.items():
        before = utf8_text(path)
        if before is None:
            continue
        tree = ast.parse(before)
        found = [finding for finding in found if not _is_inside(tree, finding)]
        after = _flagged(before, found) if kind == "flag" else _copied(before, found)
        if after != before and _parses(after):
            changed[path] = (before, after)
    return changed


def _is_inside(tree: ast.Module, finding: Finding) -> bool:
    """Say whether a change is made by a lambda, or by a comprehension whose own variable is the row."""
    if finding.assigned_line:
        return False  # what is assigned back is so by a statement
    start, end = (finding.line, finding.column - 1), (finding.end_line, finding.end_column - 1)
    name = re.split(r"\W", finding.row, maxsplit=1)[0]
    for node in ast.walk(tree):
        if isinstance(node, _INNER) and (node.lineno, node.col_offset) <= start and end <= _end_of(node):
            if isinstance(node, ast.Lambda):
                return True
            targets = [part for one in node.generators for part in ast.walk(one.target)]
            if any(isinstance(part, ast.Name) and part.id == name for part in targets):
                return True
    return False


def _end_of(node: ast.expr) -> tuple[int, int]:
    return node.end_lineno or node.lineno, node.end_col_offset or node.col_offset


def _parses(code: str) -> bool:
    try:
        compile(decode(code.encode()), "<fixed>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True


def _flagged(code: str, findings: list[Finding]) -> str:
    edits: Edits = defaultdict(list)
    for finding in findings:
        edits[finding.mark_place[1]].append((finding.row, finding.attribute))
    wrapper = MetadataWrapper(cst.parse_module(code))
    adder = _AddFlags(edits)
    module = wrapper.visit(adder)
    if not adder.added:
        return code
    return with_import(module, f"from {_MODULE} import flag_modified").code


class _AddFlags(cst.CSTTransformer):
    """Adds a call of `flag_modified` after each statement that changes a document; one after several in a row."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self, edits: Edits) -> None:
        super().__init__()
        self.edits = edits
        self.added = False
        self.wanted: dict[cst.CSTNode, list[tuple[str, str]]] = {}

    def visit_SimpleStatementLine(self, node: cst.SimpleStatementLine) -> None:  # noqa: N802
        if len(node.body) > 1 or isinstance(node.body[0], cst.Return | cst.Raise):
            return
        place = self.get_metadata(PositionProvider, node)
        for line in range(place.start.line, place.end.line + 1):
            for edit in self.edits.get(line, ()):
                self.wanted.setdefault(node, []).append(edit)

    def leave_IndentedBlock(  # noqa: N802
        self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock
    ) -> cst.IndentedBlock:
        return updated_node.with_changes(body=self._with_flags(original_node.body, updated_node.body))

    def leave_Module(self, original_node: cst.Module, updated_node: cst.Module) -> cst.Module:  # noqa: N802
        return updated_node.with_changes(body=self._with_flags(original_node.body, updated_node.body))

    def _with_flags(
        self, originals: Sequence[cst.BaseStatement], statements: Sequence[cst.BaseStatement]
    ) -> list[cst.BaseStatement]:
        body: list[cst.BaseStatement] = []
        for number, (original, statement) in enumerate(zip(originals, statements, strict=True)):
            body.append(statement)
            following = self.wanted.get(originals[number + 1], []) if number + 1 < len(originals) else []
            for receiver, attribute in dict.fromkeys(self.wanted.get(original, [])):
                if (receiver, attribute) not in following:
                    body.append(cst.parse_statement(f'flag_modified({receiver}, "{attribute}")\n'))
                    self.added = True
        return body


def _after_docstring(module: cst.Module) -> int:
    return 1 if module.get_docstring() is not None else 0


def _copied(code: str, findings: list[Finding]) -> str:
    """Deep-copy the document just before the first change: `row.c = copy.deepcopy(row.c)`."""
    edits: Edits = defaultdict(list)
    for finding in findings:
        if (
            finding.rule in ("IND101", "IND105", "IND103")
            and f"{finding.row}.{finding.attribute}" in finding.source_line
        ):
            edits[finding.line].append((finding.row, finding.attribute))
    wrapper = MetadataWrapper(cst.parse_module(code))
    adder = _AddCopies(edits)
    module = wrapper.visit(adder)
    if not adder.added:
        return code
    return _with_import_copy(module).code


class _AddCopies(_AddFlags):
    """Assigns a deep copy before each run of statements that change a document."""

    def _with_flags(
        self, originals: Sequence[cst.BaseStatement], statements: Sequence[cst.BaseStatement]
    ) -> list[cst.BaseStatement]:
        body: list[cst.BaseStatement] = []
        for number, (original, statement) in enumerate(zip(originals, statements, strict=True)):
            before = self.wanted.get(originals[number - 1], []) if number else []
            for receiver, attribute in dict.fromkeys(self.wanted.get(original, [])):
                if (receiver, attribute) not in before:
                    place = f"{receiver}.{attribute}"
                    body.append(cst.parse_statement(f"{place} = copy.deepcopy({place})\n"))
                    self.added = True
            body.append(statement)
        return body


def _with_import_copy(module: cst.Module) -> cst.Module:
    for statement in module.body:
        if (
            isinstance(statement, cst.SimpleStatementLine)
            and module.code_for_node(statement).strip() == "import copy"
        ):
            return module
    body = list(module.body)
    at = _after_docstring(module)
    while at < len(body) and "from __future__" in module.code_for_node(body[at]):
        at += 1
    body.insert(at, cst.parse_statement("import copy\n"))
    return module.with_changes(body=body)
