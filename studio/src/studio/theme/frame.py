"""The frame around every page: head, skip link, masthead, and the landmark for the page's own content."""

from collections.abc import Iterator
from contextlib import contextmanager

from nicegui import context, ui
from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement

STYLE_SHEETS = ("tokens", "base", "controls", "messages")

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
def frame(title: str, *, heading: str | None = None, styles: tuple[str, ...] = ()) -> Iterator[None]:
    """Frame one page: `title` for the tab, `heading` beside the brand, the style sheets that it adds."""
    ui.page_title(f"{title} · Studio")
    _add_head((*STYLE_SHEETS, *styles))
    _add_masthead(heading)
    with ui.element("div").props('id=content tabindex="-1"').classes("page-content"):
        yield


def _add_head(styles: tuple[str, ...]) -> None:
    links = "".join(f'<link rel="stylesheet" href="/static/css/{name}.css">' for name in styles)
    ui.add_head_html(f'<script src="/static/js/theme.js"></script>{links}')


def _add_masthead(heading: str | None) -> None:
    layout = context.client.layout
    with layout, ui.element("header").classes("masthead") as masthead:
        ui.link("Skip to the content", "#content").classes("skip")
        with ui.link(target="/").classes("brand").props('aria-label="Studio, all projects"'):
            ui.html(LOGO, sanitize=False, tag="span")
            TextElement(tag="span", text="Studio")
        if heading is not None:
            with ui.element("div").classes("crumb"):
                TextElement(tag="h1", text=heading)
        ui.element("div").props("id=masthead-tools").classes("masthead-tools")
        ThemeSwitch()
    masthead.move(layout, target_index=0)
