"""Forty programs that lose a change: each keeps it after `--fix=flag` and after `--fix=document`; SQL says so."""

from __future__ import annotations

import difflib
import importlib
import itertools
import json
import re
import sqlite3
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, create_engine

from indelible.lint.cli import main
from indelible.lint.engine import check
from tests.lint.fixable import REAL, START, Program, generated

pytest.importorskip("libcst")
_numbers = itertools.count()
PROGRAMS = [*generated(), *REAL]


def _write(folder: Path, program: Program) -> None:
    for name, code in program.modules.items():
        (folder / f"{name}.py").write_text(code, encoding="utf-8")


def _run(folder: Path, program: Program) -> Any:
    """Run the program on a new database, and return what plain SQL finds in the column."""
    database = folder / f"rows{next(_numbers)}.db"
    engine = create_engine(f"sqlite:///{database}")
    sys.path.insert(0, str(folder))
    try:
        importlib.invalidate_caches()
        entry = importlib.import_module("main")
        metadata: MetaData = (sys.modules.get("models") or entry).Base.metadata
        metadata.create_all(engine)
        with sqlite3.connect(database) as connection:
            connection.execute(
                f"INSERT INTO {program.table} (id, title, {program.column}) VALUES (1, '', ?)",
                [json.dumps(START)],
            )
        entry.run(engine)
    finally:
        sys.path.remove(str(folder))
        for name in program.modules:
            sys.modules.pop(name, None)
        engine.dispose()
    with sqlite3.connect(database) as connection:
        (found,) = connection.execute(f"SELECT {program.column} FROM {program.table}").fetchone()
    return json.loads(found)


def _changed_lines(folder: Path, program: Program) -> list[str]:
    """Return the lines that a fix took away or put in, with `-` or `+` before them."""
    return [
        line.rstrip("\n")
        for name, before in program.modules.items()
        for line in difflib.ndiff(
            before.splitlines(keepends=True),
            (folder / f"{name}.py").read_bytes().decode().splitlines(keepends=True),
        )
        if line[0] in "+-"
    ]


_DECLARATION = re.compile(r"(Document|tracked|JSON|Json)\b|doc: Mapped\[dict\]")


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
@pytest.mark.parametrize("fix", ["flag", "document"])
def test_a_fixed_program_keeps_its_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: Program, fix: str
) -> None:
    """It loses the change before, keeps it after, passes the check, and is otherwise the same text."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    _write(tmp_path, program)
    assert _run(tmp_path, program) != program.kept
    assert main(["check", ".", "--fix", fix, "--no-cache"]) == 0
    assert _run(tmp_path, program) == program.kept
    assert check(["."]).findings == []
    changed = _changed_lines(tmp_path, program)
    assert changed
    if fix == "flag":
        assert all(line.startswith("+ ") and "flag_modified" in line for line in changed)
    else:
        columns = [line for line in changed if "flag_modified" not in line and "import" not in line]
        assert all(_DECLARATION.search(line) for line in columns)
        assert sum(line[0] == "-" for line in columns) == sum(line[0] == "+" for line in columns) > 0
        assert not any(line[0] == "+" and "flag_modified" in line for line in changed)


def test_marks_go_only_where_every_column_of_the_name_is_tracked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With another model's plain column of the same name, the calls of `flag_modified` stay."""
    interview = next(program for program in REAL if program.name.startswith("an interview"))
    other = 'class Other(Base):\n    __tablename__ = "others"\n    id: Mapped[int] = mapped_column(primary_key=True)\n'
    models = f"{interview.modules['models']}\n\n{other}    doc: Mapped[dict] = mapped_column(JSON)\n"
    program = Program("two models", {**interview.modules, "models": models}, interview.kept)
    monkeypatch.chdir(tmp_path)
    _write(tmp_path, program)
    assert main(["check", ".", "--fix", "document", "--no-cache"]) == 0
    assert not any("flag_modified" in line for line in _changed_lines(tmp_path, program))
    _write(tmp_path, interview)
    assert main(["check", ".", "--fix", "document", "--no-cache"]) == 0
    assert "-     flag_modified(row, 'doc')" in _changed_lines(tmp_path, interview)
    assert "flag_modified" not in (tmp_path / "main.py").read_text()


def test_a_model_named_document_keeps_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the module has another `Document`, Indelible's is imported under another name."""
    code = generated()[0].modules["main"]
    code = code.replace("class Row(Base)", "class Document(Base)").replace("Row", "Document")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "main.py").write_text(code)
    assert main(["check", ".", "--fix", "document", "--no-cache"]) == 0
    after = (tmp_path / "main.py").read_text()
    assert " as Indelible" in after
    assert check(["."]).findings == []
