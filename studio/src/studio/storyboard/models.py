"""The tables of storyboards: what was made, what is kept aside, and the runs that make it."""

from datetime import datetime
from typing import Literal, NotRequired, TypedDict

from sqlalchemy import Double, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from indelible import Document
from studio.database import Base, UtcDateTime

RunKind = Literal["all", "scene", "frame"]
RunState = Literal["running", "finished", "cancelled"]
ImageState = Literal["waiting", "making", "done", "aside", "failed", "cancelled"]

UNFINISHED: tuple[ImageState, ...] = ("waiting", "making")
KEPT: tuple[ImageState, ...] = ("done", "aside")


class Frame(TypedDict):
    """One image; `file` names its bytes in the image store, `cost` is in US dollars, None when not known.

    `replaced_by` names the frame that was made in its place; a discarded one is hidden but can come back.
    `hidden_since` is when the sweeper first saw it hidden; some weeks later it is deleted.
    """

    id: str
    file: str
    prompt: str
    seed: int
    shot: str
    model: str
    cost: float | None
    seconds: float
    made_at: str
    favourite: bool
    replaced_by: str | None
    discarded: bool
    hidden_since: NotRequired[str]


class AsideFrame(Frame):
    """An image that came when its scene was gone, with the scene it was made for."""

    scene_id: str
    slugline: str


class SceneFrames(TypedDict):
    """The frames of one scene, which is found by its id and nothing else."""

    id: str
    frames: list[Frame]


class GeneratedOutput(TypedDict):
    """What `Storyboard.generated_output` holds; the order of the scenes is the script's business."""

    scenes: list[SceneFrames]


class Storyboard(Base):
    """The storyboard of one project."""

    __tablename__ = "storyboards"

    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    generated_output: Mapped[GeneratedOutput] = mapped_column(
        Document(keys={"scenes": "id", "scenes[*].frames": "id"})
    )
    set_aside: Mapped[list[AsideFrame]] = mapped_column(Document)

    @classmethod
    def empty(cls, project_id: str) -> "Storyboard":
        """Return a new storyboard without images."""
        return cls(project_id=project_id, generated_output={"scenes": []}, set_aside=[])


class Run(Base):
    """One order of images; a job makes them, which has the run's id in its key."""

    __tablename__ = "storyboard_runs"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"), index=True)
    kind: Mapped[RunKind] = mapped_column(String(8))
    model: Mapped[str] = mapped_column(Text)
    state: Mapped[RunState] = mapped_column(String(12))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class WantedImage(Base):
    """One image of a run; its id becomes the frame's, so that keeping it twice keeps it once.

    `replaces` names the frame that it shall stand for; `note` says, for a person, why it failed or waits.
    """

    __tablename__ = "wanted_images"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("storyboard_runs.id"), index=True)
    scene_id: Mapped[str] = mapped_column(ForeignKey("scenes.id"))
    position: Mapped[int]
    seed: Mapped[int]
    shot: Mapped[str] = mapped_column(String(20))
    replaces: Mapped[str | None] = mapped_column(String(32))
    state: Mapped[ImageState] = mapped_column(String(12))
    cost: Mapped[float | None] = mapped_column(Double)
    note: Mapped[str | None] = mapped_column(Text)
