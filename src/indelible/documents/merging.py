"""What a flush does where the database cannot apply a delta alone: read the documents again, merge, write."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, CursorResult, Row, select
from sqlalchemy.engine import Dialect
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.schema import Column

from indelible.changes.deltas import Delta
from indelible.changes.merging import Merged, merge
from indelible.changes.policies import Policies
from indelible.documents.comparing import is_exact, probes, same_bytes
from indelible.documents.dialects.choosing import locks_rows
from indelible.documents.serializing import Unwritable
from indelible.documents.statements import RowUpdate, text_of
from indelible.errors import Conflict, Contended

_ATTEMPTS = 20
_LONGEST_PAUSE = 0.05  # seconds


@dataclass(frozen=True, slots=True)
class Change:
    """What a writer did to one document: a delta to what it had read."""

    base: Any
    delta: Delta
    policies: Policies
    document: str


def write_merged(
    connection: Connection, update: RowUpdate, changes: Mapping[Column[Any], Change]
) -> tuple[CursorResult[Any], dict[Column[Any], Merged]]:
    """Write a row with documents merged into what it holds now; return the UPDATE's result, and them.

    The row is locked while that happens, where the database locks rows; else the documents are written only if they
    still have the text that was read, or else read again.

    Raises:
        Conflict: see `merge`; it has the clashes of all documents.
        StaleDataError: the row is gone, or has another version than the writer read.
        Contended: other writers changed the documents between each reading and writing.
    """
    name = next(iter(changes.values())).document
    for attempt in range(_ATTEMPTS):
        row = _read(connection, update, changes)
        if row is None:
            raise StaleDataError(
                f"{name}: the row was deleted, or has another version than the one that was read"
            )
        merged = _merge_all(changes, row)
        documents = {column: result.document for column, result in merged.items()}
        attempted = _if_still(
            connection.dialect, replace(update, values=update.values | documents), changes, row
        )
        result = connection.execute(attempted.statement(), attempted.all_parameters())
        if result.rowcount == 1:
            return result, merged
        time.sleep(random.uniform(0, min(_LONGEST_PAUSE, 0.001 * 2**attempt)))
    raise Contended(document=name)


def _merge_all(changes: Mapping[Column[Any], Change], row: Row[Any]) -> dict[Column[Any], Merged]:
    merged: dict[Column[Any], Merged] = {}
    conflicts: list[Conflict] = []
    for (column, change), stored in zip(changes.items(), row, strict=False):
        try:
            merged[column] = _merge(change, stored)
        except Conflict as conflict:
            conflicts.append(conflict)
    if conflicts:
        first, *others = conflicts
        clashes = (replace(clash, document=each.document) for each in conflicts for clash in each.clashes)
        first.clashes = tuple(clashes)
        for other in others:
            first.add_note(str(other))
        raise first
    return merged


def _merge(change: Change, stored: Any) -> Merged:
    try:
        return merge(change.base, change.delta, stored, change.policies, document=change.document)
    except RecursionError:
        problem = "the document is nested too deeply to be merged with what another writer stored meanwhile"
        raise Unwritable(problem, document=change.document, path="$") from None


def _read(
    connection: Connection, update: RowUpdate, changes: Mapping[Column[Any], Change]
) -> Row[Any] | None:
    """Return the stored documents, and where rows are not locked, of each its text and what is to be known of that."""
    selected: list[Any] = list(changes)
    if not locks_rows(connection.dialect):
        for column in changes:
            selected += [text_of(column), *probes(connection.dialect, column)]
    query = select(*selected).where(*(column == value for column, value in update.found_by.items()))
    # Not the key: on PostgreSQL, rows that others add below this one need not wait for it, nor it for them.
    return connection.execute(query.with_for_update(key_share=True)).one_or_none()


def _if_still(
    dialect: Dialect, update: RowUpdate, changes: Mapping[Column[Any], Change], row: Row[Any]
) -> RowUpdate:
    """Return an UPDATE that is carried out only where the documents have the texts that `_read` read."""
    if locks_rows(dialect):
        return update
    texts: dict[Column[Any], str | None] = {}
    conditions, parameters = list(update.conditions), dict(update.parameters)
    read = row[len(changes) :]
    length = len(read) // len(changes)
    for number, column in enumerate(changes):
        text, *answers = read[number * length : (number + 1) * length]
        texts[column] = text
        if not is_exact(dialect, text, tuple(answers)):
            conditions.append(same_bytes(dialect, column, f"x{number}"))
            parameters[f"x{number}"] = text
    return replace(update, texts=texts, conditions=conditions, parameters=parameters)
