"""Engines, and the rows that are measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Engine, create_engine, insert


@contextmanager
def connected(url: URL) -> Iterator[Engine]:
    """Give an engine and close its connections afterwards."""
    engine = create_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def fill(engine: Engine, row: type[Any], documents: Sequence[tuple[str, dict[str, Any]]]) -> None:
    """Store named documents."""
    row.metadata.create_all(engine)
    values = [{"name": name, "body": body} for name, body in documents]
    with engine.begin() as connection:
        connection.execute(insert(row), values)
