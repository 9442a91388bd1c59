"""Make the tables of the outbox; runs of images are jobs, whose leases tell whether somebody is at them."""

import sqlalchemy as sa
from alembic import op

from indelible.outbox import create_outbox_tables, drop_outbox_tables

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_outbox_tables(op)
    op.drop_column("storyboard_runs", "worker")
    op.drop_column("storyboard_runs", "alive_at")


def downgrade() -> None:
    op.add_column("storyboard_runs", sa.Column("worker", sa.String(32), nullable=True))
    long_ago = "1970-01-01 00:00:00+00:00"
    moment = sa.DateTime(timezone=True)
    op.add_column("storyboard_runs", sa.Column("alive_at", moment, nullable=False, server_default=long_ago))
    drop_outbox_tables(op)
