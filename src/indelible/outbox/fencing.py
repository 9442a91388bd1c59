"""Who may write the result of a job: the one that holds its latest token."""

from __future__ import annotations

from sqlalchemy import ColumnElement, bindparam

from indelible.outbox.tables import jobs
from indelible.outbox.writing import RUNNING


def holds() -> ColumnElement[bool]:
    """Return what is true of a job's row while the run with `held_token` may write to it.

    Being late is no reason to refuse: as long as nobody took the job, the token is the latest, and the lock of the row
    decides between this run and whoever is about to take it.
    """
    return (
        (jobs.c.id == bindparam("held_id"))
        & (jobs.c.token == bindparam("held_token"))
        & (jobs.c.state == RUNNING)
    )
