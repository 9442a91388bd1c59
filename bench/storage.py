"""Measures what PostgreSQL's own rewriting of a large document costs, and what the column's storage settings change.

    uv run python -m bench.storage [--size BYTES …] [--rounds 9] [--json FILE]

PostgreSQL writes a changed document anew, whatever was changed in it: it reads the stored form, changes it, and keeps
the new one out of line, compressed or not. One message is appended by our patch, and the whole document is written,
under each setting, in turns; the times are medians, the ratios are to PostgreSQL's default.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from sqlalchemy import Connection, Integer, MetaData, create_engine, insert, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import Column, Table

from bench.samples import chat
from bench.servers import database
from indelible import Document, edit

DEFAULT = "compressed (pglz, the default)"
SETTINGS = {
    DEFAULT: "ALTER COLUMN body SET STORAGE EXTENDED, ALTER COLUMN body SET COMPRESSION pglz",
    "compressed (lz4)": "ALTER COLUMN body SET STORAGE EXTENDED, ALTER COLUMN body SET COMPRESSION lz4",
    "not compressed (EXTERNAL)": "ALTER COLUMN body SET STORAGE EXTERNAL",
}
MESSAGE = {"id": "new", "role": "user", "content": "One more thought."}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the measurements and print their tables."""
    options = _parser().parse_args(arguments)
    results: dict[str, Any] = {}
    with database("postgresql") as url:
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for size in options.size or [100_000, 1_000_000, 10_000_000]:
                results[f"{size // 1000} kB"] = _measure(connection, size, options.rounds)
                _print_table(f"{size // 1000} kB", results[f"{size // 1000} kB"])
        engine.dispose()
    if options.json:
        options.json.write_text(json.dumps(results, indent=1))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.storage", description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, action="append", help="bytes of the document; may be repeated")
    parser.add_argument("--rounds", type=int, default=9, help="how often each is measured (default 9)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every single measurement there")
    return parser


def _measure(connection: Connection, size: int, rounds: int) -> dict[str, dict[str, Any]]:
    document = chat(size)
    tables = {
        name: made
        for number, name in enumerate(SETTINGS)
        if (made := _table(connection, f"chats_{size}_{number}", SETTINGS[name], document)) is not None
    }
    seconds: dict[str, dict[str, list[float]]] = {name: {"append": [], "whole": []} for name in tables}
    for _ in range(rounds + 1):  # the first round warms up
        for name, table in tables.items():
            seconds[name]["append"].append(_time(partial(_append, connection, table)))
            seconds[name]["whole"].append(_time(partial(_write_whole, connection, table, document)))
    return {
        name: {
            "append": times["append"][1:],
            "whole": times["whole"][1:],
            "stored": connection.execute(
                text(f"SELECT pg_column_size(body) FROM {tables[name].name}")
            ).scalar_one(),
        }
        for name, times in seconds.items()
    }


def _table(connection: Connection, name: str, setting: str, document: Any) -> Table | None:
    """Make a table of one row; `None` where this PostgreSQL was built without the setting."""
    table = Table(name, MetaData(), Column("id", Integer, primary_key=True), Column("body", Document()))
    table.create(connection)
    for part in setting.split(", "):
        try:
            connection.execute(text(f"ALTER TABLE {name} {part}"))
        except DBAPIError as error:
            print(f"{part}: {str(error).splitlines()[0]}", file=sys.stderr)
            return None
    connection.execute(insert(table).values(id=1, body=document))
    return table


def _append(connection: Connection, table: Table) -> None:
    appended = edit(table.c.body).at("messages").append(MESSAGE)
    connection.execute(update(table).where(table.c.id == 1).values(body=appended))


def _write_whole(connection: Connection, table: Table, document: Any) -> None:
    connection.execute(update(table).where(table.c.id == 1).values(body=document))


def _time(work: Callable[[], None]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


def _print_table(name: str, results: dict[str, dict[str, Any]]) -> None:
    print(f"\n## {name}\n")
    print("| storage | append, ms | to the default | whole document, ms | to the default | bytes stored |")
    print("|---|---|---|---|---|---|")
    usual = results[DEFAULT]
    for setting, found in results.items():
        cells = [setting]
        for what in ("append", "whole"):
            ratio = median(a / b for a, b in zip(found[what], usual[what], strict=True))
            cells += [f"{median(found[what]) * 1000:.1f}", f"{ratio:.2f}"]
        print(f"| {' | '.join(cells)} | {found['stored']:,} |", flush=True)


if __name__ == "__main__":
    main()
