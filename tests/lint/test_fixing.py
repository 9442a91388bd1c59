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
    "comprehension": "[row.doc.update({key: 1}) for key in 'xy']",
    "looked up again": "session.get(Row, 1).doc['x'] = 1",
    "one of several": "rows = session.query(Row).all()\n    rows[0].doc['x'] = 1",
    "kept by an object": "session.kept = row\n    session.kept.doc['x'] = 1",
    "called otherwise": "doc = row.doc\n    other, row = row, None\n    doc['x'] = 1",
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


LEFT = {
    "the variable of a comprehension": "[row.doc.update(x=1) for row in session.query(Row)]",
    "the variable of a lambda": "list(map(lambda row: row.doc.update(x=1), session.query(Row)))",
    "a lambda called later": "later = lambda: row.doc.update(x=1)\n    later()",
    "a return": "try:\n        return row.doc.pop('n')\n    finally:\n        session.commit()",
    "the head of a block": "if row.doc.pop('n'):\n        pass",
    "a block of one line": "for one in session.query(Row): one.doc['x'] = 1",
    "several on a line": "row.doc['x'] = 1; session.commit()",
    "a name that is gone": "doc = row.doc\n    row = None\n    doc['x'] = 1",
    "a query": "session.query(Row).first().doc['x'] = 1",
}


@pytest.mark.parametrize("fix", ["flag", "copy"])
@pytest.mark.parametrize("name", LEFT)
def test_what_cannot_be_mended_is_left_and_told(
    tmp_path: Path, name: str, fix: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where nothing right can be written behind the change, nothing is: it is listed, and the exit code is 1."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "program.py"
    path.write_text(before := f"{HEAD}    {LEFT[name]}\n    session.commit()\n{TAIL}")
    assert _run(path) == "lost"
    assert main(["check", "program.py", "--fix", fix, "--no-cache"]) == 1
    out = capsys.readouterr().out
    assert "program.py:2" in out
    assert "IND101" in out
    assert out.endswith("0 files changed; what is listed has to be mended by hand\n")
    assert path.read_text() == before


def test_what_is_left_beside_what_is_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The check is made again after the fix, with the cache too, and lists only what is left, at its new line."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "program.py"
    body = "row.doc['x'] = 1\n    session.commit()\n    if row.doc.pop('n'):\n        session.commit()"
    path.write_text(f"{HEAD}    {body}\n{TAIL}")
    assert main(["check", "program.py", "--fix", "flag"]) == 1
    out = capsys.readouterr().out
    left = path.read_text().split("\n").index("    if row.doc.pop('n'):") + 1
    assert f"program.py:{left}:8  IND105" in out
    assert "1 finding\n1 file changed; what is listed" in out


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
