"""Interprets the functions of a project, each once, and gives their summaries when asked."""

from __future__ import annotations

import ast
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from indelible.lint import advising
from indelible.lint.discovering import read_text
from indelible.lint.executing import Executor, bind_parameters
from indelible.lint.extracting import dotted, parsed_annotation, shape
from indelible.lint.facts import FileFacts, Shape
from indelible.lint.findings import Finding, Verdict
from indelible.lint.frame import Frame
from indelible.lint.judging import verdicts
from indelible.lint.naming import ClassRef
from indelible.lint.notes import value_of_note
from indelible.lint.project import Project, without_none
from indelible.lint.screening import COMMITTING, Screen
from indelible.lint.summaries import Summary, summarise
from indelible.lint.values import Many, Obj, Value, each

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
_MOST_CALLS_DEEP = 5
_TREES_KEPT = 64
_LONGEST_FUNCTION = 3000


class FunctionReport(NamedTuple):
    """What is kept of an interpreted function, beside its summary."""

    verdicts: list[Verdict]
    flags: list[tuple[str, str, str, int]]
    early_starts: list[Finding]
    unguarded: list[Finding]
    parallel: set[str]
    telling: bool


def report_of(frame: Frame, node: FunctionNode, lines: list[str], telling: bool) -> FunctionReport:
    """Judge a function that was interpreted; its frame can go then."""
    flags = [
        (obj.cls.name if obj.cls is not None else "", attribute, frame.facts.path, line)
        for obj, attribute, line in frame.flagged
    ]
    starts = advising.early_starts(frame, lines)
    unguarded = advising.unguarded_writers(frame, lines)
    return FunctionReport(verdicts(frame, node), flags, starts, unguarded, frame.parallel, telling)


class Module:
    """A parsed file with its functions by qualified name."""

    def __init__(self, path: str) -> None:
        self.text = read_text(path)
        self.lines = self.text.splitlines()
        self.tree = ast.parse(self.text)
        self._sources: dict[FunctionNode, str] = {}
        self.functions: dict[str, FunctionNode] = dict(_functions(self.tree.body, ""))

    def source(self, node: FunctionNode) -> str:
        """Return the text of a function."""
        found = self._sources.get(node)
        if found is None:
            found = self._sources[node] = "\n".join(self.lines[node.lineno - 1 : node.end_lineno])
        return found


def _functions(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, FunctionNode]]:
    for node in body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                if not _is_setter(node):
                    yield prefix + node.name, node
                else:
                    yield f"{prefix}{node.name}.setter", node
            case ast.ClassDef():
                yield from _functions(node.body, f"{prefix}{node.name}.")
            case ast.If() | ast.Try() | ast.With():
                yield from _functions(node.body, prefix)
                yield from _functions(getattr(node, "orelse", []), prefix)


def _is_setter(node: FunctionNode) -> bool:
    return any(isinstance(d, ast.Attribute) and d.attr in ("setter", "deleter") for d in node.decorator_list)


class Analyzer:
    """Gives frames and summaries; keeps the trees of the files used last."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.modules: OrderedDict[str, Module | None] = OrderedDict()
        self.done: dict[tuple[str, str], Summary | None] = {}
        self.reports: dict[tuple[str, str], FunctionReport] = {}
        self.running: set[tuple[str, str]] = set()
        self.noted: dict[tuple[str, str], Summary] = {}
        self.screen = Screen(project.json_attributes, advising.STARTS)

    def module(self, path: str) -> Module | None:
        """Return a parsed file, None if it does not parse."""
        if path in self.modules:
            self.modules.move_to_end(path)
            return self.modules[path]
        try:
            module = Module(path)
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            module = None
        self.modules[path] = module
        if len(self.modules) > _TREES_KEPT:
            self.modules.popitem(last=False)
        return module

    def of(self, path: str, name: str, depth: int, with_document: bool = True) -> Summary | None:
        """Return the summary of a function; None where calls go too deep or in circles, or do nothing that matters.

        `with_document` says that a document is among the arguments.
        """
        key = (path, name)
        if key in self.done:
            return self.done[key]
        if depth and not self._worth_it(key, with_document):
            return self._by_annotation(key)
        if depth > _MOST_CALLS_DEEP or key in self.running:
            return None
        self.running.add(key)
        try:
            summary = self._interpret(path, name, depth)
        except RecursionError:
            summary = None
        self.running.discard(key)
        self.done[key] = summary
        return summary

    def _worth_it(self, key: tuple[str, str], with_document: bool) -> bool:
        module = self.module(key[0])
        node = module.functions.get(key[1]) if module is not None else None
        if module is None or node is None:
            return True
        lines = (node.end_lineno or node.lineno) - node.body[0].lineno + 1
        return self.screen.called(module.source(node), lines, node.returns is not None, with_document)

    def _by_annotation(self, key: tuple[str, str]) -> Summary | None:
        """Return what a function's annotation says it returns, without looking inside."""
        if key in self.noted:
            return self.noted[key]
        module = self.module(key[0])
        node = module.functions[key[1]] if module is not None else None
        summary = Summary([], [])
        if module is not None and node is not None:
            facts = self.project.names.files[key[0]]
            summary.commits = bool(COMMITTING.search(module.source(node)))
            self._type_returned(summary, facts, node, _owner(facts, key[1]))
        self.noted[key] = summary
        return summary

    def forget(self, text_of_interest: Iterable[str]) -> None:
        """Forget summaries that were made before it was known that some functions matter."""
        self.screen.tell(text_of_interest)
        self.done.clear()
        self.noted.clear()

    def _interpret(self, path: str, name: str, depth: int) -> Summary | None:
        module = self.module(path)
        node = module.functions.get(name) if module is not None else None
        if module is None or node is None or (node.end_lineno or 0) - node.lineno > _LONGEST_FUNCTION:
            return None
        facts = self.project.names.files[path]
        owner = _owner(facts, name)
        frame = Frame(self.project, facts, name, self, depth)
        parameters = bind_parameters(frame, node)
        kind = _kind(node, owner)
        _bind_self(frame, node, owner, kind)
        executor = Executor(frame)
        executor.run(node.body)
        executor.finish()
        names = [arg.arg for arg in [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]]
        summary = summarise(frame, parameters, names, kind)
        self._type_returned(summary, facts, node, owner)
        self.reports[path, name] = report_of(frame, node, module.lines, summary.matters)
        return summary

    def _type_returned(
        self, summary: Summary, facts: FileFacts, node: FunctionNode, owner: ClassRef | None
    ) -> None:
        """Let the annotation say what the body did not."""
        parsed = parsed_annotation(node.returns)
        if parsed is None:
            return
        note = shape(parsed)
        summary.generic = _generic(self.project, facts, note)
        noted = value_of_note(self.project, facts, note, owner)
        untyped = [one for one in each(summary.returned) if isinstance(one, Obj) and one.cls is None]
        if isinstance(noted, Obj) and noted.cls is not None:
            if summary.returned is None:
                summary.returned = Obj(noted.cls)
            for one in untyped:
                one.cls = noted.cls
        elif isinstance(noted, Many) and not any(isinstance(one, Many) for one in each(summary.returned)):
            summary.returned = noted
        elif isinstance(noted, Obj) and noted.foreign:
            for one in untyped:
                if one.parent is None and one.parameter is None:
                    one.foreign = True


def _owner(facts: FileFacts, name: str) -> ClassRef | None:
    outer = name.removesuffix(".setter").rpartition(".")[0]
    return ClassRef(facts.path, outer) if outer in facts.classes else None


def _kind(node: FunctionNode, owner: ClassRef | None) -> str:
    if owner is None:
        return "function"
    decorators = {dotted(decorator) for decorator in node.decorator_list}
    if "staticmethod" in decorators:
        return "static"
    return "class" if "classmethod" in decorators else "method"


def _bind_self(frame: Frame, node: FunctionNode, owner: ClassRef | None, kind: str) -> None:
    arguments = [*node.args.posonlyargs, *node.args.args]
    if owner is None or kind not in ("method", "class") or not arguments:
        return
    first = frame.now.env[arguments[0].arg]
    for one in each(first):
        if isinstance(one, Obj) and kind == "method":
            one.cls = owner
    if kind == "class":
        from indelible.lint.values import ClassValue

        value: Value = ClassValue(owner)
        frame.now.env[arguments[0].arg] = value


def _generic(project: Project, facts: FileFacts, note: Shape) -> str:
    """Say whether an annotation is a type variable (`one`) or a list of it (`many`)."""
    for inner in without_none(note):
        many = inner.kind == "subscript"
        named = inner.parts[-1] if many else inner
        if named.kind == "name":
            symbol = project.names.resolve(facts, named.text)
            if symbol.kind == "alias":
                alias = project.names.files[symbol.path].aliases[symbol.name]
                if alias.last_name == "TypeVar":
                    return "many" if many else "one"
    return ""
