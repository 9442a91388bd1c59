"""The frame around every page: head, skip link, masthead, and the landmark for the page's own content."""

from collections.abc import Iterator
from contextlib import contextmanager

from nicegui import context, ui
from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement

STYLE_SHEETS = ("tokens", "base", "controls", "messages", "project-pages")
SIGN = (
    '<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" '
    'stroke-linejoin="round" aria-hidden="true"><path d="{}"/></svg>'
)
# The pages of one project: name, address below the project's, label, and its sign on a grid of 24.
PROJECT_PAGES = (
    ("interview", "/interview", "Interview", "M4 5h16v11H10l-5 4v-4H4zM8 9h8M8 12h5"),
    ("script", "", "Script", "M5 4h11l3 3v13H5zM8 10h8M8 14h8M8 18h4"),
    ("storyboard", "/storyboard", "Storyboard", "M3 6h18v12H3zM3 10h18M3 14h18M8 6v4M8 14v4M16 6v4M16 14v4"),
)

JOBS_SIGN = "M4 6h10M4 12h7M4 18h10M17 9l3 3-3 3M20 12h-6"

# A drop of ink on the point of a nib.
LOGO = (
    '<svg viewBox="0 0 24 24" fill="currentColor" aria-hidden="true">'
    '<path d="M12 2c3.6 4.6 6.2 8.2 6.2 12A6.2 6.2 0 0 1 12 20.2 6.2 6.2 0 0 1 5.8 14C5.8 10.2 8.4 6.6 12 2z"/>'
    '<path d="M9 13.6a3.2 3.2 0 0 0 2.6 3.4" fill="none" stroke="var(--desk)" stroke-width="1.6" '
    'stroke-linecap="round"/></svg>'
)


class ThemeSwitch(Element, component="../static/js/themeswitch.js"):
    """The switch between light and dark."""


@contextmanager
def frame(
    title: str,
    *,
    heading: str | None = None,
    styles: tuple[str, ...] = (),
    project: tuple[str, str] | None = None,
) -> Iterator[None]:
    """Frame one page: `title` for the tab, `heading` beside the brand, the style sheets that it adds.

    `project` is the id of the project that the page belongs to and the page's name in PROJECT_PAGES.
    """
    ui.page_title(f"{title} · Studio")
    _add_head((*STYLE_SHEETS, *styles))
    _add_masthead(heading, project)
    with ui.element("div").props('id=content tabindex="-1"').classes("page-content"):
        yield


def _add_head(styles: tuple[str, ...]) -> None:
    links = "".join(f'<link rel="stylesheet" href="/static/css/{name}.css">' for name in styles)
    ui.add_head_html(f'<script src="/static/js/theme.js"></script>{links}')


def _add_masthead(heading: str | None, project: tuple[str, str] | None) -> None:
    layout = context.client.layout
    with layout, ui.element("header").classes("masthead") as masthead:
        ui.link("Skip to the content", "#content").classes("skip")
        with ui.link(target="/").classes("brand").props('aria-label="Studio, all projects"'):
            ui.html(LOGO, sanitize=False, tag="span")
            TextElement(tag="span", text="Studio")
        if heading is not None:
            with ui.element("div").classes("crumb"):
                TextElement(tag="h1", text=heading)
        if project is not None:
            _add_pages(*project)
        ui.element("div").props("id=masthead-tools").classes("masthead-tools")
        with ui.link(target="/operations/jobs").classes("icon").props('aria-label="Jobs" title="Jobs"'):
            ui.html(SIGN.format(JOBS_SIGN), sanitize=False, tag="span")
        ThemeSwitch()
    masthead.move(layout, target_index=0)


def _add_pages(project_id: str, current: str) -> None:
    with ui.element("nav").classes("project-pages").props('aria-label="Pages of this project"'):
        for name, address, label, sign in PROJECT_PAGES:
            with ui.link(target=f"/projects/{project_id}{address}") as link:
                ui.html(SIGN.format(sign), sanitize=False, tag="span")
                TextElement(tag="span", text=label)
            if name == current:
                link.props("aria-current=page")
