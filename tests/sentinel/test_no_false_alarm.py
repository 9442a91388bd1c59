"""Random programs: what SQL says was lost at a commit is what the sentinel raises there, and nothing else."""

from __future__ import annotations

import copy
import gc
import json
import os
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, select, text, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.pool import StaticPool

from indelible import UnsavedChange, sentinel
from tests.sentinel.models import Base, Row

START = {"a": {"b": [1, 2]}, "n": 1, "l": [{"x": 1}]}
_EXAMPLES = int(os.environ.get("INDELIBLE_EXAMPLES", "120"))


class Unclear(Exception):
    """The program discards changes, on purpose or not: nobody can say whether that is a loss."""


class Program:
    """Interprets steps on two rows, and compares memory with SQL where they could part."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.session = Session(engine)
        self.rows: dict[int, Row] = {}
        self.savepoints: list[Any] = []

    def row(self, key: int) -> Row:
        """Return a row, held from now on."""
        if key not in self.rows:
            self.rows[key] = self.session.get_one(Row, key)
        return self.rows[key]

    def value(self, key: int, at: str) -> Any:
        """Return the value of an attribute."""
        return getattr(self.row(key), at)

    def parted(self) -> bool:
        """Say whether a row's loaded value is not what the database has, in this transaction."""
        with self.session.no_autoflush:
            for key, row in self.rows.items():
                for at in ("doc", "objects"):
                    if at in row.__dict__:
                        found = self.session.connection().execute(
                            text(f"SELECT {at} FROM plain_rows WHERE id = {key}")
                        )
                        if json.loads(found.scalar_one()) != json.loads(json.dumps(row.__dict__[at])):
                            return True
        return False

    def discard(self, step: Callable[[], object]) -> None:
        """Do what throws values away; only where there is nothing to throw away is it clear."""
        unclear = self.parted()
        step()
        if unclear:
            raise Unclear


def _change(kind: str) -> Callable[[Program, int, str], None]:
    def nested(p: Program, key: int, at: str) -> None:
        p.value(key, at)["a"]["b"].append(3)

    def deep(p: Program, key: int, at: str) -> None:
        for item in p.value(key, at)["l"]:
            item["x"] = item["x"] + 1

    def top(p: Program, key: int, at: str) -> None:
        p.value(key, at)["n"] += 1

    def equal(p: Program, key: int, at: str) -> None:
        p.value(key, at)["a"]["b"][0] = 1

    def back(p: Program, key: int, at: str) -> None:
        p.value(key, at)["l"].append(0)
        p.value(key, at)["l"].pop()

    return {"nested": nested, "deep": deep, "top": top, "equal": equal, "back": back}[kind]


def _assign(copied: Callable[[Any], Any]) -> Callable[[Program, int, str], None]:
    return lambda p, key, at: setattr(p.row(key), at, copied(p.value(key, at)))


def _assign_changed(p: Program, key: int, at: str) -> None:
    changed = copy.deepcopy(dict(p.value(key, at)))
    changed["a"]["b"] = [*changed["a"]["b"], 9]
    setattr(p.row(key), at, changed)


def _flag(p: Program, key: int, at: str) -> None:
    p.value(key, at)
    flag_modified(p.row(key), at)


def _savepoint(p: Program, key: int, at: str) -> None:
    p.savepoints.append(p.session.begin_nested())


def _release(p: Program, key: int, at: str) -> None:
    if p.savepoints:
        p.savepoints.pop().commit()


def _roll_back_savepoint(p: Program, key: int, at: str) -> None:
    if p.savepoints:
        savepoint = p.savepoints.pop()
        savepoint.rollback()
        if p.parted():
            raise Unclear


def _let_go(p: Program, key: int, at: str) -> None:
    p.discard(lambda: p.rows.pop(key, None))
    gc.collect(0)


def _expunge_and_add(p: Program, key: int, at: str) -> None:
    row = p.row(key)
    if row not in p.session.dirty:
        p.session.expunge(row)
        p.session.add(row)


def _by_core(p: Program, key: int, at: str) -> None:
    value = json.loads(json.dumps(p.value(key, at)))
    p.session.flush()
    p.session.connection().execute(update(Row).where(Row.id == key).values({at: value}))


STEPS: dict[str, Callable[[Program, int, str], object]] = {
    **{kind: _change(kind) for kind in ("nested", "deep", "top", "equal", "back")},
    "read": lambda p, key, at: json.dumps(p.value(key, at)),
    "flag": _flag,
    "assign a deep copy": _assign(copy.deepcopy),
    "assign a shallow copy": _assign(dict),
    "assign itself": _assign(lambda value: value),
    "assign a changed copy": _assign_changed,
    "title": lambda p, key, at: setattr(p.row(key), "title", p.row(key).title + "x"),
    "flush": lambda p, key, at: p.session.flush(),
    "query": lambda p, key, at: p.session.scalars(select(Row)).all(),
    "refresh": lambda p, key, at: p.discard(lambda: p.session.refresh(p.row(key))),
    "expire": lambda p, key, at: p.discard(lambda: p.session.expire(p.row(key))),
    "savepoint": _savepoint,
    "release": _release,
    "roll back to the savepoint": _roll_back_savepoint,
    "let go": _let_go,
    "expunge and add": _expunge_and_add,
    "by Core": _by_core,
    "commit": lambda p, key, at: _commit(p),
}


def _commit(p: Program) -> None:
    while p.savepoints:
        p.savepoints.pop().commit()
    p.session.flush()
    if p.parted():
        raise LookupError("lost")
    p.session.commit()


def _commit_as_programs_do(p: Program, key: int, at: str) -> None:
    p.savepoints.clear()
    p.session.commit()


def _roll_back(p: Program, key: int, at: str) -> None:
    p.savepoints.clear()
    p.session.rollback()


STEPS["rollback"] = _roll_back
PROGRAMS = st.lists(
    st.tuples(st.sampled_from(sorted(STEPS)), st.sampled_from([1, 2]), st.sampled_from(["doc", "objects"])),
    min_size=2,
    max_size=14,
)


def _outcome(engine: Engine, steps: list[tuple[str, int, str]]) -> tuple[str, int]:
    """Run a program up to its first lost change; return "lost", "saved" or "unclear", and after how many steps."""
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM plain_rows"))
        connection.execute(
            text("INSERT INTO plain_rows (id, title, doc, objects) VALUES (:id, '', :v, :v)"),
            [{"id": key, "v": json.dumps(START)} for key in (1, 2)],
        )
    program = Program(engine)
    done = 0
    try:
        for name, key, at in [*steps, ("commit", 1, "doc")]:
            STEPS[name](program, key, at)
            done += 1
    except (LookupError, UnsavedChange):
        return "lost", done
    except Unclear:
        return "unclear", done
    finally:
        program.session.close()
    return "saved", done


@given(steps=PROGRAMS)
@settings(
    max_examples=_EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
def test_the_sentinel_says_what_sql_says(steps: list[tuple[str, int, str]]) -> None:
    """A program that loses nothing runs as without the sentinel; one that loses is stopped at that commit."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    expected = _outcome(engine, steps)
    if expected[0] == "unclear":
        engine.dispose()
        return
    commit = STEPS["commit"]
    STEPS["commit"] = _commit_as_programs_do
    try:
        with sentinel.watch(Session):
            said = _outcome(engine, steps)
    finally:
        STEPS["commit"] = commit
        engine.dispose()
    assert said == expected
