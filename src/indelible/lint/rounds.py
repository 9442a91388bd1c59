"""Interprets the functions that matter: first those that do by themselves, then what calls these, and so on."""

from __future__ import annotations

import gc
import multiprocessing
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

from indelible.lint.analyzing import Analyzer, FunctionReport
from indelible.lint.facts import MODULE
from indelible.lint.project import Project
from indelible.lint.reaching import Key, Told
from indelible.lint.screening import changes_containers

Reports = dict[Key, FunctionReport]
_SMALL = 400_000  # characters; below that a second process costs more than it saves


class News(NamedTuple):
    """Functions that matter to their callers: those that change documents, hand them out, or do anything else."""

    changing: frozenset[Key] = frozenset()
    handing: frozenset[Key] = frozenset()
    others: frozenset[Key] = frozenset()

    @property
    def all(self) -> frozenset[Key]:
        """Return all of them."""
        return self.changing | self.handing | self.others

    def joined(self, other: News) -> News:
        """Return both."""
        return News(*(mine | theirs for mine, theirs in zip(self, other, strict=True)))

    def beyond(self, known: News) -> News:
        """Return what is not known yet."""
        return News(*(mine - theirs for mine, theirs in zip(self, known, strict=True)))


class Judge:
    """Interprets functions of some files of a project; calls lead it into all others."""

    def __init__(self, project: Project, paths: Iterable[str]) -> None:
        self.project = project
        self.analyzer = Analyzer(project)
        self.paths = list(paths)
        self.known = News()
        self.chosen: set[Key] = set()

    def first(self) -> tuple[Reports, News]:
        """Interpret the functions that matter by themselves."""
        screen = self.analyzer.screen
        chosen = []
        for path in self.paths:
            source = self.analyzer.sources.of(path) if screen.file(self.analyzer.reach.words(path)) else None
            if source is not None:
                chosen += [
                    (path, name) for name in source.facts.bodies if screen.by_itself(source.text(name))
                ]
        return self._interpret(chosen)

    def again(self, news: News) -> tuple[Reports, News]:
        """Interpret what calls functions that turned out to matter, and what was interpreted without knowing that."""
        self.known = self.known.joined(news)
        told, all_told, changing, handing = (
            Told(self.analyzer.reach, keys)
            for keys in (news.all, self.known.all, news.changing, news.handing)
        )
        again = self.analyzer.tell(told, all_told) & self.chosen
        for path in self.paths:
            if not (changing.in_reach(path) or handing.in_reach(path)):
                continue
            source = self.analyzer.sources.of(path)
            for name in source.facts.bodies if source is not None else ():
                text = source.text(name) if source is not None else ""
                if changing.called_in(path, text) or _passes_on(handing, path, text):
                    again.add((path, name))
        return self._interpret(sorted(again))

    def _interpret(self, keys: Iterable[Key]) -> tuple[Reports, News]:
        reports: Reports = {}
        changing, handing, others = set[Key](), set[Key](), set[Key]()
        for key in keys:
            self.chosen.add(key)
            self.analyzer.interpret(key)
            report = self.analyzer.reports.get(key)
            if report is None:
                continue
            reports[key] = report
            if report.matters and key[1] != MODULE:
                kind = changing if report.changes else handing if report.hands_out else others
                kind.add(key)
        return reports, News(frozenset(changing), frozenset(handing), frozenset(others))


def _passes_on(handing: Told, path: str, text: str) -> bool:
    """Say whether a function that gets a document out of another one may change it or give it back."""
    return handing.called_in(path, text) and (changes_containers(text) or handing.passed_on_in(path, text))


def judged(project: Project, jobs: int) -> Reports:
    """Return what the functions that matter have to report."""
    files = [(path, facts) for path, facts in project.names.files.items() if not facts.problem]
    shards = _shards(
        [(path, sum(b.end - b.line for b in facts.bodies.values())) for path, facts in files], jobs
    )
    reports: Reports = {}
    known = News()
    with _Judges(project, shards) as judges:
        answers = judges.first()
        while True:
            news = News()
            for found, told in answers:
                reports.update(found)
                news = news.joined(told)
            news = news.beyond(known)
            if not news.all:
                return reports
            known = known.joined(news)
            answers = judges.again(news)


def _shards(sizes: Sequence[tuple[str, int]], jobs: int) -> list[list[str]]:
    """Cut files, in order, into pieces of about the same number of lines."""
    whole = sum(size for _, size in sizes)
    if jobs == 1 or whole * 30 < _SMALL:
        return [[path for path, _ in sizes]]
    shards: list[list[str]] = [[] for _ in range(jobs)]
    before = 0
    for path, size in sizes:
        shards[min(before * jobs // max(whole, 1), jobs - 1)].append(path)
        before += size
    return shards


class _Judges:
    """One judge here, or one in a process for each shard of the files."""

    def __init__(self, project: Project, shards: Sequence[Collection[str]]) -> None:
        self.here = Judge(project, shards[0]) if len(shards) == 1 else None
        context = multiprocessing.get_context("fork")
        # the project is found by a forked process where its parent left it
        self.pools = [
            ProcessPoolExecutor(1, context, _begin, (project, paths)) for paths in shards if not self.here
        ]

    def __enter__(self) -> _Judges:
        return self

    def __exit__(self, *_: object) -> None:
        for pool in self.pools:
            pool.shutdown()

    def first(self) -> list[tuple[Reports, News]]:
        if self.here is not None:
            return [self.here.first()]
        return [answer.result() for answer in [pool.submit(_first) for pool in self.pools]]

    def again(self, news: News) -> list[tuple[Reports, News]]:
        if self.here is not None:
            return [self.here.again(news)]
        return [answer.result() for answer in [pool.submit(_again, news) for pool in self.pools]]


_own: list[Judge] = []


def _begin(project: Project, paths: Collection[str]) -> None:
    gc.disable()
    _own[:] = [Judge(project, paths)]


def _first() -> tuple[Reports, News]:
    return _own[0].first()


def _again(news: News) -> tuple[Reports, News]:
    return _own[0].again(news)
