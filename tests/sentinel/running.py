"""Runs a program, with the sentinel or without, and asks the database in plain SQL what came of it."""

from __future__ import annotations

import bisect
import copy
import functools
import gc
import json
import operator
import pickle
import random
import threading
from typing import Any, cast

from sqlalchemy import Engine, Table, delete, insert, select, text
from sqlalchemy.orm import Session, defer
from sqlalchemy.orm.attributes import flag_modified

from indelible import UnsavedChange, sentinel
from tests.sentinel.models import Row
from tests.sentinel.ways import Way

FILE = "/program/way.py"
_TABLE = cast(Table, Row.__table__)
_MODULES = {
    "bisect": bisect, "copy": copy, "functools": functools, "gc": gc, "operator": operator, "pickle": pickle,
    "random": random, "threading": threading, "select": select, "defer": defer, "flag_modified": flag_modified,
    "Row": Row,
}  # fmt: skip


def keep(engine: Engine, at: str, value: Any) -> None:
    """Store one row, whose attribute has a value, as the only one."""
    with engine.begin() as connection:
        connection.execute(delete(Row))
        connection.execute(insert(_TABLE).values(id=1, title="", **{at: value}))


def stored(engine: Engine, at: str) -> Any:
    """Return what plain SQL says of the row."""
    with engine.connect() as connection:
        found = connection.execute(
            text(f"SELECT CAST({at} AS TEXT) FROM plain_rows WHERE id = 1")
        ).scalar_one()
    return None if found is None else json.loads(found)


def run(session: Session, way: Way) -> Any:
    """Run a program and return what it thinks the container `c`, or the row, holds."""
    names = {**_MODULES, "session": session, "start": way.start, "__name__": "way"}
    exec(compile(way.code, FILE, "exec"), names)
    return names


def loses(engine: Engine, way: Way, at: str) -> bool:
    """Say whether the program without the sentinel loses its change: SQL has not what a tracked column would have."""
    keep(engine, at, way.start)
    with Session(engine) as session:
        names = run(session, way)
        changed = names["row"].__dict__.get(at) if "row" in names else None
        expected = copy.deepcopy(changed)
        session.commit()
    if expected is None:  # the row is gone, and with it the only one who could have saved
        return bool(stored(engine, at) == way.start)
    return json.dumps(stored(engine, at), sort_keys=True) != json.dumps(expected, sort_keys=True)


def found(engine: Engine, way: Way, at: str, **options: Any) -> UnsavedChange | None:
    """Run the program with the sentinel, and return what that raised at the commit."""
    keep(engine, at, way.start)
    with sentinel.watch(Session, **options), Session(engine) as session:
        names = run(session, way)
        try:
            session.commit()
        except UnsavedChange as error:
            return error
        finally:
            names.clear()
    return None


def complaint(engine: Engine, way: Way, at: str) -> tuple[bool, str]:
    """Return whether a program loses its change, and what is wrong with what the sentinel says of it."""
    lost = loses(engine, way, at)
    error = found(engine, way, at)
    if error is None:
        return lost, "lost, and nothing said" if lost else ""
    if not lost:
        return lost, f"not lost, but {error}"
    wanted = {(FILE, line) for line in way.lines}
    named = {(change.file, change.line) for change in error.changes}
    if named != wanted or (error.file, error.line) != (FILE, min(way.lines)):
        return lost, f"{sorted(wanted)}, not {sorted(map(str, named))}"
    if (error.column, error.primary_key) != (f"Row.{at}", 1):
        return lost, f"column {error.column}, row {error.primary_key}"
    return lost, ""
