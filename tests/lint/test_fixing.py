"""Fixed programs keep what they lost, pass the check, and are otherwise the same text."""

from __future__ import annotations

import contextlib
import difflib
import io
import runpy
from pathlib import Path

import pytest

from indelible.lint.cli import main
from indelible.lint.engine import check

pytest.importorskip("libcst")

HEAD = '''\
"""A program that changes a document."""

from sqlalchemy import JSON, create_engine
from sqlalchemy.ext.mutable import MutableDict
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class Row(Base):
    __tablename__ = "rows"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[dict] = mapped_column(JSON)
    settings: Mapped[dict] = mapped_column(MutableDict.as_mutable(JSON))


def change(session: Session, row: Row) -> None:
'''

TAIL = """

engine = create_engine("sqlite://")
Base.metadata.create_all(engine)
DOC = {"a": {"b": []}, "items": [{"n": 1}], "n": 1}
with Session(engine) as session:
    session.add(Row(id=1, doc=DOC, settings=DOC))
    session.commit()
    change(session, session.get_one(Row, 1))
    session.commit()
    session.expire_all()
    row = session.get_one(Row, 1)
    print("lost" if (row.doc, row.settings) == (DOC, DOC) else "kept")
"""

BODIES = {
    "subscript": "row.doc['x'] = 1",
    "comment": "row.doc['x'] = 1  # kept as it is",
    "nested": "row.doc['a']['b'].append(1)",
    "del": "del row.doc['n']",
    "update": "row.doc.update(\n        x=1,\n        y=2,\n    )",
    "pop": "row.doc.pop('n')",
    "augmented": "row.doc['n'] += 1",
    "union": "row.doc |= {'x': 1}",
    "alias": "doc = row.doc or {}\n    doc['x'] = 1",
    "back": "doc = row.doc or {}\n    doc['x'] = 1\n    row.doc = doc",
    "equal copy": "row.doc['x'] = 1\n    row.doc = dict(row.doc)",
    "shallow": "doc = {**row.doc}\n    doc['a']['b'].append(1)\n    row.doc = doc",
    "loop": "for item in row.doc['items']:\n        item['n'] = 2",
    "if": "if 'x' not in row.doc:\n        row.doc['x'] = 1",
    "several": "row.doc['x'] = 1\n    row.doc['y'] = 2\n    row.doc['z'] = 3",
    "one level": "row.settings['a']['b'].append(1)",
}


def _run(path: Path) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        runpy.run_path(str(path), run_name="program")
    return out.getvalue().strip()


@pytest.mark.parametrize("name", BODIES)
def test_fix_by_flag(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--fix=flag` adds calls of `flag_modified` and its import, nothing else; then nothing is lost or found."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "program.py"
    before = f"{HEAD}    {BODIES[name]}\n    session.commit()\n{TAIL}"
    path.write_text(before)
    assert _run(path) == "lost"
    assert main(["check", "program.py", "--fix", "flag", "--no-cache"]) == 0
    after = path.read_text()
    changed = [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] in "+-"]
    assert changed
    assert all("flag_modified" in line and line[0] == "+" for line in changed)
    assert check([str(path)]).findings == []
    assert _run(path) == "kept"


COPYABLE = ["subscript", "nested", "del", "pop", "augmented", "if", "several", "one level"]


@pytest.mark.parametrize("name", COPYABLE)
def test_fix_by_copy(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--fix=copy` assigns a deep copy before the change."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "program.py"
    path.write_text(f"{HEAD}    {BODIES[name]}\n    session.commit()\n{TAIL}")
    assert _run(path) == "lost"
    assert main(["check", "program.py", "--fix", "copy", "--no-cache"]) == 0
    assert _run(path) == "kept"
    assert check([str(path)]).findings == []


def test_diff_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--diff` shows what `--fix` would do and leaves the file alone."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "program.py"
    path.write_text(before := f"{HEAD}    row.doc['x'] = 1\n{TAIL}")
    assert main(["check", "program.py", "--fix", "flag", "--diff", "--no-cache"]) == 1
    assert '+    flag_modified(row, "doc")' in capsys.readouterr().out
    assert path.read_text() == before
