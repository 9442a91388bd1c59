"""The job that deletes images some weeks after they were discarded or made anew, and files that nobody names."""

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from indelible.outbox import AsyncJobContext, job
from studio.database import Database
from studio.jobs import app_of, describe, step
from studio.projects.counting import count_change
from studio.projects.finding import is_deleted
from studio.projects.models import Project
from studio.storyboard.finding import all_frames, lock_scenes, open_storyboard, take_out
from studio.storyboard.models import Frame, Storyboard

# As long as "earlier takes" and discarded images can be brought back.
HIDDEN_FOR = timedelta(days=30)
# An image that is being kept is on the disk before any row names it.
LEFT_ALONE_FOR = timedelta(days=1)


@job(queue="low", name="storyboard:sweep_images")
async def sweep_images(job: AsyncJobContext) -> dict[str, int]:
    """Delete what has been hidden for long, then the files that no storyboard names; a schedule asks for it daily."""
    app = app_of(job)
    frames = 0
    async with app.database.reading() as session:
        boards = list(await session.scalars(select(Storyboard.project_id).join(Project).where(~is_deleted())))
    for done, project_id in enumerate(boards):
        job.progress(done, len(boards), "storyboards")
        frames += await _forget_hidden(job, project_id)
    wanted = await _named_files(app.database)
    files = await asyncio.to_thread(app.images.sweep, wanted, older_than=LEFT_ALONE_FOR)
    return {"images": frames, "files": files}


async def _forget_hidden(job: AsyncJobContext, project_id: str) -> int:
    """Delete a storyboard's frames that have been hidden for long; mark when others were first seen hidden."""
    now = datetime.now(UTC)
    async with step(job) as session:
        storyboard = await _of_scenes_locked(session, project_id)
        over = []
        for _, frame, _ in all_frames(storyboard):
            if not _is_hidden(frame):
                frame.pop("hidden_since", None)
            elif now - datetime.fromisoformat(frame.setdefault("hidden_since", now.isoformat())) > HIDDEN_FOR:
                over.append(frame["id"])
        for frame_id in over:
            take_out(storyboard, frame_id)
        if over:
            await count_change(session, project_id, now)
    return len(over)


async def _of_scenes_locked(session: AsyncSession, project_id: str) -> Storyboard:
    """Return a storyboard, those who hide or show images that were hidden when it was looked at waiting meanwhile."""
    seen = await open_storyboard(session, project_id)
    changed = {scene for scene, frame, _ in all_frames(seen) if _is_hidden(frame) or "hidden_since" in frame}
    await lock_scenes(session, changed)
    return await session.get_one(Storyboard, project_id, populate_existing=True)


def _is_hidden(frame: Frame) -> bool:
    return frame["discarded"] or frame["replaced_by"] is not None


async def _named_files(database: Database) -> set[str]:
    """Return the files that any storyboard names, those of deleted projects too."""
    async with database.reading() as session:
        storyboards = await session.scalars(select(Storyboard))
        return {frame["file"] for storyboard in storyboards for _, frame, _ in all_frames(storyboard)}


describe(sweep_images, "Delete images that were discarded weeks ago", of_project=False)
