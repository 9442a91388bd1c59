"""Make the rows of a project out of what was read from a file."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain

from studio.database import Base
from studio.identifiers import new_id
from studio.interview.filing import make_interview
from studio.projects.models import Project
from studio.projects.project_file import ProjectFile, SceneInFile, SummaryInFile
from studio.script.making import new_scene
from studio.script.models import Scene, Script, SummaryEntry
from studio.script.scene_text import SceneDraft, read_scenes
from studio.storyboard.filing import make_storyboard


@dataclass
class NewProject:
    """The rows of a project that is not stored yet; `others` go in after the first three kinds."""

    project: Project
    script: Script
    scenes: list[Scene]
    others: list[Base] = field(default_factory=list)


def project_of_script(
    title: str, preamble: str, drafts: Sequence[SceneDraft], *, project_id: str | None = None
) -> NewProject:
    """Return a project with a script."""
    now = datetime.now(UTC)
    project = Project(
        id=project_id or new_id(),
        title=title,
        description="",
        version=1,
        created_at=now,
        updated_at=now,
        deleted_at=None,
    )
    script = Script.empty(project.id)
    script.preamble = preamble
    scenes = [new_scene(script.id, draft, now) for draft in drafts]
    script.scene_order = [scene.id for scene in scenes]
    return NewProject(project, script, scenes)


def project_of_file(file: ProjectFile) -> NewProject:
    """Return all that a project file has, under identifiers of its own."""
    # A file that Studio did not write may have several headings in what it calls one scene.
    drafts = [read_scenes(scene.text) for scene in file.script.scenes]
    made = project_of_script(file.title, file.script.preamble, list(chain.from_iterable(drafts)))
    made.project.description = file.description
    made.project.created_at = file.created_at or made.project.created_at
    made.script.source_encoding, made.script.source_bom = file.script.encoding, file.script.bom
    rows = iter(made.scenes)
    firsts = []
    for scene, parts in zip(file.script.scenes, drafts, strict=True):
        of_scene = [next(rows) for _ in parts]
        firsts.append(of_scene[0].id)
        _give(made.script, of_scene, scene)
    under = {
        scene_id: scene.images
        for scene_id, scene in zip(firsts, file.script.scenes, strict=True)
        if scene.images
    }
    if under or file.aside:
        aside = [(firsts[frame.scene], frame) for frame in file.aside]
        made.others.append(make_storyboard(made.project.id, under, aside))
    if file.interview is not None:
        interview, plans = make_interview(made.project.id, file.interview)
        made.others += [interview, *plans]
    return made


def _give(script: Script, scenes: list[Scene], file: SceneInFile) -> None:
    """Give the scenes that were made of one in the file what it has besides its text."""
    for scene in scenes:
        scene.updated_at = file.updated_at or scene.updated_at
        scene.deleted_at = file.deleted_at
    if file.summary is not None:
        script.scene_summaries[scenes[0].id] = _entry(file.summary)


def _entry(summary: SummaryInFile) -> SummaryEntry:
    return SummaryEntry(
        text=summary.text,
        model=summary.model,
        fingerprint=summary.fingerprint,
        made_at=summary.made_at.isoformat(),
    )
