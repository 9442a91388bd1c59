"""What the outside sees of a storyboard."""

from datetime import datetime

from pydantic import BaseModel, Field

from studio.storyboard.models import ImageState, RunKind, RunState


class FrameView(BaseModel):
    """One image of a scene."""

    id: str
    url: str
    prompt: str
    seed: int
    shot: str
    model: str
    cost: float | None = Field(description="US dollars; null when the price is not known.")
    seconds: float = Field(description="How long it took to make.")
    made_at: datetime
    favourite: bool
    replaced_by: str | None = Field(
        description="The frame that was made in its place, which is shown instead."
    )
    discarded: bool


class SceneFramesView(BaseModel):
    """A scene with its images; those that were replaced or discarded are among them."""

    id: str
    slugline: str
    scene_number: str | None
    characters: list[str]
    excerpt: str = Field(description="How its action begins.")
    frames: list[FrameView]


class AsideView(BaseModel):
    """An image that stands under no scene of the script, since its scene was deleted.

    `came_late` tells that it was finished after the deletion; `scene_is_back` that the scene was restored.
    """

    frame: FrameView
    scene_id: str
    slugline: str
    came_late: bool
    scene_is_back: bool


class ImageProblem(BaseModel):
    """Why one image is not there, for a person."""

    scene_id: str
    message: str


class SceneProgress(BaseModel):
    """How far the images of one scene are."""

    waiting: int = 0
    making: int = 0
    failed: int = 0
    replacing: list[str] = Field(default=[], description="The frames that are being made anew.")
    note: str | None = Field(default=None, description="What an image that is being made waits for.")


class RunView(BaseModel):
    """One order of images; counts are of images."""

    id: str
    kind: RunKind
    state: RunState
    interrupted: bool = Field(description="Nobody makes its images any more; it can be resumed.")
    model: str
    started_at: datetime
    ended_at: datetime | None
    wanted: int
    counts: dict[ImageState, int]
    cost: float = Field(description="US dollars spent on what was kept, as far as prices are known.")
    scenes: dict[str, SceneProgress]
    problems: list[ImageProblem]


class ProgressView(BaseModel):
    """What is being made: the runs that go on, and the last that ended."""

    version: int = Field(description="Grows with every change to the project and with every image.")
    runs: list[RunView]


class StoryboardView(BaseModel):
    """A whole storyboard: the script's scenes in their order, each with its images."""

    project_id: str
    project_title: str
    script_id: str
    version: int
    cost: float = Field(description="US dollars that all its images cost, as far as prices are known.")
    scenes: list[SceneFramesView]
    aside: list[AsideView]
    progress: ProgressView
