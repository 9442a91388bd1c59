"""What a person can do with projects, on SQLite and on PostgreSQL."""

import asyncio

import pytest

from studio.database import Database
from studio.problems import Invalid, NotFound, PreconditionFailed
from studio.projects import service as projects
from studio.script import service as scripts


async def test_a_new_project_has_an_empty_script(database: Database) -> None:
    """A project is there at once, under its title on one line, and its script holds no scene."""
    made = await projects.create_project(database, title="  The\n Lighthouse ", description="A keeper.")
    assert await projects.get_project(database, made.id) == made
    assert (made.title, made.scene_count) == ("The Lighthouse", 0)
    assert (await scripts.get_script(database, made.id)).scenes == []


async def test_projects_are_listed_in_pages_with_the_last_changed_first(database: Database) -> None:
    """Pages follow one another without a gap; a change moves a project to the front."""
    made = [await projects.create_project(database, title=f"Film {number}") for number in range(3)]
    await projects.update_project(database, made[0].id, description="Changed.")
    first = await projects.list_projects(database, limit=2)
    second = await projects.list_projects(database, limit=2, offset=2)
    assert [project.title for project in first.items + second.items] == ["Film 0", "Film 2", "Film 1"]
    assert (first.total, second.total) == (3, 3)


async def test_an_update_changes_what_it_names_and_counts(database: Database) -> None:
    """A title changes without the description, the version goes up; the same again changes nothing."""
    made = await projects.create_project(database, title="Old", description="Kept")
    changed = await projects.update_project(database, made.id, title="New")
    assert (changed.title, changed.description, changed.version) == ("New", "Kept", made.version + 1)
    assert await projects.update_project(database, made.id, title="New") == changed


async def test_an_update_for_another_version_is_refused(database: Database) -> None:
    """A writer who read an older version is told so and nothing changes."""
    made = await projects.create_project(database, title="Old")
    await projects.update_project(database, made.id, title="New", base_versions=[made.version])
    with pytest.raises(PreconditionFailed):
        await projects.update_project(database, made.id, title="Newer", base_versions=[made.version])
    assert (await projects.get_project(database, made.id)).title == "New"


async def test_a_deleted_project_can_be_restored_whole(database: Database) -> None:
    """Deleted means gone from every answer but the list of the deleted, and back with its scenes."""
    made = await projects.create_project(database, title="Film")
    scene = await scripts.add_scene(database, made.script_id)
    await projects.delete_project(database, made.id)
    for gone in (
        projects.get_project(database, made.id),
        projects.delete_project(database, made.id),
        scripts.get_script(database, made.id),
        scripts.get_scene(database, scene.id),
        scripts.add_scene(database, made.script_id),
    ):
        with pytest.raises(NotFound):
            await gone
    assert (await projects.list_projects(database)).items == []
    assert [item.id for item in (await projects.list_projects(database, deleted=True)).items] == [made.id]
    assert (await projects.restore_project(database, made.id)).scene_count == 1
    assert (await scripts.get_scene(database, scene.id)).text == scene.text


@pytest.mark.parametrize("title", ["", " \n", "x" * 201, "nul\0", "half \ud83d"])
async def test_a_title_that_cannot_be_kept_is_refused_with_advice(database: Database, title: str) -> None:
    """Empty, overlong and unstorable titles raise, and no project appears."""
    with pytest.raises(Invalid):
        await projects.create_project(database, title=title)
    assert (await projects.list_projects(database)).total == 0


@pytest.mark.parametrize("project_id", ["", "x", "0" * 32, "\0" * 32, "é" * 32])
async def test_what_is_no_project_is_not_found(database: Database, project_id: str) -> None:
    """Any text may come as an identifier from an address bar."""
    with pytest.raises(NotFound):
        await projects.get_project(database, project_id)


async def test_writers_that_come_together_all_get_their_turn(database: Database) -> None:
    """Forty updates at once all happen, one after the other."""
    made = await projects.create_project(database, title="Film")
    await asyncio.gather(
        *(projects.update_project(database, made.id, title=f"Film {number}") for number in range(40))
    )
    assert (await projects.get_project(database, made.id)).version == made.version + 40


async def test_the_sample_comes_once_and_stays_deleted(database: Database) -> None:
    """The sample is there after the first start, not doubled by the next, and not back after its deletion."""
    sample = await projects.add_sample(database)
    assert sample is not None
    assert sample.scene_count >= 12
    assert await projects.add_sample(database) is None
    await projects.delete_project(database, sample.id)
    assert await projects.add_sample(database) is None
    assert (await projects.list_projects(database)).items == []


async def test_two_first_starts_at_once_make_one_sample(database: Database) -> None:
    """Processes that start together on one new database do not both add the sample, and neither fails."""
    made = await asyncio.gather(*(projects.add_sample(database) for _ in range(4)))
    assert len([sample for sample in made if sample is not None]) == 1
    assert (await projects.list_projects(database)).total == 1


async def test_title_and_description_that_are_changed_together_both_land(database: Database) -> None:
    """Neither writer writes back what the other one changed; each change is counted."""
    project = await projects.create_project(database, title="Film")
    await asyncio.gather(
        *(projects.update_project(database, project.id, title=f"Film {number}") for number in range(4)),
        *(
            projects.update_project(database, project.id, description=f"About {number}")
            for number in range(4)
        ),
    )
    stored = await projects.get_project(database, project.id)
    assert stored.title.startswith("Film ")
    assert stored.description.startswith("About ")
    assert stored.version == project.version + 8


async def test_of_changes_on_top_of_one_version_one_wins(database: Database) -> None:
    """If-Match holds however many come together."""
    project = await projects.create_project(database, title="Film")
    answers = await asyncio.gather(
        *(
            projects.update_project(
                database, project.id, title=f"Film {number}", base_versions=[project.version]
            )
            for number in range(8)
        ),
        return_exceptions=True,
    )
    assert [type(answer) for answer in answers].count(PreconditionFailed) == 7
