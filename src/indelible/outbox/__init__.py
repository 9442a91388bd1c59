"""Jobs that exist if, and only if, the transaction that enqueued them committed."""

from indelible.outbox.context import AsyncJobContext, JobContext
from indelible.outbox.enqueuing import enqueue
from indelible.outbox.handlers import Backoff, Call, Handler, job
from indelible.outbox.messages import Ticket
from indelible.outbox.running import Observer
from indelible.outbox.scheduling import Cron, Every, Schedule
from indelible.outbox.statuses import (
    JobStatus,
    cancel_job,
    count_jobs,
    find_jobs,
    get_job,
    purge_jobs,
    retry_job,
    watch_job,
)
from indelible.outbox.tables import add_outbox_tables, create_outbox_tables, drop_outbox_tables
from indelible.outbox.worker import Worker

__all__ = [
    "AsyncJobContext",
    "Backoff",
    "Call",
    "Cron",
    "Every",
    "Handler",
    "JobContext",
    "JobStatus",
    "Observer",
    "Schedule",
    "Ticket",
    "Worker",
    "add_outbox_tables",
    "cancel_job",
    "count_jobs",
    "create_outbox_tables",
    "drop_outbox_tables",
    "enqueue",
    "find_jobs",
    "get_job",
    "job",
    "purge_jobs",
    "retry_job",
    "watch_job",
]
