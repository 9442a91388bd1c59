"""What worker processes under chaos load; the environment says where the database is."""

from __future__ import annotations

import os

from sqlalchemy import ColumnElement, bindparam, make_url

from indelible.outbox import Worker, fencing
from indelible.outbox.tables import jobs
from tests.acceptance.chaos.ledger import LEASE_SECONDS  # and the handlers
from tests.database.outbox.systems import open_engine


def _holds_always() -> ColumnElement[bool]:
    return (jobs.c.id == bindparam("held_id")) & (bindparam("held_token") == bindparam("held_token"))


if os.environ.get("CHAOS_FENCING") == "off":
    fencing.holds = _holds_always

engine = open_engine(make_url(os.environ["CHAOS_URL"]), os.environ["CHAOS_SCHEMA"])
worker = Worker(engine, lease=LEASE_SECONDS, poll=0.2, concurrency=4)
