"""A screenplay as a page for print."""

import re

import pytest

from studio.screenplay import parse, to_html
from studio.screenplay.emphasis import emphasised, plain


def body(script: str, title: str = "T") -> str:
    return to_html(parse(script), title).split("<body>")[1]


@pytest.mark.parametrize(
    ("line", "html"),
    [
        ("*a b*", "<em>a b</em>"),
        ("**a**", "<strong>a</strong>"),
        ("***a***", "<strong><em>a</em></strong>"),
        ("_a_", "<u>a</u>"),
        ("_a *b* c_", "<u>a <em>b</em> c</u>"),
        ("**a *b***", "<strong>a <em>b</em></strong>"),
        ("*a **b***", "<em>a <strong>b</strong></em>"),
        (r"\*a\* \_b\_", "*a* _b_"),
        ("He dialed *69 and then *23, and hung up.", "He dialed *69 and then *23, and hung up."),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("Name: ______", "Name: ______"),
        ("*a", "*a"),
        ("a*", "a*"),
        ("****", "****"),
        ("*a _b* c_", "<em>a _b</em> c_"),
        ("<b>*&*", "&lt;b&gt;<em>&amp;</em>"),
    ],
)
def test_emphasis(line: str, html: str) -> None:
    """Stars and underscores are emphasis where they embrace text, and characters elsewhere."""
    assert emphasised(line) == html


def test_emphasis_is_left_out_of_plain_text() -> None:
    """What is needed as text has neither marks nor HTML."""
    assert plain("_**BRICK & STEEL**_ <3") == "BRICK & STEEL <3"


def test_script_text_is_inert() -> None:
    """Markup in any part of a script is shown, not obeyed."""
    attack = "<script>alert(1)</script><img src=x onerror='x'>\"&"
    script = (
        f"Title: {attack}\nAuthor: {attack}\nContact: {attack}\n\n.a {attack} #1#\n\n!{attack}\n\n"
        f"@{attack}\n({attack})\n{attack}\n~{attack}\n\n>{attack}\n\n> {attack} <\n"
    )
    page = to_html(parse(script), attack)
    assert "<script" not in page
    assert "<img" not in page
    assert (
        page.count("&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=&#x27;x&#x27;&gt;&quot;&amp;")
        == 12
    )


def test_the_page_forbids_scripts_and_outside_content() -> None:
    """A content policy stands before anything of the script's."""
    page = to_html(parse(""), "T")
    assert "default-src 'none'" in page.split("<title>")[0]


def test_characters_that_html_cannot_hold_are_replaced() -> None:
    """NUL, control characters and lone surrogates become U+FFFD, so that the page can be saved."""
    assert "a\ufffdb\ufffdc\ufffdd" in body("a\x00b\x1bc\ud800d")


def test_the_title_page_comes_first() -> None:
    """Title, credit and author stand in the middle, all else at the foot."""
    centre, foot = body("Title: **Rain**\n  Again\nCredit: by\nAuthor: Ann\nContact: Here\n\nINT. A").split(
        'class="foot"'
    )
    assert "<h1><strong>Rain</strong><br>Again</h1>" in centre
    assert "<p>by</p>\n<p>Ann</p>" in centre
    assert "<p>Here</p>" in foot


def test_a_script_without_a_title_gets_the_projects() -> None:
    """The given title is text, whatever stars it has."""
    assert "<h1>A *star* &amp; more</h1>" in body("INT. A", "A *star* & more")


def test_scene_numbers_stand_on_both_sides() -> None:
    """A numbered heading shows its number twice, an unnumbered one shows none."""
    assert body("INT. A #7B#\n").count('<span class="number">7B</span>') == 2
    assert "number" not in body("INT. A\n")


def test_dual_dialogue_stands_side_by_side() -> None:
    """A cue with a caret and the speech before it share a row, each with its lines."""
    html = body("\nANN\nOne.\n\nBOB ^\n(low)\nTwo.\n\nRain.")
    assert re.search(
        r'<div class="dual"><div class="speech"><p class="character">ANN</p><p class="dialogue">One.</p></div>'
        r'<div class="speech"><p class="character">BOB</p><p class="parenthetical">\(low\)</p>'
        r'<p class="dialogue">Two.</p></div></div>\s*<p class="action">Rain.</p>',
        html,
    )


def test_a_caret_without_a_speech_before_it_is_an_ordinary_cue() -> None:
    """Action in between, or nothing at all before it, leaves the speech alone on its row."""
    assert 'class="dual"' not in body("\nANN\nOne.\n\nRain.\n\nBOB ^\nTwo.")
    assert 'class="dual"' not in body("\nBOB ^\nTwo.")


def test_what_is_not_for_readers_is_left_out() -> None:
    """Notes, boneyard, sections and synopses do not print."""
    html = body(
        "INT. A\n\n# Secret\n\n= Secret\n\n[[Secret]]\n\n/* Secret */\n\nRain [[secret]] /* secret */ falls."
    )
    assert "ecret" not in html
    assert "Rain   falls." in html


def test_a_writers_empty_lines_are_kept() -> None:
    """Two empty lines more than one are two more on paper, up to a page."""
    assert '<p class="gap"><br><br></p>' in body("One.\n\n\n\nTwo.")
    assert body("One." + "\r\n" * 5000 + "Two.").count("<br>") < 60


def test_page_breaks_break_pages() -> None:
    """`===` is a break, not text."""
    html = body("One.\n\n===\n\nTwo.")
    assert '<hr class="page_break">' in html
    assert "===" not in html


def test_print_is_us_letter_in_courier() -> None:
    """The page's size, font and line height are those of the trade."""
    styles = to_html(parse(""), "T")
    assert "size: 8.5in 11in" in styles
    assert re.search(r'font: 12pt/12pt "Courier Prime"', styles)
