"""Line 1 of the contract with two-phase commits: the job exists if, and only if, the prepared transaction commits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import Column, Integer, MetaData, Table, insert, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from indelible.errors import NoTransaction
from indelible.outbox import Worker, add_outbox_tables, enqueue, find_jobs
from tests.database.outbox.handlers import threaded
from tests.database.outbox.handlers.threaded import record
from tests.database.outbox.systems import System, embedded
from tests.database.outbox.two_phase_servers import preparing_server
from tests.database.rows import Row
from tests.database.stores import DRIVERS, Store, new_store

METADATA = MetaData()
add_outbox_tables(METADATA)


@pytest.fixture(scope="module")
def preparing_uri() -> Iterator[str]:
    """The address of a server that prepares transactions."""
    with preparing_server() as uri:
        yield uri


@pytest.fixture(params=["psycopg", "psycopg2", "asyncpg"])
def store(request: pytest.FixtureRequest, tmp_path: Path, preparing_uri: str) -> Store:
    """A database on that server, on each driver."""
    store = new_store(DRIVERS[request.param], tmp_path, lambda: preparing_uri)
    run = store.run

    def run_with_tables(test: Callable[[], object]) -> None:
        def prepared() -> None:
            store.create(METADATA)
            test()

        run(prepared)

    store.run = run_with_tables  # type: ignore[method-assign]
    return store


def texts(store: Store) -> list[str]:
    """Return the first arguments of all jobs, in order of their ids."""
    with Session(store.engine) as session:
        return [status.arguments["args"][0] for status in reversed(find_jobs(session))]


def prepared(store: Store) -> list[str]:
    """Return the names of the server's prepared transactions."""
    return [name for (name,) in store.sql("SELECT gid FROM pg_prepared_xacts")]


def test_commit_and_rollback(store: Store) -> None:
    """A session's two-phase commit makes the job, and a rollback none."""
    session = store.session(twophase=True)
    session.add(Row(id=1, doc={}))
    ticket = enqueue(session, record, "kept")
    session.commit()
    assert ticket.id == 1
    enqueue(session, record, "dropped")
    session.rollback()
    session.commit()
    assert texts(store) == ["kept"]
    assert prepared(store) == []


def test_savepoints(store: Store) -> None:
    """Of the jobs of savepoints inside, those live whose savepoints were all released."""
    session = store.session(twophase=True)
    enqueue(session, record, "before")
    outer = session.begin_nested()
    enqueue(session, record, "dropped with the outer one")
    with session.begin_nested():
        enqueue(session, record, "released in a dropped one")
    outer.rollback()
    with session.begin_nested():
        enqueue(session, record, "released")
    session.commit()
    assert texts(store) == ["before", "released"]


def test_the_prepared_job_is_not_there_yet(store: Store) -> None:
    """Between the two phases the job is not to be seen; the second decides."""
    session = store.session(twophase=True)
    for is_kept in (False, True):
        enqueue(session, record, str(is_kept))
        session.prepare()
        assert texts(store) == []
        with pytest.raises(NoTransaction):
            enqueue(session, record, "too late")
        (session.commit if is_kept else session.rollback)()
    assert texts(store) == ["True"]


@pytest.mark.parametrize("is_kept", [True, False])
def test_the_program_is_lost_between_the_phases(store: Store, is_kept: bool) -> None:
    """When the program is lost after the first phase, who resolves the transaction decides on the job too."""
    session = store.session(twophase=True)
    session.add(Row(id=1, doc={}))
    with session.begin_nested():
        enqueue(session, record, "in doubt")
    connection = session.connection()
    session.prepare()
    connection.invalidate()
    [name] = prepared(store)
    assert texts(store) == []
    with psycopg.connect(
        store.url.set(drivername="postgresql").render_as_string(False), autocommit=True
    ) as hand:
        hand.execute(f"{'COMMIT' if is_kept else 'ROLLBACK'} PREPARED '{name}'".encode())
    assert texts(store) == (["in doubt"] if is_kept else [])
    assert len(store.sql(f'SELECT 1 FROM "{Row.__tablename__}"')) == is_kept


def test_a_connection(store: Store) -> None:
    """A plain connection's two-phase transactions take their jobs along, prepared or committed in one go."""
    with store.engine.connect() as connection:
        for name, ends in {
            "in one go": ["commit"],
            "prepared": ["prepare", "commit"],
            "rolled back": ["rollback"],
            "prepared, rolled back": ["prepare", "rollback"],
        }.items():
            transaction = connection.begin_twophase()
            connection.execute(text("SELECT 1"))
            enqueue(connection, record, name)
            with connection.begin_nested() as savepoint:
                enqueue(connection, record, "in a savepoint")
                savepoint.rollback()
            for end in ends:
                getattr(transaction, end)()
    assert texts(store) == ["in one go", "prepared"]


def test_a_session_in_a_two_phase_transaction_of_its_connection(store: Store) -> None:
    """A session that joined its connection's two-phase transaction gives its jobs to that."""
    with store.engine.connect() as connection:
        for name, ends in {"a": ["prepare", "rollback"], "b": ["prepare", "commit"], "c": ["commit"]}.items():
            outer = connection.begin_twophase()
            with Session(connection, join_transaction_mode="create_savepoint") as session:
                enqueue(session, record, name)
                session.commit()
            for end in ends:
                getattr(outer, end)()
    assert texts(store) == ["b", "c"]


def test_two_databases(store: Store) -> None:
    """When one of two databases cannot prepare, the other keeps neither its rows nor the job."""
    elsewhere = Table("elsewhere", MetaData(), Column("id", Integer, primary_key=True))
    other = store.new_engine()
    store.sql("CREATE TABLE elsewhere (id integer PRIMARY KEY DEFERRABLE INITIALLY DEFERRED)")
    store.sql("INSERT INTO elsewhere VALUES (1)")
    session = store.session(twophase=True, binds={elsewhere: other})
    for number in (1, 2):
        session.add(Row(id=number, doc={}))
        session.execute(insert(elsewhere).values(id=number))
        enqueue(session, record, str(number))
        if number == 1:
            with pytest.raises(DBAPIError):
                session.commit()
            session.rollback()
        else:
            session.commit()
    assert texts(store) == ["2"]
    assert [key for (key,) in store.sql(f'SELECT id FROM "{Row.__tablename__}"')] == [2]
    assert prepared(store) == []


def test_a_commit_whose_jobs_cannot_be_written_leaves_nothing(store: Store) -> None:
    """When writing the jobs fails, nothing is prepared or kept, and the next user of the connection is not harmed."""
    store.sql("DROP TABLE indelible_jobs")
    session = store.session(twophase=True)
    session.add(Row(id=1, doc={}))
    enqueue(session, record, "a")
    with pytest.raises(DBAPIError):
        session.commit()
    session.close()
    with store.engine.begin() as connection:
        connection.execute(insert(Row).values(id=2, doc={}))
    assert store.sql(f'SELECT id FROM "{Row.__tablename__}"') == [(2,)]
    assert prepared(store) == []


# Workers.


@pytest.fixture
def system(preparing_uri: str) -> Iterator[System]:
    """A program with a database on that server."""
    schema = f"outbox_{uuid4().hex}"
    with psycopg.connect(preparing_uri, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}".encode())
    url = make_url(preparing_uri).set(drivername="postgresql+psycopg")
    system = embedded("two phases", url, schema, is_async=False)
    yield system
    system.close()


@pytest.mark.parametrize("way", ["session", "connection"])
def test_the_commit_wakes_a_worker(system: System, way: str) -> None:
    """The second phase wakes the workers of its process, though PostgreSQL tells nobody of it."""
    system.serve(poll=60.0)  # more than the test waits
    if way == "session":
        with Session(system.engine, twophase=True) as session:
            ticket = enqueue(session, record, "a")
            session.commit()
    else:
        with system.engine.connect() as connection:
            transaction = connection.begin_twophase()
            ticket = enqueue(connection, record, "a")
            transaction.prepare()
            transaction.commit()
    system.wait_for(ticket)
    assert system.effects() == ["a"]


async def test_a_worker_whose_sessions_commit_in_two_phases(system: System) -> None:
    """A job's writes, the jobs it enqueues and its completion are one two-phase commit; a failure leaves none."""
    with system.transaction() as session:
        failing = enqueue(session, threaded.fail_at_first, "b", 2)
        parent = enqueue(session, threaded.follow_up, "child", 1)
    async with Worker(sessionmaker(system.engine, twophase=True, expire_on_commit=False), poll=0.1):
        await asyncio.to_thread(system.wait_for, failing)
        await asyncio.to_thread(system.wait_for, parent)
        await asyncio.to_thread(system.wait_until_idle)
    assert sorted(system.effects()) == ["b", "child"]
    assert system.job(failing).attempts == 3
