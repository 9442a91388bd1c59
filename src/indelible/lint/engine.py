"""Runs a check: facts of all files, the linked project, the functions that matter, and the findings."""

from __future__ import annotations

import ast
import gc
import multiprocessing
import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from typing import TypeVar

from indelible.lint import advising
from indelible.lint.analyzing import Analyzer, FunctionReport
from indelible.lint.discovering import decode, module_name, python_files, read_text
from indelible.lint.extracting import facts_of
from indelible.lint.facts import FileFacts
from indelible.lint.findings import Confidence, Finding, Related, Verdict
from indelible.lint.project import Project
from indelible.lint.rules import RULES
from indelible.lint.screening import calls_of

_T = TypeVar("_T")
_R = TypeVar("_R")
_SMALL = 60  # files; below that a second process costs more than it saves
_MOST_ROUNDS = 4


@dataclass(slots=True)
class Result:
    """What a check gave: findings, in order of place, and the files that could not be read, with the reason."""

    findings: list[Finding] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)
    files: int = 0


def check(paths: Sequence[str], exclude: Iterable[str] = (), jobs: int | None = None) -> Result:
    """Check the Python files under some paths, as one project."""
    return check_files(python_files(paths, exclude), jobs)


def check_files(files: Sequence[tuple[str, str]], jobs: int | None = None) -> Result:
    """Check files, given with the roots that they were found under, as one project."""
    jobs = (jobs or min(os.cpu_count() or 1, 8)) if hasattr(os, "fork") else 1
    # Trees are many objects without circles: the cycle collector only costs, up to half of the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        facts = _in_processes(_facts_of_file, files, jobs, chunk=16)
        return link_and_judge(facts, jobs)
    finally:
        if collecting:
            gc.enable()


def _facts_of_file(item: tuple[str, str]) -> FileFacts:
    path, root = item
    module = module_name(path, root)
    try:
        with open(path, "rb") as file:
            text = decode(file.read())
        tree = ast.parse(text)
        return facts_of(tree, text, path, module)
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return FileFacts(path, module, False, problem=f"{type(error).__name__}: {error}")


def _in_processes(work: Callable[[_T], _R], items: Sequence[_T], jobs: int, chunk: int) -> list[_R]:
    if jobs == 1 or len(items) < _SMALL:
        return [work(item) for item in items]
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=gc.disable) as pool:
        return list(pool.map(work, items, chunksize=chunk))


def link_and_judge(facts: list[FileFacts], jobs: int = 1) -> Result:
    """Link the facts of a project and judge its functions."""
    project = Project(facts)
    result = Result(files=len(facts), problems={one.path: one.problem for one in facts if one.problem})
    if not project.json_attributes and not advising.possible(facts):
        return result
    result.findings = conclude(_judge_in_rounds(project, jobs))
    return result


Reports = dict[tuple[str, str], FunctionReport]


def _judge_in_rounds(project: Project, jobs: int) -> Reports:
    """Judge what matters by itself, then what calls functions that turned out to matter, and so on."""
    paths = [path for path, facts in project.names.files.items() if not facts.problem]
    reports: Reports = {}
    told: set[str] = set()
    with _Judges(project, jobs if len(paths) >= _SMALL else 1) as judges:
        words: tuple[str, ...] = ()
        for _ in range(_MOST_ROUNDS):
            found = judges.some(paths, words)
            reports.update(found)
            telling = {
                name.removesuffix(".setter").rpartition(".")[2] for _, name in found if found[_, name].telling
            }
            new = {name for name in telling if not name.startswith("__")} - told
            if not new:
                break
            told |= new
            words = tuple(sorted(new))
    return reports


class _Judges:
    """One judge here, or one in each of some processes."""

    def __init__(self, project: Project, jobs: int) -> None:
        self.jobs = jobs
        _project.append(project)
        self.pool: ProcessPoolExecutor | None = None
        self.judge = Judge(project) if jobs == 1 else None

    def __enter__(self) -> _Judges:
        if self.judge is None:
            self.pool = ProcessPoolExecutor(self.jobs, mp_context=multiprocessing.get_context("fork"))
        return self

    def __exit__(self, *_: object) -> None:
        _project.pop()
        if self.pool is not None:
            self.pool.shutdown()

    def some(self, paths: Sequence[str], words: tuple[str, ...]) -> Reports:
        if self.judge is not None:
            return self.judge.some(paths, words)
        assert self.pool is not None
        size = 24
        chunks = [paths[at : at + size] for at in range(0, len(paths), size)]
        found: Reports = {}
        for some in self.pool.map(_judge_some, chunks, [words] * len(chunks)):
            found.update(some)
        return found


_project: list[Project] = []
_judges: list[Judge] = []


def _judge_some(paths: Sequence[str], words: tuple[str, ...]) -> Reports:
    # A forked process finds the project where its parent left it, and keeps one judge.
    if not _judges:
        gc.disable()
        _judges.append(Judge(_project[-1]))
    return _judges[0].some(paths, words)


class Judge:
    """Interprets the functions that matter, round by round: those whose callees turned out to matter come later."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.analyzer = Analyzer(project)
        self.words: tuple[str, ...] = ()
        self.told: set[str] = set()

    def some(self, paths: Sequence[str], words: tuple[str, ...]) -> Reports:
        """Judge functions of some files: those that matter by themselves, or, with words, those that mention one."""
        if words and words != self.words:
            self.told.update(words)
            self.analyzer.forget(self.told)
        self.words = words
        calling = calls_of(words) if words else None
        found: Reports = {}
        for path in paths:
            self._file(path, calling, found)
        return found

    def _file(self, path: str, calling: re.Pattern[str] | None, found: Reports) -> None:
        screen = self.analyzer.screen
        pattern = calling or screen.mentioning
        try:
            text = read_text(path)
        except (OSError, SyntaxError, ValueError):
            return
        module = self.analyzer.module(path) if pattern.search(text) else None
        if module is None:
            return
        for name, node in module.functions.items():
            source = module.source(node)
            if calling.search(source) if calling else screen.by_itself(source):
                self.analyzer.of(path, name, 0)
                report = self.analyzer.reports.pop((path, name), None)
                if report is not None:
                    found[path, name] = report


def conclude(reports: Reports) -> list[Finding]:
    """Put together what all functions say about each change."""
    by_key: dict[tuple[str, tuple[int, int, int, int], str], list[Verdict]] = defaultdict(list)
    flags: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
    findings: list[Finding] = []
    parallel = {name for report in reports.values() for name in report.parallel}
    for (_, name), report in reports.items():
        for verdict in report.verdicts:
            by_key[verdict.key].append(verdict)
        for model, attribute, path, line in report.flags:
            flags[attribute].append((model, path, line))
        findings.extend(report.early_starts)
        if name.rpartition(".")[2] in parallel:
            findings.extend(report.unguarded)
    merged = [_merge(group) for group in by_key.values()]
    findings.extend(_as_findings([one for one in merged if one is not None], flags))
    return sorted(set(findings), key=lambda finding: finding[:6])


def _merge(group: list[Verdict]) -> Verdict | None:
    """Return the change as a loss if it is one: nobody who calls the function saves it."""
    lost = [verdict for verdict in group if verdict.status == "lost" and verdict.typed]
    if not lost:
        return None
    base = max(
        lost, key=lambda verdict: (verdict.rule != "IND101", verdict.own, verdict.typed, verdict.meant)
    )
    typed = max(verdict.typed for verdict in lost)
    meant = max(verdict.meant for verdict in lost)
    saved = any(verdict.status == "saved" and not verdict.own for verdict in group)
    contrary = any(verdict.status == "contrary" and not verdict.typed for verdict in group)
    if saved or (contrary and typed < 3):
        meant = 1
    return base._replace(typed=typed, meant=meant)


def _as_findings(merged: list[Verdict], flags: dict[str, list[tuple[str, str, int]]]) -> list[Finding]:
    groups: dict[object, list[Verdict]] = defaultdict(list)
    for verdict in merged:
        place = verdict.anchor or (verdict.key[0], verdict.key[1][:2])
        groups[place, verdict.attribute].append(verdict)
    lines = cache(_lines)
    return [_finding(group, flags, lines) for group in groups.values()]


def _lines(path: str) -> list[str]:
    try:
        return read_text(path).splitlines()
    except (OSError, SyntaxError, ValueError):
        return []


def _finding(
    group: list[Verdict], flags: dict[str, list[tuple[str, str, int]]], lines: Callable[[str], list[str]]
) -> Finding:
    group.sort(key=lambda verdict: verdict.key)
    first = max(group, key=lambda verdict: (verdict.typed, verdict.meant))
    path, span = first.anchor or (first.key[0], first.key[1])
    marked = [(p, n) for model, p, n in flags.get(first.attribute, []) if model in ("", first.model)]
    rule = "IND105" if first.rule == "IND101" and marked else first.rule
    level = min(max(v.typed for v in group), max(v.meant for v in group))
    related = [Related(v.key[0], v.key[1][0], "changed here") for v in group if first.anchor is not None]
    if rule == "IND105":
        related.extend(Related(p, n, "marked here") for p, n in sorted(set(marked))[:5])
    text = lines(path)
    message, fix = RULES[rule].explain(first)
    return Finding(
        path,
        span[0],
        span[1] + 1,
        span[2],
        span[3] + 1,
        rule,
        message,
        fix,
        Confidence(max(level, 1)),
        first.variable,
        first.model,
        first.attribute,
        first.receiver,
        first.function,
        text[span[0] - 1] if 0 < span[0] <= len(text) else "",
        tuple(related),
        first.column_path,
        first.column_line,
    )
