"""Each element of the Fountain 1.1 syntax, by example."""

import pytest

from studio.screenplay import Block, parse


def elements(script: str) -> list[tuple[str, str]]:
    """The type and printed text of what is not blank."""
    screenplay = parse(script)
    blocks = [*screenplay.preamble_blocks, *(block for scene in screenplay.scenes for block in scene.blocks)]
    return [(block.type, block.display) for block in blocks if block.type != "blank"]


@pytest.mark.parametrize(
    "heading",
    [
        "INT. HOUSE - DAY",
        "EXT. HOUSE - DAY",
        "EST. HOUSE - DAY",
        "INT HOUSE - DAY",
        "INT./EXT. HOUSE - DAY",
        "INT/EXT HOUSE - DAY",
        "EXT./INT. HOUSE - DAY",
        "I/E. HOUSE - DAY",
        "I/E HOUSE - DAY",
        "int. house - day",
        "Ext. House - Day",
        "   INT. HOUSE - DAY",
        "\tINT. HOUSE - DAY",
    ],
)
def test_a_line_that_begins_like_a_slugline_is_a_scene_heading(heading: str) -> None:
    """INT, EXT, EST, INT/EXT and I/E begin a scene, in any case, with a dot or a space, indented or not."""
    assert elements(f"{heading}\n\nRain.") == [("scene_heading", heading.strip()), ("action", "Rain.")]


@pytest.mark.parametrize(
    "line", ["INTERIOR MONOLOGUE", "EXTRA! EXTRA!", "...and then", "..", "1. INT. HOUSE", "INT"]
)
def test_a_line_that_only_resembles_a_slugline_is_action(line: str) -> None:
    """Words that begin with INT or EXT, ellipses and lone dots are no headings."""
    assert elements(f"\n{line}\n\nRain.")[0] == ("action", line)


def test_a_heading_needs_an_empty_line_before_it() -> None:
    """A slugline inside a paragraph is part of the paragraph."""
    assert elements("He reads:\nINT. HOUSE\nand frowns.") == [
        ("action", "He reads:\nINT. HOUSE\nand frowns.")
    ]


@pytest.mark.parametrize(
    "before", ["# ACT ONE", "= A synopsis", "===", "CUT TO:", "> FADE IN:", "> x <", "/* cut */"]
)
def test_a_heading_may_follow_a_line_that_stands_alone(before: str) -> None:
    """A section, synopsis, page break, transition, centred line or boneyard is as good as an empty line."""
    assert [scene.slugline for scene in parse(f"\n{before}\nINT. HOUSE\n\nRain.").scenes] == ["INT. HOUSE"]


def test_a_heading_may_be_followed_by_action_at_once() -> None:
    """No empty line is needed after a heading."""
    assert elements("INT. HOUSE\nRain.") == [("scene_heading", "INT. HOUSE"), ("action", "Rain.")]


def test_a_period_forces_a_scene_heading() -> None:
    """`.SNIPER SCOPE POV` is a heading, shown without its period."""
    [scene] = parse(".SNIPER SCOPE POV\n\nRain.").scenes
    assert scene.slugline == "SNIPER SCOPE POV"
    assert scene.text.startswith(".SNIPER")


@pytest.mark.parametrize(
    ("heading", "slugline", "number"),
    [
        ("INT. HOUSE - DAY #1#", "INT. HOUSE - DAY", "1"),
        ("INT. HOUSE - DAY #1A#", "INT. HOUSE - DAY", "1A"),
        ("INT. HOUSE - DAY #I-1-A#", "INT. HOUSE - DAY", "I-1-A"),
        ("INT. HOUSE - DAY - FLASHBACK (1944) #110A#", "INT. HOUSE - DAY - FLASHBACK (1944)", "110A"),
        (".HOUSE#2.#  ", "HOUSE", "2."),
        ("INT. ROOM #9", "INT. ROOM #9", None),
        ("INT. ROOM ##", "INT. ROOM ##", None),
        ("INT. ROOM #a b#", "INT. ROOM #a b#", None),
        ("INT. ROOM [[where?]] #3#", "INT. ROOM", "3"),
    ],
)
def test_scene_numbers_are_read_off_the_slugline(heading: str, slugline: str, number: str | None) -> None:
    """A number of letters, digits, dashes and periods between hashes at the end is the scene's number."""
    [scene] = parse(f"{heading}\n\nRain.").scenes
    assert (scene.slugline, scene.scene_number) == (slugline, number)


def test_action_keeps_its_line_breaks_and_indentation() -> None:
    """A paragraph of action is one block; a line break in it is the writer's."""
    assert elements("\n    Slow\n  and low.\n\nNext.") == [
        ("action", "    Slow\n  and low."),
        ("action", "Next."),
    ]


def test_an_exclamation_mark_forces_action() -> None:
    """`!` keeps capitals, headings and even lines in a speech from being anything but action."""
    script = "!INT. NOT A SCENE\n\n!BANG\nA shot.\n\nJOHN\nDown!\n!He drops."
    assert elements(script) == [
        ("action", "INT. NOT A SCENE"),
        ("action", "BANG\nA shot."),
        ("character", "JOHN"),
        ("dialogue", "Down!"),
        ("action", "He drops."),
    ]


@pytest.mark.parametrize(
    "cue",
    [
        "STEEL",
        "R2D2",
        "MOM (O. S.)",
        "HANS (on the radio)",
        "ÉMILE",
        "МАША",
        "   STEEL",
        "O'NEIL (V.O.) (CONT'D)",
    ],
)
def test_an_upper_case_line_above_text_is_a_cue(cue: str) -> None:
    """Capitals after an empty line and before a line of text are a character's, extensions in any case."""
    assert elements(f"\n{cue}\nHello.") == [("character", cue.strip()), ("dialogue", "Hello.")]


@pytest.mark.parametrize("line", ["23", "STEEL said", "(BEAT)", "他说", "Steel"])
def test_a_line_that_is_not_all_capitals_is_no_cue(line: str) -> None:
    """A cue has at least one capital and no small letters outside parentheses."""
    assert elements(f"\n{line}\nHello.") == [("action", f"{line}\nHello.")]


def test_capitals_above_an_empty_line_are_action() -> None:
    """A cue without a speech is no cue, even if the empty line below it holds spaces."""
    assert elements("\nBANG\n\nSmoke.") == [("action", "BANG"), ("action", "Smoke.")]
    assert elements("\nBANG\n   \nSmoke.") == [("action", "BANG"), ("action", "Smoke.")]


def test_an_at_sign_forces_a_cue() -> None:
    """`@McCLANE` is a cue in spite of its small letters."""
    assert elements("\n@McCLANE\nYippie.") == [("character", "McCLANE"), ("dialogue", "Yippie.")]


def test_who_speaks_is_told_without_marks_and_extensions() -> None:
    """`characters` names each speaker once, in order of first speech."""
    [scene] = parse("INT. A\n\n@McCLANE (V.O.)\nA.\n\nSTEEL (CONT'D) ^\nB.\n\nSTEEL [[who?]]\nC.").scenes
    assert scene.characters == ("McCLANE", "STEEL")


def test_parentheticals_stand_below_a_cue_or_between_lines() -> None:
    """A line in parentheses inside a speech is a parenthetical; outside of one it is action."""
    assert elements("\nSTEEL\n(low)\nThey're coming.\n(beat)\nRun.\n\n(Wind.)") == [
        ("character", "STEEL"),
        ("parenthetical", "(low)"),
        ("dialogue", "They're coming."),
        ("parenthetical", "(beat)"),
        ("dialogue", "Run."),
        ("action", "(Wind.)"),
    ]


def test_two_spaces_keep_a_speech_going_over_an_empty_line() -> None:
    """An otherwise empty line with two spaces is a pause in the speech; an empty one ends it."""
    assert elements("\nDEALER\nTen.\n  \nHit me.\n\nBust.") == [
        ("character", "DEALER"),
        ("dialogue", "Ten.\n\nHit me."),
        ("action", "Bust."),
    ]


def test_lines_that_people_say_may_begin_with_marks() -> None:
    """Inside a speech `#`, `=`, `>`, `.` and `@` are said, not meant as elements."""
    said = "#blessed\n= equals\n> greater\n.38 calibre\n@home"
    assert elements(f"\nANN\n{said}") == [("character", "ANN"), ("dialogue", said)]


def test_a_caret_makes_dual_dialogue() -> None:
    """The second cue carries `^`; it shows without it."""
    [scene] = parse("INT. A\n\nBRICK\nScrew.\n\nSTEEL ^\nScrew.").scenes
    cues = [block for block in scene.blocks if block.type == "character"]
    assert [(cue.display, cue.dual) for cue in cues] == [("BRICK", False), ("STEEL", True)]


def test_a_tilde_makes_lyrics() -> None:
    """Lyrics may stand alone or be sung by somebody."""
    assert elements("\n~Willy Wonka!\n~Willy Wonka!\n\nANN\n~La.") == [
        ("lyrics", "Willy Wonka!\nWilly Wonka!"),
        ("character", "ANN"),
        ("lyrics", "La."),
    ]


def test_capitals_that_end_in_to_are_a_transition() -> None:
    """`CUT TO:` is a transition, even where the next line follows at once; a space after the colon says it is not."""
    assert elements("\nCUT TO:\n\nRain.")[0] == ("transition", "CUT TO:")
    assert elements("\nSMASH CUT TO:\nINT. HOUSE\n")[1] == ("scene_heading", "INT. HOUSE")
    assert elements("\nCUT TO: \n\nRain.")[0] == ("action", "CUT TO:")
    assert elements("\nCut to:\n\nRain.")[0] == ("action", "Cut to:")


def test_a_greater_sign_forces_a_transition() -> None:
    """`> Burn to White.` is a transition."""
    assert elements("\n> Burn to White.\n") == [("transition", "Burn to White.")]


def test_text_between_angles_is_centred() -> None:
    """`> THE END <` is centred, spaces or not."""
    assert elements("\n> THE END <\n>x<\n") == [("centered", "THE END"), ("centered", "x")]


def test_sections_and_synopses_structure_a_script() -> None:
    """`#` makes a section of any depth, `=` a synopsis, `===` a page break."""
    assert elements("\n# Act\n\n### Beat\n\n= They meet.\n\n=====\n\n== neither") == [
        ("section", "Act"),
        ("section", "Beat"),
        ("synopsis", "They meet."),
        ("page_break", "====="),
        ("action", "== neither"),
    ]


def test_notes_do_not_print() -> None:
    """A note on its own is a block; inside a line it is left out of what prints, but not of the text."""
    assert elements("\n[[Check this.]]\n\nHe runs [[too fast?\nslower]] away.") == [
        ("note", ""),
        ("action", "He runs  away."),
    ]
    [scene] = parse("INT. A\n\nHe runs [[fast]].").scenes
    assert scene.blocks[-1] == Block("action", "He runs [[fast]].")


def test_a_note_holds_an_empty_line_only_with_two_spaces() -> None:
    """An empty line ends the hope for `]]`: what was opened is text."""
    assert elements("\n[[one\n  \ntwo]]\n") == [("note", "")]
    assert elements("\n[[one\n\ntwo]]\n") == [("action", "[[one"), ("action", "two]]")]
    assert elements("\r\n[[one\r\n\r\ntwo]]\r\n") == [("action", "[[one"), ("action", "two]]")]


def test_a_note_between_lines_does_not_end_a_speech() -> None:
    """A note or boneyard inside a speech is a block of its own, and the speech goes on."""
    assert elements("\nANN\nOne.\n[[hm]]\nTwo.\n/* x */\nThree.") == [
        ("character", "ANN"),
        ("dialogue", "One."),
        ("note", ""),
        ("dialogue", "Two."),
        ("boneyard", ""),
        ("dialogue", "Three."),
    ]


def test_boneyard_hides_whole_scenes() -> None:
    """A heading inside boneyard starts no scene; the boneyard is one block of the scene that it began in."""
    screenplay = parse("INT. A\n\nOne.\n\n/*\nINT. B\n\nTwo.\n\n*/\n\nINT. C\n\nThree.")
    assert [scene.slugline for scene in screenplay.scenes] == ["INT. A", "INT. C"]
    assert Block("boneyard", "/*\nINT. B\n\nTwo.\n\n*/\n") in screenplay.scenes[0].blocks


def test_boneyard_that_is_never_closed_is_text() -> None:
    """A forgotten `*/` hides nothing: the scenes after it stay scenes."""
    screenplay = parse("INT. A\n\nOne. /* cut\n\nINT. B\n\nTwo.")
    assert [scene.slugline for scene in screenplay.scenes] == ["INT. A", "INT. B"]
    assert screenplay.scenes[0].blocks[2].display == "One. /* cut"


def test_whichever_of_note_and_boneyard_opens_first_wins() -> None:
    """Marks inside a note or boneyard are part of it."""
    assert elements("\n/* [[ */ a ]]\n\n[[ /* ]] b */") == [("action", " a ]]"), ("action", " b */")]


def test_the_title_page_has_values_on_the_line_and_below() -> None:
    """Keys are kept as written, with one value for each line; emphasis is left out of the title."""
    screenplay = parse(
        "Title:\n    _**BRICK & STEEL**_\n    FULL RETIRED\nAuthor: Stu\nContact:\n\tLA\n\nINT. A\n\nRain."
    )
    assert screenplay.title_page == {
        "Title": ["_**BRICK & STEEL**_", "FULL RETIRED"],
        "Author": ["Stu"],
        "Contact": ["LA"],
    }
    assert screenplay.title == "BRICK & STEEL FULL RETIRED"
    assert screenplay.preamble_blocks[0].type == "title_page"
    assert [scene.slugline for scene in screenplay.scenes] == ["INT. A"]


@pytest.mark.parametrize(
    "opening", ["FADE IN:\n\n", "A voice: hello.\n\n", "INT. A: B\nTitle: C\n\n", "\nRain.\nTitle: x\n\n"]
)
def test_a_script_that_opens_with_a_colon_has_no_title_page(opening: str) -> None:
    """FADE IN:, a sentence with a colon or a scene is not taken for a title page."""
    assert parse(opening + "INT. HOUSE\n\nRain.").title_page == {}


@pytest.mark.parametrize("before", ["\ufeff", "\n\n", "[[a note]]\n", "\ufeff\r\n"])
def test_a_title_page_may_follow_a_mark_empty_lines_or_a_note(before: str) -> None:
    """What does not print does not keep a title page from being one."""
    assert parse(before + "Title: X\nKey of mine: Y\n\nRain.").title_page == {
        "Title": ["X"],
        "Key of mine": ["Y"],
    }


def test_a_heading_right_below_the_title_page_starts_a_scene() -> None:
    """A forgotten empty line after the title page costs no scene; an indented value may look like a heading."""
    screenplay = parse("Title:\n    INT. LIFE\nINT. HOUSE\n\nRain.")
    assert screenplay.title == "INT. LIFE"
    assert [scene.slugline for scene in screenplay.scenes] == ["INT. HOUSE"]


def test_a_byte_order_mark_does_not_hide_the_first_scene() -> None:
    """A mark in front of the first heading belongs to the preamble."""
    screenplay = parse("\ufeffINT. A\n\nRain.")
    assert (screenplay.preamble, screenplay.scenes[0].slugline) == ("\ufeff", "INT. A")


def test_only_cr_lf_and_crlf_end_lines() -> None:
    """Form feeds, vertical tabs and Unicode separators are characters inside a line."""
    assert elements("\rA\x0bB\x0cC\u2028D\x85E\r\rf\r\nG") == [
        ("action", "A\x0bB\x0cC\u2028D\x85E"),
        ("action", "f\nG"),
    ]
