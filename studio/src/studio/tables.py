"""All tables of Studio: importing this module makes `metadata` complete."""

from studio.database import Base
from studio.interview.models import Interview, Plan
from studio.jobs.tables import jobs, schedules
from studio.operations import operations
from studio.projects.models import Project
from studio.script.models import Scene, Script
from studio.storyboard.models import Run, Storyboard, WantedImage

metadata = Base.metadata

__all__ = [
    "Interview",
    "Plan",
    "Project",
    "Run",
    "Scene",
    "Script",
    "Storyboard",
    "WantedImage",
    "jobs",
    "metadata",
    "operations",
    "schedules",
]
