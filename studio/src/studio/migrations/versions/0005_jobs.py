"""Make the tables of the outbox: jobs, and the schedules of periodic ones."""

from alembic import op

from indelible.outbox import create_outbox_tables, drop_outbox_tables

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_outbox_tables(op)


def downgrade() -> None:
    drop_outbox_tables(op)
