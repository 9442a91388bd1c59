"""JSON documents in SQLAlchemy columns whose changes are never lost in silence."""

from indelible.documents.column import Document, tracked

__all__ = ["Document", "tracked"]
