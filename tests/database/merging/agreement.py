"""Compares, over generated cases, what a database stores of two writers' changes with what the pure merge says.

Each case is two rows. Two sessions read both rows and change them, one commits, then the other: its first row as the
library likes, its second by reading and merging only.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from indelible import Conflict, DuplicateKey
from indelible.changes.guarding import plan
from indelible.changes.values import plain, same
from tests.database.merging.papers import Base, Paper
from tests.database.merging.paths_taken import merges_seen, only_merging
from tests.database.stores import Store
from tests.unit.plans import all_hold
from tests.unit.writers import Source, Writer, edit

# PostgreSQL has no negative zero.
VALUES = (0, 1, 1.0, True, False, None, "", "a", "b", 2**64, 1e300, 0.1, -7, "é😀", 'q"\\\n')


@dataclass
class Expected:
    """What the pure merge says of one case."""

    seed: int
    theirs: Any
    mine: Any
    delta_is_empty: bool
    outcome: Any
    """A document, or the error."""
    is_fast: bool
    """Whether all guards hold in what the first writer stored."""

    @property
    def conflicts(self) -> bool:
        return isinstance(self.outcome, Exception)

    @property
    def stored(self) -> Any:
        return self.theirs if self.conflicts else self.outcome


def compare(store: Store, seeds: Iterable[int]) -> Counter[str]:
    """Run these cases; return how many took which way.

    Raises:
        AssertionError: the database, the row in memory or the way taken is not what the pure merge says; with the seed.
    """
    return _Comparison(store, list(seeds)).run()


def source(seed: int, name: str) -> Source:
    """Return where the values of one writer of a case come from."""
    made = Source(random.Random(f"{seed}{name}"), name, unique=seed % 2 == 0)
    made.values = VALUES
    return made


def change(document: Any, seed: int, name: str) -> None:
    """Change a document as this writer of the case does."""
    values = source(seed, name)
    edit(document, values, values.rng.randrange(1, 4))


class _Comparison:
    def __init__(self, store: Store, seeds: list[int]) -> None:
        self.store = store
        self.seeds = seeds
        self.seen: Counter[str] = Counter()
        self.expected: dict[int, Expected] = {}
        self.fast: set[int] = set()

    def run(self) -> Counter[str]:
        self._insert()
        first, second = (self.store.session(expire_on_commit=False) for _ in range(2))
        rows, others = ({row.id: row for row in self._read(session)} for session in (first, second))
        for seed in self.seeds:
            self._expect(seed, others[2 * seed].doc)
            for number in (2 * seed, 2 * seed + 1):
                change(rows[number].doc, seed, "A")
                change(others[number].doc, seed, "B")
        first.commit()
        self._commit_second(second, others)
        self._check(others)
        self._go_on(second, others)
        return self.seen

    def _insert(self) -> None:
        documents = [
            {"id": 2 * seed + half, "doc": source(seed, "o").document()}
            for seed in self.seeds
            for half in (0, 1)
        ]
        Base.metadata.drop_all(self.store.engine)
        Base.metadata.create_all(self.store.engine)
        with self.store.engine.begin() as connection:
            connection.execute(insert(Paper), documents)

    def _read(self, session: Session) -> list[Paper]:
        rows = list(session.scalars(select(Paper)))
        session.commit()  # or else SQLite's second writer would write to an old snapshot
        return rows

    def _expect(self, seed: int, read: Any) -> None:
        base = plain(read)
        one, other = Writer(base), Writer(base)
        change(one.document, seed, "A")
        change(other.document, seed, "B")
        theirs, delta = one.mine, other.delta
        try:
            outcome: Any = other.merged_into(theirs).document
            found = plan(other.sheet.journal, other.document, delta, other.policies)
            is_fast = found is not None and all_hold(found, theirs)
        except (Conflict, DuplicateKey) as error:
            outcome, is_fast = error, False
        self.expected[seed] = Expected(seed, theirs, other.mine, not delta, outcome, is_fast)

    def _commit_second(self, session: Session, rows: dict[int, Paper]) -> None:
        forced = self.store.session(expire_on_commit=False)
        conflicting = []
        for number, row in rows.items():
            if self._case(number).conflicts:
                session.expunge(row)
                conflicting.append(row)
            elif number % 2:
                session.expunge(row)
                forced.add(row)
        self._commit_as_it_likes(session, rows)
        with only_merging():
            forced.commit()
        for row in conflicting:
            with ExitStack() as ways:
                if row.id % 2:
                    ways.enter_context(only_merging())
                self._conflict(row)
        for row in [*forced, *conflicting]:
            if row not in session:
                if row in forced:
                    forced.expunge(row)
                session.add(row)

    def _commit_as_it_likes(self, session: Session, rows: dict[int, Paper]) -> None:
        with self.store.carried_out() as carried_out, merges_seen() as merged:
            session.commit()
        statements = [statement for statement, _ in carried_out]
        sent = [
            number for number, row in rows.items() if row in session and not self._case(number).delta_is_empty
        ]
        slow = {f"Paper(id={number}).doc" for number in sent} & set(merged)
        for number in sent:
            is_slow = f"Paper(id={number}).doc" in slow
            case = self._case(number)
            if not is_slow:
                self.fast.add(number)
            if not case.is_fast:
                assert is_slow, f"case {case.seed}: a guard does not hold, yet the delta was applied"
            elif is_slow:
                self.seen["fast for others"] += 1
        updates = [each for each in statements if each.startswith("UPDATE")]
        # One UPDATE each; where that found a guard broken, or there was none, a SELECT and another one.
        assert len(statements) - len(updates) == len(slow)
        assert len(sent) <= len(updates) <= len(sent) + len(slow)
        self.seen["fast"] += len(sent) - len(slow)
        self.seen["slow"] += len(slow)

    def _conflict(self, row: Paper) -> None:
        case = self._case(row.id)
        with self.store.session() as session:
            session.add(row)
            with pytest.raises(case.outcome.__class__) as raised:
                session.flush()
            if isinstance(case.outcome, Conflict):
                assert _clashes(raised.value) == _clashes(case.outcome), f"case {case.seed}"
            session.rollback()
            session.refresh(row)
            session.expunge(row)
        self.seen["conflicts"] += 1

    def _check(self, rows: dict[int, Paper]) -> None:
        for number, stored in self._stored().items():
            case = self._case(number)
            where = f"case {case.seed} {'forced' if number % 2 else ''}"
            assert same(stored, case.stored), f"{where}: stored {stored}, must be {case.stored}"
            in_memory = rows[number].doc
            # Who applied a delta has read nothing, and goes on with what it knew.
            expected = case.mine if number in self.fast or case.delta_is_empty else case.stored
            assert same(in_memory, expected), f"{where}: in memory {in_memory}, must be {expected}"

    def _stored(self) -> dict[int, Any]:
        """Return what is in the database: in plain SQL, and the same in a fresh session."""
        documents = {
            number: json.loads(text)
            for number, text in self.store.sql("SELECT id, CAST(doc AS TEXT) FROM papers")
        }
        with Session(self.store.engine) as fresh:
            for row in fresh.scalars(select(Paper)):
                assert same(row.doc, documents[row.id]), f"row {row.id}"
        return documents

    def _go_on(self, session: Session, rows: dict[int, Paper]) -> None:
        """Change the documents in memory once more: they are still tracked, and nothing else is written."""
        for number, row in rows.items():
            row.doc["later"] = number
        with merges_seen() as merged:
            session.commit()
        assert not merged
        for number, stored in self._stored().items():
            case = self._case(number)
            expected = case.stored | {"later": number}
            assert same(stored, expected), f"case {case.seed}, changed later: {stored}, must be {expected}"

    def _case(self, number: int) -> Expected:
        return self.expected[number // 2]


def _clashes(error: Any) -> list[str]:
    return sorted(
        repr((each.path, _sorted(each.base), _sorted(each.mine), _sorted(each.theirs)))
        for each in error.clashes
    )


def _sorted(value: Any) -> Any:
    """Return a value with the members of its objects in order: `jsonb` has an order of its own."""
    if isinstance(value, dict):
        return [(key, _sorted(item)) for key, item in sorted(value.items())]
    return [_sorted(item) for item in value] if isinstance(value, list) else value
