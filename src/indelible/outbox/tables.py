"""The tables of the outbox, for the program's metadata and its migrations."""

from __future__ import annotations

from typing import Any, Protocol

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

_METADATA = MetaData()


def _json() -> JSON:
    return JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def _moment() -> DateTime:
    return DateTime(timezone=True)


def _job_columns() -> list[Column[Any]]:
    return [
        Column("id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True),
        Column("handler", Text(), nullable=False),
        Column("queue", Text(), nullable=False),
        Column("key", Text()),
        Column("priority", SmallInteger(), nullable=False),
        Column("state", Text(), nullable=False),
        Column("arguments", _json(), nullable=False),
        Column("headers", _json()),
        Column("wanted", Integer(), nullable=False),
        Column("running", Integer(), nullable=False),
        Column("token", BigInteger(), nullable=False),
        Column("attempts", Integer(), nullable=False),
        Column("max_attempts", Integer(), nullable=False),
        Column("enqueued_at", _moment(), nullable=False),
        Column("due_at", _moment(), nullable=False),
        Column("rank_at", _moment(), nullable=False),
        Column("sent_at", _moment()),
        Column("started_at", _moment()),
        Column("leased_until", _moment()),
        Column("worker", Text()),
        Column("cancel_requested", Boolean(), nullable=False),
        Column("finished_at", _moment()),
        Column("progress", _json()),
        Column("result", _json()),
        Column("error", Text()),
    ]


def _schedule_columns() -> list[Column[Any]]:
    return [Column("name", Text(), primary_key=True), Column("next_at", _moment(), nullable=False)]


# Ids are in wake-ups and in links of pages: one that was purged must not come back as another job.
jobs = Table("indelible_jobs", _METADATA, *_job_columns(), sqlite_autoincrement=True)
Index("uq_indelible_jobs_handler_key", jobs.c.handler, jobs.c.key, unique=True)


def _partial_index(name: str, column: Column[Any], condition: str) -> None:
    Index(name, column, postgresql_where=text(condition), sqlite_where=text(condition))


_partial_index("ix_indelible_jobs_waiting", jobs.c.rank_at, "state = 'waiting'")
_partial_index("ix_indelible_jobs_running", jobs.c.worker, "state = 'running'")
_partial_index("ix_indelible_jobs_finished", jobs.c.finished_at, "finished_at IS NOT NULL")

schedules = Table("indelible_schedules", _METADATA, *_schedule_columns())


def add_outbox_tables(metadata: MetaData) -> tuple[Table, Table]:
    """Put the tables of jobs and of schedules into a program's metadata, for `create_all` and Alembic."""
    return jobs.to_metadata(metadata), schedules.to_metadata(metadata)


class SupportsOperations(Protocol):
    """Alembic's `op`, as far as the outbox needs it."""

    def create_table(self, table_name: str, *columns: Any, **options: Any) -> Any:
        """Create a table."""

    def create_index(self, index_name: str | None, table_name: str, columns: Any, **options: Any) -> Any:
        """Create an index."""

    def drop_table(self, table_name: str) -> Any:
        """Drop a table."""


def create_outbox_tables(op: SupportsOperations) -> None:
    """Create the tables in an Alembic migration, online or as SQL: `create_outbox_tables(op)`."""
    op.create_table(jobs.name, *_job_columns(), sqlite_autoincrement=True)
    for index in sorted(jobs.indexes, key=lambda one: str(one.name)):
        columns = [column.name for column in index.columns]
        op.create_index(index.name, jobs.name, columns, unique=index.unique, **_where(index))
    op.create_table(schedules.name, *_schedule_columns())


def drop_outbox_tables(op: SupportsOperations) -> None:
    """Drop the tables in an Alembic migration, with the jobs in them."""
    op.drop_table(schedules.name)
    op.drop_table(jobs.name)


def _where(index: Index) -> dict[str, Any]:
    where = index.dialect_options["postgresql"].get("where")
    return {} if where is None else {"postgresql_where": where, "sqlite_where": where}
