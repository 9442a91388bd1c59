"""Alembic's entry: run the steps on the connection that `studio.migrating` hands over."""

from alembic import context

from studio.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite can undo table changes as well, once the driver does not commit behind our back.
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
