"""Which jobs go first, without any that never go."""

from __future__ import annotations

from typing import Literal

Priority = Literal["urgent", "normal", "low"]

# As they are kept in the table.
PRIORITIES: dict[str, int] = {"urgent": 0, "normal": 1, "low": 2}

# How many seconds after an urgent one a job of each priority takes its place in line.
HANDICAPS = (0.0, 30.0, 300.0)
