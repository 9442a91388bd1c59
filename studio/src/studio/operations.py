"""The saves that were applied, so that one that is sent again is answered and not applied again."""

from indelible import OperationLog
from studio.database import Base

operations = OperationLog(Base.metadata)
