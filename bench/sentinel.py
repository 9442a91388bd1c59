"""What the sentinel costs: the same work with and without it, in turns, on SQLite in memory.

    python -m bench.sentinel            # --rounds 15

Prints processor seconds without, with, and the median of the ratios of the rounds.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
from collections.abc import Callable, Sequence
from statistics import median
from time import process_time
from typing import Any

from sqlalchemy import JSON, Engine, create_engine, delete, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.pool import StaticPool

from indelible import sentinel


class _Base(DeclarativeBase):
    pass


class _Row(_Base):
    __tablename__ = "rows"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[Any] = mapped_column(JSON)


_PARTS = 10


def _document(parts: int) -> dict[str, Any]:
    """Return a document of about 100 bytes a part."""
    return {
        f"part {n}": {"title": f"Scene {n}", "lines": ["one", "two", n], "seen": {"by": ["a", "b"]}}
        for n in range(parts)
    }


def _load(engine: Engine, _rows: int, _parts: int) -> None:
    with Session(engine) as session:
        session.scalars(select(_Row)).all()
        session.commit()


def _load_and_hold(engine: Engine, _rows: int, _parts: int) -> None:
    with Session(engine) as session:
        held = session.scalars(select(_Row)).all()
        session.commit()
        del held


def _change(engine: Engine, _rows: int, _parts: int) -> None:
    with Session(engine) as session:
        for row in session.scalars(select(_Row)).all():
            row.doc["part 0"]["title"] = f"{row.doc['part 0']['title']}."
            flag_modified(row, "doc")
        session.commit()


def _append(engine: Engine, _rows: int, _parts: int) -> None:
    with Session(engine) as session:
        row = session.scalars(select(_Row)).first()
        assert row is not None
        lines = row.doc["part 0"]["lines"]
        for n in range(20_000):
            lines.append(n)
        session.rollback()


def _insert(engine: Engine, rows: int, parts: int) -> None:
    with Session(engine) as session:
        session.add_all(_Row(id=10_000 + n, doc=_document(parts)) for n in range(rows))
        session.flush()
        session.execute(delete(_Row).where(_Row.id >= 10_000))
        session.commit()


def _traced(engine: Engine, _rows: int, _parts: int) -> None:
    """Run 5,000 lines while a value that was saved still has a name in the program."""
    with Session(engine) as session:
        value = _document(_PARTS)
        row = _Row(id=10_000, doc=value)
        session.add(row)
        session.flush()
        total = 0
        for n in range(2_500):
            total += n
        session.rollback()


_WORK: dict[str, tuple[Callable[[Engine, int, int], None], int, int]] = {
    "load and commit, 200 rows of 1 kB": (_load, 200, 10),
    "load and commit, 10 rows of 100 kB": (_load, 10, 1000),
    "load, hold and commit, 200 rows of 1 kB": (_load_and_hold, 200, 10),
    "change, mark and commit, 200 rows of 1 kB": (_change, 200, 10),
    "20,000 appends to one list": (_append, 1, 10),
    "insert, 200 rows of 1 kB": (_insert, 200, 10),
    "5,000 lines beside a value with a name, 1 kB": (_traced, 1, 10),
}


def _engine(rows: int, parts: int) -> Engine:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    _Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all(_Row(id=n, doc=_document(parts)) for n in range(rows))
        session.commit()
    return engine


def measure(name: str, rounds: int) -> tuple[float, float, float]:
    """Return seconds without and with the sentinel, and the median ratio."""
    work, rows, parts = _WORK[name]
    engine = _engine(rows, parts)
    without: list[float] = []
    watched: list[float] = []
    for number in range(-1, rounds):
        for times, context in ((without, contextlib.nullcontext()), (watched, None)):
            with context or sentinel.watch(Session):
                gc.collect()
                start = process_time()
                work(engine, rows, parts)
                seconds = process_time() - start
            if number >= 0:
                times.append(seconds)
    engine.dispose()
    ratio = median(b / a for a, b in zip(without, watched, strict=True))
    return median(without), median(watched), ratio


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print one line for each kind of work."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args(arguments)
    print(f"{'work':<46} {'without s':>10} {'with s':>10} {'ratio':>6}")
    for name in _WORK:
        without, watched, ratio = measure(name, options.rounds)
        print(f"{name:<46} {without:>10.4f} {watched:>10.4f} {ratio:>6.2f}")


if __name__ == "__main__":
    main()
