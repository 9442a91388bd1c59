"""Work that starts after the commit: what runs it, which kinds of jobs there are, how they are followed.

A feature declares its handlers with `indelible.outbox.job` and `describe`, and enqueues them with
`indelible.outbox.enqueue` in its own transaction.
"""

from studio.jobs.kinds import Kind, describe
from studio.jobs.parts import app_of, step

__all__ = ["Kind", "app_of", "describe", "step"]
