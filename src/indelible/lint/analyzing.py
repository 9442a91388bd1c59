"""Interprets the functions of a project, each once, and gives their summaries when asked."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from indelible.lint import advising
from indelible.lint.constants import naming
from indelible.lint.executing import Executor, bind_parameters
from indelible.lint.facts import FileFacts, Shape, without_none
from indelible.lint.findings import Finding
from indelible.lint.frame import Frame
from indelible.lint.generics import know_kept
from indelible.lint.judging import verdicts
from indelible.lint.naming import ClassRef
from indelible.lint.notes import says_enough, value_of_note
from indelible.lint.project import Project
from indelible.lint.reaching import Key, Reach, Told
from indelible.lint.reading import TooComplex
from indelible.lint.screening import (
    COMMITTING,
    COMMITTING_WORDS,
    Screen,
    marks_in_listener,
    may_flag,
    may_mark,
)
from indelible.lint.shaping import dotted, spelled
from indelible.lint.source import FunctionNode, Source, Sources
from indelible.lint.summaries import Summary, summarise
from indelible.lint.values import ClassValue, Fresh, Many, Obj, Value, each
from indelible.lint.verdicts import Verdict

_MOST_CALLS_DEEP = 16
_MOST_TURNS = 3
_LONGEST_FUNCTION = 3000


class FunctionReport(NamedTuple):
    """What is kept of an interpreted function, beside its summary."""

    verdicts: list[Verdict]
    flags: list[tuple[str, str, str, int]]
    early_starts: list[Finding]
    unguarded: list[Finding]
    parallel: set[str]
    changes: bool
    hands_out: bool
    matters: bool
    keeps: frozenset[str]


def _report(frame: Frame, node: FunctionNode, lines: list[str], summary: Summary) -> FunctionReport:
    """Judge a function that was interpreted; its frame can go then."""
    flags = [
        (obj.cls.name if obj.cls is not None else "", attribute, frame.facts.path, line)
        for obj, attribute, line in frame.flagged
    ]
    return FunctionReport(
        verdicts(frame, node),
        flags,
        advising.early_starts(frame, lines),
        advising.unguarded_writers(frame, lines),
        frame.parallel,
        summary.changes_documents,
        summary.hands_out,
        summary.matters,
        frozenset(
            summary.keeps if frame.owner is not None and not frame.project.is_model(frame.owner) else ()
        ),
    )


class Analyzer:
    """Gives summaries, made when they are asked for, and what the functions interpreted had to report."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.sources = Sources(project.names.files)
        self.screen = Screen(
            project.json_attributes, naming(project.names.files.values(), project.json_attributes)
        )
        self.reach = Reach(project)
        self._told = Told(self.reach, ())
        self.reports: dict[Key, FunctionReport] = {}
        self._done: dict[Key, Summary | None] = {}
        self._noted: dict[Key, Summary] = {}
        self._worth: dict[Key, bool] = {}
        self._askers: defaultdict[Key, set[Key]] = defaultdict(set)
        self._running: list[Key] = []
        self._recursive: set[Key] = set()
        self._assumed: dict[Key, Summary | None] = {}
        self._turns: defaultdict[Key, int] = defaultdict(int)
        self._unfollowed: set[Key] = set()

    def interpret(self, key: Key) -> None:
        """Interpret a function, unless that is done."""
        if key not in self._done:
            self._settle(key, False)

    def of(self, path: str, name: str, with_document: bool = True) -> Summary | None:
        """Return the summary of a function that is called; None where it cannot be had.

        `with_document` says that a document is among the arguments.
        """
        key = (path, name)
        if self._running:
            self._askers[key].add(self._running[-1])
        if key in self._running:
            self._recursive.add(key)
            return self._assumed.get(key)
        if key in self._done and not (with_document and key in self._unfollowed):
            return self._done[key]
        if not self._worth_it(key, with_document):
            return self._by_annotation(key)
        if len(self._running) > _MOST_CALLS_DEEP:
            return None
        return self._settle(key, with_document)

    def _settle(self, key: Key, with_document: bool) -> Summary | None:
        """Interpret a function; a recursive one again, with what is known of it then."""
        self._running.append(key)
        try:
            summary = self._interpret(key, with_document)
            while key in self._recursive and summary is not None and self._turns[key] < _MOST_TURNS:
                self._turns[key] += 1
                self._recursive.discard(key)
                before, self._assumed[key] = summary.effect, summary.for_itself()
                self._forget(self._leaning_on(key))
                summary = self._interpret(key, with_document)
                if summary is None or summary.effect == before:
                    break
        except (RecursionError, TooComplex):
            summary = None
        finally:
            self._running.pop()
            self._assumed.pop(key, None)
            self._recursive.discard(key)
        self._done[key] = summary
        return summary

    def _leaning_on(self, *keys: Key) -> set[Key]:
        """Return the functions that asked for some functions, directly or not, and these."""
        found: set[Key] = set()
        asked = list(keys)
        while asked:
            key = asked.pop()
            if key not in found:
                found.add(key)
                asked.extend(self._askers.get(key, ()))
        return found

    def _forget(self, keys: Iterable[Key]) -> None:
        for key in keys:
            self._done.pop(key, None)
            self._unfollowed.discard(key)

    def tell(self, new: Told, told: Told) -> set[Key]:
        """Take note of functions that turned out to matter; forget and return the functions that this concerns."""
        self._told = told
        skipped = [
            key for key in self._noted if new.in_reach(key[0]) and new.called_in(key[0], self._text(key))
        ]
        for key in skipped:
            del self._noted[key]
        stale = self._leaning_on(*skipped)
        self._forget(stale)
        return stale

    def _text(self, key: Key) -> str:
        source = self.sources.of(key[0])
        return source.text(key[1]) if source is not None else ""

    def _worth_it(self, key: Key, with_document: bool) -> bool:
        body = self.project.names.files[key[0]].bodies.get(key[1])
        if body is None or with_document:
            return True
        worth = self._worth.get(key)
        if worth is None:
            lines, annotated = body.end - body.body + 1, says_enough(body.returns)
            silent = annotated and self._is_silent(key[0])
            worth = not silent and self.screen.called(self._text(key), lines, annotated)
            self._worth[key] = worth
        return worth or (self._told.in_reach(key[0]) and self._told.called_in(key[0], self._text(key)))

    def _is_silent(self, path: str) -> bool:
        """Say by its words that no function of a file names a JSON attribute, marks anything or starts a task."""
        return not (
            self.screen.names(self.reach.words(path)) or may_mark(self.project.names.files[path].words)
        )

    def _by_annotation(self, key: Key) -> Summary:
        """Return what a function's annotation says it returns, without looking inside."""
        summary = self._noted.get(key)
        if summary is None:
            facts = self.project.names.files[key[0]]
            commits = not COMMITTING_WORDS.isdisjoint(self.reach.words(key[0]))
            commits = commits and COMMITTING.search(self._text(key)) is not None
            summary = self._noted[key] = Summary([], [], commits=commits)
            summary.skipped = True
            _type_returned(self.project, summary, facts, facts.bodies[key[1]].returns, _owner(facts, key[1]))
        return summary

    def _interpret(self, key: Key, with_document: bool) -> Summary | None:
        path, name = key
        source = self.sources.of(path)
        body = self.project.names.files[path].bodies.get(name)
        if source is None or body is None or body.end - body.line > _LONGEST_FUNCTION:
            return None
        node = source.node(name)
        owner = _owner(source.facts, name)
        kind = _kind(node, owner)
        text = source.text(name)
        marked = self._is_marked_around(node, source.facts) or marks_in_listener(text)
        frame, parameters = self._entered(source, name, node, kind, with_document)
        _run(frame, node)
        if marked:
            frame.save_all()
        names = [arg.arg for arg in [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]]
        summary = summarise(frame, parameters, names, kind, _surrounds(node))
        summary.positional = len(node.args.posonlyargs) + len(node.args.args)
        _type_returned(self.project, summary, source.facts, body.returns, owner)
        self.reports[key] = _report(frame, node, source.lines, summary)
        if kind == "method" and not marked and node.name != "__init__" and COMMITTING.search(text):
            self.reports[key].verdicts.extend(self._of_kept(source, name, node, with_document))
        if frame.unfollowed:
            self._unfollowed.add(key)
        else:
            self._unfollowed.discard(key)
        return summary

    def _entered(
        self, source: Source, name: str, node: FunctionNode, kind: str, with_document: bool
    ) -> tuple[Frame, list[Obj]]:
        """Return a frame in which a function is about to run, and its parameters."""
        frame = Frame(self.project, source.facts, name, self, with_document)
        parameters = bind_parameters(frame, node)
        _bind_self(frame, node, frame.owner, kind)
        return frame, parameters

    def _is_marked_around(self, node: FunctionNode, facts: FileFacts) -> bool:
        """Say whether a decorator of the project marks something: what the function changes, as far as one can see."""
        for decorator in node.decorator_list:
            name = dotted(decorator.func if isinstance(decorator, ast.Call) else decorator)
            symbol = self.project.names.resolve(facts, name) if name else None
            if symbol is not None and symbol.kind == "function" and may_flag(self._text(symbol[1:])):
                return True
        return False

    def _of_kept(self, source: Source, name: str, node: FunctionNode, with_document: bool) -> list[Verdict]:
        """Judge what a method that commits changes in documents that `__init__` keeps.

        To its callers it is the object that is changed; here it is the rows.
        """
        frame, _ = self._entered(source, name, node, "method", with_document)
        rows = know_kept(frame, frame.own) if isinstance(frame.own, Obj) else set()
        if not rows:
            return []
        _run(frame, node)
        return verdicts(frame, node, rows)


def _run(frame: Frame, node: FunctionNode) -> None:
    executor = Executor(frame)
    executor.run(node.body)
    executor.finish()


def _type_returned(
    project: Project, summary: Summary, facts: FileFacts, note: Shape | None, owner: ClassRef | None
) -> None:
    """Let the annotation say what the body did not."""
    if note is None:
        return
    summary.generic = _generic(project, facts, note)
    if summary.generic:
        return
    noted = value_of_note(project, facts, note, owner)
    untyped = [one for one in each(summary.returned) if isinstance(one, Obj) and one.cls is None]
    if isinstance(noted, Obj) and noted.cls is not None:
        if summary.returned is None:
            summary.returned = Obj(noted.cls)
        for one in untyped:
            one.cls = noted.cls
    elif isinstance(noted, Many) and not any(_says_more(summary, one) for one in each(summary.returned)):
        summary.returned = noted
    elif isinstance(noted, Obj) and noted.foreign:
        for one in untyped:
            if one.parent is None and one.parameter is None:
                one.foreign = True


def _says_more(summary: Summary, value: Value) -> bool:
    """Say whether a returned value tells more of the rows in it than an annotation can."""
    if isinstance(value, Fresh):
        held = (one for inner in summary.contents.get(value, {}).values() for one in each(inner))
        return any(isinstance(one, Obj) and one.cls is not None for one in held)
    return isinstance(value, Many)


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


def _surrounds(node: FunctionNode) -> bool:
    """Say whether a function makes a context: what follows its `yield` happens at the end of a `with` statement."""
    return any("contextmanager" in spelled(decorator) for decorator in node.decorator_list)


def _bind_self(frame: Frame, node: FunctionNode, owner: ClassRef | None, kind: str) -> None:
    arguments = [*node.args.posonlyargs, *node.args.args]
    if owner is None or kind not in ("method", "class") or not arguments:
        return
    first = frame.now.env[arguments[0].arg]
    for one in each(first):
        if isinstance(one, Obj) and kind == "method":
            one.cls = owner
            if node.name == "__init__" and frame.project.is_model(owner):
                frame.now.new.add(one)
    if kind == "class":
        frame.own_class = next((one for one in each(first) if isinstance(one, Obj)), None)
        frame.now.env[arguments[0].arg] = ClassValue(owner)
    frame.own = frame.now.env[arguments[0].arg]


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
