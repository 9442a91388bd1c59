"""Tracked documents on SQLAlchemy."""
