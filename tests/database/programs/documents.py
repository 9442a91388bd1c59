"""The steps of a program that read and change documents."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import instance_dict, instance_state

from indelible import NotJSON, StaleContainer, set_strict
from tests.database.programs.lines import PENDING, PERSISTENT, UNKNOWN, Line, Savepoint
from tests.database.programs.store import COLUMNS, Page, Store
from tests.unit import model
from tests.unit.agreement import agree, compare_outcomes, outcome, within
from tests.unit.model import LIVE, STALE, Node, bare, identical, standing
from tests.unit.mutations import Mutation, resolve

_numbers = itertools.count(1)


class Documents:
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
        self._sync(line)  # a flush reads an expired row's key, and all of the row with it
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
                    yield from within(
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
        error, result = outcome(lambda: mutation.apply(real, self._real(mutation.values)))
        if standing(node) == STALE:
            self._check_refused(node, mutation, error, before, real)
            return
        expected_error, expected = outcome(lambda: self._mutate(node, mutation))
        compare_outcomes(
            error, result, expected_error, expected, fit=model.is_json(bare(self._model(mutation.values)))
        )
        if error is None:
            self.hold("the result", result, expected)

    def _mutate(self, node: Node, mutation: Mutation) -> Any:
        return model.mutate(node, mutation.apply, self._model(mutation.values), assigns=mutation.assigns)

    def _check_refused(
        self, node: Node, mutation: Mutation, error: BaseException | None, before: Any, real: Any
    ) -> None:
        """A container that belongs to no row takes no change in silence."""
        assert identical(bare(real), before, ordered=True), (
            "a change that cannot be saved was made all the same"
        )
        if isinstance(error, StaleContainer):
            return
        failure, rehearsed = outcome(
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
        self._sync(line)  # a flush reads an expired row's key, and all of the row with it
        self.say(f"{line.name}.{column} = {value!r}")
        real_value, model_value = self._real(value), self._model(value)
        error, _ = outcome(lambda: setattr(row, column, real_value))
        if not line.loaded[column] and error is None:
            line.loaded[column], line.baseline[column] = True, UNKNOWN
            line.slots[column].value = None
        expected_error, _ = outcome(lambda: model.assign(line.slots[column], model_value))
        compare_outcomes(error, None, expected_error, None, fit=model.is_json(bare(model_value)))

    def assign_back(self, line: Line, column: str) -> None:
        """Assign the same object back."""
        real, _ = self.document(line, column)
        self.say(f"{line.name}.{column} = {line.name}.{column}")
        setattr(self.row(line), column, real)

    def _real(self, value: Any) -> Any:
        return resolve(value, lambda number: self.held[number % len(self.held)][0] if self.held else None)

    def _model(self, value: Any) -> Any:
        return resolve(value, lambda number: self.held[number % len(self.held)][1] if self.held else None)

    # what was written

    def _flushed(self) -> None:
        """Take note of a flush."""
        for line in self.lines:
            for column in COLUMNS:
                if line.status == PENDING or (line.status == PERSISTENT and line.differs(column)):
                    value = bare(line.slots[column].value)
                    self.stored[line.id, column] = self.store.as_stored(value)
                    if line.status == PERSISTENT:
                        line.sent[column].setdefault(len(self.savepoints), line.baseline[column])
                    line.baseline[column] = value
            if line.status == PENDING:
                line.status, line.born = PERSISTENT, len(self.savepoints)

    def _autoflushed(self) -> None:
        if self.autoflush:
            self._flushed()

    def _persistent(self) -> list[Line]:
        return [line for line in self.lines if line.status == PERSISTENT]

    def check_memory(self) -> None:
        """Compare every document and every held container with the model, without reading anything."""
        places: dict[int, Any] = {}
        for line in self.lines:
            for column in COLUMNS:
                if line.loaded[column] and line.real is not None:
                    present = instance_dict(line.real).get(column)
                    agree(present, line.slots[column].value, f"{line.name}.{column}", places)
        for number, (real, node) in enumerate(self.held):
            agree(real, node, f"held[{number}]", {})
            if standing(node) == LIVE:
                assert places.get(id(node), real) is real, f"held[{number}] is not what its document holds"
