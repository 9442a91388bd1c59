"""Lets several processes append to one document at the same time."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from tests.database.generic.appending import Task

ROOT = Path(__file__).parents[3]
LIMIT_SECONDS = 120


def at_once(task: Task, names: str) -> int:
    """Run a process for each letter; return how many UPDATEs they took together."""
    processes = [_start(replace(task, name=name)) for name in names]
    try:
        answers = [process.communicate(timeout=LIMIT_SECONDS) for process in processes]
    finally:
        for process in processes:
            process.kill()
    for process, (_, error) in zip(processes, answers, strict=True):
        assert process.returncode == 0, error
    return sum(int(out) for out, _ in answers)


def _start(task: Task) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.database.generic.appending", task.as_argument()]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)
