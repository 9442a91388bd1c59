"""What the outside sees of jobs."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, Field
from sqlalchemy import Row

from studio.jobs.kinds import Kind
from studio.problems import Invalid

State = Literal["waiting", "running", "done", "dead", "cancelled"]


class JobProgress(BaseModel):
    """How far a running job says it is."""

    done: float
    total: float | None
    note: str


class JobView(BaseModel):
    """One job; moments are in UTC."""

    id: int
    title: str = Field(description="What it does, for a person.")
    handler: str
    queue: str
    state: State
    project_id: str | None = Field(description="The project that it belongs to, if any.")
    project_title: str | None
    attempts: int
    max_attempts: int
    enqueued_at: datetime
    due_at: datetime = Field(description="When it may run, or run again.")
    started_at: datetime | None
    finished_at: datetime | None
    worker: str | None
    cancel_requested: bool
    progress: JobProgress | None
    problem: str | None = Field(description="The last line of the last error.")

    @classmethod
    def of(cls, row: Row[Any], kind: Kind) -> Self:
        """Return the view of a row of the table, with its project's id and title."""
        return cls.model_validate(_fields(row, kind))


class JobDetails(JobView):
    """One job with what it was called with, what it returned, and its last error in full."""

    key: str | None
    arguments: dict[str, Any]
    result: Any
    error: str | None


class JobPage(BaseModel):
    """Jobs, those that ended or were enqueued last first; `next` is the `before` of the next page."""

    items: list[JobView]
    next: str | None


class QueueView(BaseModel):
    """How many jobs of a queue are in each state; a state without jobs is left out."""

    name: str
    counts: dict[State, int]


class JobsOverview(BaseModel):
    """All queues, and the jobs that run or wait."""

    queues: list[QueueView]
    active: list[JobView]


@dataclass(frozen=True)
class Cursor:
    """Where a page of jobs ends."""

    moment: datetime
    id: int

    def __str__(self) -> str:
        return f"{self.moment.astimezone(UTC).strftime('%Y%m%dT%H%M%S.%fZ')}-{self.id}"

    @classmethod
    def after(cls, job: JobView) -> Self:
        """Return the place after this job."""
        return cls(job.finished_at or job.enqueued_at, job.id)

    @classmethod
    def read(cls, text: str) -> Self:
        """Return the cursor that `str` gave.  Raises Invalid."""
        moment, _, number = text.partition("-")
        try:
            return cls(datetime.strptime(moment, "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC), int(number))
        except ValueError as error:
            raise Invalid("`before` takes what `next` of the page before says, and nothing else.") from error


def _fields(row: Row[Any], kind: Kind) -> dict[str, Any]:
    # SQLite forgets the zone.
    fields = {
        name: value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value
        for name, value in row._mapping.items()
    }
    # An error that was followed by a success is history.
    error = None if row.state == "done" else row.error
    return fields | {"title": kind.title, "error": error, "problem": _last_line(error)}


def _last_line(error: str | None) -> str | None:
    lines = (error or "").strip().splitlines()
    return lines[-1].strip() if lines else None
