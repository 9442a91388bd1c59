"""What the outside sees of a script."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field


class BlockView(BaseModel):
    """One element of a scene, its text exact with its line ends."""

    type: str
    text: str


class SceneView(BaseModel):
    """A scene as it is stored; `version` counts its edits and is its ETag."""

    id: str
    script_id: str
    version: int
    slugline: str = Field(
        description='The heading without marks and scene number; "" for a scene without one.'
    )
    scene_number: str | None
    characters: list[str]
    text: str
    blocks: list[BlockView]
    updated_at: datetime


class SummaryView(BaseModel):
    """A scene's summary; *stale* when the scene was edited after it was made."""

    scene_id: str
    text: str
    model: str
    made_at: datetime
    stale: bool


class SceneInScript(SceneView):
    """A scene in its script: where it stands, counted from 0, and its summary."""

    position: int
    summary: SummaryView | None


class ScriptView(BaseModel):
    """A whole script with its scenes in order; `version` is the project's."""

    id: str
    project_id: str
    project_title: str
    version: int
    preamble: str
    scenes: list[SceneInScript]


class SavedScene(SceneView):
    """A scene after a save.

    `added` holds, in order, the scenes that further headings in its text split off; they stand right after
    it.
    """

    added: list[SceneView] = []


class SummaryState(BaseModel):
    """A scene's summary, and whether a new one is on its way or why none came."""

    scene_id: str
    summary: SummaryView | None
    refreshing: bool
    problem: str | None = Field(
        description="Why the model gave none the last time it was asked, for a person."
    )


class ScriptSummaries(BaseModel):
    """The state of all summaries of a script, in the order of its scenes when it changed last."""

    scenes: list[SummaryState]


class SummaryProgress(BaseModel):
    """One step of summarising a whole script."""

    state: Literal["started", "done", "failed", "finished"]
    done: int = Field(description="Scenes that are dealt with, failed ones included.")
    total: int
    scene_id: str | None = None
    slugline: str | None = None
    summary: SummaryView | None = None
    problem: str | None = Field(default=None, description="Why the scene got no summary, for a person.")


class HunkView(BaseModel):
    """A stretch of a text before both edits (`base`) and after each, with LF line ends.

    `kind` says who changed it: `same` nobody, or both alike; `conflict` both, differently.
    """

    kind: Literal["same", "mine", "theirs", "conflict"]
    base: str
    mine: str
    theirs: str


class MergeView(BaseModel):
    """Two edits of one text, merged line by line."""

    merged: str | None = Field(description="The merged text; null when there is a conflict to choose in.")
    hunks: list[HunkView] = Field(description="Joined, each side of them is that text.")
