"""The tables made by a migration are those of the metadata."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import MetaData, inspect

from indelible.outbox import add_outbox_tables, create_outbox_tables, drop_outbox_tables
from tests.database.stores import Store


def test_a_migration_makes_what_the_metadata_says(store: Store) -> None:
    """After the migration Alembic finds nothing to change; the downgrade leaves nothing."""
    metadata = MetaData()
    add_outbox_tables(metadata)
    for table in inspect(store.engine).get_table_names():  # the program's own
        store.sql(f'DROP TABLE "{table}"')
    with store.engine.begin() as connection:
        create_outbox_tables(Operations(MigrationContext.configure(connection)))
    with store.engine.begin() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        drop_outbox_tables(Operations(MigrationContext.configure(connection)))
    assert inspect(store.engine).get_table_names() == []
