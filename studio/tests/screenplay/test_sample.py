"""The screenplay that a new Studio opens with."""

from collections import Counter

from studio.sample import sample_text
from studio.screenplay import parse


def test_the_sample_is_a_complete_short_film() -> None:
    """Fourteen scenes or more, five characters or more, a title, and an end."""
    screenplay = parse(sample_text())
    assert screenplay.title == "THE NINETY-FIRST DAY"
    assert len(screenplay.scenes) >= 14
    assert len(screenplay.characters) >= 5
    assert screenplay.scenes[-1].blocks[-1].display == "**THE END**"


def test_two_of_its_scenes_share_a_slugline() -> None:
    """The kitchen is seen twice, so that summaries by slugline would collide."""
    sluglines = Counter(scene.slugline for scene in parse(sample_text()).scenes)
    assert sluglines["INT. INES'S KITCHEN - NIGHT"] == 2


def test_it_uses_the_whole_syntax() -> None:
    """Whoever opens it meets every element of Fountain but the page break."""
    screenplay = parse(sample_text())
    blocks = [*screenplay.preamble_blocks, *(block for scene in screenplay.scenes for block in scene.blocks)]
    assert {block.type for block in blocks} == {
        "title_page",
        "scene_heading",
        "action",
        "character",
        "parenthetical",
        "dialogue",
        "lyrics",
        "transition",
        "centered",
        "section",
        "synopsis",
        "note",
        "boneyard",
        "blank",
    }
    assert any(block.dual for block in blocks)


def test_its_scenes_are_numbered_in_order() -> None:
    """Scene numbers run from 1."""
    scenes = parse(sample_text()).scenes
    assert [scene.scene_number for scene in scenes] == [str(number + 1) for number in range(len(scenes))]
