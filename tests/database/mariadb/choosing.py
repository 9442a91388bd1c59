"""Which of the tests that run on several databases run on MariaDB too: all of them take ten minutes."""

from __future__ import annotations

import os

import pytest

DRIVERS = ("pymysql", "aiomysql")

FILES = (
    "merging/test_agreement.py",
    "merging/test_contract.py",
    "test_numbers.py",
    "test_session_states.py",
    "test_statements.py",
    "test_stories.py",
)
"""With INDELIBLE_MARIADB=all, others run too."""


def left_out(item: pytest.Item) -> bool:
    """Tell whether a test is not to run now."""
    callspec = getattr(item, "callspec", None)
    if callspec is None or os.environ.get("INDELIBLE_MARIADB") == "all":
        return False
    on_mariadb = any(callspec.params.get(name) in DRIVERS for name in ("store", "any_store"))
    return on_mariadb and not item.path.as_posix().endswith(tuple(f"tests/database/{name}" for name in FILES))
