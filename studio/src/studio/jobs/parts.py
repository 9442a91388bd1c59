"""How a handler gets at the parts of Studio: they travel with the sessions that the worker opens."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from indelible.outbox import AsyncJobContext

if TYPE_CHECKING:
    from studio.context import AppContext

PARTS = "studio"


def sessions_for(context: "AppContext") -> async_sessionmaker[AsyncSession]:
    """Return what a worker opens its jobs' sessions with; each knows the parts of Studio."""
    return async_sessionmaker(context.database.engine, expire_on_commit=False, info={PARTS: context})


def app_of(job: AsyncJobContext) -> "AppContext":
    """Return the parts of the Studio whose worker runs the job."""
    # Opening the session begins no transaction: that comes with its first statement.
    parts: Any = job.session.info[PARTS]
    context: AppContext = parts
    return context


@asynccontextmanager
async def step(job: AsyncJobContext) -> AsyncIterator[AsyncSession]:
    """Open a session for one step of a job, which is kept whatever comes, unless another worker has the job.

    Raises LeaseLost, DatabaseBusy, DatabaseUnavailable.
    """
    async with app_of(job).database.taking_turns(), job.transaction() as session:
        yield session
