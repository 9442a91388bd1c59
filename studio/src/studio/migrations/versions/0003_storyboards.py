"""Make the tables of storyboards and of the runs that make their images."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
DOCUMENT = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "storyboards",
        sa.Column("project_id", sa.String(32), nullable=False),
        sa.Column("generated_output", DOCUMENT, nullable=False),
        sa.Column("set_aside", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("project_id", name="pk_storyboards"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_storyboards_project_id_projects"),
    )
    op.create_table(
        "storyboard_runs",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("project_id", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("worker", sa.String(32), nullable=True),
        sa.Column("alive_at", MOMENT, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_storyboard_runs"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_storyboard_runs_project_id_projects"
        ),
    )
    op.create_index("ix_storyboard_runs_project_id", "storyboard_runs", ["project_id"])
    op.create_table(
        "wanted_images",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("run_id", sa.String(32), nullable=False),
        sa.Column("scene_id", sa.String(32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("shot", sa.String(20), nullable=False),
        sa.Column("replaces", sa.String(32), nullable=True),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("cost", sa.Double(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_wanted_images"),
        sa.ForeignKeyConstraint(
            ["run_id"], ["storyboard_runs.id"], name="fk_wanted_images_run_id_storyboard_runs"
        ),
        sa.ForeignKeyConstraint(["scene_id"], ["scenes.id"], name="fk_wanted_images_scene_id_scenes"),
    )
    op.create_index("ix_wanted_images_run_id", "wanted_images", ["run_id"])


def downgrade() -> None:
    op.drop_table("wanted_images")
    op.drop_table("storyboard_runs")
    op.drop_table("storyboards")
