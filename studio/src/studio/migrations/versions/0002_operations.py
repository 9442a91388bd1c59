"""Make the table of operations that were applied: their ids and first answers."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "operations",
        sa.Column("scope", sa.String(255), nullable=False),
        sa.Column("op_id", sa.String(255), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("scope", "op_id", name="pk_operations"),
    )
    op.create_index("ix_operations_applied_at", "operations", ["applied_at"])


def downgrade() -> None:
    op.drop_table("operations")
