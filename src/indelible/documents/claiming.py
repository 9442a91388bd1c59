"""The row that stands for one operation: who writes it first applies the operation, the others read its result."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Insert, Select, Table, and_, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from indelible.documents.serializing import check
from indelible.errors import NotJSON, OperationReused, OperationUnfinished, OperationUnseen

# A row that was in the way can be purged before it is read; a second time in a row would be a wonder.
ATTEMPTS = 3


@dataclass(slots=True)
class Operation:
    """One operation, inside its block.

    `replayed` says that it was applied before: `result` is the first result then, and nothing may be done again.
    Otherwise do the work and set `result`, a JSON value, for those who send the operation again.
    """

    op_id: str | None
    scope: str
    replayed: bool = False
    result: Any = None


class Claim:
    """The right to apply one operation; without an id there is nothing to claim."""

    def __init__(self, table: Table, operation: Operation, fingerprint: str) -> None:
        self.table = table
        self.operation = operation
        self._fingerprint = fingerprint

    @property
    def _name(self) -> str:
        return f"operation {self.operation.op_id!r} of scope {self.operation.scope!r}"

    @property
    def _is_it(self) -> ColumnElement[bool]:
        columns = self.table.c
        return and_(columns.scope == self.operation.scope, columns.op_id == self.operation.op_id)

    def make(self, session: Session) -> None:
        """Write the row, or, when another transaction has, wait for that and take its result."""
        if self.operation.op_id is None:
            return
        for _ in range(ATTEMPTS):
            if self._inserted(session):
                return
            found = session.execute(self._query(session)).first()
            if found is not None:
                self._replay(found.fingerprint, found.result)
                return
        raise OperationUnseen(document=self._name)

    def _query(self, session: Session) -> Select[Any]:
        query = select(self.table.c.fingerprint, self.table.c.result).where(self._is_it)
        if self._dialect(session) == "postgresql":
            return query
        # MySQL reads what was committed after the transaction began only for update or share.
        return query.with_for_update(read=True)

    def _dialect(self, session: Session) -> str:
        return session.get_bind(clause=self.table).dialect.name

    def _inserted(self, session: Session) -> bool:
        """Write the row unless it is there; a duplicate must not abort the transaction."""
        dialect = self._dialect(session)
        if dialect == "postgresql":
            return _wrote(session, postgresql.insert(self.table).values(self._row).on_conflict_do_nothing())
        if dialect == "sqlite":
            return _wrote(session, sqlite.insert(self.table).values(self._row).on_conflict_do_nothing())
        if dialect in ("mysql", "mariadb"):
            return _wrote(session, insert(self.table).values(self._row).prefix_with("IGNORE"))
        return self._inserted_in_savepoint(session)

    def _inserted_in_savepoint(self, session: Session) -> bool:
        try:
            with session.begin_nested():
                session.execute(insert(self.table).values(self._row))
        except IntegrityError:
            return False
        return True

    @property
    def _row(self) -> dict[str, Any]:
        return {
            "scope": self.operation.scope,
            "op_id": self.operation.op_id,
            "fingerprint": self._fingerprint,
            "result": None,
            "applied_at": datetime.now(UTC),
        }

    def _replay(self, fingerprint: str, result: str | None) -> None:
        if fingerprint != self._fingerprint:
            raise OperationReused(document=self._name)
        if result is None:
            raise OperationUnfinished(document=self._name)
        self.operation.replayed = True
        self.operation.result = json.loads(result)

    def keep_result(self, session: Session) -> None:
        """Write the first result into the row; what the operation holds is what those who repeat it will get."""
        operation = self.operation
        if operation.op_id is None or operation.replayed:
            return
        text = json_text(operation.result, f"the result of {self._name}")
        session.execute(update(self.table).where(self._is_it).values(result=text))
        operation.result = json.loads(text)


def _wrote(session: Session, statement: Insert) -> bool:
    # Drivers forget the count of an INSERT when the cursor closes, unless SQLAlchemy asks at once.
    result: Any = session.execute(statement, execution_options={"preserve_rowcount": True})
    return bool(result.rowcount == 1)


def json_text(value: object, name: str, *, sort_keys: bool = False) -> str:
    """Return a value as JSON in ASCII, which no database changes.  Raises NotJSON."""
    check(value, lambda: name)
    try:
        return json.dumps(value, allow_nan=False, sort_keys=sort_keys)
    except TypeError as error:
        raise NotJSON(f"{error}; convert it first", document=name) from error
