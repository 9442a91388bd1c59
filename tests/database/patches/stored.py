"""What the tests of patches share: a stored document, and one UPDATE of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, insert, select, update

from indelible import Patch
from tests.database.rows import Row
from tests.database.stores import Store


def patched(store: Store, document: Any, patch: Patch) -> Any:
    """Store a document anew, patch it by one UPDATE, and return what is stored then, also when that fails."""
    with store.engine.begin() as connection:
        connection.execute(delete(Row))
        connection.execute(insert(Row).values(id=1, doc=document, title=""))
    try:
        with store.engine.begin() as connection:
            result = connection.execute(update(Row).where(Row.id == 1).values(doc=patch))
            assert result.rowcount == 1
    finally:
        with store.engine.connect() as connection:
            now = connection.execute(select(Row.doc)).scalar_one()
    return now
