"""Which of the tests that run on several databases run on MariaDB too: all of them take ten minutes."""

from __future__ import annotations

import os

import pytest

DRIVERS = ("pymysql", "aiomysql")

FILES = (
    "tests/database/merging/test_agreement.py",
    "tests/database/merging/test_contract.py",
    "tests/database/merging/test_many_rows.py",
    "tests/database/test_numbers.py",
    "tests/database/test_session_states.py",
    "tests/database/test_statements.py",
    "tests/database/test_stories.py",
)
"""With INDELIBLE_MARIADB=all, others run too."""

TOO_DEEP = (
    "test_a_deep_document_that_fits_is_kept",
    "test_a_document_of_any_depth_is_kept_or_refused",
)
"""Tests of documents that MariaDB's own check of its JSON columns refuses."""


def left_out(item: pytest.Item) -> bool:
    """Tell whether a test is not to run now."""
    callspec = getattr(item, "callspec", None)
    if callspec is None or not any(callspec.params.get(name) in DRIVERS for name in ("store", "any_store")):
        return False
    if item.name.startswith(TOO_DEEP):
        return True
    path = item.path.as_posix()
    is_chosen = "/mariadb/" in path or "/patches/" in path or path.endswith(FILES)
    return not is_chosen and os.environ.get("INDELIBLE_MARIADB") != "all"
