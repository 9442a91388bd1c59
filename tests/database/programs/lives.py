"""The steps of a program that take rows out of the session, into it, and elsewhere."""

from __future__ import annotations

import gc
import pickle
import weakref

from sqlalchemy import select

from tests.database.programs.lines import DETACHED, PENDING, PERSISTENT, TRANSIENT, Line
from tests.database.programs.store import COLUMNS, Page
from tests.database.programs.transactions import Transactions
from tests.unit import model
from tests.unit.agreement import compare_outcomes, outcome
from tests.unit.model import Slot, bare
from tests.unit.mutations import Mutation


class Program(Transactions):
    """Rows in a session, the model beside them, and the containers that the program holds."""

    def expire(self, line: Line, columns: list[str]) -> None:
        """Expire some documents of a row, or all of it."""
        row = self.row(line)
        self.say(f"session.expire({line.name}, {columns or None})")
        self.session.expire(row, columns or None)
        for column in columns or COLUMNS:
            line.unload(column)

    def refresh(self, line: Line, columns: list[str]) -> None:
        """Read some documents of a row, or all of it, from the database."""
        row = self.row(line)
        self.say(f"session.refresh({line.name}, {columns or None})")
        self.session.refresh(row, columns or None)
        for column in columns or COLUMNS:
            line.unload(column)
        self._autoflushed()  # what was to be refreshed has been expired before
        self._sync(line)
        assert all(line.loaded[column] for column in columns or COLUMNS)

    def query(self, line: Line, *, populate: bool) -> None:
        """Select a row that is loaded already."""
        row = self.row(line)
        self.say(f"session.scalars(select(Page) … {line.id}, populate_existing={populate}).one()")
        statement = select(Page).where(Page.id == line.id).execution_options(populate_existing=populate)
        assert self.session.scalars(statement).one() is row
        self._autoflushed()
        for column in COLUMNS if populate else ():
            line.unload(column)
        self._sync(line)

    def expunge(self, line: Line) -> None:
        """Take a row out of the session; its documents go on living."""
        self._read_all(line)
        self.say(f"session.expunge({line.name})")
        self.session.expunge(self.row(line))
        line.status = DETACHED if line.status == PERSISTENT else TRANSIENT

    def add_again(self, line: Line) -> None:
        """Put a row into the session again."""
        self.say(f"session.add({line.name})")
        self.session.add(line.real)
        line.status = PERSISTENT if line.status == DETACHED else PENDING

    def merge_detached(self, line: Line) -> None:
        """Merge a row that is outside into the session."""
        self.say(f"{line.name} = session.merge({line.name})")
        merged = self.session.merge(line.real)
        self._autoflushed()
        successor = self._succeed(line, merged, PERSISTENT)
        for column in COLUMNS:
            model.assign(successor.slots[column], line.slots[column].value)
            successor.baseline[column] = self.stored[line.id, column]

    def merge_copy(self, line: Line, column: str, mutation: Mutation) -> None:
        """Change a pickled copy of a row and merge that into the session."""
        self._read_all(line)
        row = self.row(line)
        copy = pickle.loads(pickle.dumps(row))
        real, document = getattr(copy, column), Slot("copy")
        model.load(document, line.slots[column].value)
        if isinstance(real, mutation.kind):
            self.say(f"copy = pickle.loads(pickle.dumps({line.name})); copy.{column}{mutation}")
            done = outcome(lambda: mutation.apply(real, self._real(mutation.values)))
            expected = outcome(lambda: self._mutate(document.value, mutation))
            fit = model.is_json(bare(self._model(mutation.values)))
            compare_outcomes(done[0], done[1], expected[0], expected[1], fit=fit)
        self.say("session.merge(copy)")
        assert self.session.merge(copy) is row
        self._autoflushed()
        for each in COLUMNS:
            model.assign(line.slots[each], bare(document.value if each == column else line.slots[each].value))

    def pickle_row(self, line: Line) -> None:
        """Put a pickled copy of a row in its place."""
        self._read_all(line)
        self.say(f"{line.name} = pickle.loads(pickle.dumps({line.name}))  # and in the session in its place")
        copy = pickle.loads(pickle.dumps(self.row(line)))
        if line.status == PERSISTENT:
            self.session.expunge(line.real)
            self.session.add(copy)
        successor = self._succeed(line, copy, line.status)
        successor.copied_from_sent = line.copied_from_sent or any(line.sent.values())
        for column in COLUMNS:
            model.load(successor.slots[column], line.slots[column].value)
        successor.baseline = dict(line.baseline)

    def _succeed(self, line: Line, real: Page | None, status: str) -> Line:
        """Let another object stand for a row; the former one goes on alone."""
        successor = Line(line.id, real, status)
        self._abandon(line)
        self.lines.append(successor)
        return successor

    def drop(self, line: Line) -> None:
        """Hold a row no longer, and collect garbage."""
        self.say(f"del {line.name}; gc.collect()")
        if line.real is not None:
            line.dropped = weakref.ref(line.real)
        line.real = None
        gc.collect()

    def close_session(self) -> None:
        """Close the session: all rows are outside, what was not committed is gone."""
        self.say("session.close()")
        self.session.close()
        for line in self._persistent():
            if line.born is not None:  # SQLAlchemy goes on taking it for a stored row
                self._abandon(line)
        for line in self._persistent():
            line.undo(0, restores=True)
        self._rolled_back(0)
        self.stored = dict(self.committed)
        self.savepoints.clear()
        for line in self._persistent():
            if line.real is not None and all(line.loaded.values()) and not line.copied_from_sent:
                line.status = DETACHED
            else:  # it cannot be read outside a session; a new object will stand for it
                self._abandon(line)
                self.lines.append(Line(line.id, None, PERSISTENT, loaded=dict.fromkeys(COLUMNS, False)))

    def _read_all(self, line: Line) -> None:
        for column in COLUMNS:
            self.document(line, column)
