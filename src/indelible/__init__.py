"""JSON documents in SQLAlchemy columns whose changes are never lost in silence."""
