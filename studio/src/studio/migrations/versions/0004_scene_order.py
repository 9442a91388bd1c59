"""Keep the order of a script's scenes as one document, in place of a number in each scene."""

from itertools import groupby

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
SCRIPTS = sa.table("scripts", sa.column("id"), sa.column("scene_order", DOCUMENT))
SCENES = sa.table("scenes", sa.column("id"), sa.column("script_id"), sa.column("position"))


def upgrade() -> None:
    op.add_column("scripts", sa.Column("scene_order", DOCUMENT, nullable=False, server_default="[]"))
    connection = op.get_bind()
    rows = connection.execute(
        sa.select(SCENES.c.script_id, SCENES.c.id).order_by(
            SCENES.c.script_id, SCENES.c.position, SCENES.c.id
        )
    )
    for script_id, scenes in groupby(rows.all(), lambda row: row.script_id):
        order = [scene.id for scene in scenes]
        connection.execute(sa.update(SCRIPTS).where(SCRIPTS.c.id == script_id).values(scene_order=order))
    op.drop_column("scenes", "position")


def downgrade() -> None:
    op.add_column("scenes", sa.Column("position", sa.Integer(), nullable=False, server_default="0"))
    connection = op.get_bind()
    for script in connection.execute(sa.select(SCRIPTS.c.scene_order)).all():
        for position, scene_id in enumerate(script.scene_order):
            connection.execute(sa.update(SCENES).where(SCENES.c.id == scene_id).values(position=position))
    op.drop_column("scripts", "scene_order")
