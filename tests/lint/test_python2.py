"""Old code, which Python 3 does not parse, is read all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from indelible.lint.cli import main
from indelible.lint.engine import check
from tests.lint.programs import HEAD, MODELS, expected, places, shown, write

OLD = """\
import sys


class Scripts:
    def put(self, session, key):
        print "putting", key
        print >>sys.stderr, "putting"
        try:
            script = session.query(Script).get(key)
            script.blocks.append(0L)  # <- IND101
            session.commit()
        except (KeyError, ValueError), error:
            raise RuntimeError, "no %s" % (
                key,
            )
        if key <> 0777:
            print
        exec "key = 1" in {}
        return `key`, ur"key"


def mixed(key):
        if key:
\t    return 1
        return 2
"""


def test_old_code_is_read(tmp_path: Path) -> None:
    """A module with the forms of Python 2 is no problem, and what it changes is found at its line."""
    write(tmp_path, models=MODELS, code=HEAD + OLD)
    assert check([str(tmp_path)]).problems == {}
    assert places(shown(tmp_path)) == expected(tmp_path)


def test_old_code_is_not_rewritten(tmp_path: Path) -> None:
    """Every kind of fix leaves a file that Python 3 does not parse as it is."""
    pytest.importorskip("libcst")
    write(tmp_path, models=MODELS, code=HEAD + OLD)
    for kind in ("flag", "copy", "document"):
        main(["check", str(tmp_path), "--fix", kind, "--no-cache"])
        assert (tmp_path / "code.py").read_text() == HEAD + OLD
