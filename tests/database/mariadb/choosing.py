"""Which of the tests that run on several databases run on MariaDB too: all of them take ten minutes."""

from __future__ import annotations

import os

import pytest

DRIVERS = ("pymysql", "aiomysql")

FILES = (
    "tests/database/merging/test_agreement.py",
    "tests/database/merging/test_contract.py",
    "tests/database/test_numbers.py",
    "tests/database/test_session_states.py",
    "tests/database/test_statements.py",
    "tests/database/test_stories.py",
)
"""With INDELIBLE_MARIADB=all, others run too."""


def left_out(item: pytest.Item) -> bool:
    """Tell whether a test is not to run now."""
    callspec = getattr(item, "callspec", None)
    if callspec is None or os.environ.get("INDELIBLE_MARIADB") == "all":
        return False
    on_mariadb = any(callspec.params.get(name) in DRIVERS for name in ("store", "any_store"))
    path = item.path.as_posix()
    return on_mariadb and "/mariadb/" not in path and not path.endswith(FILES)
