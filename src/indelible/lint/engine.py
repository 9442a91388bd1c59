"""Runs a check: facts of all files, the linked project, the functions that matter, and the findings."""

from __future__ import annotations

import ast
import gc
import os
from collections.abc import Iterable, Sequence
from contextlib import closing

from indelible.lint import advising
from indelible.lint.caching import Cache, digest_of
from indelible.lint.concluding import conclude
from indelible.lint.discovering import decode, module_name, python_files
from indelible.lint.extracting import facts_of
from indelible.lint.facts import FileFacts
from indelible.lint.forking import MOST_TURNS, Forks, Turns, can_fork
from indelible.lint.project import Project
from indelible.lint.python2 import modern
from indelible.lint.python312 import without_type_parameters
from indelible.lint.result import Result
from indelible.lint.rounds import judged

_SMALL = 60  # files; below that a second process costs more than it saves
_AT_ONCE = 8  # files


def check(paths: Sequence[str], exclude: Iterable[str] = (), jobs: int | None = None) -> Result:
    """Check the Python files under some paths, as one project."""
    return check_files(python_files(paths, exclude), jobs)


def check_files(
    files: Sequence[tuple[str, str]], jobs: int | None = None, cache: Cache | None = None
) -> Result:
    """Check files, given with the roots that they were found under, as one project.

    Only files whose facts a cache does not have are read whole.
    """
    jobs = (jobs or min(os.cpu_count() or 1, 8)) if can_fork() else 1
    # Trees are many objects without circles: the cycle collector only costs, up to half of the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        known = cache.facts() if cache is not None else {}
        read = {one.path: one for one in _facts([file for file in files if file[0] not in known], jobs)}
        facts = [known.get(path) or read[path] for path, _ in files]
        result = link_and_judge(facts, jobs)
        if cache is not None:
            cache.store(result, facts)
        return result
    finally:
        if collecting:
            gc.enable()


def _facts(files: Sequence[tuple[str, str]], jobs: int) -> list[FileFacts]:
    if jobs == 1 or len(files) < _SMALL:
        return [facts_of_file(file) for file in files]
    size = max(_AT_ONCE, -(-len(files) // MOST_TURNS))
    parts = [files[start : start + size] for start in range(0, len(files), size)]
    with closing(Turns(len(parts))) as turns:

        def read(_: None = None) -> list[FileFacts]:
            return [facts_of_file(file) for number in turns for file in parts[number]]

        # what this process reads itself need not be sent to it
        with Forks([read] * (jobs - 1)) as others:
            others.ask([None] * (jobs - 1))
            return [one for some in (read(), *others.answers()) for one in some]


def facts_of_file(item: tuple[str, str]) -> FileFacts:
    """Parse one file, given with the root it was found under, and return its facts or its problem."""
    path, root = item
    module = module_name(path, root)
    digest = ""
    try:
        with open(path, "rb") as file:
            content = file.read()
        digest = digest_of(content)
        text = decode(content)
        facts = _parsed(text, path, module)
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError) as error:
        facts = FileFacts(path, module, False, problem=f"{type(error).__name__}: {error}")
    facts.digest = digest
    return facts


def _parsed(text: str, path: str, module: str) -> FileFacts:
    try:
        return facts_of(ast.parse(text), text, path, module)
    except SyntaxError as error:
        for rewrite in (without_type_parameters, modern):
            other = rewrite(text)
            try:
                tree = ast.parse(other)
            except (SyntaxError, ValueError):
                continue
            facts = facts_of(tree, other, path, module)
            facts.python2, facts.python312 = rewrite is modern, rewrite is without_type_parameters
            return facts
        raise error


def link_and_judge(facts: list[FileFacts], jobs: int = 1) -> Result:
    """Link the facts of a project and judge its functions."""
    project = Project(facts)
    result = Result(files=len(facts), problems={one.path: one.problem for one in facts if one.problem})
    if project.json_attributes or advising.possible(facts):
        result.findings = conclude(judged(project, jobs))
    return result
