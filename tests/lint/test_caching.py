"""What a check remembers of files: the same findings as without a cache, whatever changed in between."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from indelible.lint import caching
from indelible.lint.caching import Cache
from indelible.lint.discovering import python_files
from indelible.lint.engine import check_files, facts_of_file
from indelible.lint.facts import file_from_json, file_to_json
from indelible.lint.result import Result
from indelible.lint.rules import RULES
from indelible.lint.rules.rule import MODELS as RULE_MODELS
from tests.lint.programs import HEAD, MODELS, write

CHANGE = "def f(session, script: Script):\n    script.blocks.append(1)\n    session.commit()\n"


def _checked(folder: Path) -> tuple[Result, bool]:
    """Check with the cache; say also whether it knew the answer."""
    files = python_files([str(folder)])
    cache = Cache(str(folder / "cache"), files)
    known = cache.result()
    return (known, True) if known is not None else (check_files(files, 1, cache), False)


def _same_as_without(folder: Path) -> bool:
    """Check with the cache, compare with a check without, and say whether the cache knew the answer."""
    result, known = _checked(folder)
    fresh = check_files(python_files([str(folder)]), 1)
    assert (result.findings, result.problems) == (fresh.findings, fresh.problems)
    return known


def test_facts_are_the_same_after_they_were_stored(tmp_path: Path) -> None:
    """Facts written as JSON and read back are equal, for the models and the rules' examples."""
    examples = {
        f"example{code}_{number}": RULE_MODELS + text
        for code, rule in RULES.items()
        for number, text in enumerate(rule.valid)
    }
    special = "class T:\n    __table__ = Table('t', m, Column('c', JSON))\n\n\nmapper(T, t, properties={'a': t.c.b})\n"
    write(tmp_path, models=MODELS, head=HEAD, broken="def (", special=special, **examples)
    for file in python_files([str(tmp_path)]):
        facts = facts_of_file(file)
        assert file_from_json(json.loads(json.dumps(file_to_json(facts)))) == facts


def test_an_unchanged_tree_is_known(tmp_path: Path) -> None:
    """A second check of the same files gives the stored findings and problems."""
    write(tmp_path, models=MODELS, code=HEAD + CHANGE, broken="def (")
    assert not _same_as_without(tmp_path)
    assert _same_as_without(tmp_path)
    assert len(_checked(tmp_path)[0].findings) == 1
    assert len(_checked(tmp_path)[0].problems) == 1


@pytest.mark.parametrize(
    "after",
    [
        {"code": HEAD},
        {"code": HEAD + "\n\n" + CHANGE},
        {"models": MODELS.replace("blocks: Mapped[list] = mapped_column(JSON)", "blocks: Mapped[list]")},
        {"models": "# one line more\n" + MODELS},
        {"other": HEAD + CHANGE},
        {"broken": "a = 1"},
    ],
)
def test_one_changed_file(tmp_path: Path, after: dict[str, str]) -> None:
    """After one file changed, or came, the findings are those of a check without a cache."""
    write(tmp_path, models=MODELS, code=HEAD + CHANGE, broken="def (")
    _checked(tmp_path)
    write(tmp_path, **after)
    assert not _same_as_without(tmp_path)
    assert _same_as_without(tmp_path)


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    """The findings of a deleted file go with it."""
    write(tmp_path, models=MODELS, code=HEAD + CHANGE)
    _checked(tmp_path)
    (tmp_path / "code.py").unlink()
    assert not _same_as_without(tmp_path)
    assert _checked(tmp_path)[0].findings == []


def test_only_changed_files_are_parsed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The facts of all other files come from the cache."""
    write(tmp_path, models=MODELS, code=HEAD + CHANGE)
    _checked(tmp_path)
    write(tmp_path, code=HEAD)
    parsed: list[str] = []

    def noted(file: tuple[str, str]) -> object:
        parsed.append(Path(file[0]).name)
        return facts_of_file(file)

    monkeypatch.setattr("indelible.lint.engine.facts_of_file", noted)
    _checked(tmp_path)
    assert parsed == ["code.py"]


def test_a_file_touched_but_not_changed(tmp_path: Path) -> None:
    """A file with other times and the same content, as after a checkout, is taken as unchanged."""
    write(tmp_path, models=MODELS, code=HEAD + CHANGE)
    _checked(tmp_path)
    os.utime(tmp_path / "code.py", ns=(1, 1))
    assert _checked(tmp_path)[1]


def test_times_are_not_trusted_while_they_are_young(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that was changed just before the check is compared by content, since its times may not tell a change."""
    write(tmp_path, models=MODELS, code=HEAD + CHANGE)
    _checked(tmp_path)
    monkeypatch.setattr(caching, "_digest_of_file", lambda path: "another")
    assert not _checked(tmp_path)[1]


def test_times_are_trusted_once_they_are_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that finds the same content later need not be made again: the next one reads no file."""
    write(tmp_path, models=MODELS, code=HEAD + CHANGE)
    later = time.time_ns() + 60_000_000_000
    _checked(tmp_path)
    monkeypatch.setattr(time, "time_ns", lambda: later)
    assert _checked(tmp_path)[1]
    monkeypatch.setattr(caching, "_digest_of_file", lambda path: "another")
    assert _same_as_without(tmp_path)


def test_a_link_to_nothing_is_looked_at_each_time(tmp_path: Path) -> None:
    """A file that cannot be read is a problem until it can; what it says then is checked."""
    write(tmp_path, models=MODELS)
    (tmp_path / "code.py").symlink_to(tmp_path / "later.txt")
    for _ in range(2):
        assert not _same_as_without(tmp_path)
    (tmp_path / "later.txt").write_text(HEAD + CHANGE)
    assert not _same_as_without(tmp_path)
    assert len(_checked(tmp_path)[0].findings) == 1


def test_a_cache_of_another_checker_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What another version of the checker found is not asked for."""
    write(tmp_path, models=MODELS, code=HEAD + CHANGE)
    _checked(tmp_path)
    monkeypatch.setattr(caching, "_checker", lambda: "another")
    assert not _checked(tmp_path)[1]
