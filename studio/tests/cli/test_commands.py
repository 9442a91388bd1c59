"""The commands that end by themselves."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[bytes]]

SCRIPT = b"Title: Harbour\r\n\r\nINT. A - DAY\r\n\r\nW\xf6rds.\r\n"


def test_help_names_every_command_and_the_settings(studio: Run) -> None:
    """`--help` is enough to start with."""
    text = studio("--help").stdout.decode()
    for word in ("serve", "migrate", "import", "export", "doctor", "STUDIO_PASSWORD", "ANTHROPIC_API_KEY"):
        assert word in text
    assert "--format" in studio("export", "--help").stdout.decode()


def test_files_go_in_and_come_out_the_same(studio: Run, tmp_path: Path) -> None:
    """Import prints what was made of each file; export writes the same bytes, to a file or onwards."""
    (tmp_path / "harbour.fountain").write_bytes(SCRIPT)
    imported = studio("import", "harbour.fountain")
    assert imported.returncode == 0, imported.stderr
    assert "1 scenes" in imported.stdout.decode()
    assert "Harbour" in imported.stdout.decode()
    assert studio("export", "harbour").stdout == SCRIPT
    assert studio("export", "Harbour", "--output", "out.fountain").returncode == 0
    assert (tmp_path / "out.fountain").read_bytes() == SCRIPT
    assert b"<html" in studio("export", "Harbour", "--format", "html").stdout
    project = studio("export", "Harbour", "--format", "json")
    assert json.loads(project.stdout)["title"] == "Harbour"
    (tmp_path / "copy.json").write_bytes(project.stdout)
    assert studio("import", "copy.json").returncode == 0
    twice = studio("export", "Harbour")
    assert twice.returncode == 1
    assert b"2 projects are called" in twice.stderr


def test_an_export_replaces_a_file_only_when_told_to(studio: Run, tmp_path: Path) -> None:
    """A file that is there is left alone without --force."""
    (tmp_path / "a.fountain").write_bytes(SCRIPT)
    studio("import", "a.fountain")
    refused = studio("export", "Harbour", "-o", "a.fountain", "--format", "html")
    assert refused.returncode == 1
    assert b"--force" in refused.stderr
    assert (tmp_path / "a.fountain").read_bytes() == SCRIPT
    assert studio("export", "Harbour", "-o", "a.fountain", "--format", "html", "--force").returncode == 0
    assert b"<html" in (tmp_path / "a.fountain").read_bytes()


def test_one_bad_file_does_not_keep_the_good_ones_out(studio: Run, tmp_path: Path) -> None:
    """Each file that fails gets its line, the others are imported, and the exit code tells."""
    (tmp_path / "good.fountain").write_bytes(SCRIPT)
    (tmp_path / "picture.fountain").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    (tmp_path / "notes.docx").write_bytes(b"PK")
    answer = studio("import", "picture.fountain", "notes.docx", "missing.fountain", "good.fountain")
    assert answer.returncode == 1
    errors = answer.stderr.decode().splitlines()
    assert [line.split(":")[0] for line in errors] == ["picture.fountain", "notes.docx", "missing.fountain"]
    assert "good.fountain" in answer.stdout.decode()
    assert "Traceback" not in answer.stderr.decode()


def test_an_unknown_project_lists_the_known_ones(studio: Run, tmp_path: Path) -> None:
    """The message says which titles there are."""
    (tmp_path / "a.fountain").write_bytes(SCRIPT)
    studio("import", "a.fountain")
    answer = studio("export", "Harbor")
    assert answer.returncode == 1
    assert "“Harbour”" in answer.stderr.decode()


def test_the_doctor_finds_nothing_wrong_with_a_new_studio(studio: Run, tmp_path: Path) -> None:
    """Seven good lines, exit code 0, and nothing is made by looking."""
    answer = studio("doctor")
    assert answer.returncode == 0, answer.stdout
    lines = answer.stdout.decode().splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "ok   data directory",
        "ok   database",
        "ok   sqlite",
        "ok   model",
        "ok   images",
        "ok   jobs",
        "ok   access",
    ]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"STUDIO_PORT": "eighty"}, "BAD  settings: STUDIO_PORT is 'eighty'"),
        ({"STUDIO_DATABASE_URL": "mysql://x/y"}, "BAD  settings: STUDIO_DATABASE_URL names"),
        ({"STUDIO_DATABASE_URL": "postgresql://me:secret@127.0.0.1:9/x"}, "BAD  database: The database"),
        ({"STUDIO_DATA_DIR": "/dev/null/x"}, "BAD  data directory: "),
        ({"STUDIO_HOST": "0.0.0.0"}, "BAD  access: Listening on 0.0.0.0"),
        ({"STUDIO_HOST": "0.0.0.0", "STUDIO_PASSWORD": "short"}, "BAD  access: STUDIO_PASSWORD is too short"),
        ({"STUDIO_MODEL": "hal:9000"}, "BAD  model: "),
    ],
)
def test_the_doctor_says_what_is_wrong_in_one_line(
    studio: Run, environment: dict[str, str], words: str
) -> None:
    """Each thing that would keep Studio from working is one bad line, and the exit code is 1."""
    answer = studio("doctor", **environment)
    bad = [line for line in answer.stdout.decode().splitlines() if line.startswith("BAD")]
    assert answer.returncode == 1
    assert len(bad) == 1
    assert bad[0].startswith(words)
    assert "secret" not in bad[0]


def test_the_doctor_sees_a_file_that_is_no_database(studio: Run, tmp_path: Path) -> None:
    """A damaged database file is named, by the doctor and by every command that needs it."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "studio.sqlite3").write_bytes(b"not a database, whatever its name says" * 100)
    for answer in (
        studio("doctor"),
        studio("serve", "--no-browser"),
        studio("export", "x"),
        studio("migrate"),
    ):
        assert answer.returncode == 1
        assert b"studio.sqlite3 cannot be opened" in answer.stdout + answer.stderr
        assert b"Traceback" not in answer.stderr


def test_the_doctor_sees_a_database_that_is_behind(studio: Run, empty_postgres_url: str) -> None:
    """A PostgreSQL database without tables is bad until it is migrated."""
    assert b"run `studio migrate`" in studio("doctor", STUDIO_DATABASE_URL=empty_postgres_url).stdout
    studio("migrate", STUDIO_DATABASE_URL=empty_postgres_url)
    assert studio("doctor", STUDIO_DATABASE_URL=empty_postgres_url).returncode == 0


@pytest.mark.parametrize("command", [["serve"], ["import", "x"], ["export", "x"], ["migrate"]])
def test_wrong_settings_are_one_line_for_every_command(studio: Run, command: list[str]) -> None:
    """No command answers a wrong variable with a traceback."""
    answer = studio(*command, STUDIO_DATABASE_URL="nonsense")
    assert answer.returncode == 1
    assert answer.stderr.decode().startswith("studio: STUDIO_DATABASE_URL is not a database address")
    assert len(answer.stderr.decode().splitlines()) == 1


def test_options_of_serve_before_another_command_are_refused(studio: Run) -> None:
    """`studio --port 1 doctor` says where the option belongs."""
    answer = studio("--port", "1", "doctor")
    assert answer.returncode == 2
    assert b"after" in answer.stderr
