"""Operations that are applied once, however often they are sent: their ids and first answers, in a table."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, MetaData, String, Table, Text
from sqlalchemy.dialects import mysql

LONGEST_ID = 255

# MySQL compares text without regard to case unless it is told to, and its TEXT ends at 64 kB.
_ID = String(LONGEST_ID).with_variant(mysql.VARCHAR(LONGEST_ID, collation="utf8mb4_bin"), "mysql", "mariadb")
_ANSWER = Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")


class OperationLog:
    """A table of the operations that were applied, each with its first result, in the caller's metadata."""

    def __init__(self, metadata: MetaData, name: str = "operations", *, schema: str | None = None) -> None:
        self.table = Table(
            name,
            metadata,
            Column("scope", _ID, primary_key=True),
            Column("op_id", _ID, primary_key=True),
            Column("fingerprint", String(64), nullable=False),
            Column("result", _ANSWER, nullable=True),
            Column("applied_at", DateTime(timezone=True), nullable=False, index=True),
            schema=schema,
        )
