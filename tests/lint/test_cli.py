"""`indelible check`: exit codes, formats, configuration, `# noqa`, baseline and cache."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from indelible.lint.cli import main
from tests.lint.programs import MODELS, write

CODE = """\
from models import Script


def change(session, script: Script):
    script.blocks.append(1)
    session.commit()
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one lost change, as the working directory."""
    write(tmp_path, models=MODELS, code=CODE)
    (tmp_path / "pyproject.toml").write_text("[tool.indelible]\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_finding_is_shown_with_its_line_its_column_and_a_fix(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The text names the place, the rule, the column's declaration, the source line and the fix; exit code 1."""
    assert main(["check", "."]) == 1
    out = capsys.readouterr().out
    assert "code.py:5:5  IND101 `script.blocks` (JSON, models.py:26)" in out
    assert "    5 |     script.blocks.append(1)" in out
    assert 'flag_modified(script, "blocks")' in out


def test_nothing_found(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without findings nothing is written, and the exit code is 0."""
    (project / "code.py").unlink()
    assert main(["check", "."]) == 0
    assert capsys.readouterr().out == ""


def test_a_file_that_cannot_be_read_is_no_file_without_findings(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is told with the reason and a way on, and the exit code is 1, also the second time; left out, it is 0."""
    (project / "code.py").write_text("def (:\n")
    for _ in range(2):
        assert main(["check", "."]) == 1
        assert capsys.readouterr().err.startswith("code.py: not read: SyntaxError: ")
    assert main(["check", ".", "--fix", "flag"]) == 1
    assert "leave it out by --exclude" in capsys.readouterr().err
    assert main(["check", ".", "--exclude", "code.py"]) == 0


@pytest.mark.parametrize(
    "arguments", [["nowhere"], [".", "--select", "IND9"], [".", "--baseline", "none.json"]]
)
def test_a_check_that_cannot_be_made(
    project: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A missing path, an unknown rule and a missing baseline give exit code 2 and a message."""
    assert main(["check", *arguments]) == 2
    assert capsys.readouterr().err.startswith("indelible: ")


def test_json(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The JSON format is a list of objects with place, rule and confidence."""
    main(["check", ".", "--format", "json"])
    (finding,) = json.loads(capsys.readouterr().out)
    assert (finding["path"], finding["line"], finding["rule"]) == ("code.py", 5, "IND101")
    assert finding["confidence"] == "high"
    assert finding["declared"] == {"path": "models.py", "line": 26}


def test_sarif(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The SARIF log has version 2.1.0, the rules, and a result with its region."""
    main(["check", ".", "--format", "sarif"])
    log = json.loads(capsys.readouterr().out)
    (run,) = log["runs"]
    assert log["version"] == "2.1.0"
    assert {rule["id"] for rule in run["tool"]["driver"]["rules"]} >= {"IND101", "IND301"}
    (result,) = run["results"]
    region = result["locations"][0]["physicalLocation"]["region"]
    assert (result["ruleId"], region["startLine"], region["startColumn"]) == ("IND101", 5, 5)


def test_github_annotations(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each finding is a workflow command."""
    main(["check", ".", "--format", "github"])
    assert capsys.readouterr().out.startswith("::warning file=code.py,line=5,col=5,endLine=5,title=IND101::")


@pytest.mark.parametrize(
    ("comment", "code"),
    [("# noqa", 0), ("# noqa: IND101", 0), ("# noqa: E501, IND101", 0), ("# noqa: IND102", 1)],
)
def test_noqa(project: Path, comment: str, code: int) -> None:
    """A comment silences its line, for all rules or for those it names."""
    (project / "code.py").write_text(CODE.replace(".append(1)", f".append(1)  {comment}"))
    assert main(["check", "."]) == code


@pytest.mark.parametrize(
    "table",
    [
        'ignore = ["IND101"]',
        'select = ["IND2"]',
        'exclude = ["code.py"]',
        'per-file-ignores = {"code.py" = ["IND1"]}',
    ],
)
def test_configuration(project: Path, table: str) -> None:
    """Rules and files are left out by `pyproject.toml`."""
    (project / "pyproject.toml").write_text(f"[tool.indelible]\n{table}\n")
    assert main(["check", "."]) == 0


@pytest.mark.parametrize("table", ["selct = []", "select = 'IND101'", "= ="])
def test_wrong_configuration(project: Path, table: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A key that does not exist, a wrong type and broken TOML are errors that name the file."""
    (project / "pyproject.toml").write_text(f"[tool.indelible]\n{table}\n")
    assert main(["check", "."]) == 2
    assert "pyproject.toml" in capsys.readouterr().err


def test_baseline(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What a baseline knows is not shown, also when lines moved; what is new is."""
    assert main(["check", ".", "--write-baseline", "known.json"]) == 0
    (project / "code.py").write_text("# moved\n\n" + CODE)
    assert main(["check", ".", "--baseline", "known.json"]) == 0
    (project / "code.py").write_text(CODE + CODE.replace("change", "again"))
    assert main(["check", ".", "--baseline", "known.json"]) == 1
    assert "code.py:11" in capsys.readouterr().out


def test_the_cache_follows_the_content(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A second check says the same; a changed file is checked again even if its time is the old one."""
    main(["check", "."])
    first = capsys.readouterr().out
    main(["check", "."])
    assert capsys.readouterr().out == first
    times = (project / "code.py").stat()
    (project / "code.py").write_text(CODE.replace("append(1)", "count(1) "))
    os.utime(project / "code.py", ns=(times.st_atime_ns, times.st_mtime_ns))
    assert main(["check", "."]) == 0


def test_a_broken_cache_is_no_error(project: Path) -> None:
    """A cache file that cannot be read is ignored."""
    main(["check", "."])
    whole = {path: path.read_text() for path in (project / ".indelible_cache").glob("*.json*")}
    assert len(whole) == 2
    for broken in ("[", "[]", '{"checker": 1}', ""):
        for path, content in whole.items():
            first = json.loads(content.partition("\n")[0])
            for text in (
                broken,
                json.dumps(dict.fromkeys(first, broken) | {"checker": first["checker"]}),
            ):
                path.write_text(text)
                assert main(["check", "."]) == 1


def _script(*arguments: str, **options: Any) -> subprocess.Popen[str]:
    """Start the command as an installer's script does."""
    code = "from indelible.cli import script; script()"
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, text=True, **options
    )


def test_the_script_tells_all_before_it_ends(project: Path) -> None:
    """A process of its own writes all findings and has the exit code of a check, also when its answer is known."""
    change = "".join(
        f"def change{n}(session, script: Script):\n    script.blocks.append({n})\n    session.commit()\n"
        for n in range(2_000)
    )
    (project / "code.py").write_text("from models import Script\n" + change)
    for _ in range(2):
        with _script("check", ".", "--format", "json") as process:
            assert len(json.loads(process.communicate()[0])) == 2_000
        assert process.returncode == 1
    (project / "code.py").unlink()
    with _script("check", "--help") as process:
        assert "JSON columns" in process.communicate()[0]
    for arguments, code in (
        (("check", "."), 0),
        (("check", "nowhere"), 2),
        (("check", "--wrong"), 2),
        (("rule",), 0),
    ):
        with _script(*arguments, stderr=subprocess.DEVNULL) as process:
            process.communicate()
        assert process.returncode == code


def test_the_script_ends_quietly_when_nobody_reads(project: Path) -> None:
    """`indelible check | head` shows no traceback."""
    with _script("check", ".", stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 1


def test_rule(capsys: pytest.CaptureFixture[str]) -> None:
    """`indelible rule` lists the rules, or explains one."""
    assert main(["rule"]) == 0
    assert "IND102  " in capsys.readouterr().out
    assert main(["rule", "ind101"]) == 0
    assert "changed in place" in capsys.readouterr().out
    assert main(["rule", "IND999"]) == 2


def test_strict_shows_what_is_not_sure(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A change in code that only prepares an answer is shown by `--strict` alone."""
    (project / "code.py").write_text(
        "from models import Script\n\n\ndef get_summaries(script: Script):\n"
        "    found = script.scene_summaries\n    found['id'] = script.id\n    return found\n"
    )
    assert main(["check", "."]) == 0
    assert main(["check", ".", "--strict"]) == 1
    assert "not sure" in capsys.readouterr().out
