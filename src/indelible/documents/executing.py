"""Carries out one UPDATE for many rows in one call of SQLAlchemy's, up to the first row that it does not find.

SQLAlchemy's `executemany` has no count for each row, and most drivers have none. So the statements are sent one by one,
as they are without it, in its place: a row that was not found is seen before the next one is touched. The order of
statements stays what it was, and with it the order in which rows are locked.

With psycopg they are first sent all at once, without waiting for each answer, in a savepoint. Unless each row is found
that is rolled back, which frees the rows that were locked out of their turn, and they are sent one by one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from weakref import WeakSet

from sqlalchemy import Connection, CursorResult, Update, event
from sqlalchemy.engine import Dialect, ExecutionContext
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError, InvalidRequestError
from sqlalchemy.schema import Column

_FOUND = "indelible_found"
_SAVEPOINT = "indelible_rows"

_FEWEST = 8
"""For fewer rows a savepoint is not worth its own round trips."""

_listened: WeakSet[Dialect] = WeakSet()


@dataclass(frozen=True, slots=True)
class Written:
    """What is known of one row's UPDATE: its parameters, and the columns that got a value of the database's."""

    parameters: Mapping[str, Any]
    by_database: Sequence[Column[Any]]

    @classmethod
    def of(cls, result: CursorResult[Any]) -> Written:
        """Return it of a single UPDATE."""
        return cls(cast("dict[str, Any]", result.last_updated_params()), result.postfetch_cols() or ())


NOTHING_MADE = Written({}, ())
"""Where no column changes with each UPDATE."""


@dataclass(slots=True)
class _Found:
    """How many rows were found before the first one that was not."""

    count: int = 0
    was_asked: bool = False
    is_one_by_one: bool = False


def update_while_found(
    connection: Connection, statement: Update, rows: Sequence[dict[str, Any]]
) -> list[Written]:
    """Update rows in their order until one is not found; return what was written, one for each row before that.

    Raises:
        DBAPIError: as for a single row, with that row's parameters.
    """
    _listen(connection.dialect)
    found = _Found()
    try:
        result = connection.execute(statement, list(rows), execution_options={_FOUND: found})
    except DBAPIError as error:
        if found.is_one_by_one and isinstance(error.params, Sequence):
            error.params, error.ismulti = error.params[found.count], False
        raise
    if not found.was_asked:
        raise InvalidRequestError(
            "another listener to do_executemany keeps it from telling which rows were found"
        )
    context: Any = result.context
    by_database = result.postfetch_cols() or ()
    return [Written(each, by_database) for each in context.compiled_parameters[: found.count]]


def gave_up(dialect: Dialect, error: BaseException | None) -> bool:
    """Tell whether SQLite's functions gave up where Python does not, as on a depth of 1,000. Nothing was written."""
    return dialect.name == "sqlite" and "malformed JSON" in str(error)


def _listen(dialect: Dialect) -> None:
    if dialect not in _listened:
        event.listen(dialect, "do_executemany", _carry_out, insert=True)
        _listened.add(dialect)


def _carry_out(
    cursor: DBAPICursor, statement: str, parameters: Sequence[Any], context: ExecutionContext
) -> bool:
    """Take the place of the driver's `executemany`, for our statements only."""
    found = context.execution_options.get(_FOUND)
    if not isinstance(found, _Found):
        return False
    found.was_asked = True
    if _answers_late(context, parameters) and _all_at_once(cursor, statement, parameters, context):
        found.count = len(parameters)
    else:
        found.is_one_by_one = True
        _one_by_one(cursor, statement, parameters, context, found)
    return True


def _one_by_one(
    cursor: DBAPICursor, statement: str, parameters: Sequence[Any], context: ExecutionContext, found: _Found
) -> None:
    try:
        for each in parameters:
            context.dialect.do_execute(cursor, statement, each, context)
            if cursor.rowcount != 1:
                break
            found.count += 1
    except context.dialect.loaded_dbapi.OperationalError as error:
        if not gave_up(context.dialect, error):
            raise


def _answers_late(context: ExecutionContext, parameters: Sequence[Any]) -> bool:
    """Tell whether the driver sends many statements before it waits for answers, and is in a transaction."""
    if context.dialect.driver != "psycopg" or len(parameters) < _FEWEST:
        return False
    connection: Any = context.root_connection.connection.driver_connection
    return not connection.autocommit


def _all_at_once(
    cursor: DBAPICursor, statement: str, parameters: Sequence[Any], context: ExecutionContext
) -> bool:
    """Send all statements if each finds its row; else undo that and return `False`."""
    errors = context.dialect.loaded_dbapi
    cursor.execute(f"SAVEPOINT {_SAVEPOINT}", ())
    try:
        context.dialect.do_executemany(cursor, statement, parameters, context)
        # Of statements by primary key, which find one row or none: so the sum says it of each.
        are_found = cursor.rowcount == len(parameters)
    except errors.OperationalError:
        raise  # a deadlock, a conflict of transactions, a lost connection: not one row's affair
    except errors.DatabaseError:
        are_found = False  # it is told of one by one: after the conflicts of the rows before it
    if not are_found:
        cursor.execute(f"ROLLBACK TO SAVEPOINT {_SAVEPOINT}", ())
    cursor.execute(f"RELEASE SAVEPOINT {_SAVEPOINT}", ())
    return are_found
