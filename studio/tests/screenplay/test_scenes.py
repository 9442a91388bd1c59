"""Scenes taken out of a script, edited, moved, and put together again."""

from studio.screenplay import assemble, parse, restore_line_ends, split_scene


def test_two_scenes_may_have_the_same_slugline() -> None:
    """Scenes are told apart by their place, not by their heading."""
    scenes = parse("INT. KITCHEN - NIGHT\n\nOne.\n\nINT. KITCHEN - NIGHT\n\nTwo.\n").scenes
    assert [scene.slugline for scene in scenes] == ["INT. KITCHEN - NIGHT"] * 2
    assert [scene.text for scene in scenes] == [
        "INT. KITCHEN - NIGHT\n\nOne.\n\n",
        "INT. KITCHEN - NIGHT\n\nTwo.\n",
    ]


def test_an_edited_scene_is_one_scene() -> None:
    """A text with one heading is that scene, empty lines in front of it included."""
    [scene] = split_scene("\nINT. A #2#\n\nRain.")
    assert (scene.slugline, scene.scene_number, scene.text) == ("INT. A", "2", "\nINT. A #2#\n\nRain.")


def test_a_second_heading_makes_a_second_scene() -> None:
    """A heading that the writer typed into a scene splits it in two."""
    first, second = split_scene("INT. A\n\nRain.\n\nEXT. B\n\nSun.")
    assert (first.text, second.text) == ("INT. A\n\nRain.\n\n", "EXT. B\n\nSun.")


def test_a_scene_without_its_heading_is_told() -> None:
    """Text before any heading is a scene without slugline, never a title page."""
    assert [scene.slugline for scene in split_scene("Title: Rain\nAuthor: none")] == [""]
    assert [scene.slugline for scene in split_scene("")] == [""]
    assert [scene.text for scene in split_scene("Rain.\n\nEXT. B\n\nSun.")] == ["Rain.\n\n", "EXT. B\n\nSun."]


def test_a_last_scene_that_moves_up_gets_an_empty_line_after_it() -> None:
    """The next heading does not run into a scene that ended without a line end; the file's line ends are used."""
    assert (
        assemble("", ["INT. B\r\n\r\nEnd.", "INT. A\r\n\r\n"]) == "INT. B\r\n\r\nEnd.\r\n\r\nINT. A\r\n\r\n"
    )
    assert assemble("", ["INT. B\n\nEnd.\n", "INT. A\n"]) == "INT. B\n\nEnd.\n\nINT. A\n"
    assert assemble("Title: X", ["INT. A"]) == "Title: X\nINT. A"


def test_a_scene_without_heading_keeps_its_distance() -> None:
    """Text without a heading does not become part of the line, or of the speech, before it."""
    assert assemble("", ["INT. A\n\nANN\nHi.", "Rain."]) == "INT. A\n\nANN\nHi.\n\nRain."


def test_an_edit_leaves_the_line_ends_of_other_lines_alone() -> None:
    """New lines get the usual line end of the text, the others keep theirs."""
    original = "INT. A\r\n\r\nOne.\nTwo.\r\n\rEnd"
    assert restore_line_ends("INT. A\n\nOne.\nNew.\nTwo.\n\nEnd", original) == (
        "INT. A\r\n\r\nOne.\nNew.\r\nTwo.\r\n\rEnd"
    )


def test_an_edit_may_add_or_take_the_last_line_end() -> None:
    """Whether a text ends with a line end is the writer's choice."""
    assert restore_line_ends("a\nb\n", "a\r\nb") == "a\r\nb\r\n"
    assert restore_line_ends("a\nb", "a\r\nb\r\n") == "a\r\nb"
    assert restore_line_ends("a\nb", "") == "a\nb"
