"""The check reads anything, and runs nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from indelible.lint import rounds
from indelible.lint.engine import check
from tests.lint.programs import MODELS, places, write

CODE = """\
from models import Script


def change(session, script: Script):
    script.blocks.append(1)
    session.commit()
"""


def _lines(folder: Path) -> list[int]:
    return [finding.line for finding in check([str(folder)]).findings]


def test_files_that_do_not_parse_are_told_and_the_rest_is_checked(tmp_path: Path) -> None:
    """A syntax error, null bytes and a wrong encoding are problems of their files alone."""
    write(tmp_path, models=MODELS, code=CODE, broken="def (:\n", null="a = 1\0\n")
    (tmp_path / "encoding.py").write_bytes(b"# -*- coding: klingon -*-\na = 1\n")
    (tmp_path / "bytes.py").write_bytes(b"name = '\xff\xfe'\n")
    result = check([str(tmp_path)])
    assert [finding.line for finding in result.findings] == [5]
    assert {Path(path).name for path in result.problems} == {
        "broken.py",
        "null.py",
        "encoding.py",
        "bytes.py",
    }


def test_encodings(tmp_path: Path) -> None:
    """A BOM, a coding comment and Windows line ends do not move the lines."""
    write(tmp_path, models=MODELS)
    (tmp_path / "bom.py").write_bytes(b"\xef\xbb\xbf" + CODE.replace("append(1)", "append('é')").encode())
    latin = "# coding: latin-1\n" + CODE.replace("append(1)", "append('é')")
    (tmp_path / "latin.py").write_bytes(latin.encode("latin-1"))
    (tmp_path / "windows.py").write_bytes(CODE.replace("\n", "\r\n").encode())
    assert sorted(_lines(tmp_path)) == [5, 5, 6]


def test_links_in_circles(tmp_path: Path) -> None:
    """A link to a folder above is followed once."""
    write(tmp_path, models=MODELS, app__code=CODE)
    (tmp_path / "app" / "again").symlink_to(tmp_path, target_is_directory=True)
    assert _lines(tmp_path) == [5]


def test_enormous_and_deep_files(tmp_path: Path) -> None:
    """A file over the limit is left out and told; one nested too deeply for the parser too."""
    write(tmp_path, models=MODELS, code=CODE, deep="a = " + "(" * 5000 + "1" + ")" * 5000 + "\n")
    (tmp_path / "enormous.py").write_text("a = 1\n" * 1_000_000)
    result = check([str(tmp_path)])
    assert [finding.line for finding in result.findings] == [5]
    assert {Path(path).name for path in result.problems} == {"deep.py", "enormous.py"}


def test_nothing_is_run(tmp_path: Path) -> None:
    """Code that would write a file when imported writes none."""
    trap = f"open({str(tmp_path / 'trap')!r}, 'w')\n"
    write(tmp_path, models=MODELS + "\n" + trap, code=trap + CODE)
    assert _lines(tmp_path) == [6]
    assert not (tmp_path / "trap").exists()


def test_many_files_are_checked_by_several_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The findings do not depend on the number of processes, also where calls lead from one's files to another's."""
    monkeypatch.setattr(rounds, "_SMALL", 0)
    helper = "def put(given):\n    given.append(1)\n\n\ndef pass_on(given):\n    put(given)\n"
    caller = """\
from z_helper import pass_on
from models import Script


def change(session, script: Script):
    pass_on(script.blocks)
    session.commit()
"""
    codes = {f"code{number}": CODE for number in range(80)}
    write(tmp_path, models=MODELS, a_caller=caller, z_helper=helper, **codes)
    found = check([str(tmp_path)], jobs=2).findings
    assert found == check([str(tmp_path)], jobs=1).findings
    assert len(found) == 81
    assert ("z_helper.py", 2, "IND101") in places(found)
