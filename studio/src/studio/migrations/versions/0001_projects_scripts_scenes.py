"""Make the tables of projects, scripts and scenes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
# What `indelible.Document` is made of, spelt out: a migration must not change when the library does.
DOCUMENT = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "projects",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("deleted_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_projects"),
    )
    op.create_table(
        "scripts",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("project_id", sa.String(32), nullable=False),
        sa.Column("preamble", sa.Text(), nullable=False),
        sa.Column("source_encoding", sa.String(32), nullable=False),
        sa.Column("source_bom", sa.Boolean(), nullable=False),
        sa.Column("scene_summaries", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_scripts"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_scripts_project_id_projects"),
        sa.UniqueConstraint("project_id", name="uq_scripts_project_id"),
    )
    op.create_table(
        "scenes",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("script_id", sa.String(32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("slugline", sa.Text(), nullable=False),
        sa.Column("scene_number", sa.Text(), nullable=True),
        sa.Column("characters", DOCUMENT, nullable=False),
        sa.Column("blocks", DOCUMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("deleted_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_scenes"),
        sa.ForeignKeyConstraint(["script_id"], ["scripts.id"], name="fk_scenes_script_id_scripts"),
    )
    op.create_index("ix_scenes_script_id", "scenes", ["script_id"])


def downgrade() -> None:
    op.drop_table("scenes")
    op.drop_table("scripts")
    op.drop_table("projects")
