"""A screenplay as an HTML page that prints, or is saved as PDF, in the form that film people expect."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from itertools import islice

from studio.screenplay.emphasis import emphasised, escaped
from studio.screenplay.lines import physical_lines
from studio.screenplay.model import Block, Screenplay
from studio.screenplay.title_page import TitlePage

_HEAD = """<!doctype html>
<html><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">"""
_UNPRINTED = frozenset({"title_page", "section", "synopsis", "note", "boneyard"})
_SPOKEN = frozenset({"parenthetical", "dialogue", "lyrics"})
_CENTRE_OF_TITLE_PAGE = ("credit", "author", "authors", "written by", "source")
# A page holds 54 lines: a longer gap is a page break that was typed as empty lines.
_LONGEST_GAP = 54


@dataclass(frozen=True, slots=True)
class _Speech:
    blocks: list[Block]


@dataclass(frozen=True, slots=True)
class _Dual:
    left: _Speech
    right: _Speech


_Item = Block | _Speech | _Dual


def to_html(screenplay: Screenplay, title: str) -> str:
    """Return a whole HTML page, styles included: US Letter, Courier 12 point, one line per sixth of an inch.

    `title` names the page, and heads the title page where the script has no title of its own. Everything that
    the script holds is escaped, and the page forbids scripts and outside content. Notes, boneyard, sections
    and synopses are left out, as Fountain has it.
    """
    return "\n".join(
        [
            _HEAD,
            f"<title>{escaped(title)}</title>",
            f"<style>\n{_styles()}</style></head><body>",
            *_title_page(screenplay.title_page, title),
            '<main class="sheet script">',
            *_script(screenplay),
            "</main></body></html>\n",
        ]
    )


def _styles() -> str:
    return files(__package__).joinpath("print.css").read_text("utf-8")


def _title_page(fields: TitlePage, title: str) -> Iterator[str]:
    by_key = {key.casefold(): values for key, values in fields.items()}
    yield '<header class="sheet title-page"><div class="centre">'
    own_title = by_key.pop("title", None)
    yield f"<h1>{_lines(own_title) if own_title else escaped(title)}</h1>"
    for key in _CENTRE_OF_TITLE_PAGE:
        if values := by_key.pop(key, None):
            yield f"<p>{_lines(values)}</p>"
    yield '</div><div class="foot">'
    yield from (f"<p>{_lines(values)}</p>" for values in by_key.values() if values)
    yield "</div></header>"


def _script(screenplay: Screenplay) -> Iterator[str]:
    yield from _printed(screenplay.preamble_blocks, None)
    for scene in screenplay.scenes:
        yield from _printed(scene.blocks, scene.scene_number)


def _printed(blocks: Iterable[Block], number: str | None) -> Iterator[str]:
    for item in _items(blocks):
        match item:
            case _Dual(left, right):
                yield f'<div class="dual">{_speech(left)}{_speech(right)}</div>'
            case _Speech():
                yield _speech(item)
            case Block(type="scene_heading"):
                yield _heading(item, number)
            case Block(type="blank"):
                yield _gap(item)
            case Block(type="page_break"):
                yield '<hr class="page_break">'
            case Block():
                yield _paragraph(item)


def _items(blocks: Iterable[Block]) -> list[_Item]:
    items: list[_Item] = []
    for block in blocks:
        last = items[-1] if items else None
        if block.type in _UNPRINTED:
            continue
        if block.type == "character":
            items.append(_Speech([block]))
            if block.dual:
                _pair(items)
        elif block.type in _SPOKEN and isinstance(last, _Speech):
            last.blocks.append(block)
        elif block.type in _SPOKEN and isinstance(last, _Dual):
            last.right.blocks.append(block)
        else:
            items.append(block)
    return items


def _pair(items: list[_Item]) -> None:
    """Put the speech that was just begun beside the one before it, if only empty lines are in between."""
    right = items.pop()
    before = len(items) - 1
    while before >= 0 and isinstance(gap := items[before], Block) and gap.type == "blank":
        before -= 1
    left = items[before] if before >= 0 else None
    if isinstance(left, _Speech) and isinstance(right, _Speech):
        items[before:] = [_Dual(left, right)]
    else:
        items.append(right)


def _speech(speech: _Speech) -> str:
    return f'<div class="speech">{"".join(_paragraph(block) for block in speech.blocks)}</div>'


def _heading(block: Block, number: str | None) -> str:
    if number is None:
        return f'<h2 class="scene_heading">{_lines([block.display])}</h2>'
    mark = f'<span class="number">{escaped(number)}</span>'
    return f'<h2 class="scene_heading">{mark}{_lines([block.display])}{mark}</h2>'


def _gap(block: Block) -> str:
    extra = sum(1 for _ in islice(physical_lines(block.text), _LONGEST_GAP)) - 1
    return f'<p class="gap">{"<br>" * extra}</p>' if extra > 0 else ""


def _paragraph(block: Block) -> str:
    return f'<p class="{block.type}">{_lines(block.display.split(chr(10)))}</p>'


def _lines(values: list[str]) -> str:
    return "<br>".join(emphasised(value) for value in values)
