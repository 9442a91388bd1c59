"""The state machine that chooses the steps of random programs."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.database.programs.lines import DETACHED, PERSISTENT, TRANSIENT, Line
from tests.database.programs.lives import Program
from tests.database.programs.store import COLUMNS, Store
from tests.unit.mutations import (
    dict_mutations,
    documents,
    fresh,
    given_values,
    list_mutations,
    mutations,
    rich_documents,
    values,
)

numbers = st.integers(0, 40)
columns = st.sampled_from(COLUMNS)
some_columns = st.sampled_from([[], ["doc"], ["more"]])
kinds = st.sampled_from([(dict, list), (dict, list), dict, list])
roots = rich_documents | documents | st.none()
# A number that is a whole document has tests of its own: SQLite does not keep it.
assignable = st.one_of(documents, given_values, values, st.none()).filter(
    lambda value: isinstance(value, bool) or not isinstance(value, int | float)
)


class Programs(RuleBasedStateMachine):
    """One random program."""

    store: Store
    count: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.program: Any = None

    @initialize(
        doc=rich_documents | documents,
        more=roots,
        rows=st.sampled_from([1, 3, 3]),
        strict=st.booleans(),
        expire_on_commit=st.booleans(),
        autoflush=st.booleans(),
    )
    def begin(
        self, doc: Any, more: Any, rows: int, strict: bool, expire_on_commit: bool, autoflush: bool
    ) -> None:
        """Start with rows that are stored."""
        self.count["begin"] += 1
        self.program = Program(
            self.store, note, strict=strict, expire_on_commit=expire_on_commit, autoflush=autoflush
        )
        for _ in range(rows):
            self.program.add_row({"doc": doc, "more": more})
        self.program.commit()
        self.program.document(self.program.lines[0], "doc")

    def teardown(self) -> None:
        if self.program is not None:
            self.program.close()

    def check_invariants(self, *arguments: Any, **options: Any) -> None:
        """Compare after each step."""
        if self.program is not None:
            self.count["steps"] += 1
            self.program.check_memory()

    def lines(self, *statuses: str) -> list[Line]:
        """Return the rows of these statuses."""
        return [line for line in self.program.lines if line.status in statuses]

    def choose(self, number: int, lines: list[Line]) -> Line | None:
        """Return one of some rows."""
        return lines[number % len(lines)] if lines else None

    def usable(self) -> list[Line]:
        """Return the rows whose documents can be read."""
        return [
            line for line in self.program.lines if line.in_session or line.status in (DETACHED, TRANSIENT)
        ]

    # documents

    @rule(number=numbers, column=columns)
    def read(self, number: int, column: str) -> None:
        """Read a document and hold its root."""
        line = self.choose(number, self.usable())
        if line is not None:
            real, node = self.program.document(line, column)
            self.program.hold(f"{line.name}.{column}", real, node)

    @rule(number=numbers, kind=kinds)
    def hold(self, number: int, kind: Any) -> None:
        """Hold a container."""
        found = self.program.pick(number, kind)
        if found is not None:
            self.program.hold(*found)

    @rule(number=numbers)
    def forget(self, number: int) -> None:
        """Hold a container no longer."""
        self.program.forget(number)

    @rule(data=st.data())
    def change(self, data: st.DataObject) -> None:
        """Change some containers."""
        for _ in range(data.draw(st.integers(1, 6))):
            self.change_one(data)

    @rule(data=st.data())
    def change_held(self, data: st.DataObject) -> None:
        """Change some containers that were read earlier."""
        for _ in range(data.draw(st.integers(1, 4))):
            if self.program.held:
                number = data.draw(st.integers(0, len(self.program.held) - 1))
                self.change_found(data, f"held[{number}]", *self.program.held[number])

    @rule(
        of_dict=dict_mutations(fresh),
        of_list=list_mutations(fresh),
        flushes=st.sampled_from([True, True, False]),
    )
    def change_alike(self, of_dict: Any, of_list: Any, flushes: bool) -> None:
        """Change the documents of all rows in the same way, so that a flush writes them together."""
        found = [
            (f"{line.name}.{column}", *self.program.document(line, column))
            for line in self.lines(PERSISTENT)
            for column in COLUMNS
        ]
        for name, real, node in found:
            if isinstance(node, dict | list):
                mutation = of_dict if isinstance(node, dict) else of_list
                self.count[f"{mutation.method} of all"] += 1
                self.program.mutate(name, real, node, mutation)
        if flushes:
            self.program.flush()

    def change_one(self, data: st.DataObject) -> None:
        """Change a container that can be reached."""
        found = self.program.pick(data.draw(numbers), data.draw(kinds))
        if found is not None:
            self.change_found(data, *found)

    def change_found(self, data: st.DataObject, name: str, real: Any, node: Any) -> None:
        """Change this container."""
        kind = dict if isinstance(node, dict) else list
        mutation = data.draw(mutations(kind))
        self.count[f"{kind.__name__}.{mutation.method}"] += 1
        self.program.mutate(name, real, node, mutation)

    @rule(number=numbers, column=columns, value=assignable)
    def assign(self, number: int, column: str, value: Any) -> None:
        """Assign a document."""
        line = self.choose(number, self.usable())
        if line is not None:
            self.program.assign(line, column, value)

    @rule(number=numbers, column=columns)
    def assign_back(self, number: int, column: str) -> None:
        """Assign the same object back."""
        line = self.choose(number, self.usable())
        if line is not None:
            self.program.assign_back(line, column)

    # transactions

    @rule()
    def flush(self) -> None:
        """Flush."""
        self.program.flush()

    @rule()
    def commit(self) -> None:
        """Commit."""
        self.count["commits"] += 1
        self.program.commit()

    @rule()
    def rollback(self) -> None:
        """Roll back."""
        self.program.rollback()

    @precondition(lambda self: len(self.program.savepoints) < 3)
    @rule()
    def begin_nested(self) -> None:
        """Set a savepoint."""
        self.program.begin_nested()

    @precondition(lambda self: self.program.savepoints)
    @rule()
    def release(self) -> None:
        """Commit a savepoint."""
        self.program.release()

    @precondition(lambda self: self.program.savepoints)
    @rule()
    def rollback_to_savepoint(self) -> None:
        """Roll back to a savepoint."""
        self.program.rollback_to_savepoint()

    # rows

    @precondition(lambda self: len(self.program.lines) < 4)
    @rule(doc=roots, more=roots)
    def add_row(self, doc: Any, more: Any) -> None:
        """Add a row."""
        self.program.add_row({"doc": doc, "more": more})

    def settled(self) -> list[Line]:
        """Return the rows in the session that are committed."""
        return [line for line in self.program.lines if line.is_settled]

    @rule(number=numbers, which=some_columns)
    def expire(self, number: int, which: list[str]) -> None:
        """Expire a row."""
        line = self.choose(number, self.settled())
        if line is not None:
            self.program.expire(line, which)

    @rule(number=numbers, which=some_columns)
    def refresh(self, number: int, which: list[str]) -> None:
        """Refresh a row."""
        line = self.choose(number, self.lines(PERSISTENT))
        if line is not None:
            self.program.refresh(line, which)

    @rule(number=numbers, populate=st.booleans())
    def query(self, number: int, populate: bool) -> None:
        """Select a row."""
        line = self.choose(number, self.lines(PERSISTENT))
        if line is not None:
            self.program.query(line, populate=populate)

    @rule(number=numbers)
    def expunge(self, number: int) -> None:
        """Take a row out of the session."""
        line = self.choose(number, self.settled())
        if line is not None:
            self.program.expunge(line)

    @rule(number=numbers)
    def add_again(self, number: int) -> None:
        """Put a row into the session again."""
        line = self.choose(number, self.lines(DETACHED, TRANSIENT))
        if line is not None:
            self.program.add_again(line)

    @rule(number=numbers)
    def merge_detached(self, number: int) -> None:
        """Merge a detached row."""
        line = self.choose(number, self.lines(DETACHED))
        if line is not None:
            self.program.merge_detached(line)

    @rule(number=numbers, column=columns, mutation=dict_mutations(fresh) | list_mutations(fresh))
    def merge_copy(self, number: int, column: str, mutation: Any) -> None:
        """Merge a changed copy of a row."""
        line = self.choose(number, self.settled())
        if line is not None:
            self.program.merge_copy(line, column, mutation)

    @rule(number=numbers)
    def pickle_row(self, number: int) -> None:
        """Pickle a row and go on with the copy."""
        line = self.choose(number, [*self.settled(), *self.lines(DETACHED)])
        if line is not None:
            self.program.pickle_row(line)

    @rule(number=numbers)
    def drop(self, number: int) -> None:
        """Drop a row's variable."""
        line = self.choose(number, self.lines(PERSISTENT))
        if line is not None:
            self.program.drop(line)

    @rule()
    def close_session(self) -> None:
        """Close the session."""
        self.program.close_session()

    @rule()
    def check_pending(self) -> None:
        """Look at deltas and history."""
        self.program.check_pending()


def profile(programs: int, **options: Any) -> settings:
    """Return how many programs are run, and nothing that depends on earlier runs or on the time of the day."""
    return settings(
        max_examples=programs,
        stateful_step_count=25,
        deadline=None,
        database=None,
        print_blob=True,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        **options,
    )


def run(
    store: Store, programs: int, seed: int = 0, count: Counter[str] | None = None, **options: Any
) -> Counter[str]:
    """Run random programs and return the count of them, and of their steps of each kind."""
    count = Counter() if count is None else count
    members = {"store": store, "count": count, "_hypothesis_internal_use_seed": seed}
    run_state_machine_as_test(type("Programs", (Programs,), members), settings=profile(programs, **options))
    return count
