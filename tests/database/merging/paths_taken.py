"""Which way a flush takes: the database applies a delta, or the document is read, merged and written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from indelible.documents import executing, gathering, merging, sending


@contextmanager
def merges_seen() -> Iterator[list[str]]:
    """Collect the names of the documents that are read and merged."""
    names: list[str] = []

    def watched(connection: Any, update: Any, changes: Any) -> Any:
        names.extend(change.document for change in changes.values())
        return merging.write_merged(connection, update, changes)

    with mock.patch.object(sending, "write_merged", watched):
        yield names


@contextmanager
def only_merging() -> Iterator[None]:
    """Let no database apply a delta alone, as if its dialect were unknown."""
    with mock.patch.object(sending, "expressions_for", return_value=None):
        yield


@contextmanager
def one_by_one() -> Iterator[None]:
    """Send each row in its own call, as if the program listened between them."""
    with mock.patch.object(gathering, "_OURS", ()):
        yield


@contextmanager
def waiting_for_each_row() -> Iterator[None]:
    """Send no row before the answer for the one before it has come, whatever the driver can do."""
    with mock.patch.object(executing, "_FEWEST", 10**9):
        yield
