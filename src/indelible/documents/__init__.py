"""Tracked documents on SQLAlchemy: importing this package makes mapped classes and sessions keep them."""

from indelible.documents import flushing as flushing
from indelible.documents import instrumenting as instrumenting
