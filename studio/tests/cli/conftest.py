"""Run the real `studio` command."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[bytes]]
STUDIO = [sys.executable, "-c", "from studio.cli import main; main()"]


def environment_of(data_dir: Path, changes: dict[str, str]) -> dict[str, str]:
    """Return the environment of a Studio of its own, whatever the tests run in."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STUDIO_")}
    for name in (
        "DISPLAY",
        "WAYLAND_DISPLAY",
        "ANTHROPIC_API_KEY",
        "OPENAI_API_KEY",
        "GEMINI_API_KEY",
        "REDIS_URL",
    ):
        kept.pop(name, None)
    return {**kept, "STUDIO_DATA_DIR": str(data_dir / "data"), "COLUMNS": "100", **changes}


@pytest.fixture
def studio(tmp_path: Path) -> Run:
    """Run `studio` with arguments and environment, to its end."""

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [*STUDIO, *arguments],
            cwd=tmp_path,
            env=environment_of(tmp_path, environment),
            capture_output=True,
            timeout=60,
            check=False,
        )

    return run


@pytest.fixture
def serving(tmp_path: Path) -> Callable[..., AbstractContextManager[tuple[subprocess.Popen[str], list[str]]]]:
    """Run `studio` until the block ends; yield the process and what it said up to its address."""

    @contextmanager
    def start(*arguments: str, **environment: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
        process = subprocess.Popen(
            [*STUDIO, *arguments],
            cwd=tmp_path,
            env=environment_of(tmp_path, {"PYTHONUNBUFFERED": "1", **environment}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout is not None
        said = []
        try:
            for line in process.stdout:
                said.append(line)
                if "Studio is at" in line:
                    break
            yield process, said
        finally:
            process.kill()
            process.wait()
            process.stdout.close()

    return start
