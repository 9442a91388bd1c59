"""A whole script from scenes that were edited, reordered or added one by one."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise

from studio.screenplay.lines import line_end, physical_lines
from studio.screenplay.parsing import parse

_EMPTY_LAST_LINE = ("\n\n", "\r\r", "\n\r", "\n\r\n")


def assemble(preamble: str, scenes: Iterable[str]) -> str:
    """Join a preamble and the texts of scenes into a script in which each of them is a scene of its own.

    Texts that came from `parse`, in their order, are joined as they are, character for character. Empty lines
    are added only where a heading would otherwise run into the text before it (the last scene, moved up).
    Boneyard that is opened in one scene and closed in another still hides what is between them.
    """
    parts = [preamble]
    before = preamble
    for text in scenes:
        if text:
            parts += [_gap(before, text), text]
            before = text
    return "".join(parts)


def restore_line_ends(edited: str, original: str) -> str:
    """Give a text that went through an editor, which makes every line end LF, its original line ends back.

    Lines that the edit left alone, counted from both ends of the text, get the line ends they had; lines in
    between get its most frequent one. A text that differs in nothing but line ends comes back as `original`.
    """
    new, old = list(physical_lines(edited)), list(physical_lines(original))
    usual = _usual_line_end(old)
    shorter = min(len(new), len(old))
    head = _alike(zip(new, old, strict=False))
    tail = min(_alike(zip(reversed(new), reversed(old), strict=False)), shorter - head)
    middle = len(new) - tail
    restored = [_with_end_of(line, old[at], usual) for at, line in enumerate(new[:head])]
    restored += [_content(line) + (usual if line_end(line) else "") for line in new[head:middle]]
    after = zip(new[middle:], old[len(old) - tail :], strict=True)
    restored += [_with_end_of(line, was, usual) for line, was in after]
    return "".join(_apart(restored))


def _gap(before: str, text: str) -> str:
    if not before or before.endswith(_EMPTY_LAST_LINE):
        return ""
    own = parse(text)
    end = line_end(next(physical_lines(before))) or line_end(next(physical_lines(text))) or "\n"
    headless = bool(own.preamble.strip())
    expected = len(parse(before).scenes) + len(own.scenes)
    for gap in ("", end):
        if not headless and len(parse(before + gap + text).scenes) == expected:
            return gap
    return end * 2


def _usual_line_end(lines: list[str]) -> str:
    ends = Counter(end for line in lines if (end := line_end(line)))
    return ends.most_common(1)[0][0] if ends else "\n"


def _alike(pairs: Iterable[tuple[str, str]]) -> int:
    count = 0
    for new, old in pairs:
        if _content(new) != _content(old):
            break
        count += 1
    return count


def _with_end_of(line: str, original: str, usual: str) -> str:
    if bool(line_end(line)) == bool(line_end(original)):
        return original
    return _content(line) + (usual if line_end(line) else "")


def _apart(lines: list[str]) -> Iterator[str]:
    for line, following in pairwise([*lines, ""]):
        yield line
        # A lone CR in front of an empty line's LF would read as one CRLF.
        if line.endswith("\r") and following.startswith("\n"):
            yield "\n"


def _content(line: str) -> str:
    return line.rstrip("\r\n")
