"""The program under chaos: what it saves, what its jobs do, and the audit that compares the two."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass

from sqlalchemy import Column, Engine, Integer, MetaData, Table, func, insert, select, text, update
from sqlalchemy.orm import Session

from indelible.outbox import Backoff, JobContext, add_outbox_tables, enqueue, job

metadata = MetaData()
add_outbox_tables(metadata)

# Written by the transaction that enqueues.
saves = Table("saves", metadata, Column("number", Integer, primary_key=True))
documents = Table(
    "documents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("summarised", Integer, nullable=False),
)

# Written by the jobs. Nothing in the database keeps an effect from happening twice.
effects = Table(
    "effects",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("token", Integer, nullable=False),
)

DOCUMENTS = 5
LEASE_SECONDS = 2.0
_SOON = Backoff(first=0.05, most=0.2)


@job(retries=1000, backoff=_SOON)
def take_effect(context: JobContext, number: int) -> None:
    """Work for a while, and write once."""
    time.sleep(random.uniform(0.0, 0.06))
    context.session.execute(insert(effects).values(number=number, token=context.token))
    if random.random() < 0.05:
        raise RuntimeError("one in twenty fails after its write")


@job(retries=1000, backoff=_SOON, queue="urgent")
def summarise(context: JobContext, document: int) -> None:
    """Read a version, work for a while, and write what was read."""
    with context.transaction() as session:
        version = session.scalar(select(documents.c.version).where(documents.c.id == document))
    time.sleep(random.uniform(0.0, 0.06))
    changed = update(documents).where(documents.c.id == document).values(summarised=version)
    context.session.execute(changed)


def prepare(engine: Engine) -> None:
    """Make the tables, and the documents."""
    metadata.create_all(engine)
    with engine.begin() as connection:
        rows = [{"id": number, "version": 0, "summarised": 0} for number in range(DOCUMENTS)]
        connection.execute(insert(documents), rows)


def save(engine: Engine, numbers: range, dice: random.Random) -> None:
    """Save some numbers and edit a document, with their jobs, in one transaction."""
    document = dice.randrange(DOCUMENTS)
    with Session(engine) as session:
        session.execute(insert(saves), [{"number": number} for number in numbers])
        for number in numbers:
            enqueue(session, take_effect, number)
        edited = update(documents).where(documents.c.id == document)
        session.execute(edited.values(version=documents.c.version + 1))
        enqueue(session, summarise, document, key=str(document))
        if dice.random() < 0.1:
            session.rollback()
        session.commit()


@dataclass(frozen=True)
class Audit:
    """What the ledger says: how many saves there were, and what went wrong."""

    saved: int
    lost: int
    doubled: int
    phantoms: int
    stuck: int
    dead: int
    edits_missed: int

    @property
    def is_clean(self) -> bool:
        """Whether every save had its effect exactly once, and every job has ended well."""
        wrong = (self.lost, self.doubled, self.phantoms, self.stuck, self.dead, self.edits_missed)
        return wrong == (0, 0, 0, 0, 0, 0)


_AUDIT = {
    "lost": "SELECT count(*) FROM saves WHERE number NOT IN (SELECT number FROM effects)",
    "doubled": "SELECT count(*) FROM (SELECT number FROM effects GROUP BY number HAVING count(*) > 1) AS twice",
    "phantoms": "SELECT count(*) FROM effects WHERE number NOT IN (SELECT number FROM saves)",
    "stuck": "SELECT count(*) FROM indelible_jobs WHERE state IN ('waiting', 'running')",
    "dead": "SELECT count(*) FROM indelible_jobs WHERE state IN ('dead', 'cancelled')",
    "edits_missed": "SELECT count(*) FROM documents WHERE summarised <> version",
}


def audit(engine: Engine) -> Audit:
    """Compare what was saved with what was done, in plain SQL."""
    with engine.connect() as connection:
        found = {name: connection.execute(text(query)).scalar_one() for name, query in _AUDIT.items()}
        return Audit(saved=connection.execute(select(func.count()).select_from(saves)).scalar_one(), **found)


def unfinished(engine: Engine) -> int:
    """Return how many jobs wait or run."""
    with engine.connect() as connection:
        return int(connection.execute(text(_AUDIT["stuck"])).scalar_one())


def has_no_effects(engine: Engine) -> bool:
    """Return whether no job has done anything yet."""
    with engine.connect() as connection:
        return connection.execute(select(effects.c.id).limit(1)).first() is None
