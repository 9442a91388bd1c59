"""Read a scene as the local model needs it: where and when, who is there, what happens, what is said."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from studio.ai.wording import clip, plain, sentences, title_case, word_set
from studio.screenplay import Block, split_scene
from studio.screenplay.elements import cue_name

# A last part of a slugline that holds one of these is a time; otherwise it is a part of the place.
_TIMES = re.compile(
    r"\b(day|daybreak|night|nightfall|dawn|dusk|twilight|sunrise|sunset|morning|noon|midday|afternoon"
    r"|evening|midnight|magic hour|golden hour|later|continuous|same|moments?|minutes?|hours?|days?|weeks?"
    r"|months?|years?|present|past|spring|summer|autumn|fall|winter|\d{4}|\d{1,2}:\d{2})\b",
    re.IGNORECASE,
)
# Of the commonest other languages; these stay as they are written.
_FOREIGN_TIMES = word_set(
    "tag nacht morgen abend jour nuit matin soir día dia tarde noche giorno notte sera noite"
)
_TIME_PHRASES = {
    "day": "by day",
    "night": "at night",
    "late night": "late at night",
    "continuous": "straight after",
    "same": "at the same time",
    "same time": "at the same time",
    "present": "in the present",
    "present day": "in the present",
}
_TIMES_AFTER_AT = word_set("dawn dusk daybreak nightfall twilight sunrise sunset noon midday midnight")
_TIMES_AFTER_IN_THE = ("morning", "afternoon", "evening", "spring", "summer", "autumn", "fall", "winter")
_PLACE_PREFIX = re.compile(
    r"^(?:INT|EXT|EST|I|E)(?:\.? ?/ ?(?:INT|EXT|I|E))?(?:\.:?|:)? (?=.)|^(?:INT|EXT|EST)\.(?=.)",
    re.IGNORECASE,
)
# A name in capitals, `MARA` or `OLD MAN #2`: of up to four words, for there is text that is all capitals.
_CAPITAL_WORD = r"(?:Ma?c)?[A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ0-9.'’\-]"
_CAPITALS = rf"{_CAPITAL_WORD}{{1,30}}(?: (?:{_CAPITAL_WORD}{{0,30}}|#?\d{{1,3}})){{0,3}}"
_RANKS = r"(?:(?:MR|MRS|MS|DR|PROF|SGT|LT|CAPT|COL|GEN|REV)\. )?"
# Its first appearance: `MARA (60s, oilskins)`.
_INTRODUCED = re.compile(rf"(?<![\w'’.\-])({_CAPITALS}),? ?\((?=[^)]{{0,80}}?[\da-z])[^)]{{0,120}}\)")
# Nobody follows more people through one scene, and looking for each name in each line takes time.
_MOST_PEOPLE = 60
SHORT_SPEECH = 100
LONGEST_NAME = 60


@dataclass(frozen=True)
class Sentence:
    """One sentence of action or of speech; `order` is its place in the scene, `speaker` None for action."""

    order: int
    text: str
    speaker: str | None = None


@dataclass(frozen=True)
class SceneReading:
    """What a reader takes from a scene."""

    place: str
    time: str
    cast: tuple[str, ...]
    actions: tuple[Sentence, ...]
    speeches: tuple[Sentence, ...]


def read_scene(slugline: str, text: str) -> SceneReading:
    """Read a scene's Fountain text; works for any text, also for one without a scene heading."""
    blocks = [block for scene in split_scene(text) for block in scene.blocks]
    place, time = read_slugline(slugline)
    paragraphs = list(_paragraphs(blocks))
    cast = _cast(paragraphs)
    actions: list[Sentence] = []
    speeches: list[Sentence] = []
    for speaker, paragraph in paragraphs:
        readable = paragraph if speaker else _with_names(paragraph, cast)
        for sentence in _units(readable) if speaker else sentences(readable):
            told = Sentence(len(actions) + len(speeches), sentence, _shown(speaker) if speaker else None)
            (speeches if speaker else actions).append(told)
    return SceneReading(place, time, tuple(map(_shown, cast)), tuple(actions), tuple(speeches))


def _shown(name: str) -> str:
    return clip(title_case(name), LONGEST_NAME)


def _units(speech: str) -> list[str]:
    """Keep a short speech whole, where its sentences need each other: `Eleven. The manifest says twelve.`"""
    return [speech] if len(speech) <= SHORT_SPEECH else sentences(speech)


def read_slugline(slugline: str) -> tuple[str, str]:
    """Split a slugline into place and time: `INT. KITCHEN - NIGHT` into `Kitchen` and `at night`."""
    bare = _PLACE_PREFIX.sub("", plain(slugline).lstrip("."), count=1)
    parts = [part.strip() for part in re.split(r"\s+[-–—]+\s+", bare) if part.strip()]
    time = ""
    if len(parts) > 1 and parts[-1].lower() in _FOREIGN_TIMES:
        time = title_case(parts.pop())
    elif len(parts) > 1 and _TIMES.search(parts[-1]):
        time = _time_phrase(parts.pop())
    return clip(", ".join(title_case(part) for part in parts), LONGEST_NAME), clip(time, LONGEST_NAME)


def _time_phrase(time: str) -> str:
    lower = time.lower().strip(" .()")
    if lower in _TIME_PHRASES:
        return _TIME_PHRASES[lower]
    if lower in _TIMES_AFTER_AT:
        return f"at {lower}"
    if lower.endswith(_TIMES_AFTER_IN_THE):
        return f"in the {lower}"
    return lower


def _paragraphs(blocks: Iterable[Block]) -> Iterable[tuple[str | None, str]]:
    speaker: str | None = None
    for block in blocks:
        text = plain(block.display)
        if block.type == "character":
            speaker = cue_name(text) or None
        elif block.type in ("dialogue", "lyrics") and speaker and text:
            yield speaker, text
        elif block.type in ("action", "centered") and text:
            speaker = None
            yield None, text


def _cast(paragraphs: Iterable[tuple[str | None, str]]) -> list[str]:
    """Name those who speak and those whom the action introduces, in order of appearance."""
    paragraphs = list(paragraphs)
    speakers = list(dict.fromkeys(speaker for speaker, _ in paragraphs if speaker))[:_MOST_PEOPLE]
    mentions = _mentions(speakers)
    seen: dict[str, None] = {}
    for speaker, text in paragraphs:
        if speaker:
            seen[speaker] = None
            continue
        here = {match.start(1): _spoken_name(match[1], speakers) for match in _INTRODUCED.finditer(text)}
        here |= {match.start(): _spoken_name(match[0], speakers) for match in mentions.finditer(text)}
        seen |= dict.fromkeys(name for _, name in sorted(here.items()))
    return list(seen)[:_MOST_PEOPLE]


def _spoken_name(name: str, speakers: Iterable[str]) -> str:
    """Return the name that a character speaks under: `SGT. WREN` speaks as `WREN`."""
    upper = name.upper()
    spoken = (speaker for speaker in speakers if f" {upper} ".find(f" {speaker.upper()} ") >= 0)
    return next(spoken, name)


def _with_names(text: str, cast: Iterable[str]) -> str:
    """Write names as names: `MARA (60s, oilskins) waits` becomes `Mara waits`."""
    introduced = _INTRODUCED.sub(lambda match: title_case(match[1]), text)
    return _mentions(cast).sub(lambda match: title_case(match[0]), introduced)


def _mentions(names: Iterable[str]) -> re.Pattern[str]:
    """Match any of the names, as written in capitals or with a capital first letter, with its rank."""
    written = {form for name in names for form in (name, title_case(name))}
    if not written:
        return re.compile(r"(?!)")
    longest_first = "|".join(re.escape(form) for form in sorted(written, key=len, reverse=True))
    return re.compile(rf"(?<![\w'’]){_RANKS}(?:{longest_first})(?!\w)")
