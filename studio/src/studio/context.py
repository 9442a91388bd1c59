"""What a route or a page needs to do its work."""

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from studio.ai import SummaryModel
from studio.database import Database
from studio.images import ImageStore
from studio.jobs.stopping import RunningJobs, Stopping
from studio.settings import Settings
from studio.storyboard.working import Workshop


@dataclass(frozen=True)
class AppContext:
    """Carry the parts that `create_app` built to the routes and the pages."""

    settings: Settings
    database: Database
    summary_model: SummaryModel
    images: ImageStore
    workshop: Workshop
    running: RunningJobs = field(default_factory=RunningJobs)
    stopping: Stopping = field(default_factory=Stopping)

    async def close(self) -> None:
        """Let go of everything."""
        await self.workshop.close()
        await self.database.close()


def context_of(request: Request) -> AppContext:
    """Return the context of the app that answers `request`."""
    context: AppContext = request.app.state.context
    return context


Context = Annotated[AppContext, Depends(context_of)]
