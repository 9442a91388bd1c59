"""The steps of a program that write, commit and roll back."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import instance_dict

from tests.database.programs.agreement import check_delta, check_history
from tests.database.programs.documents import Documents
from tests.database.programs.lines import (
    ABANDONED,
    DETACHED,
    PENDING,
    PERSISTENT,
    TRANSIENT,
    UNKNOWN,
    Line,
    Savepoint,
)
from tests.database.programs.store import COLUMNS, Page
from tests.unit.model import bare, identical


class Transactions(Documents):
    """Adds flush, commit, rollback and savepoints."""

    def flush(self) -> None:
        """Flush, and look whether it writes when it must, and only then."""
        self.say("session.flush()")
        expected = any(line.differs(column) for line in self._persistent() for column in COLUMNS)
        count = self.store.updates
        self.session.flush()
        assert (self.store.updates > count) == expected, (
            f"an UPDATE was {'missing' if expected else 'needless'}"
        )
        self._flushed()

    def commit(self) -> None:
        """Commit all and look into the database."""
        self.say("session.commit()")
        self.session.commit()
        self._flushed()
        self.committed = dict(self.stored)
        self.savepoints.clear()
        for line in self.lines:
            line.undo(0, restores=False)
            line.copied_from_sent = False
        for line in self._persistent():
            line.born = None
            if self.expire_on_commit:
                self._expired(line)
        self.check_database()

    def rollback(self) -> None:
        """Roll everything back."""
        self.say("session.rollback()")
        if not self.session.in_transaction():  # SQLAlchemy does nothing, so nothing is expired
            self.session.rollback()
            return
        self.session.rollback()
        self._rolled_back(0)
        self.stored = dict(self.committed)
        self.savepoints.clear()
        for line in self._persistent():
            self._expired(line)

    def begin_nested(self) -> None:
        """Set a savepoint."""
        self.say(f"savepoint{len(self.savepoints)} = session.begin_nested()")
        real = self.session.begin_nested()
        self._flushed()
        self.savepoints.append(Savepoint(real, dict(self.stored)))

    def release(self) -> None:
        """Commit the innermost savepoint."""
        if self.savepoints:
            self.say(f"savepoint{len(self.savepoints) - 1}.commit()")
            self.savepoints[-1].real.commit()
            self._flushed()  # within the savepoint, which ends after it
            self.savepoints.pop()
            for line in self.lines:
                if line.born is not None:
                    line.born = min(line.born, len(self.savepoints))
                for by_depth in line.sent.values():
                    if len(self.savepoints) + 1 in by_depth:
                        by_depth.setdefault(len(self.savepoints), by_depth.pop(len(self.savepoints) + 1))

    def rollback_to_savepoint(self) -> None:
        """Roll the innermost savepoint back."""
        if not self.savepoints:
            return
        self.say(f"savepoint{len(self.savepoints) - 1}.rollback()")
        savepoint = self.savepoints.pop()
        savepoint.real.rollback()
        self._rolled_back(len(self.savepoints) + 1)
        self.stored = savepoint.stored
        for line in self._persistent():
            self._rolled_back_to_savepoint(line)

    def _rolled_back_to_savepoint(self, line: Line) -> None:
        # SQLAlchemy expires the rows that it knows to be changed since the savepoint, and leaves the others alone.
        key = self.session.identity_key(Page, line.id)
        real = line.real if line.real is not None else self.session.identity_map.get(key)
        if line.copied_from_sent and real is not None:
            # Nothing tells SQLAlchemy that this copy was made in the savepoint: the program has to.
            self.say(f"session.expire({line.name})")
            self.session.expire(real)
        for column in COLUMNS:
            if real is None or column not in instance_dict(real):
                line.unload(column)
            elif line.loaded[column]:
                expected = self.stored[line.id, column]
                present = bare(instance_dict(real)[column])
                assert line.baseline[column] is not UNKNOWN
                assert identical(self.store.as_stored(present), expected), (
                    f"{line.name}.{column} is {present!r} after the savepoint was rolled back, not {expected!r}"
                )

    def _expired(self, line: Line) -> None:
        for column in COLUMNS:
            line.unload(column)

    def _rolled_back(self, depth: int) -> None:
        """Rows whose insertion is undone are out of the session; those that were out write again what is undone."""
        for line in self.lines:
            line.undo(depth, restores=line.status == DETACHED)
            if line.status == DETACHED and line.copied_from_sent:
                self._abandon(line)
            undone = line.status == PERSISTENT and line.born is not None and line.born >= depth
            if line.status == PENDING or undone:
                line.status, line.born = TRANSIENT, None
                line.baseline = dict.fromkeys(COLUMNS, UNKNOWN)
                # SQLAlchemy has expired what was changed since a savepoint: such a row can be read no more.
                for column in COLUMNS:
                    if line.alive is None or column not in instance_dict(line.alive):
                        line.unload(column)
                        line.status = ABANDONED
                if line.real is None:
                    line.status = ABANDONED

    def _abandon(self, line: Line) -> None:
        line.status = ABANDONED

    def check_pending(self) -> None:
        """Compare what is said to be unsaved with what is."""
        self.say("# deltas, history, is_modified")
        for line in self._persistent():
            if line.real is None:
                continue
            differs = [line.differs(column) for column in COLUMNS]
            assert self.session.is_modified(line.real) == any(differs), (
                f"is_modified({line.name}) must be {any(differs)}"
            )
            assert not any(differs) or line.real in self.session.dirty
            for column in COLUMNS:
                if line.loaded[column]:
                    check_delta(line, column)
                    check_history(line, column)

    def check_database(self) -> None:
        """Compare the database with the model, in a new session and in plain SQL."""
        ids = sorted({id for id, _ in self.committed})
        if not ids:
            return
        found = self.store.plain_text(ids)
        with Session(self.store.engine) as session:
            pages = {page.id: page for page in session.scalars(select(Page).where(Page.id.in_(ids)))}
            for (id, column), expected in self.committed.items():
                assert identical(found[id, column], expected), (
                    f"row{id}.{column} is stored as {found[id, column]!r}, must be {expected!r}"
                )
                assert identical(bare(getattr(pages[id], column)), expected)
