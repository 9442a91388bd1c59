"""`pytest --indelible` on a project that does not use Indelible, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

MODELS = """\
from sqlalchemy import JSON, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker
from sqlalchemy.pool import StaticPool


class Base(DeclarativeBase):
    pass


class Script(Base):
    __tablename__ = "scripts"
    id: Mapped[int] = mapped_column(primary_key=True)
    summaries: Mapped[dict] = mapped_column(JSON, default=dict)


engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
Base.metadata.create_all(engine)
New = sessionmaker(engine)
"""
SERVICE = """\
from app_models import New, Script


def lose(key):
    with New.begin() as session:
        session.get_one(Script, key).summaries["a"] = 1


def lose_and_hide(key):
    try:
        lose(key)
    except Exception:
        pass


def flush_only(session, key):
    session.get_one(Script, key).summaries["b"] = 1
    session.flush()
"""
TESTS = """\
import pytest
from app_models import New, Script
from app_service import flush_only, lose, lose_and_hide


@pytest.fixture
def key():
    with New.begin() as session:
        script = Script(summaries={"x": 1})
        session.add(script)
        session.flush()
        return script.id


def test_loses(key):
    lose(key)


def test_hides(key):
    lose_and_hide(key)


def test_saves(key):
    with New.begin() as session:
        script = session.get_one(Script, key)
        script.summaries = {**script.summaries, "a": 1}


def test_rolls_back(key):
    with New() as session:
        flush_only(session, key)
        session.rollback()
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose tests pass while its service loses a change."""
    (tmp_path / "app_models.py").write_text(MODELS)
    (tmp_path / "app_service.py").write_text(SERVICE)
    (tmp_path / "test_app.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    return tmp_path


def _pytest(project: Path, *arguments: str, autoload: bool = False) -> str:
    """Run the project's tests; without `autoload` only our plugin and xdist are there, which starts sooner."""
    chosen = [] if autoload else ["-p", "indelible.pytest_plugin", "-p", "xdist"]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", *chosen, *arguments],
        cwd=project,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "" if autoload else "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return ran.stdout + ran.stderr


def test_without_the_option_nothing_is_watched(project: Path) -> None:
    """Without `--indelible` the project's tests pass as ever."""
    assert "4 passed" in _pytest(project)


def test_the_option_fails_the_test_that_loses_and_names_the_line(project: Path) -> None:
    """The losing test fails with file and line; the summary has it once, also for the test that hid the error."""
    out = _pytest(project, "--indelible")
    line = SERVICE.splitlines().index('        session.get_one(Script, key).summaries["a"] = 1') + 1
    assert "1 failed, 3 passed" in out
    assert f"app_service.py:{line} in lose" in out
    summary = out.partition("changes that were not saved")[2]
    assert "test_app.py::test_loses" in summary
    assert "test_app.py::test_hides" in summary


def test_one_line_in_the_configuration_turns_it_on(project: Path) -> None:
    """`indelible_sentinel = true` is enough."""
    (project / "pytest.ini").write_text("[pytest]\nindelible_sentinel = true\n")
    assert "1 failed, 3 passed" in _pytest(project, autoload=True)


def test_columns_can_be_left_alone(project: Path) -> None:
    """`indelible_ignore` names columns that are not watched."""
    (project / "pytest.ini").write_text("[pytest]\nindelible_ignore = Script.summaries\n")
    assert "4 passed" in _pytest(project, "--indelible")


def test_a_flush_can_be_the_last_chance(project: Path) -> None:
    """`--indelible-at-flush` also fails tests that flush and never commit."""
    out = _pytest(project, "--indelible", "--indelible-at-flush")
    assert "2 failed, 2 passed" in out
    assert "in flush_only" in out


def test_the_summary_comes_from_all_processes(project: Path) -> None:
    """Under xdist the summary is whole."""
    out = _pytest(project, "-n", "2", "--indelible")
    assert "in lose" in out.partition("changes that were not saved")[2]
    assert "1 failed, 3 passed" in out
