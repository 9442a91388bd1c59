"""Random programs: each step is done with SQLAlchemy and Indelible, and in the model, and both are compared.

A `Program` knows what every document must be, what the open transaction and the database must hold, and which of the
containers that it read earlier must still work. It does not know Hypothesis; the state machine chooses the steps.
"""

from __future__ import annotations

import gc
import itertools
import json
import pickle
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, create_engine, event, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.orm.attributes import get_history, instance_dict, instance_state
from sqlalchemy.orm.base import PASSIVE_NO_INITIALIZE
from sqlalchemy.pool import StaticPool

from indelible import Document, NotJSON, StaleContainer, pending_delta, set_strict
from indelible.changes.deltas import apply
from tests.unit import model
from tests.unit.model import FREE, LIVE, STALE, UNDECIDED, Node, Slot, bare, identical, standing
from tests.unit.mutations import Mutation, resolve

COLUMNS = ("doc", "more")
UNKNOWN = object()
"""The baseline of a document that was assigned before it was read."""

PENDING, PERSISTENT, DETACHED, TRANSIENT, ABANDONED = (
    "pending",
    "persistent",
    "detached",
    "transient",
    "abandoned",
)

_numbers = itertools.count(1)


class Base(DeclarativeBase):
    """The table of the random programs."""


class Page(Base):
    """A row with two documents."""

    __tablename__ = "pages"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    doc: Mapped[Any] = mapped_column(Document, nullable=True)
    more: Mapped[Any] = mapped_column(Document, nullable=True)


class Store:
    """A database in which many programs run one after the other."""

    def __init__(self, url: str) -> None:
        in_memory = url == "sqlite://"
        self.engine: Engine = create_engine(url, **({"poolclass": StaticPool} if in_memory else {}))
        self.is_postgresql = self.engine.dialect.name == "postgresql"
        self.updates = 0
        if not self.is_postgresql:
            # The driver's own idea of when to begin breaks savepoints.
            event.listen(
                self.engine, "connect", lambda connection, _: setattr(connection, "isolation_level", None)
            )
            event.listen(self.engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
        event.listen(self.engine, "before_cursor_execute", self._count)
        Base.metadata.create_all(self.engine)
        # The programs' own garbage is all that `gc.collect` needs to look at.
        gc.collect()
        gc.freeze()

    def _count(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        self.updates += statement.startswith("UPDATE")

    def as_stored(self, value: Any) -> Any:
        """Return what the database makes of a value: PostgreSQL's numbers have no negative zero."""
        if not self.is_postgresql:
            return bare(value)
        return json.loads(json.dumps(bare(value)).replace("-0.0", "0.0"))

    def plain_text(self, ids: list[int]) -> dict[tuple[int, str], Any]:
        """Ask in plain SQL."""
        with self.engine.connect() as connection:
            rows = connection.execute(
                text(
                    "SELECT id, CAST(doc AS TEXT), CAST(more AS TEXT) FROM pages "
                    f"WHERE id IN ({','.join(map(str, ids))})"
                )
            ).all()
        return {
            (row[0], column): None if value is None else json.loads(value)
            for row in rows
            for column, value in zip(COLUMNS, row[1:], strict=True)
        }

    def close(self) -> None:
        """Close the connections."""
        gc.unfreeze()
        self.engine.dispose()


@dataclass(eq=False)
class Line:
    """A row as the model sees it."""

    id: int
    real: Page | None
    status: str
    slots: dict[str, Slot] = field(default_factory=lambda: {name: Slot(name) for name in COLUMNS})
    loaded: dict[str, bool] = field(default_factory=lambda: dict.fromkeys(COLUMNS, True))
    baseline: dict[str, Any] = field(default_factory=lambda: dict.fromkeys(COLUMNS, UNKNOWN))
    born: int | None = None
    """How many savepoints were open when the row was inserted; `None` once that is committed."""

    @property
    def name(self) -> str:
        return f"row{self.id}"

    @property
    def in_session(self) -> bool:
        return self.status in (PENDING, PERSISTENT)

    @property
    def is_settled(self) -> bool:
        """Whether the database holds the row for good."""
        return self.status == PERSISTENT and self.born is None

    def differs(self, column: str) -> bool:
        """Tell whether the next flush must write the document."""
        baseline = self.baseline[column]
        return self.loaded[column] and (
            baseline is UNKNOWN or not identical(bare(self.slots[column].value), baseline)
        )

    def unload(self, column: str) -> None:
        """Forget a document that was expired: what was read of it is stale."""
        self.loaded[column] = False
        self.slots[column].value = None


@dataclass
class Savepoint:
    """An open savepoint, and what the transaction held when it was set."""

    real: Any
    stored: dict[tuple[int, str], Any]


class Program:
    """Rows in a session, the model beside them, and the containers that the program holds."""

    def __init__(
        self,
        store: Store,
        say: Callable[[str], None],
        *,
        strict: bool,
        expire_on_commit: bool,
        autoflush: bool,
    ) -> None:
        self.store = store
        self.say = say
        self._was_strict = set_strict(strict)
        self.expire_on_commit = expire_on_commit
        self.autoflush = autoflush
        self.session = Session(store.engine, expire_on_commit=expire_on_commit, autoflush=autoflush)
        self.lines: list[Line] = []
        self.held: list[tuple[Any, Node]] = []
        self.stored: dict[tuple[int, str], Any] = {}
        self.committed: dict[tuple[int, str], Any] = {}
        self.savepoints: list[Savepoint] = []
        say(f"session = Session(engine, {expire_on_commit=}, {autoflush=}); set_strict({strict})")

    def close(self) -> None:
        """End the program."""
        self.session.close()
        set_strict(self._was_strict)

    # rows

    def add_row(self, values: dict[str, Any]) -> None:
        """Add a new row."""
        line = Line(next(_numbers), None, PENDING)
        self.say(f"{line.name} = Page(id={line.id}, **{values}); session.add({line.name})")
        line.real = Page(id=line.id, **self._real(values))
        for column, value in self._model(values).items():
            model.assign(line.slots[column], value)
        self.session.add(line.real)
        self.lines.append(line)

    def row(self, line: Line) -> Page:
        """Return a row, fetched again if the program holds it no more."""
        if line.real is None:
            key = self.session.identity_key(Page, line.id)
            if key not in self.session.identity_map:
                for _, node in self.held:
                    where = model.document_of(node)
                    assert standing(node) != LIVE or where not in line.slots.values(), (
                        f"{line.name} was forgotten although a container of it is held"
                    )
                self._autoflushed()
                for column in COLUMNS:
                    assert not line.differs(column), (
                        f"{line.name} was forgotten with unsaved changes in {column}"
                    )
                    line.unload(column)
            elif instance_state(self.session.identity_map[key]).expired:
                self._autoflushed()
            self.say(f"{line.name} = session.get(Page, {line.id})")
            line.real = self.session.get(Page, line.id)
            assert line.real is not None, f"{line.name} is not in the database"
            self._sync(line)
        return line.real

    def document(self, line: Line, column: str) -> tuple[Any, Any]:
        """Read a document; return it and what it must be."""
        row = self.row(line)
        if not line.loaded[column]:
            self._autoflushed()
        real = getattr(row, column)
        self._sync(line)
        return real, line.slots[column].value

    def _sync(self, line: Line) -> None:
        """Take note of documents that SQLAlchemy has read, after looking whether they are right."""
        assert line.real is not None
        for column in COLUMNS:
            if not line.loaded[column] and column in instance_dict(line.real):
                real = instance_dict(line.real)[column]
                expected = self.stored[line.id, column]
                assert identical(bare(real), expected), (
                    f"{line.name}.{column} was read as {bare(real)!r}, must be {expected!r}"
                )
                model.load(line.slots[column], real)  # with the database's order of keys
                line.loaded[column] = True
                line.baseline[column] = bare(real)

    # containers

    def containers(self, kind: Any) -> Iterator[tuple[str, Any, Node]]:
        """Yield the containers of a kind that the program can reach: the held ones, then all of the loaded rows."""
        for number, (real, node) in enumerate(self.held):
            if isinstance(node, kind):
                yield f"held[{number}]", real, node
        for line in self.lines:
            for column in COLUMNS:
                if line.loaded[column] and line.real is not None:
                    yield from _within(
                        f"{line.name}.{column}",
                        instance_dict(line.real).get(column),
                        line.slots[column].value,
                        kind,
                    )

    def pick(self, number: int, kind: Any) -> tuple[str, Any, Node] | None:
        """Choose a container."""
        found = list(self.containers(kind))
        return found[number % len(found)] if found else None

    def hold(self, name: str, real: Any, node: Any) -> None:
        """Keep a container in a variable."""
        if model.is_node(node) and not any(real is known for known, _ in self.held):
            self.say(f"held[{len(self.held)}] = {name}")
            self.held.append((real, node))

    def forget(self, number: int) -> None:
        """Keep a container no longer."""
        if self.held:
            self.say(f"del held[{number % len(self.held)}]  # the following ones move up")
            del self.held[number % len(self.held)]

    def mutate(self, name: str, real: Any, node: Node, mutation: Mutation) -> None:
        """Change a container."""
        shown = f"{mutation}"
        self.say(f"del {name}{shown.removeprefix('del ')}" if shown.startswith("del ") else f"{name}{shown}")
        before = bare(real)
        error, result = _outcome(lambda: mutation.apply(real, self._real(mutation.values)))
        state = standing(node)
        if isinstance(error, StaleContainer) and state in (STALE, UNDECIDED):
            assert identical(bare(real), before, ordered=True), "a change was refused, yet made"
            self._decide(node, stale=True)
            return
        if state == STALE:
            self._check_harmless(node, mutation, error, before, real)
            return
        self._decide(node, stale=False)
        expected_error, expected = _outcome(lambda: self._mutate(node, mutation))
        _compare_outcomes(
            error, result, expected_error, expected, fit=model.is_json(bare(self._model(mutation.values)))
        )
        if error is None:
            self.hold("the result", result, expected)

    def _mutate(self, node: Node, mutation: Mutation) -> Any:
        return model.mutate(node, mutation.apply, self._model(mutation.values), assigns=mutation.assigns)

    @staticmethod
    def _decide(node: Node, *, stale: bool) -> None:
        owner = model.top_of(node)[1]
        if isinstance(owner, model.Taken) and owner.fixed is None:
            owner.fixed = stale

    def _check_harmless(
        self, node: Node, mutation: Mutation, error: BaseException | None, before: Any, real: Any
    ) -> None:
        """A container that belongs to no row takes no change in silence."""
        assert identical(bare(real), before, ordered=True), (
            "a change that cannot be saved was made in silence"
        )
        failure, rehearsed = _outcome(
            lambda: model.rehearse(node, mutation.apply, self._model(mutation.values))
        )
        if error is None:
            assert failure is None, f"must raise {failure!r}"
            assert not model.changes(node, rehearsed[0]), (
                "a change that cannot be saved was ignored in silence"
            )
        else:
            assert isinstance(error, NotJSON) or type(error) is type(failure), f"unexpected {error!r}"

    def assign(self, line: Line, column: str, value: Any) -> None:
        """Assign a whole document."""
        row = self.row(line)
        self.say(f"{line.name}.{column} = {value!r}")
        real_value, model_value = self._real(value), self._model(value)
        error, _ = _outcome(lambda: setattr(row, column, real_value))
        if not line.loaded[column] and error is None:
            line.loaded[column], line.baseline[column] = True, UNKNOWN
            line.slots[column].value = None
        expected_error, _ = _outcome(lambda: model.assign(line.slots[column], model_value))
        _compare_outcomes(error, None, expected_error, None, fit=model.is_json(bare(model_value)))

    def assign_back(self, line: Line, column: str) -> None:
        """Assign the same object back."""
        real, _ = self.document(line, column)
        self.say(f"{line.name}.{column} = {line.name}.{column}")
        setattr(self.row(line), column, real)

    def _real(self, value: Any) -> Any:
        return resolve(value, lambda number: self.held[number % len(self.held)][0] if self.held else None)

    def _model(self, value: Any) -> Any:
        return resolve(value, lambda number: self.held[number % len(self.held)][1] if self.held else None)

    # transactions

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
            self.savepoints.pop().real.commit()
            self._flushed()
            for line in self.lines:
                if line.born is not None:
                    line.born = min(line.born, len(self.savepoints))

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

    def _flushed(self) -> None:
        """Take note of a flush."""
        for line in self.lines:
            for column in COLUMNS:
                if line.status == PENDING or (line.status == PERSISTENT and line.differs(column)):
                    value = bare(line.slots[column].value)
                    self.stored[line.id, column] = self.store.as_stored(value)
                    line.baseline[column] = value
            if line.status == PENDING:
                line.status, line.born = PERSISTENT, len(self.savepoints)

    def _autoflushed(self) -> None:
        if self.autoflush:
            self._flushed()

    def _persistent(self) -> list[Line]:
        return [line for line in self.lines if line.status == PERSISTENT]

    def _expired(self, line: Line) -> None:
        for column in COLUMNS:
            line.unload(column)

    def _rolled_back(self, depth: int) -> None:
        """Rows whose insertion is undone are out of the session."""
        for line in self.lines:
            undone = line.status == PERSISTENT and line.born is not None and line.born >= depth
            if line.status == PENDING or undone:
                line.status, line.born = TRANSIENT, None
                line.baseline = dict.fromkeys(COLUMNS, UNKNOWN)
                # SQLAlchemy has expired what was changed since a savepoint: such a row can be read no more.
                for column in COLUMNS:
                    if line.real is None or column not in instance_dict(line.real):
                        line.unload(column)
                        line.status = ABANDONED

    def _abandon(self, line: Line) -> None:
        line.status = ABANDONED

    # the life of a row

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
            outcome = _outcome(lambda: mutation.apply(real, self._real(mutation.values)))
            expected = _outcome(lambda: self._mutate(document.value, mutation))
            fit = model.is_json(bare(self._model(mutation.values)))
            _compare_outcomes(outcome[0], outcome[1], expected[0], expected[1], fit=fit)
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
        line.real = None
        gc.collect()

    def close_session(self) -> None:
        """Close the session: all rows are outside, what was not committed is gone."""
        self.say("session.close()")
        self.session.close()
        for line in self._persistent():
            if line.born is not None:  # SQLAlchemy goes on taking it for a stored row
                self._abandon(line)
        self._rolled_back(0)
        self.stored = dict(self.committed)
        self.savepoints.clear()
        for line in self._persistent():
            if line.real is not None and all(line.loaded.values()):
                line.status = DETACHED
            else:  # it cannot be read outside a session; a new object will stand for it
                self._abandon(line)
                self.lines.append(Line(line.id, None, PERSISTENT, loaded=dict.fromkeys(COLUMNS, False)))

    def _read_all(self, line: Line) -> None:
        for column in COLUMNS:
            self.document(line, column)

    # comparisons

    def check_memory(self) -> None:
        """Compare every document and every held container with the model, without reading anything."""
        places: dict[int, Any] = {}
        for line in self.lines:
            for column in COLUMNS:
                if line.loaded[column] and line.real is not None:
                    present = instance_dict(line.real).get(column)
                    _agree(present, line.slots[column].value, f"{line.name}.{column}", places)
        for number, (real, node) in enumerate(self.held):
            _agree(real, node, f"held[{number}]", {})
            if standing(node) == LIVE:
                assert places.get(id(node), real) is real, f"held[{number}] is not what its document holds"

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
                    _check_delta(line, column)
                    _check_history(line, column)

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


def _outcome(action: Callable[[], Any]) -> tuple[Exception | None, Any]:
    try:
        return None, action()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is compared with what Python raises
        return error, None


def _compare_outcomes(
    error: Exception | None, result: Any, expected_error: Exception | None, expected: Any, *, fit: bool
) -> None:
    if isinstance(expected_error, model.Refused):
        assert isinstance(error, NotJSON), f"must raise NotJSON, not {error!r}"
    elif expected_error is not None:
        assert type(error) is type(expected_error) or (isinstance(error, NotJSON) and not fit), (
            f"must raise {expected_error!r}, not {error!r}"
        )
    else:
        if error is not None:
            raise AssertionError(f"must work, but raises {error!r}") from error
        assert identical(bare(result), bare(expected)), (
            f"must return {bare(expected)!r}, not {bare(result)!r}"
        )


def _within(name: str, real: Any, node: Any, kind: Any) -> Iterator[tuple[str, Any, Node]]:
    if not model.is_node(node):
        return
    if isinstance(node, kind):
        yield name, real, node
    for step, item in model.members(node):
        with suppress(LookupError):  # another check tells of the difference
            yield from _within(f"{name}[{step!r}]", real[step], item, kind)


def _agree(real: Any, node: Any, name: str, places: dict[int, Any]) -> None:
    if not model.is_node(node):
        assert identical(real, node), f"{name} is {real!r}, must be {node!r}"
        return
    assert identical(bare(real), bare(node), ordered=True), (
        f"{name} is {bare(real)!r}, must be {bare(node)!r}"
    )
    places[id(node)] = real
    for step, item in model.members(node):
        if model.is_node(item):
            _agree(real[step], item, f"{name}[{step!r}]", places)


def _check_delta(line: Line, column: str) -> None:
    delta = pending_delta(line.real, column)
    present = bare(line.slots[column].value)
    if line.baseline[column] is UNKNOWN:
        assert len(delta) == 1, "all of the document is news"
        assert identical(apply(delta, None), present)
        return
    assert bool(delta) == line.differs(column), f"{line.name}.{column}: {delta} is no true delta"
    assert identical(apply(delta, line.baseline[column]), present), f"{line.name}.{column}: {delta} is wrong"


def _check_history(line: Line, column: str) -> None:
    history = get_history(line.real, column, PASSIVE_NO_INITIALIZE)
    present, baseline = bare(line.slots[column].value), line.baseline[column]
    if not line.differs(column):
        assert not history.has_changes(), f"{line.name}.{column}: {history} tells of a change"
        return
    assert identical(bare(history.added), [present])
    if baseline is not UNKNOWN:
        assert identical(bare(history.deleted), [baseline]), (
            f"{line.name}.{column}: {history} has a wrong old value"
        )


__all__ = ["ABANDONED", "COLUMNS", "DETACHED", "FREE", "PERSISTENT", "TRANSIENT", "Line", "Program", "Store"]
