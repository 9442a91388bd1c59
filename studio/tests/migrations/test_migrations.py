"""The history of the tables."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, make_url, select, text

from studio.migrating import MigrationError, _config, check_newest, migrate, read_revisions
from studio.script.models import Script
from studio.tables import metadata


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'studio.sqlite3'}"
    else:
        yield request.getfixturevalue("empty_postgres_url")


def test_the_migrated_tables_are_those_of_the_models(empty_url: str) -> None:
    """Alembic finds no difference between a migrated database and the models, types included."""
    migrate(empty_url)
    engine = create_engine(make_url(empty_url.replace("+aiosqlite", "")))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, metadata)
    engine.dispose()
    assert differences == []


def test_migrating_twice_does_nothing_the_second_time(empty_url: str) -> None:
    """The first run starts from nothing, the second finds the newest revision."""
    assert migrate(empty_url).current is None
    assert migrate(empty_url).is_newest
    check_newest(empty_url)


def test_the_order_of_scenes_survives_its_migration(empty_url: str) -> None:
    """What was numbered becomes one document, and numbers again on the way back."""
    engine = create_engine(make_url(empty_url.replace("+aiosqlite", "")))
    now = datetime.now(UTC)
    with engine.begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        for script in ("s", "t"):
            connection.execute(
                text(
                    "INSERT INTO projects (id, title, description, version, created_at, updated_at)"
                    " VALUES (:id, 'Film', '', 1, :now, :now)"
                ),
                {"id": f"p{script}", "now": now},
            )
            connection.execute(
                text(
                    "INSERT INTO scripts (id, project_id, preamble, source_encoding, source_bom, scene_summaries)"
                    " VALUES (:id, :project, '', 'utf-8', :bom, '{}')"
                ),
                {"id": script, "project": f"p{script}", "bom": False},
            )
        for scene, position in (("a", 2), ("b", 0), ("c", 1), ("d", 1)):
            connection.execute(
                text(
                    "INSERT INTO scenes (id, script_id, position, slugline, characters, blocks, version, updated_at)"
                    " VALUES (:id, 's', :position, '', '[]', '[]', 1, :now)"
                ),
                {"id": scene, "position": position, "now": now},
            )
        command.upgrade(config, "0004")
        orders = dict(connection.execute(select(Script.id, Script.scene_order)).all())
        assert orders == {"s": ["b", "c", "d", "a"], "t": []}
        command.downgrade(config, "0003")
        numbered = connection.execute(text("SELECT id FROM scenes ORDER BY position"))
        assert [row.id for row in numbered] == ["b", "c", "d", "a"]
    engine.dispose()


def test_a_database_that_is_behind_is_named_with_the_command_that_helps(empty_url: str) -> None:
    """A database without tables is refused with the advice to migrate."""
    with pytest.raises(MigrationError, match="run `studio migrate`"):
        check_newest(empty_url)


def test_a_database_of_a_newer_studio_is_left_alone(tmp_path: Path) -> None:
    """A revision that this Studio does not know stops it before it changes anything."""
    path = tmp_path / "studio.sqlite3"
    url = f"sqlite+aiosqlite:///{path}"
    migrate(url)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(MigrationError, match="a newer one made it"):
        migrate(url)
    assert read_revisions(url).current == "9999"


def test_processes_that_start_together_migrate_once(empty_url: str, tmp_path: Path) -> None:
    """Of four processes that migrate a new database, one does it; the others wait and find it done."""
    newest = migrate(f"sqlite:///{tmp_path / 'newest.sqlite3'}").newest
    code = "import sys; from studio.migrating import migrate; print(migrate(sys.argv[1]).current)"
    command = [sys.executable, "-c", code, empty_url]
    processes = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(4)
    ]
    answers = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0, 0], answers
    assert sorted(out.strip() for out, _ in answers) == [*[newest] * 3, "None"]
