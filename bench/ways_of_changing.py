"""Counts how many ways of changing a document in place reach the database: ours and its peers.

    uv run python -m bench.ways_of_changing

A way is one change, of one container, reached in one way; each runs alone, on a row of its own, on SQLite. What the
database holds then is compared with what plain Python makes of the same document.
"""

from __future__ import annotations

import argparse
import json
import warnings
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import JSON, Engine, create_engine, event, insert, select, text
from sqlalchemy.exc import SAWarning, SQLAlchemyError
from sqlalchemy.ext.mutable import MutableDict
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool
from sqlalchemy_json import mutable_json_type  # type: ignore[import-untyped]
from tests.database.every_reach import REACHES
from tests.database.ways import Way, mapped, ways

from bench.peers import MUTABLE_DICT, OURS, PLAIN, SQLALCHEMY_JSON
from indelible import Document, IndelibleError, StaleContainer

KEPT, REFUSED, RAISED, LOST = "kept", "refused", "raised", "LOST"
"""Refused: the error says that the container is out of date. Raised: any other error, where plain Python has none."""


def peers() -> dict[str, Any]:
    """Return a mapped class for each peer."""
    return {
        OURS: mapped(Document, "Ours"),
        PLAIN: mapped(JSON, "Plain"),
        MUTABLE_DICT: mapped(MutableDict.as_mutable(JSON), "InMutableDict"),
        SQLALCHEMY_JSON: mapped(mutable_json_type(dbtype=JSON, nested=True), "InSQLAlchemyJSON"),
    }


def all_ways(reached: Sequence[str] = ()) -> list[Way]:
    """Return the ways in documents that are objects, since MutableDict takes no other; or those `reached` so."""
    return [
        way
        for reach in REACHES
        if not reached or reach.name in reached
        for kind in (dict, list)
        if isinstance(reach.build({}), dict) and not (kind is list and reach.build([]) == [])
        for way in ways(reach, kind)
    ]


def run(cls: Any, all_: list[Way]) -> list[str]:
    """Return what became of each way."""
    engine = _engine()
    cls.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(insert(cls), [{"id": key, "doc": way.start()} for key, way in enumerate(all_)])
    return [_outcome(engine, cls, key, way) for key, way in enumerate(all_)]


def _engine() -> Engine:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    # The driver's own idea of when to begin breaks savepoints.
    event.listen(engine, "connect", lambda connection, _: setattr(connection, "isolation_level", None))
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


def _outcome(engine: Engine, cls: Any, key: int, way: Way) -> str:
    try:
        with Session(engine) as session:
            way.run(session, cls, key)
            session.commit()
    except StaleContainer:
        return REFUSED
    except (IndelibleError, SQLAlchemyError, TypeError, ValueError, LookupError, AttributeError):
        return RAISED
    return KEPT if _is_stored(engine, cls, key, way.expected()) else LOST


def _is_stored(engine: Engine, cls: Any, key: int, expected: Any) -> bool:
    with engine.connect() as connection:
        stored = connection.scalar(
            text("SELECT CAST(doc AS TEXT) FROM documents WHERE id = :id"), {"id": key}
        )
    with Session(engine) as session:
        read = session.scalars(select(cls.doc).where(cls.id == key)).one()
    wanted = json.dumps(expected, sort_keys=True)
    return json.dumps(json.loads(stored), sort_keys=True) == json.dumps(read, sort_keys=True) == wanted


def table(outcomes: dict[str, list[str]], all_: list[Way], *, by_reach: bool) -> str:
    """Return the counts of each peer, and with `by_reach` how many each keeps of the ways through one reach."""
    lines = [f"{'':42}" + "".join(f"{name:>17}" for name in outcomes)]
    for result in (KEPT, REFUSED, RAISED, LOST):
        counts = [Counter(found)[result] for found in outcomes.values()]
        lines.append(f"{result:42}" + "".join(f"{count:>17}" for count in counts))
    lines.append(f"{'of':42}" + f"{len(all_):>17}" * len(outcomes))
    if by_reach:
        lines += ["", "kept, by how the container was reached"]
        places: defaultdict[str, list[int]] = defaultdict(list)
        for place, way in enumerate(all_):
            places[way.reach.name].append(place)
        for name, those in places.items():
            kept = [sum(found[place] == KEPT for place in those) for found in outcomes.values()]
            lines.append(f"{f'{name} ({len(those)})':42}" + "".join(f"{count:>17}" for count in kept))
    return "\n".join(lines)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--by-reach", action="store_true", help="also show each way to get at a container")
    parser.add_argument(
        "--reach",
        action="append",
        default=[],
        choices=[reach.name for reach in REACHES],
        metavar="NAME",
        help="only the ways through this one, named as --by-reach shows it (can be given again)",
    )
    options = parser.parse_args()
    warnings.simplefilter("ignore", SAWarning)
    all_ = all_ways(options.reach)
    outcomes = {name: run(cls, all_) for name, cls in peers().items()}
    print(table(outcomes, all_, by_reach=options.by_reach))


if __name__ == "__main__":
    main()
