"""Writes the documents of one row at a flush: a delta that the database applies, or else a merge."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Connection, CursorResult, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Mapper
from sqlalchemy.orm.base import NO_VALUE
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.orm.state import InstanceState
from sqlalchemy.schema import Column, Table

from indelible.changes import differencing
from indelible.changes.deltas import Delta, Put
from indelible.changes.guarding import Plan, plan
from indelible.changes.journal import UNKNOWN, Journal
from indelible.changes.merging import Merged
from indelible.changes.policies import Policies
from indelible.changes.reconciling import kind_of, reconcile
from indelible.changes.values import same
from indelible.documents.attachment import Attachment, OldValue, attachment_of
from indelible.documents.change_log import Place, row_text
from indelible.documents.column import Document
from indelible.documents.dialects.choosing import expressions_for
from indelible.documents.dialects.expressions import CannotExpress, Expressions, Values
from indelible.documents.executing import NOTHING_MADE, Written, gave_up
from indelible.documents.merging import Change, write_merged
from indelible.documents.rows import Layout, document_columns, layout_of
from indelible.documents.serializing import Unwritable, Writer
from indelible.documents.statements import RowUpdate, name_in_text
from indelible.documents.uncommitted import note_sent
from indelible.errors import Conflict

_SENT = "indelible.sent"


@dataclass(slots=True)
class Pending:
    """A document of a row that differs from what was read."""

    key: str
    column: Column[Any]
    journal: Journal
    attachment: Attachment | None
    now: Any
    delta: Delta
    row_class: type[Any]

    @property
    def name(self) -> str:
        """Name the document, for errors."""
        if self.attachment is not None:
            return self.attachment.describe()
        return f"{self.row_class.__name__}.{self.key}"

    @property
    def type(self) -> Document:
        """Return the column's type, which knows its policies and its log."""
        return cast(Document, self.column.type)

    @property
    def policies(self) -> Policies:
        """Return what the column says of conflicts."""
        return self.type.merging

    def plan(self) -> Plan | None:
        """Return how the database could apply the delta."""
        # Not named when that is for nothing: many rows are planned, and few have an error to tell.
        name = self.name if self.policies.declares_keys else ""
        return plan(self.journal, self.now, self.delta, self.policies, document=name)

    def change(self) -> Change:
        """Return the delta and what it was made to."""
        base = differencing.Past(self.journal).value(self.journal.root)
        return Change(base, self.delta, self.policies, self.name)


def sendings(mapper: Mapper[Any], connection: Connection, state: InstanceState[Any]) -> list[Sending]:
    """Return what there is to write of a row's documents, one UPDATE for each table, in their order."""
    state.info.pop(_SENT, None)
    by_table: defaultdict[Table, list[Pending]] = defaultdict(list)
    for pending in _pending(mapper, connection, state):
        by_table[pending.column.table].append(pending)
    version = mapper.version_id_col
    with_version_first = sorted(by_table, key=lambda table: version is None or table is not version.table)
    return [
        Sending(
            mapper, connection, state, layout_of(mapper, table), by_table[table], raises_version=number == 0
        )
        for number, table in enumerate(with_version_first)
    ]


def show_sent(state: InstanceState[Any]) -> None:
    """Let SQLAlchemy's history know the old values again, for listeners that ask after the UPDATE."""
    state.committed_state.update(state.info.pop(_SENT, {}))


def _pending(mapper: Mapper[Any], connection: Connection, state: InstanceState[Any]) -> Iterator[Pending]:
    for key, column in document_columns(mapper).items():
        if key not in state.committed_state:
            continue
        if not isinstance(column.type.dialect_impl(connection.dialect), Document):
            continue  # a variant that is no document here
        now = state.dict.get(key, NO_VALUE)
        journal, attachment = _journal(state, key, now)
        if journal is None or journal.root is UNKNOWN or not _is_value(now):
            continue
        delta = differencing.delta(journal, now)
        if delta:
            yield Pending(key, column, journal, attachment, now, delta, state.class_)


def _journal(state: InstanceState[Any], key: str, now: Any) -> tuple[Journal | None, Attachment | None]:
    attachment = attachment_of(now)
    if attachment is not None:
        return attachment.journal, attachment
    old = state.committed_state[key]
    if isinstance(old, OldValue):
        return old.journal, None
    return (None if old is NO_VALUE else Journal(old)), None


def _is_value(now: Any) -> bool:
    return now is None or isinstance(now, dict | list | str | int | float)


class Sending:
    """One UPDATE for the documents of a row in one table, with its other changed columns.

    Sending it takes the attributes off SQLAlchemy's list, and brings the row in memory in line.
    """

    def __init__(
        self,
        mapper: Mapper[Any],
        connection: Connection,
        state: InstanceState[Any],
        layout: Layout,
        documents: list[Pending],
        *,
        raises_version: bool,
    ) -> None:
        self._mapper = mapper
        self._connection = connection
        self._state = state
        self._layout = layout
        self._documents = documents
        self._raises_version = raises_version
        self._others = layout.other_changes(state, {pending.key for pending in documents})
        self._update = self._row_update()

    @property
    def is_one_statement(self) -> bool:
        """Tell whether the row needs no other statement, as for a version in another table or values to fetch."""
        fetches = self._mapper.eager_defaults is True and bool(self._layout.on_update)
        return not fetches and not (self._raises_version and self._layout.version_is_elsewhere)

    def fast_update(self) -> RowUpdate | None:
        """Return the UPDATE with which the database applies the deltas, or `None` where it cannot."""
        expressions = expressions_for(self._connection.dialect)
        if expressions is None:
            return None
        try:
            return self._express(self._update, expressions)
        except CannotExpress:
            return None
        except Unwritable:
            self._check_whole()
            raise

    def send(self, fast: RowUpdate | None) -> None:
        """Write by this UPDATE if its guards hold, or else merge.

        Raises:
            Conflict: another writer changed the same place, and the column's policy is to raise.
            StaleDataError: the row is gone, or its version is another.
        """
        result = None if fast is None else self._with_deltas(fast)
        if result is None:
            self.merge()
        else:
            self.settle(self._written(result), {})

    def merge(self) -> None:
        """Read, merge and write; raises as `send` does."""
        try:
            result, merged = self._merged()
        except Unwritable:
            self._check_whole()
            raise
        self.settle(self._written(result), merged)

    def _written(self, result: CursorResult[Any]) -> Written:
        return Written.of(result) if self._layout.on_update else NOTHING_MADE

    def settle(self, written: Written, merged: Mapping[Column[Any], Merged]) -> None:
        """Bring the row in memory in line with what was written; raise its version where another table has it."""
        if self._raises_version:
            self._raise_version_elsewhere()
        self._log(merged)
        for pending in self._documents:
            self._settle(pending, merged.get(pending.column))
        self._note_defaults(written)
        self._take_off_list(self._update)

    def _row_update(self) -> RowUpdate:
        layout = self._layout
        update = RowUpdate(layout.table, layout.find(self._state))
        update.values |= {layout.attributes[key]: value for key, value in self._others.items()}
        if layout.version is not None and not layout.version_is_elsewhere:
            self._raise_version(update, layout.version)
        return update

    def _with_deltas(self, fast: RowUpdate) -> CursorResult[Any] | None:
        """Let the database apply the deltas; return `None` where it could not."""
        try:
            result = self._connection.execute(fast.statement(), fast.all_parameters())
        except OperationalError as error:
            if gave_up(self._connection.dialect, error.orig):
                return None
            raise
        return result if result.rowcount == 1 else None

    def _check_whole(self) -> None:
        """Raise for what the database does not take with its place in the whole document, not in the part sent."""
        writer = Writer(self._connection.dialect)
        for pending in self._documents:
            writer.text(pending.now, lambda pending=pending: pending.name)  # type: ignore[misc]

    def _express(self, update: RowUpdate, expressions: Expressions) -> RowUpdate:
        values = Values()
        conditions: list[str] = []
        edited: dict[Column[Any], str] = {}
        for pending in self._documents:
            plan = pending.plan()
            if plan is None:
                raise CannotExpress
            column = name_in_text(self._connection.dialect, pending.column)
            conditions += [expressions.holds(column, guard, values) for guard in plan.guards]
            expression = column
            for edit in plan.edits:
                is_null = not edit.path and isinstance(edit, Put) and edit.value is None
                expression = "NULL" if is_null else expressions.edited(column, expression, edit, values)
            edited[pending.column] = expression
        return update.editing(edited, conditions, values.parameters)

    def _merged(self) -> tuple[CursorResult[Any], dict[Column[Any], Merged]]:
        changes = {pending.column: pending.change() for pending in self._documents}
        try:
            return write_merged(self._connection, self._update, changes)
        except Conflict as conflict:
            for pending in self._documents:
                log = pending.type.change_log
                clashes = [clash for clash in conflict.clashes if clash.document == pending.name]
                if log is not None and clashes and self._state.session is not None:
                    log.note_raised(
                        self._state.session, self._connection.engine, self._place(pending), clashes
                    )
            raise

    def _log(self, merged: Mapping[Column[Any], Merged]) -> None:
        for pending in self._documents:
            if pending.type.change_log is not None:
                settled = merged[pending.column].settled if pending.column in merged else ()
                pending.type.change_log.write(self._connection, self._place(pending), pending.delta, settled)

    def _place(self, pending: Pending) -> Place:
        assert self._state.key is not None
        return Place(pending.column, row_text(self._mapper.primary_key, self._state.key[1]))

    def _raise_version(self, update: RowUpdate, version: Column[Any]) -> None:
        """Find the row by the version that was read, and give it the next."""
        key = self._mapper.get_property_by_column(version).key
        present = self._state.dict.get(key)
        read = self._state.committed_state.get(key, present)
        generate = self._mapper.version_id_generator
        update.found_by[version] = read
        if read != present:
            update.values[version] = present
        elif callable(generate):
            update.values[version] = generate(read)

    def _raise_version_elsewhere(self) -> None:
        """Raise the row's version where a table that this one joins has it."""
        version = self._layout.version
        if version is None or not self._layout.version_is_elsewhere:
            return
        layout = layout_of(self._mapper, version.table)
        update = RowUpdate(layout.table, layout.find(self._state))
        self._raise_version(update, version)
        if not update.values:
            return
        if self._connection.execute(update.statement(), update.all_parameters()).rowcount != 1:
            raise StaleDataError(
                f"{self._documents[0].name}: the row has another version than the one that was read"
            )
        self._take_off_list(update)

    def _settle(self, pending: Pending, merged: Merged | None) -> None:
        """Make the row's document what the database holds of it, as far as this writer knows."""
        now, attachment, state = pending.now, pending.attachment, self._state
        if merged is not None and not same(merged.document, now):
            document = merged.document
            if attachment is not None and now.__class__ is kind_of(document):
                reconcile(now, document, attachment, pending.policies)
            elif isinstance(document, dict | list):
                rules = pending.type.rules
                state.dict[pending.key] = Attachment.load(
                    state.obj(), pending.key, rules, document
                ).journal.root
            else:
                state.dict[pending.key] = document
        if attachment is not None:
            attachment.sent(now)
        note_sent(state, pending.key, pending.journal if merged is None else Journal(merged.theirs))

    def _note_defaults(self, written: Written) -> None:
        """Give the row the values of its columns that change with each UPDATE."""
        layout, state = self._layout, self._state
        if not layout.on_update:
            return
        values = {*self._update.values, *(pending.column for pending in self._documents)}
        keys = {key: column for key, column in layout.on_update.items() if column not in values}
        if not keys:
            return
        by_database = {column.key for column in written.by_database}
        parameters = written.parameters
        unknown: dict[str, Column[Any]] = {}
        for key, column in keys.items():
            if column.key in by_database or column.key not in parameters:
                unknown[key] = column
            else:
                state.dict[key] = parameters[column.key]
        if unknown and self._mapper.eager_defaults is True:
            found = select(*unknown.values()).where(
                *(column == value for column, value in layout.find(state).items())
            )
            state.dict.update(zip(unknown, self._connection.execute(found).one(), strict=True))
        elif unknown and state.session is not None:
            state.session.expire(state.obj(), list(unknown))

    def _take_off_list(self, update: RowUpdate) -> None:
        """Tell SQLAlchemy that these attributes are written, until it tells its listeners what was."""
        state = self._state
        keys = [pending.key for pending in self._documents]
        for column, value in update.values.items():
            key = self._mapper.get_property_by_column(column).key
            state.dict[key] = value
            keys.append(key)
        sent = state.info.setdefault(_SENT, {})
        sent.update({key: state.committed_state.pop(key) for key in keys if key in state.committed_state})
