"""The title page: `Key: value` lines before the first empty line of a script."""

import re
from collections.abc import Iterator

from studio.screenplay.elements import is_heading
from studio.screenplay.lines import Line

TitlePage = dict[str, list[str]]

_KEY = re.compile(r"([^\s:][^:]*):(.*)", re.DOTALL)
# A script may open with "FADE IN:" or an action line that has a colon: one unknown key makes no title page.
_KNOWN = frozenset(
    {
        "title",
        "episode",
        "series",
        "credit",
        "author",
        "authors",
        "written by",
        "source",
        "notes",
        "draft date",
        "date",
        "revision",
        "contact",
        "copyright",
        "format",
    }
)


def take_title_page(lines: Iterator[Line]) -> tuple[TitlePage, list[Line], list[Line]]:
    """Read the title page off the front of `lines`.

    Returns its fields, its lines, and the lines that were read but are not part of it.
    """
    block: list[Line] = []
    rest: list[Line] = []
    begun = False
    for line in lines:
        if _ends_it(line, begun):
            rest.append(line)
            break
        begun = begun or bool(line.visible.strip())
        block.append(line)
    fields = _fields(block)
    return (fields, block, rest) if fields else ({}, [], block + rest)


def _ends_it(line: Line, begun: bool) -> bool:
    bare = line.visible.strip()
    if not bare:
        return begun and line.conceals is None
    indented_value = begun and line.visible[0].isspace()
    return is_heading(bare) and not indented_value


def _fields(block: list[Line]) -> TitlePage:
    fields: TitlePage = {}
    values: list[str] | None = None
    for line in block:
        bare = line.visible.strip()
        if not bare:
            continue
        key = _KEY.match(line.visible)
        if key is not None:
            values = fields.setdefault(key[1].strip(), [])
            bare = key[2].strip()
        if values is None:
            return {}
        if bare:
            values.append(bare)
    if len(fields) < 2 and not any(name.casefold() in _KNOWN for name in fields):
        return {}
    return fields
