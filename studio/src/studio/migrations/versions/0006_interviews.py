"""Make the tables of interviews and of the plans that are made of them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
DOCUMENT = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "interviews",
        sa.Column("project_id", sa.String(32), nullable=False),
        sa.Column("messages", DOCUMENT, nullable=False),
        sa.Column("wanted_question", sa.String(32), nullable=True),
        sa.Column("question_failure", sa.Text(), nullable=True),
        sa.Column("wanted_plan", sa.String(32), nullable=True),
        sa.Column("plan_failure", sa.Text(), nullable=True),
        sa.Column("plan_id", sa.String(32), nullable=True),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("wanted_at", MOMENT, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("project_id", name="pk_interviews"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_interviews_project_id_projects"),
    )
    op.create_table(
        "interview_plans",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("project_id", sa.String(32), nullable=False),
        sa.Column("outline", DOCUMENT, nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("answers", sa.String(64), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_interview_plans"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_interview_plans_project_id_projects"
        ),
    )
    op.create_index("ix_interview_plans_project_id", "interview_plans", ["project_id"])


def downgrade() -> None:
    op.drop_table("interview_plans")
    op.drop_table("interviews")
