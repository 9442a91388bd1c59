"""Words and sentences: the small text tools that the local model reads and writes with."""

import re
import unicodedata
from collections.abc import Iterable

_ABBREVIATIONS = "".join(
    rf"(?<!\b{title})"
    for title in ("Mr", "Mrs", "Ms", "Dr", "St", "Sgt", "Lt", "Capt", "Prof", "Jr", "Sr", "vs")
)
# A run of marks is looked at once, from its first mark, so that a line of ten thousand dots takes no time.
_SENTENCE_END = re.compile(
    rf"(?<![.!?…])(?i:{_ABBREVIATIONS})(?<!\b[A-HJ-Z])[.!?…]++[\"”’')\]]*+"
    r"(?=\s+[\"“‘'(\[]?[A-Z0-9À-ÖØ-Þ]|$)"
)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_EMPHASIS = re.compile(r"(?<!\\)(?:\*{1,3}|_)")
# `MacALLISTER`
_MIXED_NAME = re.compile(r"([A-Z][a-z]+)([A-Z]{2,})")
# A letter after an apostrophe rises in `O'Neil`, not in `Mara's`.
_NAME_PIECE = re.compile(r"[^\W\d_]+(?:['’](?:s|t|re|ll|ve|d|m)\b)?", re.IGNORECASE)


def word_set(text: str) -> frozenset[str]:
    """Return the words of a list that is easier to read as a text."""
    return frozenset(text.split())


_SMALL_WORDS = word_set("a an and at by de des du for from in la le of on or the to und van von with")

# Words that say nothing about what a scene is about.
STOP_WORDS = word_set(
    """
    a about after again all am an and any are aren't as at back be been before being but by can can't come
    could did didn't do does doesn't doing don't down each even every for from get gets go goes going gone
    got had has have having he he'd he'll he's her here hers him his how i i'd i'll i'm i've if in into is
    isn't it it's its just know let let's like look looks me more much my no not now of off oh okay on one
    only or our out over own really right said say says see she she'd she'll she's should so some still such
    take takes than that that's the their them then there there's these they they're this those through to
    too under until up us very want was wasn't way we we'll we're we've well went were what what's when
    where which while who who's why will with won't would yeah yes yet you you'd you'll you're you've your
    """
)


def plain(text: str) -> str:
    """Drop Fountain's emphasis marks and join the lines."""
    return " ".join(_EMPHASIS.sub("", text).replace("\\", "").split())


def sentences(text: str) -> list[str]:
    """Split a paragraph into sentences, their punctuation kept."""
    found, start = [], 0
    for end in _SENTENCE_END.finditer(text):
        found.append(text[start : end.end()].strip())
        start = end.end()
    found.append(text[start:].strip())
    return [sentence for sentence in found if sentence]


def words(text: str) -> list[str]:
    """Return the words of a text in lower case, with their apostrophes straightened."""
    return [word.lower().replace("’", "'") for word in _WORD.findall(text)]


def content_words(text: str) -> list[str]:
    """Return the words that say what a text is about, in a crude stem so that `knock` meets `knocks`."""
    return [stem(word) for word in words(text) if word not in STOP_WORDS and len(word) > 1]


def stem(word: str) -> str:
    """Cut the commonest English endings; wrong stems cost nothing but a missed match."""
    for ending in ("'s", "ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def title_case(text: str) -> str:
    """Write capitals as a name: `MRS. O'NEIL` as `Mrs. O'Neil`, `END OF THE ROAD` as `End of the Road`."""
    pieces = text.split()
    return " ".join(
        piece.lower() if 0 < index < len(pieces) - 1 and piece.lower() in _SMALL_WORDS else _title_word(piece)
        for index, piece in enumerate(pieces)
    )


def _title_word(word: str) -> str:
    if _is_initials(word):
        return word
    if halves := _MIXED_NAME.match(word):
        return halves[1] + halves[2].capitalize() + word[halves.end() :]
    if not word.isupper():
        return word
    return _NAME_PIECE.sub(lambda piece: piece[0][:1].upper() + piece[0][1:].lower(), word)


def _is_initials(word: str) -> bool:
    if word.endswith("."):
        return "." in word[:-1]  # J.R. but not SGT.
    letters = [letter for letter in word if letter.isalpha()]
    return 1 < len(letters) <= 3 and not any(letter in "AEIOUY" for letter in letters)


def and_list(items: Iterable[str]) -> str:
    """Join names: `Mara`, `Mara and Jonas`, `Mara, Jonas and Pell`."""
    *first, last = items
    return f"{', '.join(first)} and {last}" if first else last


def clip(text: str, limit: int) -> str:
    """Cut a text longer than `limit` characters at a clause or a word, and mark the cut."""
    if len(text) <= limit:
        return text
    cut = text[:limit]
    clause = max(cut.rfind(mark) for mark in (", ", "; ", ": ", " – ", " — ", " -- "))
    end = clause if clause >= limit // 2 else max(cut.rfind(" "), limit // 2)
    return cut[:end].rstrip(" ,;:–—-") + "…"


def readable_text(text: str, limit: int) -> str:
    """Return one paragraph of at most `limit` characters, without what no database or page takes."""
    kept = "".join(
        " " if char.isspace() else char
        for char in text
        if char.isspace() or unicodedata.category(char) not in ("Cc", "Cs", "Cn")
    )
    return clip(" ".join(kept.split()), limit)


def ended(text: str) -> str:
    """Return the text with a full stop, unless it ends in a mark of its own."""
    return text if last_mark(text) else f"{text.rstrip(' ,;:-–—')}."


def last_mark(text: str) -> str:
    """Return the mark that a text ends in, quotation marks aside, or nothing."""
    last = text.rstrip("\"'”’)]")[-1:]
    return last if last in (".", "!", "?", "…") else ""


def quoted(text: str) -> str:
    """Return the text in quotation marks, those within it made single."""
    inner = text.strip()
    if inner.startswith(("“", '"')) and inner.endswith(("”", '"')) and len(re.findall(r"[“”\"]", inner)) == 2:
        inner = inner[1:-1]
    inner = re.sub(r"[“\"]([^“”\"]*)[”\"]", r"‘\1’", inner)
    return f"“{inner}”"


def begun(text: str) -> str:
    """Return the text with its first letter as a capital."""
    return text[:1].upper() + text[1:]


def estimated_tokens(text: str) -> int:
    """Estimate tokens by the usual four characters each."""
    return -(-len(text) // 4)
