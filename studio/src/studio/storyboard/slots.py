"""How many images are being made at this moment, by all processes together."""

from sqlalchemy import func, literal, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from studio.jobs.tables import jobs
from studio.storyboard.models import WantedImage

HANDLER = "storyboard:make_images"
KEY_PREFIX = "run:"

# Any number that nothing else on the same PostgreSQL database takes a lock with.
ADVISORY_LOCK = 7_305_808_640_143


async def has_free_slot(session: AsyncSession, calls: int) -> bool:
    """Tell whether fewer than `calls` images are being made; nobody else begins one until this transaction ends.

    What a process that is lost was making counts until its job's lease has run out: its provider may still be at it.
    """
    if session.get_bind().dialect.name == "postgresql":
        # SQLite has one writer; here two could count the same slot as free.
        await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
    job_of_run = jobs.c.key == literal(KEY_PREFIX) + WantedImage.run_id
    being_made = (
        select(func.count())
        .select_from(WantedImage)
        .join(jobs, job_of_run)
        .where(WantedImage.state == "making", jobs.c.handler == HANDLER, jobs.c.state == "running")
    )
    return (await session.scalar(being_made) or 0) < calls
