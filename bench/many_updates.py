"""Compares flushes of many rows, one changed leaf in the document of each: ours, plain JSON, and SQL by hand.

    uv run python -m bench.many_updates [--rows 1000] [--rounds 7] [--clock wall|cpu]

Plain JSON with `flag_modified` is one `executemany` of whole documents, which looks at nothing: it overwrites what
others wrote. Ours is a guarded UPDATE a row, a hundred of them in one call; it is measured also with a listener to
`before_update`, between whose calls each row is sent by itself. By hand, the same guarded UPDATEs are sent one by one,
by the driver's `executemany` that tells of each row whether it was found, and as one UPDATE that is joined to all new
values and returns the keys of the rows that it found. All run in one process, in turns; the ratios are medians over
rounds.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

from sqlalchemy import JSON, URL, Connection, Engine, event, insert, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.orm.attributes import flag_modified

from bench.databases import connected
from bench.measuring import CLOCKS, Clock
from bench.servers import BACKENDS, database
from indelible import Document

OURS, LISTENED, PLAIN = "ours", "ours, with a listener", "plain JSON, flag_modified"
_SCENE = 3
_SCENES = 8


class Base(DeclarativeBase):
    """The tables that are measured."""


class Tracked(Base):
    """Documents of ours."""

    __tablename__ = "tracked"
    id: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[dict[str, Any]] = mapped_column(Document())


class Plain(Base):
    """The same as plain JSON."""

    __tablename__ = "plain"
    id: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[dict[str, Any]] = mapped_column(JSON().with_variant(JSONB(), "postgresql"))


def document(title: str) -> dict[str, Any]:
    """Return a document of about 1 kB."""
    scenes = [{"id": f"s{number}", "title": title, "text": "x" * 80} for number in range(_SCENES)]
    return {"title": "Night train", "scenes": scenes}


class Rows:
    """The rows of one database, and the number of the change that each way makes next."""

    def __init__(self, engine: Engine, count: int, clock: Clock) -> None:
        self.engine = engine
        self.count = count
        self.clock = clock
        Base.metadata.create_all(engine)
        with engine.begin() as connection:
            for table in (Tracked, Plain):
                values = [{"id": number, "body": document("0")} for number in range(1, count + 1)]
                connection.execute(insert(table), values)

    def check(self, table: type[Any], title: str) -> None:
        """Make sure that each row has the change."""
        with Session(self.engine) as session:
            titles = [body["scenes"][_SCENE]["title"] for body in session.scalars(select(table.body))]
        if titles != [title] * self.count:
            raise AssertionError("what was measured did not change every row")


def flushed(table: type[Any], rows: Rows, _old: str, new: str) -> float:
    """Return the seconds that the flush and its commit take."""
    with Session(rows.engine) as session:
        loaded = session.scalars(select(table)).all()
        for row in loaded:
            row.body["scenes"][_SCENE]["title"] = new
            if table is Plain:
                flag_modified(row, "body")
        start = rows.clock()
        session.commit()
        return rows.clock() - start


def flushed_with_listener(*given: Any) -> float:
    """Return the same for our rows when the program listens to each UPDATE."""
    event.listen(Tracked, "before_update", _nothing)
    try:
        return flushed(Tracked, *given)
    finally:
        event.remove(Tracked, "before_update", _nothing)


def _nothing(*_given: object) -> None:
    """Listen."""


_GUARDED = {
    "sqlite": """
        UPDATE tracked SET body = json_set(body, '$.scenes[3].title', json(?))
        WHERE id = ? AND body -> '$.scenes[3].id' = json(?) AND body -> '$.scenes[3].title' = json(?)""",
    "postgresql": """
        UPDATE tracked SET body = jsonb_set(body, '{scenes,3,title}', %s::text::jsonb)
        WHERE id = %s AND (body -> 'scenes' -> 3 -> 'id')::text = %s
            AND (body -> 'scenes' -> 3 -> 'title')::text = %s""",
}
_JOINED = {
    "sqlite": """
        UPDATE tracked SET body = json_set(body, '$.scenes[3].title', json(sent.value ->> 0))
        FROM json_each(?) AS sent
        WHERE tracked.id = sent.value ->> 1 AND body -> '$.scenes[3].id' = json(sent.value ->> 2)
            AND body -> '$.scenes[3].title' = json(sent.value ->> 3)
        RETURNING id""",
    "postgresql": """
        UPDATE tracked SET body = jsonb_set(body, '{scenes,3,title}', sent.title::jsonb)
        FROM unnest(%s::text[], %s::int[], %s::text[], %s::text[]) AS sent (title, id, scene, was)
        WHERE tracked.id = sent.id AND (body -> 'scenes' -> 3 -> 'id')::text = sent.scene
            AND (body -> 'scenes' -> 3 -> 'title')::text = sent.was
        RETURNING tracked.id""",
}


def by_hand(send: Callable[[Any, str, list[tuple[Any, ...]]], int], rows: Rows, old: str, new: str) -> float:
    """Return the seconds that guarded UPDATEs and their commit take; each row must be told to be found."""
    values = [(json.dumps(new), number + 1, f'"s{_SCENE}"', json.dumps(old)) for number in range(rows.count)]
    with rows.engine.connect() as connection:
        cursor = _cursor(connection)
        start = rows.clock()
        found = send(cursor, connection.dialect.name, values)
        connection.commit()
        seconds = rows.clock() - start
    if found != rows.count:
        raise AssertionError("not every row was found")
    return seconds


def _cursor(connection: Connection) -> Any:
    connection.exec_driver_sql("SELECT 1").close()  # begins SQLAlchemy's own transaction
    return connection.connection.cursor()


def one_by_one(cursor: Any, name: str, values: list[tuple[Any, ...]]) -> int:
    """Send each UPDATE, and add up the counts of rows."""
    found = 0
    for each in values:
        cursor.execute(_GUARDED[name], each)
        found += cursor.rowcount
    return found


def many(cursor: Any, name: str, values: list[tuple[Any, ...]]) -> int:
    """Send all UPDATEs at once; psycopg tells the count of each, sqlite3 only their sum."""
    if name == "sqlite":
        cursor.executemany(_GUARDED[name], values)
        return int(cursor.rowcount)
    cursor.executemany(_GUARDED[name] + " RETURNING id", values, returning=True)
    found = cursor.rowcount
    while cursor.nextset():
        found += cursor.rowcount
    return int(found)


def joined(cursor: Any, name: str, values: list[tuple[Any, ...]]) -> int:
    """Send one UPDATE for all rows."""
    sent = (json.dumps(values),) if name == "sqlite" else tuple(map(list, zip(*values, strict=True)))
    cursor.execute(_JOINED[name], sent)
    return len(cursor.fetchall())


Way = Callable[[Rows, str, str], float]

WAYS: dict[str, tuple[type[Any], Way]] = {
    OURS: (Tracked, lambda *given: flushed(Tracked, *given)),
    LISTENED: (Tracked, flushed_with_listener),
    PLAIN: (Plain, lambda *given: flushed(Plain, *given)),
    "by hand, one by one": (Tracked, lambda *given: by_hand(one_by_one, *given)),
    "by hand, executemany": (Tracked, lambda *given: by_hand(many, *given)),
    "by hand, one joined UPDATE": (Tracked, lambda *given: by_hand(joined, *given)),
}


def measured(url: URL, count: int, rounds: int, clock: Clock) -> dict[str, list[float]]:
    """Return the seconds of each way in each round, after a round that is not counted."""
    times: defaultdict[str, list[float]] = defaultdict(list)
    with connected(url) as engine:
        rows = Rows(engine, count, clock)
        titles = {Tracked: 0, Plain: 0}
        for number in range(rounds + 1):
            for name, (table, way) in WAYS.items():
                gc.collect()
                old = titles[table]
                titles[table] += 1
                seconds = way(rows, str(old), str(old + 1))
                rows.check(table, str(old + 1))
                if number:
                    times[name].append(seconds)
    return times


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print a table for each database."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument(
        "--clock", choices=CLOCKS, default="wall", help="cpu: of this process, not the server's"
    )
    options = parser.parse_args(arguments)
    for backend in BACKENDS:
        with database(backend) as url:
            times = measured(url, options.rows, options.rounds, CLOCKS[options.clock])
        sys.stdout.write(
            f"\n{backend}, {options.rows} rows, median of {options.rounds} rounds, {options.clock}\n"
        )
        for name, seconds in times.items():
            ratio = median(one / other for one, other in zip(seconds, times[PLAIN], strict=True))
            sys.stdout.write(f"  {name:28} {median(seconds) * 1000:8.1f} ms   {ratio:6.2f} x plain\n")


if __name__ == "__main__":
    main()
