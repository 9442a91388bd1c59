"""The tables of the tests' program: what its jobs did, and gates at which they wait."""

from __future__ import annotations

from sqlalchemy import Column, Integer, MetaData, Table, Text

from indelible.outbox import add_outbox_tables

metadata = MetaData()
add_outbox_tables(metadata)

effects = Table(
    "effects",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("text", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
)

# A job writes that it has reached a gate; the test opens it.
gates = Table(
    "gates",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("state", Text, nullable=False),
)
