"""Two edits of one text are merged line by line, and what both changed is left to a person."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.script.line_matching import matching_blocks
from studio.script.merging import Hunk, merge, merged_text

SCENE = """INT. KITCHEN - DAY

Maria reads.

MARIA
It is from him.

She burns the letter.

CUT TO:
"""

LINES = ["", "", "MARIA", "Rain.", "JOHN", "Hello there.", "CUT TO:", "(beat)"]
TEXTS = st.lists(st.sampled_from(LINES), max_size=12).map(
    lambda lines: "".join(f"{line}\n" for line in lines)
)
ANY_ENDS = st.lists(st.tuples(st.sampled_from(LINES), st.sampled_from(["\n", "\r\n", "\r", ""]))).map(
    lambda lines: "".join(text + end for text, end in lines)
)


def edited(*changes: tuple[str, str], text: str = SCENE) -> str:
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def kinds(hunks: list[Hunk]) -> list[str]:
    return [hunk.kind for hunk in hunks]


def test_edits_of_different_lines_are_both_taken() -> None:
    """Neither writer has to choose anything; in whatever order they saved, the text is the same."""
    mine = edited(("Maria reads.", "Maria reads slowly."))
    theirs = edited(("She burns", "She folds"), ("CUT TO:", "FADE OUT."))
    expected = edited(
        ("Maria reads.", "Maria reads slowly."), ("She burns", "She folds"), ("CUT TO:", "FADE OUT.")
    )
    assert merged_text(merge(SCENE, mine, theirs)) == expected
    assert merged_text(merge(SCENE, theirs, mine)) == expected
    assert kinds(merge(SCENE, mine, theirs)) == ["same", "mine", "same", "theirs", "same", "theirs"]


def test_paragraphs_next_to_each_other_do_not_touch() -> None:
    """The blank line between two paragraphs keeps their edits apart."""
    mine, theirs = edited(("Maria reads.", "Maria waits.")), edited(("MARIA\nIt is", "MARIA\nThis is"))
    assert merged_text(merge(SCENE, mine, theirs)) == edited(
        ("Maria reads.", "Maria waits."), ("It is", "This is")
    )


def test_edits_of_one_line_are_for_a_person_to_choose() -> None:
    """The hunk has the line as it was and as each made it; the rest is merged around it."""
    mine = edited(("Maria reads.", "Maria reads slowly."), ("CUT TO:", "FADE OUT."))
    theirs = edited(("Maria reads.", "Maria reads fast."))
    hunks = merge(SCENE, mine, theirs)
    assert merged_text(hunks) is None
    assert kinds(hunks) == ["same", "conflict", "same", "mine"]
    assert hunks[1] == Hunk("conflict", "Maria reads.\n", "Maria reads slowly.\n", "Maria reads fast.\n")


def test_changes_that_touch_are_one() -> None:
    """A line changed by one and the line after it by the other: nobody knows whether that still fits."""
    mine, theirs = edited(("MARIA\n", "MARIA (whispers)\n")), edited(("It is from him.", "It is from her."))
    assert "conflict" in kinds(merge(SCENE, mine, theirs))


def test_two_insertions_at_one_place_are_for_a_person_to_choose() -> None:
    """Which comes first is not known."""
    mine, theirs = edited(("CUT TO:", "Thunder.\n\nCUT TO:")), edited(("CUT TO:", "Rain.\n\nCUT TO:"))
    hunk = next(hunk for hunk in merge(SCENE, mine, theirs) if hunk.kind == "conflict")
    assert (hunk.base, hunk.mine, hunk.theirs) == ("", "Thunder.\n", "Rain.\n")


def test_a_line_deleted_here_and_changed_there_is_for_a_person_to_choose() -> None:
    """A deletion does not swallow the other's edit."""
    mine, theirs = edited(("She burns the letter.\n\n", "")), edited(("She burns", "She hides"))
    hunks = merge(SCENE, mine, theirs)
    assert merged_text(hunks) is None
    assert "She hides the letter.\n" in "".join(hunk.theirs for hunk in hunks if hunk.kind == "conflict")


def test_the_same_edit_by_both_is_no_conflict() -> None:
    """Both corrected the same word; each changed something else besides."""
    both = ("from him", "from them")
    hunks = merge(SCENE, edited(both, ("reads", "waits")), edited(both, ("CUT TO:", "FADE OUT.")))
    assert merged_text(hunks) == edited(both, ("reads", "waits"), ("CUT TO:", "FADE OUT."))


def test_lines_that_both_wrote_alike_are_not_part_of_the_choice() -> None:
    """Of two rewritten paragraphs only the lines that differ are to choose from."""
    mine = edited(("Maria reads.", "Rain.\nMaria reads slowly.\nThunder."))
    theirs = edited(("Maria reads.", "Rain.\nMaria reads fast.\nThunder."))
    hunk = next(hunk for hunk in merge(SCENE, mine, theirs) if hunk.kind == "conflict")
    assert (hunk.mine, hunk.theirs) == ("Maria reads slowly.\n", "Maria reads fast.\n")


def test_line_ends_are_no_edit() -> None:
    """A script with CRLF that went through a browser has changed only where someone typed."""
    base = SCENE.replace("\n", "\r\n")
    mine, theirs = edited(("reads", "waits")), edited(("\n", "\r\n"), ("CUT TO:", "FADE OUT."))
    assert merged_text(merge(base, mine, theirs)) == edited(("reads", "waits"), ("CUT TO:", "FADE OUT."))


def test_without_a_base_each_difference_is_a_choice() -> None:
    """Nobody knows who wrote a line and who removed one, so nothing is taken by itself."""
    hunks = merge(None, edited(("CUT TO:\n", "")), edited(("reads", "waits")))
    assert kinds(hunks) == ["same", "conflict", "same", "conflict"]
    assert [hunk.base for hunk in hunks if hunk.kind == "conflict"] == ["", ""]
    assert merged_text(merge(None, SCENE, SCENE)) == SCENE


@given(ANY_ENDS, ANY_ENDS, ANY_ENDS)
def test_the_hunks_are_the_texts(base: str, mine: str, theirs: str) -> None:
    """Joined, they give each of the three texts back: no line is dropped, whatever is chosen."""
    hunks = merge(base, mine, theirs)
    for side, text in (("base", base), ("mine", mine), ("theirs", theirs)):
        assert "".join(getattr(hunk, side) for hunk in hunks) == text.replace("\r\n", "\n").replace(
            "\r", "\n"
        )
    for hunk in merge(None, mine, theirs):
        assert hunk.kind == ("same" if hunk.mine == hunk.theirs else "conflict")


@given(TEXTS, TEXTS)
def test_who_alone_edited_gets_their_text(base: str, edit: str) -> None:
    """With one edit, or the same one twice, the merge is that edit."""
    assert merged_text(merge(base, edit, base)) == edit
    assert merged_text(merge(base, base, edit)) == edit
    assert merged_text(merge(base, edit, edit)) == edit


@given(TEXTS, TEXTS, TEXTS)
def test_the_sides_can_be_exchanged(base: str, mine: str, theirs: str) -> None:
    """Whoever saves second meets the same conflicts, and the same merged text."""
    here, there = merge(base, mine, theirs), merge(base, theirs, mine)
    swap = {"mine": "theirs", "theirs": "mine"}
    assert [swap.get(kind, kind) for kind in kinds(here)] == kinds(there)
    assert merged_text(here) == merged_text(there)


@given(st.lists(st.sampled_from("abcde"), max_size=30), st.lists(st.sampled_from("abcde"), max_size=30))
def test_blocks_are_common_lines_in_order(one: list[str], other: list[str]) -> None:
    """Each block is alike in both texts, and none goes back before the one before it."""
    at = other_at = 0
    for block in matching_blocks(one, other):
        assert block.one >= at
        assert block.other >= other_at
        at, other_at = block.one + block.length, block.other + block.length
        assert one[block.one : at] == other[block.other : other_at]
    assert (at, other_at) == (len(one), len(other))


@pytest.mark.parametrize("line", ["a line of its own {}", "the same line", "one of {parity}"])
def test_long_texts_are_merged_in_time(line: str) -> None:
    """Forty thousand lines, unique or all alike, edited all over: one that takes the square would not end."""
    lines = [line.format(at, parity=at % 2) for at in range(40_000)]
    chance = random.Random(4)
    sides = []
    for name in ("mine", "theirs"):
        side = list(lines)
        for _ in range(300):
            side[chance.randrange(len(side))] = f"{name} {chance.random()}"
        sides.append("\n".join(side))
    hunks = merge("\n".join(lines), *sides)
    assert "".join(hunk.mine for hunk in hunks) == sides[0]
