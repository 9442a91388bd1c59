"""`enqueue` in every kind of transaction, on each driver: the rows are there with the commit, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import MetaData, event, insert, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from indelible.errors import NotAJob, NotJSON, NoTransaction, OutboxError
from indelible.outbox import Ticket, add_outbox_tables, enqueue, find_jobs, job
from tests.database.outbox.handlers.threaded import compute, record
from tests.database.rows import Row
from tests.database.stores import Store

METADATA = MetaData()
add_outbox_tables(METADATA)


@pytest.fixture(autouse=True)
def tables(any_store: Store) -> None:
    """The outbox is in the store; the tables are made in the test's own run, which may be asynchronous."""
    run = any_store.run

    def run_with_tables(test: Callable[[], object]) -> None:
        def prepared() -> None:
            any_store.create(METADATA)
            test()

        run(prepared)

    any_store.run = run_with_tables  # type: ignore[method-assign]


def texts(store: Store) -> list[str]:
    """Return the first arguments of all jobs, in order of their ids."""
    with Session(store.engine) as session:
        return [status.arguments["args"][0] for status in reversed(find_jobs(session))]


COUNT = f'SELECT count(*) FROM "{Row.__tablename__}"'


def test_the_row_is_written_last(any_store: Store) -> None:
    """The jobs of a transaction are one statement, after all others, sorted by key."""
    session = any_store.session()
    for key in ("b", "a", "c", "a"):
        enqueue(session, record, key, key=key)
    session.add(Row(id=1, doc={}))
    with any_store.statements() as statements:
        session.commit()
    inserts = [statement for statement in statements if statement.lstrip().startswith("INSERT")]
    assert [("indelible_jobs" in statement) for statement in inserts] == [False, True]
    assert texts(any_store) == ["a", "b", "c"]


def test_nothing_is_written_before(any_store: Store) -> None:
    """Enqueuing runs no statement at all."""
    session = any_store.session()
    with any_store.statements() as statements:
        enqueue(session, record, "a")
    assert statements == []


def test_rollback_of_a_session_that_did_nothing_else(any_store: Store) -> None:
    """A rollback takes the job away in a session that has not touched the database, too."""
    session = any_store.session()
    enqueue(session, record, "a")
    session.rollback()
    enqueue(session, record, "b")
    session.close()
    session.commit()
    assert texts(any_store) == []


def test_savepoints_in_savepoints(any_store: Store) -> None:
    """A job lives as long as every savepoint around it."""
    session = any_store.session()
    outer = session.begin_nested()
    enqueue(session, record, "outer")
    inner = session.begin_nested()
    enqueue(session, record, "released, then rolled back with the outer one")
    inner.commit()
    outer.rollback()
    kept = session.begin_nested()
    enqueue(session, record, "kept")
    dropped = session.begin_nested()
    enqueue(session, record, "dropped")
    dropped.rollback()
    kept.commit()
    session.commit()
    assert texts(any_store) == ["kept"]


def test_savepoint_left_by_an_error(any_store: Store) -> None:
    """An error that leaves a savepoint's block takes the block's jobs away."""
    session = any_store.session()

    def fail_inside() -> None:
        with session.begin_nested():
            enqueue(session, record, "a")
            raise RuntimeError("inside")

    with pytest.raises(RuntimeError, match="inside"):
        fail_inside()
    enqueue(session, record, "b")
    session.commit()
    assert texts(any_store) == ["b"]


def test_commit_with_an_open_savepoint(any_store: Store) -> None:
    """A commit of everything keeps the jobs of savepoints that are still open."""
    session = any_store.session()
    transaction = session.begin()
    session.begin_nested()
    enqueue(session, record, "a")
    transaction.commit()
    assert texts(any_store) == ["a"]


@pytest.mark.parametrize("name", ["before_commit", "before_flush", "after_flush", "after_flush_postexec"])
def test_enqueued_by_an_event_of_the_commit(any_store: Store, name: str) -> None:
    """A job that an event handler enqueues during the commit is part of it, though it be the session's first."""
    session = any_store.session()
    calls: list[int] = []

    def handler(*_: Any) -> None:
        if not calls:
            calls.append(1)
            enqueue(session, record, name)

    event.listen(session, name, handler)
    session.add(Row(id=1, doc={}))
    session.commit()
    assert texts(any_store) == [name]
    session.commit()
    assert texts(any_store) == [name]


def test_enqueued_after_the_commit(any_store: Store) -> None:
    """A job that an event handler enqueues when the commit is over is refused: no commit would ever make it."""
    session = any_store.session()
    refused: list[int] = []

    def handler(_session: Session) -> None:
        with pytest.raises(NoTransaction):
            enqueue(session, record, "too late")
        refused.append(1)

    event.listen(session, "after_commit", handler)
    session.add(Row(id=1, doc={}))
    session.commit()
    assert refused == [1]
    assert texts(any_store) == []


def test_session_in_a_transaction_of_its_connection(any_store: Store) -> None:
    """A session that joined its connection's transaction gives its jobs to that."""
    with any_store.engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            enqueue(session, record, "a")
            session.commit()
        outer.rollback()
        with connection.begin(), Session(connection, join_transaction_mode="create_savepoint") as session:
            enqueue(session, record, "b")
            session.commit()
    assert texts(any_store) == ["b"]


def test_connection(any_store: Store) -> None:
    """A plain connection's jobs come and go with its transaction and its savepoints."""
    with any_store.engine.connect() as connection:
        with connection.begin() as transaction:
            enqueue(connection, record, "rolled back")
            transaction.rollback()
        with connection.begin():
            enqueue(connection, record, "kept")
            with connection.begin_nested() as released:
                enqueue(connection, record, "in a released savepoint")
                released.commit()
            with connection.begin_nested() as outer:
                enqueue(connection, record, "dropped")
                with connection.begin_nested():
                    enqueue(connection, record, "dropped with the outer one")
                outer.rollback()
    assert texts(any_store) == ["kept", "in a released savepoint"]


def test_engine_with_options(any_store: Store) -> None:
    """Sessions and connections of an engine that was made from another by options behave the same."""
    engine = any_store.engine.execution_options(logging_token="tests")
    with Session(engine) as session:
        enqueue(session, record, "session")
        session.commit()
        enqueue(session, record, "rolled back")
        session.rollback()
        session.commit()
    with engine.connect() as connection, connection.begin():
        enqueue(connection, record, "connection")
        with connection.begin_nested() as savepoint:
            enqueue(connection, record, "dropped")
            savepoint.rollback()
    assert texts(any_store) == ["session", "connection"]


def test_connection_without_transaction(any_store: Store) -> None:
    """On a connection that has begun no transaction, or is in autocommit, nothing can be enqueued."""
    with any_store.engine.connect() as connection, pytest.raises(NoTransaction):
        enqueue(connection, record, "a")
    engine = any_store.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection, connection.begin(), pytest.raises(NoTransaction):
        enqueue(connection, record, "a")


def test_a_commit_whose_jobs_cannot_be_written_leaves_nothing(any_store: Store) -> None:
    """When writing the jobs fails, nothing of the transaction is kept, not even through the connection's next user."""
    any_store.sql("DROP TABLE indelible_jobs")
    engine = any_store.new_engine()  # its pool gives the same connection to one after the other
    session = Session(engine)
    session.add(Row(id=1, doc={}))
    enqueue(session, record, "a")
    with pytest.raises(DBAPIError):
        session.commit()
    session.close()  # without a rollback, as leaving a `with` block does
    with engine.begin() as connection:
        connection.execute(insert(Row).values(id=2, doc={}))
    assert any_store.sql(COUNT.replace("count(*)", "id")) == [(2,)]


def test_ids_of_many(any_store: Store) -> None:
    """Tickets know the row of their own job, keyed or not, also when many are written at once."""
    session = any_store.session()
    tickets: dict[str, Ticket] = {}
    for number in range(30):
        name = f"{number % 7}-{number}"
        tickets[name] = enqueue(session, record, name, key=name if number % 2 else None)
    session.commit()
    with Session(any_store.engine) as other:
        found = {status.id: status.arguments["args"][0] for status in find_jobs(other)}
    assert {name: found[ticket.id] for name, ticket in tickets.items()} == {name: name for name in tickets}


def test_one_key_twice_in_one_transaction(any_store: Store) -> None:
    """Jobs with one key in one transaction are one row, with the newest arguments, and all tickets know it."""
    session = any_store.session()
    first = enqueue(session, record, "a", key="k", queue="urgent")
    second = enqueue(session, record, "b", key="k", queue="low", delay=60)
    session.commit()
    assert first.id == second.id
    with Session(any_store.engine) as other:
        [status] = find_jobs(other)
    assert (status.arguments["args"], status.queue, status.wanted) == (["b"], "urgent", 1)
    assert (status.due_at - status.enqueued_at).total_seconds() < 1


def test_arguments_are_json(any_store: Store) -> None:
    """What JSON cannot give back is refused where it is enqueued, not at the commit or in the worker."""
    session = any_store.session()
    for wrong in (object(), float("nan"), (1, 2), {1: 2}, "\0", "\ud800", b"x"):
        with pytest.raises(NotJSON):
            enqueue(session, record, wrong)
    enqueue(session, record, "\\u0000 is six characters")
    session.commit()
    assert texts(any_store) == ["\\u0000 is six characters"]


def test_arguments_fit_the_handler(any_store: Store) -> None:
    """Arguments that the handler does not have, and things that are no handlers, are refused at once."""
    session = any_store.session()
    for call in (lambda: enqueue(session, record), lambda: compute.bind(1, colour=2)):  # type: ignore[call-arg]
        with pytest.raises(NotAJob, match="cannot be called"):
            call()
    with pytest.raises(NotAJob, match="@job"):
        enqueue(session, print, "a")  # type: ignore[arg-type]
    with pytest.raises(NotAJob, match="inside a function"):
        job(lambda context: None)
    with pytest.raises(OutboxError, match="characters"):
        enqueue(session, record, "a", key="k" * 501)


def test_plain_sql_sees_the_key_once(any_store: Store) -> None:
    """The database itself refuses a second row for a handler's key."""
    session = any_store.session()
    enqueue(session, record, "a", key="k")
    session.commit()
    columns = ", ".join(
        name for (name,) in any_store.sql(COLUMNS[any_store.driver.is_postgresql]) if name != "id"
    )
    with pytest.raises(DBAPIError), any_store.engine.begin() as connection:
        connection.execute(
            text(f"INSERT INTO indelible_jobs ({columns}) SELECT {columns} FROM indelible_jobs")
        )


COLUMNS = {
    True: "SELECT column_name FROM information_schema.columns"
    " WHERE table_name = 'indelible_jobs' AND table_schema = current_schema()",
    False: "SELECT name FROM pragma_table_info('indelible_jobs')",
}
