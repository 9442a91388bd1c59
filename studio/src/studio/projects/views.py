"""What the outside sees of a project."""

from datetime import datetime

from pydantic import BaseModel


class ProjectView(BaseModel):
    """A project; `version` counts every change to anything in it, its script and summaries included."""

    id: str
    title: str
    description: str
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None
    version: int
    script_id: str
    scene_count: int


class ProjectPage(BaseModel):
    """One page of the list of projects, newest change first."""

    items: list[ProjectView]
    total: int
    limit: int
    offset: int
