"""Plays a scenario once for each point, and writes a line of JSON about each.

`python -m tests.acceptance.chaos.crash_points URL SCHEMA SCENARIO POINT…`
"""

from __future__ import annotations

import json
import sys

from sqlalchemy import make_url

from tests.acceptance.chaos.crashing import play

if __name__ == "__main__":
    for line in play(make_url(sys.argv[1]), sys.argv[2], sys.argv[3], [int(one) for one in sys.argv[4:]]):
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
