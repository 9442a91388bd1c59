"""The saves that were applied, so that one that is sent again is answered and not applied again."""

from datetime import timedelta

from indelible import OperationLog
from indelible.outbox import AsyncJobContext, job
from studio.database import Base, Database
from studio.jobs import describe

# Longer than a browser that was closed over the holidays keeps a save that it could not send.
LIFE = timedelta(days=30)

operations = OperationLog(Base.metadata)


async def forget_old(database: Database, *, older_than: timedelta = LIFE) -> None:
    """Forget the saves that nobody sends again any more."""
    async with database.writing() as session:
        await operations.purge(session, older_than)


@job(queue="low", name="studio.operations:forget_old_saves")
async def forget_old_saves(job: AsyncJobContext) -> None:
    """Forget old saves; a schedule asks for it once a day."""
    await operations.purge(job.session, LIFE)


describe(forget_old_saves, "Forget saves that nobody sends again", of_project=False)
