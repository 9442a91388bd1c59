"""Every mutator, times every way to get at a container: what plain Python would hold is what the database holds."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import JSON, insert, select

from indelible import Document, StaleContainer
from tests.database.every_change import CHANGES, mutators_of
from tests.database.every_reach import REACHES, Reach
from tests.database.stores import Store, typed
from tests.database.ways import Way, mapped, ways

Kept = mapped(Document, "Kept")
Plain = mapped(JSON, "Plain")


@pytest.mark.parametrize("kind", [dict, list])
def test_every_method_that_changes_a_built_in_container_is_tried(kind: type) -> None:
    """A Python release that adds a mutator fails here, until there are ways that use it."""
    known = {method for method, _, _ in CHANGES[kind] if method}
    found = mutators_of(kind)
    assert found == known, f"not tried: {found - known}; no mutators of {kind.__name__}: {known - found}"


@pytest.mark.parametrize("kind", [dict, list])
@pytest.mark.parametrize("reach", REACHES, ids=lambda reach: reach.name)
def test_every_change_is_kept(store: Store, reach: Reach, kind: type) -> None:
    """Each way to change a document is saved as on plain Python; where it cannot be, an error says so."""
    assert _lost(store, Kept, ways(reach, kind)) == []


def test_the_same_ways_lose_changes_on_plain_json(store: Store) -> None:
    """SQLAlchemy's own `JSON` keeps none of the changes of a loaded document: the test above is able to fail."""
    reach = REACHES[1]
    all_ = [*ways(reach, dict), *ways(reach, list)]
    assert _lost(store, Plain, all_) == [str(way) for way in all_]


def _lost(store: Store, cls: Any, all_: list[Way]) -> list[str]:
    """Go each way, on a row of its own, and name those after which the database holds something else."""
    store.create(cls.metadata)
    numbered = dict(enumerate(all_, 1))
    with store.engine.begin() as connection:
        connection.execute(
            insert(cls), [{"id": number, "doc": way.start()} for number, way in numbered.items()]
        )
    changed = _change(store, cls, numbered)
    with store.session() as session:
        read = {row.id: typed(row.doc) for row in session.scalars(select(cls))}
    stored = store.sql("SELECT id, CAST(doc AS TEXT) FROM documents")
    assert {number: typed(json.loads(text)) for number, text in stored} == read
    return [
        str(way)
        for number, way in numbered.items()
        if read[number] != typed(way.expected() if number in changed else way.start())
    ]


def _change(store: Store, cls: Any, numbered: dict[int, Way]) -> set[int]:
    """Make all the changes and commit them; return which were not refused."""
    changed = set()
    with store.session() as session:
        for number, way in numbered.items():
            try:
                way.run(session, cls, number)
            except StaleContainer:
                assert way.reach.may_refuse, f"refused: {way}"
            else:
                changed.add(number)
        session.commit()
    return changed
