"""Interprets the functions that matter: first those that do by themselves, then what calls these, and so on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeVar

from indelible.lint.analyzing import Analyzer, FunctionReport
from indelible.lint.facts import MODULE
from indelible.lint.forking import Forks
from indelible.lint.project import Project
from indelible.lint.reaching import Key, Told
from indelible.lint.screening import changes_containers, may_mark

Reports = dict[Key, FunctionReport]
_Given = TypeVar("_Given")
_Told = TypeVar("_Told")
_Thing = TypeVar("_Thing")
_SMALL = 13_000  # lines in functions; below that a second process costs more than it saves


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


class Chosen(NamedTuple):
    """Functions of one file that matter by themselves, and what it weighs to interpret them."""

    path: str
    names: list[str]
    weight: int


class Judge:
    """Interprets functions of some files of a project; calls lead it into all others."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.analyzer = Analyzer(project)
        self.paths: list[str] = []
        self.known = News()
        self.chosen: set[Key] = set()

    def screened(self, paths: Iterable[str]) -> list[Chosen]:
        """Return, for each of some files, the functions that matter by themselves."""
        return [self._screened(path) for path in paths]

    def _screened(self, path: str) -> Chosen:
        screen, words = self.analyzer.screen, self.analyzer.reach.words(path)
        source = self.analyzer.sources.of(path) if screen.file(words) else None
        if source is None:
            return Chosen(path, [], 1)
        attributes, marking = screen.attributes_in(words), may_mark(source.facts.words)
        bodies = source.facts.bodies
        names = [name for name in bodies if screen.by_itself(source.text(name), attributes, marking)]
        return Chosen(path, names, 1 + sum(bodies[name].end - bodies[name].line for name in names))

    def first(self, chosen: Sequence[Chosen]) -> tuple[Reports, News]:
        """Interpret the functions that matter by themselves; the files that they are in are this judge's."""
        self.paths = [one.path for one in chosen]
        return self._interpret((one.path, name) for one in chosen for name in one.names)

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
            # an attribute that holds a document is to the other methods what a property is that gives one
            handing |= {(key[0], f"{key[1].rpartition('.')[0]}.{name}") for name in report.keeps}
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
    sizes = [sum(body.end - body.line for body in facts.bodies.values()) for _, facts in files]
    count = jobs if sum(sizes) >= _SMALL else 1
    judges = [Judge(project) for _ in range(count)]
    with Forks([partial(_answer, judge) for judge in judges[1:]]) as forks:
        crew = _Crew(judges[0], forks)
        told = crew.all(Judge.screened, _shards([path for path, _ in files], sizes, count))
        chosen = [one for some in told for one in some]
        # how much there is to do is known only now
        answers = crew.all(Judge.first, _shards(chosen, [one.weight for one in chosen], count))
        return _in_rounds(crew, count, answers)


def _in_rounds(crew: _Crew, count: int, answers: Iterable[tuple[Reports, News]]) -> Reports:
    """Judge again until no round tells of functions that matter to others."""
    reports: Reports = {}
    known = News()
    while True:
        news = News()
        for found, told in answers:
            reports.update(found)
            news = news.joined(told)
        news = news.beyond(known)
        if not news.all:
            return reports
        known = known.joined(news)
        answers = crew.all(Judge.again, [news] * count)


def _answer(judge: Judge, request: tuple[Callable[..., Any], Any]) -> Any:
    method, argument = request
    return method(judge, argument)


class _Crew:
    """A judge here, and one in each of some copies of this process."""

    def __init__(self, here: Judge, others: Forks[tuple[Callable[..., Any], Any], Any]) -> None:
        self._here = here
        self._others = others

    def all(self, method: Callable[[Judge, _Given], _Told], arguments: Sequence[_Given]) -> list[_Told]:
        """Let each judge do the same, each with an argument of its own."""
        self._others.ask([(method, argument) for argument in arguments[1:]])
        return [method(self._here, arguments[0]), *self._others.answers()]


def _shards(things: Sequence[_Thing], sizes: Sequence[int], count: int) -> list[list[_Thing]]:
    """Cut a list into pieces of about the same size in all."""
    whole = max(sum(sizes), 1)
    shards: list[list[_Thing]] = [[] for _ in range(count)]
    before = 0
    for thing, size in zip(things, sizes, strict=True):
        shards[min(before * count // whole, count - 1)].append(thing)
        before += size
    return shards
