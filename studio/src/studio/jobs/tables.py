"""The outbox's tables among Studio's own."""

from indelible.outbox import add_outbox_tables
from studio.database import Base

jobs, schedules = add_outbox_tables(Base.metadata)
