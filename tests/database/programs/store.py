"""A database in which many programs run one after the other."""

from __future__ import annotations

import gc
import json
from typing import Any

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import StaticPool

from indelible import Document
from tests.unit.model import bare

COLUMNS = ("doc", "more")


class Base(DeclarativeBase):
    """The table of the random programs."""


class Page(Base):
    """A row with two documents."""

    __tablename__ = "pages"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    doc: Mapped[Any] = mapped_column(Document, nullable=True)
    more: Mapped[Any] = mapped_column(Document, nullable=True)


class Store:
    """A database in which many programs run one after the other."""

    def __init__(self, url: str) -> None:
        in_memory = url == "sqlite://"
        self.engine: Engine = create_engine(url, **({"poolclass": StaticPool} if in_memory else {}))
        self.is_postgresql = self.engine.dialect.name == "postgresql"
        self.updates = 0
        self.together = 0
        if not self.is_postgresql:
            # The driver's own idea of when to begin breaks savepoints.
            event.listen(
                self.engine, "connect", lambda connection, _: setattr(connection, "isolation_level", None)
            )
            event.listen(self.engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
        event.listen(self.engine, "before_cursor_execute", self._count)
        Base.metadata.create_all(self.engine)
        # The programs' own garbage is all that `gc.collect` needs to look at.
        gc.collect()
        gc.freeze()

    def _count(
        self,
        _connection: object,
        _cursor: object,
        statement: str,
        _given: object,
        _context: object,
        many: bool,
    ) -> None:
        self.updates += statement.startswith("UPDATE")
        self.together += many and statement.startswith("UPDATE")

    def as_stored(self, value: Any) -> Any:
        """Return what the database makes of a value: PostgreSQL's numbers have no negative zero."""
        if not self.is_postgresql:
            return bare(value)
        return json.loads(json.dumps(bare(value)).replace("-0.0", "0.0"))

    def plain_text(self, ids: list[int]) -> dict[tuple[int, str], Any]:
        """Ask in plain SQL."""
        with self.engine.connect() as connection:
            rows = connection.execute(
                text(
                    "SELECT id, CAST(doc AS TEXT), CAST(more AS TEXT) FROM pages "
                    f"WHERE id IN ({','.join(map(str, ids))})"
                )
            ).all()
        return {
            (row[0], column): None if value is None else json.loads(value)
            for row in rows
            for column, value in zip(COLUMNS, row[1:], strict=True)
        }

    def close(self) -> None:
        """Close the connections."""
        gc.unfreeze()
        self.engine.dispose()
