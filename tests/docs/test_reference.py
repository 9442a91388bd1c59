"""The reference names every error and command, and no others."""

import re
from pathlib import Path

import pytest
import typer.main

import indelible
from indelible.errors import IndelibleError, IndelibleWarning
from studio.cli import app

DOCS = Path(__file__).parents[2] / "docs"


def _all_subclasses(cls: type) -> list[type]:
    return [cls, *(below for child in cls.__subclasses__() for below in _all_subclasses(child))]


@pytest.mark.parametrize(
    "error", [cls for cls in _all_subclasses(IndelibleError) if cls is not IndelibleError and cls.__doc__]
)
def test_every_error_has_a_section_that_its_code_leads_to(error: type[IndelibleError]) -> None:
    """The code in an error's message is a heading of the errors page, which names the class."""
    page = (DOCS / "reference" / "errors.md").read_text()
    assert f"## {error.code}\n" in page
    public = next(cls for cls in error.__mro__ if cls.__name__ in indelible.__all__)
    assert f"`{public.__name__}`" in page
    assert f"[{error.code}]" in str(error())


@pytest.mark.parametrize("warning", _all_subclasses(IndelibleWarning)[1:])
def test_every_warning_is_described(warning: type) -> None:
    """The errors page names every warning."""
    assert f"`{warning.__name__}`" in (DOCS / "reference" / "errors.md").read_text()


def test_no_code_is_documented_that_no_error_has() -> None:
    """The errors page has no section for a code that is gone."""
    codes = {cls.code for cls in _all_subclasses(IndelibleError)}
    assert set(re.findall(r"^## (IND-\S+)$", (DOCS / "reference" / "errors.md").read_text(), re.M)) <= codes


def test_codes_are_unique() -> None:
    """Two public errors never share a code."""
    public = [cls for cls in _all_subclasses(IndelibleError) if cls.__name__ in indelible.__all__]
    assert len({cls.code for cls in public}) == len(public)


@pytest.mark.parametrize("name", [name for name in indelible.__all__ if name[0].islower()])
def test_every_public_function_is_in_the_reference(name: str) -> None:
    """The reference of documents names each function that `indelible` offers."""
    assert f"{name}(" in (DOCS / "reference" / "documents.md").read_text()


def test_the_guide_to_studio_names_every_command() -> None:
    """Each `studio` command is shown, and each one shown exists."""
    commands = set(typer.main.get_group(app).commands)
    shown = set(re.findall(r"uv run studio (\w+)", (DOCS / "how-to" / "studio.md").read_text()))
    assert shown == commands


@pytest.mark.parametrize("page", sorted([*DOCS.rglob("*.md"), *DOCS.parent.glob("*.md")]))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    """A relative link names a file that is there, and an anchor a heading in it."""
    for target in re.findall(r"\]\((?!\w+:)([^)]+)\)", page.read_text()):
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", linked.read_text(), re.M)
            assert anchor in {re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in headings}, target
