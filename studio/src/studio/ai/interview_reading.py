"""Read an interview as the local model needs it: who and what is named, what is vague, what comes up again."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property

from studio.ai.interview_prompting import Exchange
from studio.ai.wording import STOP_WORDS, clip, plain, sentences, stem, word_set, words

PHRASE_CHARACTERS = 110
_NAME = re.compile(
    r"[A-ZÀ-ÖØ-Þ][\w'’\-]*[^\W_](?:\s+(?:of\s+the\s+|de\s+|von\s+)?[A-ZÀ-ÖØ-Þ][\w'’\-]*[^\W_]){0,2}"
)
_PLACE_BEFORE = re.compile(
    r"\b(?:in|at|on|off|near|from|outside|inside|to|around)\s+(?:the\s+)?$", re.IGNORECASE
)
_PARTS = re.compile(r"\s*(?:[,;•\n]|\s-\s|\s–\s|\band\b)\s*")
# Capitals that name nobody.
_NO_NAMES = word_set(
    "January February March April May June July August September October November December Monday Tuesday "
    "Wednesday Thursday Friday Saturday Sunday Christmas English French German Spanish Italian European American "
    "British Super HD TV DVD OK Act Part Episode Scene God Mr Mrs Ms Dr YouTube Netflix Vimeo Internet"
)
_VAGUE = re.compile(
    r"\b(?:not sure|don['’]?t know|no idea|maybe|perhaps|tbd|undecided|not yet|somehow|something|whatever"
    r"|to be decided|still thinking|haven['’]?t decided)\b|\?\?|^\W*$",
    re.IGNORECASE,
)
_SHORTEST_FULL_ANSWER = 3


class InterviewReading:
    """What can be told of an interview by its words."""

    def __init__(self, exchanges: Sequence[Exchange]) -> None:
        self.exchanges = list(exchanges)
        self._by_id = {exchange.id: exchange for exchange in exchanges}

    def answer(self, question_id: str) -> str:
        """Return the answer to a question, or nothing."""
        exchange = self._by_id.get(question_id)
        return plain(exchange.answer) if exchange else ""

    def topic(self, question_id: str) -> str:
        """Return what a question is about."""
        return self._by_id[question_id].topic

    def phrase(self, question_id: str) -> str:
        """Return how an answer begins, short enough to be quoted within a sentence; or nothing."""
        told = self.answer(question_id)
        return "" if is_vague(told) else quotable(told)

    @cached_property
    def title(self) -> str:
        """Return the film's title."""
        return self.answer("title")

    @cached_property
    def hero(self) -> str:
        """Return the main character's name, or words for one without a name."""
        return next(iter(self._names_in("protagonist")), "the main character")

    @cached_property
    def people(self) -> dict[str, list[Exchange]]:
        """Return the names that look like people's, in order, each with the answers that it comes up in."""
        others = self.places | self._things
        return {name: found for name, found in self._named.items() if name not in others}

    @cached_property
    def _things(self) -> frozenset[str]:
        """Return the names that have an article, as ships and houses do."""
        told = " ".join(plain(exchange.answer) for exchange in self.exchanges)
        return frozenset(name for name in self._named if re.search(rf"\bthe {re.escape(name)}\b", told, re.I))

    @cached_property
    def places(self) -> frozenset[str]:
        """Return the names that stand where places do more often than not."""
        seen: Counter[str] = Counter()
        as_place: Counter[str] = Counter()
        for exchange in self.exchanges:
            for name, before in _names(plain(exchange.answer)):
                seen[name] += 1
                # Whoever is introduced as a character is a person, wherever the name stands.
                stands_as_place = _PLACE_BEFORE.search(before) is not None
                as_place[name] += stands_as_place and exchange.id not in ("protagonist", "others")
        return frozenset(name for name in seen if as_place[name] * 2 > seen[name])

    @cached_property
    def _named(self) -> dict[str, list[Exchange]]:
        found: dict[str, list[Exchange]] = {}
        title_words = set(words(self.title))
        for exchange in self.exchanges:
            if exchange.id in ("title", "genre"):  # which name films
                continue
            for name, _ in _names(plain(exchange.answer)):
                if set(words(name)) <= title_words and exchange.id not in ("protagonist", "others"):
                    continue
                mentions = found.setdefault(name, [])
                if exchange not in mentions:
                    mentions.append(exchange)
        return _by_full_name(found)

    def _names_in(self, question_id: str) -> list[str]:
        told = self._by_id.get(question_id)
        return [name for name, found in self.people.items() if told in found]

    @cached_property
    def motifs(self) -> list[str]:
        """Return words that come up in three answers or more, the commonest first."""
        spoken: Counter[str] = Counter()
        shown: dict[str, str] = {}
        names = {stem(word) for name in self._named for word in words(name)}
        for exchange in self.exchanges:
            # What is asked in return uses these words again, and its answers would count twice.
            if exchange.follow_up or exchange.id in ("title", "means", "audience", "length"):
                continue
            for word in dict.fromkeys(words(plain(exchange.answer))):
                root = stem(word)
                if len(word) > 3 and word.isalpha() and word not in _COMMON and root not in names:
                    spoken[root] += 1
                    shown.setdefault(root, word)
        return [shown[root] for root, count in spoken.most_common() if count >= 3]


_COMMON = STOP_WORDS | word_set(
    "film story scene character main people person someone something everything nothing always around because "
    "wants want thing things first last minutes makes make made find finds years year under without audience "
    "comes ends begins starts three seven another other else only away long still together knows"
)

_UNCOUNTED = word_set(
    "rain snow wind light music night silence water fire smoke fog mist dawn dusk time love death war life money dust "
    "thunder lightning darkness sunlight moonlight sand blood tea coffee grief fear hope snowfall winter summer spring"
)


def is_vague(text: str) -> bool:
    """Tell whether an answer leaves its question open."""
    return _VAGUE.search(text) is not None and len(words(text)) < 12


def is_short(text: str) -> bool:
    """Tell whether an answer is too short to work with."""
    return len(words(text)) < _SHORTEST_FULL_ANSWER


def quotable(text: str) -> str:
    """Return the first sentence, without its full stop and with a small beginning kept as it is."""
    told = sentences(plain(text))
    return clip(told[0], PHRASE_CHARACTERS).rstrip(".") if told else ""


def parts(text: str) -> list[str]:
    """Return the parts of an enumeration such as `two boats, a drone and four days`, or nothing."""
    found = [part.strip(" .!?") for part in _PARTS.split(text)]
    found = [part for part in found if part]
    return found if len(found) > 1 and all(len(words(part)) <= 9 for part in found) else []


def _names(text: str) -> list[tuple[str, str]]:
    """Return the names in a text, each with what stands before it."""
    found = []
    for sentence in sentences(text):
        for match in _NAME.finditer(sentence):
            name = _without_small_words(match[0])
            if name and not _begins(sentence, match.start(), name, text):
                found.append((name, sentence[: match.start()]))
    return found


def _without_small_words(name: str) -> str:
    kept = name.split()
    while kept and (kept[0].lower() in _COMMON or kept[0] in _NO_NAMES):
        kept.pop(0)
    while kept and kept[-1] in _NO_NAMES:
        kept.pop()
    name = " ".join(kept)
    name = re.sub(r"['’]s$", "", name)
    return name if len(name) > 2 and not name.isdigit() else ""


def _begins(sentence: str, at: int, name: str, text: str) -> bool:
    """Tell whether a word is capital only because a sentence begins with it."""
    if at > 0 or " " in name:
        return False
    after = sentence[len(name) :]
    # `Maria, a keeper`, `Maria (40)`, `Tomas: her son`, or the same name within a sentence.
    if re.match(r"\s*[,(:–—]|\s+(?:is|was|has)\b|\s*[.]?$", after):
        return False
    # `Greta rows out`: a singular without an article is a name, unless it cannot be counted.
    if re.match(r"\s+[a-z]{2,}[^s\W]s\b", after) and name.lower() not in _UNCOUNTED:
        return False
    return re.search(rf"\w[,;]?\s+{re.escape(name)}\b", text) is None


def _by_full_name(found: dict[str, list[Exchange]]) -> dict[str, list[Exchange]]:
    """Put `Maria` and `Maria Lund` together under the name that comes first."""
    joined: dict[str, list[Exchange]] = {}
    for name, mentions in found.items():
        same = next((known for known in joined if set(known.split()) & set(name.split())), name)
        known = joined.setdefault(same, [])
        known.extend(exchange for exchange in mentions if exchange not in known)
    return joined
