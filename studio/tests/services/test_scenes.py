"""What a person can do with the scenes of a script, on SQLite and on PostgreSQL."""

import asyncio
from itertools import permutations

import pytest

from studio.database import Database
from studio.problems import Invalid, NotFound, OrderConflict, TooLarge
from studio.projects import service as projects
from studio.projects.views import ProjectView
from studio.script import service as scripts
from studio.script.conflicts import PreambleConflict, SceneConflict
from studio.script.views import BlockView, SavedScene, ScriptView

SCRIPT = """Title: Harbour

FADE IN:

INT. KITCHEN - DAY

Maria reads.

MARIA
It is from him.

EXT. PIER - NIGHT

Waves.

INT. KITCHEN - DAY

The letter burns.
"""


async def harbour(database: Database) -> ProjectView:
    return await projects.import_fountain(database, "harbour.fountain", SCRIPT.encode())


async def sluglines(database: Database, project: ProjectView) -> list[str]:
    return [scene.slugline for scene in (await scripts.get_script(database, project.id)).scenes]


async def test_a_script_shows_its_scenes_in_order(database: Database) -> None:
    """Sluglines, speakers, exact text and blocks come as the parser reads them."""
    project = await harbour(database)
    script = await scripts.get_script(database, project.id)
    assert [scene.slugline for scene in script.scenes] == [
        "INT. KITCHEN - DAY",
        "EXT. PIER - NIGHT",
        "INT. KITCHEN - DAY",
    ]
    assert [scene.position for scene in script.scenes] == [0, 1, 2]
    assert script.scenes[0].characters == ["MARIA"]
    assert script.preamble == "Title: Harbour\n\nFADE IN:\n\n"
    assert script.preamble + "".join(scene.text for scene in script.scenes) == SCRIPT
    for scene in script.scenes:
        assert "".join(block.text for block in scene.blocks) == scene.text
        assert scene.blocks[0].type == "scene_heading"


async def test_a_save_keeps_the_text_and_counts(database: Database) -> None:
    """The new text is there in a new read, one version later, and the project shows a change."""
    project = await harbour(database)
    scene = (await scripts.get_script(database, project.id)).scenes[1]
    saved = await scripts.save_scene(
        database, scene.id, base_version=scene.version, text="EXT. PIER - DAWN\n\nGulls.\n\n"
    )
    assert (saved.version, saved.slugline, saved.added) == (scene.version + 1, "EXT. PIER - DAWN", [])
    assert (await scripts.get_scene(database, scene.id)).text == "EXT. PIER - DAWN\n\nGulls.\n\n"
    assert (await projects.get_project(database, project.id)).version > project.version


async def test_blocks_are_a_way_to_send_text(database: Database) -> None:
    """A save in blocks keeps their texts joined, and reads the types again from them."""
    project = await harbour(database)
    scene = (await scripts.get_script(database, project.id)).scenes[1]
    blocks = [
        BlockView(type="action", text="EXT. ROOF - DAY\n\n"),
        BlockView(type="nonsense", text="Rain.\n\n"),
    ]
    saved = await scripts.save_scene(database, scene.id, base_version=1, blocks=blocks)
    assert (saved.slugline, saved.text) == ("EXT. ROOF - DAY", "EXT. ROOF - DAY\n\nRain.\n\n")
    assert [block.type for block in saved.blocks if block.type != "blank"] == ["scene_heading", "action"]


async def test_an_unchanged_text_changes_nothing(database: Database) -> None:
    """An autosave without an edit leaves the version and the project as they were."""
    project = await harbour(database)
    scene = (await scripts.get_script(database, project.id)).scenes[0]
    saved = await scripts.save_scene(database, scene.id, base_version=1, text=scene.text)
    assert saved.version == 1
    assert await projects.get_project(database, project.id) == project


async def test_an_older_base_version_is_refused_with_what_is_stored(database: Database) -> None:
    """The second of two writers gets the first one's scene and nothing of it is overwritten."""
    project = await harbour(database)
    scene = (await scripts.get_script(database, project.id)).scenes[0]
    first = await scripts.save_scene(
        database, scene.id, base_version=1, text="INT. KITCHEN - DAY\n\nFirst.\n\n"
    )
    with pytest.raises(SceneConflict) as caught:
        await scripts.save_scene(database, scene.id, base_version=1, text="INT. KITCHEN - DAY\n\nSecond.\n\n")
    assert (caught.value.scene.text, caught.value.scene.version) == (first.text, 2)
    assert (await scripts.get_scene(database, scene.id)).text == first.text


async def test_of_writers_that_save_together_one_wins(database: Database) -> None:
    """Ten saves on one version: one is stored, nine are told."""
    project = await harbour(database)
    scene = (await scripts.get_script(database, project.id)).scenes[0]
    answers = await asyncio.gather(
        *(
            scripts.save_scene(database, scene.id, base_version=1, text=f"INT. ROOM {number} - DAY\n\n")
            for number in range(10)
        ),
        return_exceptions=True,
    )
    won = [answer for answer in answers if not isinstance(answer, BaseException)]
    assert [type(answer) for answer in answers].count(SceneConflict) == 9
    assert [answer.text for answer in won] == [(await scripts.get_scene(database, scene.id)).text]


async def test_a_second_heading_splits_the_scene(database: Database) -> None:
    """The scene keeps its identity and its text up to the new heading; the rest stands right after it."""
    project = await harbour(database)
    first, second, third = (await scripts.get_script(database, project.id)).scenes
    text = "EXT. PIER - NIGHT\n\nWaves.\n\nINT. BOAT - NIGHT\n\nA lamp.\n\nEXT. SEA - NIGHT\n\nDark.\n\n"
    saved = await scripts.save_scene(database, second.id, base_version=1, text=text)
    assert (saved.id, saved.text) == (second.id, "EXT. PIER - NIGHT\n\nWaves.\n\n")
    assert [scene.slugline for scene in saved.added] == ["INT. BOAT - NIGHT", "EXT. SEA - NIGHT"]
    order = [scene.id for scene in (await scripts.get_script(database, project.id)).scenes]
    assert order == [first.id, second.id, *(scene.id for scene in saved.added), third.id]


async def test_words_above_the_heading_stay_in_their_scene(database: Database) -> None:
    """Typing above the heading neither splits the scene nor loses its slugline."""
    project = await harbour(database)
    scene = (await scripts.get_script(database, project.id)).scenes[1]
    saved = await scripts.save_scene(database, scene.id, base_version=1, text="Later.\n\n" + scene.text)
    assert (saved.slugline, saved.added) == ("EXT. PIER - NIGHT", [])
    assert saved.text == "Later.\n\n" + scene.text


async def test_a_scene_without_a_heading_stays_a_scene(database: Database) -> None:
    """A removed heading leaves the text where it is, without a slugline, even when nothing is left."""
    project = await harbour(database)
    scene = (await scripts.get_script(database, project.id)).scenes[1]
    bare = await scripts.save_scene(database, scene.id, base_version=1, text="Only words.\n")
    assert (bare.slugline, bare.text) == ("", "Only words.\n")
    empty = await scripts.save_scene(database, scene.id, base_version=2, text="")
    assert (empty.slugline, empty.text, empty.blocks) == ("", "", [])
    assert len(await sluglines(database, project)) == 3


async def test_scenes_are_added_where_asked(database: Database) -> None:
    """After a given scene, or at the end; several headings make several scenes."""
    project = await harbour(database)
    first = (await scripts.get_script(database, project.id)).scenes[0]
    await scripts.add_scene(
        database, project.script_id, after=first.id, text="INT. A - DAY\n\nEXT. B - DAY\n\n"
    )
    await scripts.add_scene(database, project.script_id, text="INT. LAST - DAY\n")
    assert await sluglines(database, project) == [
        "INT. KITCHEN - DAY",
        "INT. A - DAY",
        "EXT. B - DAY",
        "EXT. PIER - NIGHT",
        "INT. KITCHEN - DAY",
        "INT. LAST - DAY",
    ]


async def test_a_scene_cannot_be_added_after_a_scene_of_another_script(database: Database) -> None:
    """The place must be in the script that is written to."""
    project, other = await harbour(database), await harbour(database)
    foreign = (await scripts.get_script(database, other.id)).scenes[0]
    with pytest.raises(Invalid, match="another script"):
        await scripts.add_scene(database, project.script_id, after=foreign.id)


async def test_a_deleted_scene_comes_back_where_it_stood(database: Database) -> None:
    """Delete and restore is undo; the deleted scene is listed meanwhile and cannot be edited."""
    project = await harbour(database)
    scene = (await scripts.get_script(database, project.id)).scenes[1]
    await scripts.delete_scene(database, scene.id)
    assert len(await sluglines(database, project)) == 2
    assert [gone.id for gone in await scripts.deleted_scenes(database, project.script_id)] == [scene.id]
    with pytest.raises(NotFound):
        await scripts.save_scene(database, scene.id, base_version=1, text="lost?")
    restored = await scripts.restore_scene(database, scene.id)
    assert (restored.position, restored.text) == (1, scene.text)
    assert (await scripts.get_script(database, project.id)).scenes[1] == restored
    with pytest.raises(NotFound):
        await scripts.restore_scene(database, scene.id)


async def test_a_deleted_scene_follows_its_predecessor_through_a_reordering(database: Database) -> None:
    """A scene that was deleted behind another one is restored behind it, wherever that went."""
    project = await harbour(database)
    first, second, third = (scene.id for scene in (await scripts.get_script(database, project.id)).scenes)
    await scripts.delete_scene(database, second)
    await scripts.reorder(database, project.script_id, [third, first])
    await scripts.restore_scene(database, second)
    order = [scene.id for scene in (await scripts.get_script(database, project.id)).scenes]
    assert order == [third, first, second]


async def test_scenes_are_reordered(database: Database) -> None:
    """The answer and the next read have the new order; texts stay as they are."""
    project = await harbour(database)
    before = await scripts.get_script(database, project.id)
    order = [scene.id for scene in reversed(before.scenes)]
    after = await scripts.reorder(database, project.script_id, order)
    assert [scene.id for scene in after.scenes] == order
    assert await scripts.get_script(database, project.id) == after
    assert {scene.id: scene.text for scene in after.scenes} == {
        scene.id: scene.text for scene in before.scenes
    }


async def test_an_order_must_name_the_scenes_that_are_there(database: Database) -> None:
    """A scene too few, too many or twice is refused, and the order stays."""
    project = await harbour(database)
    present = [scene.id for scene in (await scripts.get_script(database, project.id)).scenes]
    for wrong in ([], present[:-1], [*present, "0" * 32]):
        with pytest.raises(OrderConflict):
            await scripts.reorder(database, project.script_id, wrong)
    with pytest.raises(Invalid, match="twice"):
        await scripts.reorder(database, project.script_id, [*present, present[0]])
    assert [scene.id for scene in (await scripts.get_script(database, project.id)).scenes] == present


async def test_a_move_leaves_alone_what_came_and_went_meanwhile(database: Database) -> None:
    """A writer who says which order was seen moves scenes though others were added and deleted since."""
    project = await harbour(database)
    first, second, third = (scene.id for scene in (await scripts.get_script(database, project.id)).scenes)
    new = await scripts.add_scene(database, project.script_id, after=second, text="INT. NEW - DAY\n")
    await scripts.delete_scene(database, first)
    seen = [first, second, third]
    moved = await scripts.reorder(database, project.script_id, [third, second, first], base_scene_ids=seen)
    assert [scene.id for scene in moved.scenes] == [third, second, new.id]
    await scripts.restore_scene(database, first)
    order = [scene.id for scene in (await scripts.get_script(database, project.id)).scenes]
    assert sorted(order) == sorted([first, second, third, new.id])


async def test_a_move_does_not_overrule_another_one_unseen(database: Database) -> None:
    """The second of two who move from one order is told and changes nothing; the same move again is no conflict."""
    project = await harbour(database)
    seen = [scene.id for scene in (await scripts.get_script(database, project.id)).scenes]
    first, second, third = seen
    moved = await scripts.reorder(database, project.script_id, [second, first, third], base_scene_ids=seen)
    with pytest.raises(OrderConflict, match="another order"):
        await scripts.reorder(database, project.script_id, [first, third, second], base_scene_ids=seen)
    again = await scripts.reorder(database, project.script_id, [second, first, third], base_scene_ids=seen)
    assert again == moved
    with pytest.raises(Invalid, match="the same scenes"):
        await scripts.reorder(database, project.script_id, [first, second], base_scene_ids=seen)


async def test_orders_and_additions_that_come_together_all_land(database: Database) -> None:
    """Six additions and six orders at once: no scene is lost, and those of the last order stand as it says."""
    project = await harbour(database)
    ids = [scene.id for scene in (await scripts.get_script(database, project.id)).scenes]
    before = (await projects.get_project(database, project.id)).version
    orders = list(permutations(ids))

    async def reorder(order: tuple[str, ...]) -> tuple[int, list[str]]:
        script = await scripts.reorder(database, project.script_id, order, base_scene_ids=None)
        return script.version, [scene.id for scene in script.scenes]

    answers = await asyncio.gather(
        *(reorder(order) for order in orders),
        *(
            scripts.add_scene(database, project.script_id, after=ids[0], text="INT. A - DAY\n")
            for _ in orders
        ),
        return_exceptions=True,
    )
    landed = [answer for answer in answers if isinstance(answer, tuple)]
    added = [answer.id for answer in answers if isinstance(answer, SavedScene)]
    # An order that does not name a scene that came first is refused, as it always was.
    refused = [answer for answer in answers if isinstance(answer, OrderConflict)]
    assert (len(landed) + len(refused), len(added)) == (6, 6)
    stored = [scene.id for scene in (await scripts.get_script(database, project.id)).scenes]
    assert sorted(stored) == sorted(ids + added)
    assert (await projects.get_project(database, project.id)).version <= before + 12
    if landed:
        _, last = max(landed)
        assert [scene for scene in stored if scene in last] == last


async def test_of_title_pages_that_are_saved_together_one_wins(database: Database) -> None:
    """Eight writers on top of one title page: one is stored, seven are told what it is."""
    project = await harbour(database)
    script = await scripts.get_script(database, project.id)
    answers = await asyncio.gather(
        *(
            scripts.save_preamble(
                database, script.id, base_text=script.preamble, text=f"Title: Port {number}\n\n"
            )
            for number in range(8)
        ),
        return_exceptions=True,
    )
    won = [answer.preamble for answer in answers if isinstance(answer, ScriptView)]
    told = [answer.preamble for answer in answers if isinstance(answer, PreambleConflict)]
    assert won * 7 == told
    assert (await scripts.get_script(database, project.id)).preamble == won[0]


async def test_the_text_before_the_first_scene_is_editable(database: Database) -> None:
    """The title page changes on top of what was read, and not on top of something else."""
    project = await harbour(database)
    script = await scripts.get_script(database, project.id)
    changed = await scripts.save_preamble(
        database, script.id, base_text=script.preamble, text="Title: Port\n\n"
    )
    assert changed.preamble == "Title: Port\n\n"
    with pytest.raises(PreambleConflict) as caught:
        await scripts.save_preamble(database, script.id, base_text=script.preamble, text="Title: Sea\n\n")
    assert caught.value.preamble == "Title: Port\n\n"
    assert (await projects.export_fountain(database, project.id)).startswith(b"Title: Port\n\nINT. KITCHEN")


@pytest.mark.parametrize("text", ["nul\0", "half \ud83d"])
async def test_text_that_no_database_holds_is_refused(database: Database, text: str) -> None:
    """The message says what to remove; the stored scene stays."""
    project = await harbour(database)
    scene = (await scripts.get_script(database, project.id)).scenes[0]
    with pytest.raises(Invalid, match="save"):
        await scripts.save_scene(database, scene.id, base_version=1, text=text)
    assert (await scripts.get_scene(database, scene.id)).version == 1


async def test_a_scene_is_given_in_one_way(database: Database) -> None:
    """Neither nothing nor both text and blocks."""
    project = await harbour(database)
    scene = (await scripts.get_script(database, project.id)).scenes[0]
    with pytest.raises(Invalid):
        await scripts.save_scene(database, scene.id, base_version=1)
    with pytest.raises(Invalid):
        await scripts.save_scene(database, scene.id, base_version=1, text="x", blocks=[])


async def test_a_scene_larger_than_an_upload_is_refused(database: Database) -> None:
    """More than 20 MB in one scene is too large."""
    project = await harbour(database)
    scene = (await scripts.get_script(database, project.id)).scenes[0]
    with pytest.raises(TooLarge, match="20 MB"):
        await scripts.save_scene(database, scene.id, base_version=1, text="x" * (20 * 1024 * 1024 + 1))
