"""How the Interview page looks: sizes, themes, names of controls, escaped text; and pictures of it all.

Pictures go to the directory in STUDIO_PICTURES, for people to look at.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

SIZES = {"narrow": (380, 800), "wide": (1600, 1000)}
HOSTILE = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>'
LONG_WORD = "Donaudampfschifffahrtsgesellschaftskapitänswitwenrentenversicherungsnummer"


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where pictures go."""
    directory = Path(os.environ.get("STUDIO_PICTURES", tmp_path))
    directory.mkdir(parents=True, exist_ok=True)
    return directory


@pytest.fixture(scope="module")
def stages(studio: Any) -> dict[str, str]:
    """Projects at each stage of the interview, with hostile and endless words in them: their ids."""
    stages = {}
    for stage in ("intro", "question", "follow-up", "review", "plan"):
        project = studio.call("POST", "/projects", {"title": f"Stage {stage}", "description": HOSTILE})["id"]
        stages[stage] = project
        at = f"/projects/{project}/interview"
        if stage == "intro":
            continue
        view = studio.call("POST", at)
        for _ in range(3 if stage == "question" else 18):
            text = f"Maria Lund said {LONG_WORD}, {HOSTILE}. Tomas keeps a secret."
            text = f"Stage {stage}" if view["current"] == "title" else text
            path = f"{at}/answers/{view['current']}"
            view = studio.call("PUT", path, {"text": text})["interview"]
        if stage in ("review", "plan"):
            studio.call("POST", f"{at}/finish")
        if stage == "plan":
            studio.call("POST", f"{at}/plan", {"instead_of": None})
    return stages


SHOWS = {
    "intro": ".blank-page",
    "question": ".question",
    "follow-up": ".question .why",
    "review": ".review li",
    "plan": ".plan-item",
}


@pytest.mark.parametrize("size", SIZES)
def test_nothing_sticks_out(
    studio: Any,
    stages: dict[str, str],
    open_window: Callable[..., Page],
    in_both_themes: Callable[[Page], Iterator[str]],
    pictures: Path,
    size: str,
) -> None:
    """Every stage of the page fits its window, in both themes; what is hostile is text; a picture of it is taken."""
    width, height = SIZES[size]
    page = open_window(width=width, height=height)
    for stage, project in stages.items():
        page.goto(f"{studio.url}/projects/{project}/interview")
        expect(page.locator(SHOWS[stage]).first).to_be_visible()
        for theme in in_both_themes(page):
            page.screenshot(path=pictures / f"interview-{stage}-{size}-{theme}.png")
            sideways = page.evaluate(
                """() => [...document.querySelectorAll('html, .interview-scroller, .stage, .plan, .review')]
                  .filter((element) => element.scrollWidth > element.clientWidth + 1)
                  .map((element) => element.className || element.tagName)"""
            )
            assert (stage, theme, sideways) == (stage, theme, [])
        assert page.evaluate("window.hit") is None


@pytest.mark.parametrize("stage", SHOWS)
def test_every_control_has_a_name(studio: Any, stages: dict[str, str], page: Page, stage: str) -> None:
    """Buttons, links and fields all have a name for those who cannot see them."""
    page.goto(f"{studio.url}/projects/{stages[stage]}/interview")
    expect(page.locator(SHOWS[stage]).first).to_be_visible()
    nameless = page.evaluate(
        """() => [...document.querySelectorAll('button, a[href], input, textarea, select')]
          .filter((element) => {
            const labels = [...(element.labels ?? [])].map((label) => label.textContent).join('');
            const name = element.getAttribute('aria-label') ?? '';
            return !(name + labels + (element.matches('button, a') ? element.textContent : '')).trim();
          })
          .map((element) => element.outerHTML.slice(0, 120))"""
    )
    assert nameless == []
