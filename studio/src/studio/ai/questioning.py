"""Ask, on this machine, what the answers of an interview leave open: in the maker's own words, the weightiest first."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from studio.ai.interview_prompting import Exchange
from studio.ai.interview_reading import InterviewReading, is_short, is_vague, quotable
from studio.ai.wording import plain, quoted, sentences

# What a film cannot do without, the most first.
_NEEDED = ("want", "opposition", "ending", "turn", "protagonist", "beginning", "place", "feeling", "means")
_HIDDEN = re.compile(
    r"\b(?:secrets?|secretly|lies?|lied|hides?|hidden|promised?|owes?|betrays?|guilt|guilty|never told"
    r"|steals?|stole)\b",
    re.IGNORECASE,
)
MOST_OPEN = 3
MOST_PEOPLE = 3


@dataclass(frozen=True)
class Candidate:
    """A question that could be asked; the heaviest is."""

    weight: float
    text: str
    why: str


def next_question(exchanges: Sequence[Exchange]) -> Candidate | None:
    """Return the weightiest question that was not asked yet, or None when nothing is left to wonder about."""
    reading = InterviewReading(exchanges)
    asked = {exchange.question for exchange in exchanges}
    fresh = [candidate for candidate in _candidates(reading) if candidate.text not in asked]
    return max(fresh, key=lambda candidate: candidate.weight, default=None)


def _candidates(reading: InterviewReading) -> Iterator[Candidate]:
    yield from _left_open(reading)
    yield from _strangers(reading)
    yield from _hidden(reading)
    yield from _story(reading)
    yield from _images(reading)
    yield from _work(reading)


def _left_open(reading: InterviewReading) -> Iterator[Candidate]:
    fixed = {exchange.id: exchange for exchange in reading.exchanges}
    asked = 0
    for rank, question_id in enumerate(_NEEDED):
        exchange = fixed.get(question_id)
        if exchange is None or asked == MOST_OPEN:
            continue
        told = plain(exchange.answer)
        if not told:
            asked += 1
            yield Candidate(
                9 - rank / 10,
                f"You left open {exchange.topic}. If you had to decide tonight, what would your first guess be?",
                "You skipped that question.",
            )
        elif is_vague(told) or is_short(told):
            asked += 1
            yield Candidate(
                8.5 - rank / 10,
                f"About {exchange.topic} you said {quoted(quotable(told))}. What would we see on screen that shows it?",
                f"Your answer about {exchange.topic} can still become many things.",
            )


def _strangers(reading: InterviewReading) -> Iterator[Candidate]:
    """Ask who somebody is that was named in passing, then what those who matter want."""
    people = {name: told for name, told in reading.people.items() if name != reading.hero}
    introduced = [name for name, told in people.items() if any(exchange.id == "others" for exchange in told)]
    strangers = [name for name in people if name not in introduced]
    for rank, name in enumerate(strangers[:MOST_PEOPLE]):
        yield Candidate(
            7.8 - rank / 10,
            f"Who is {name}, and what is {name} to {reading.hero}?",
            f"{name} comes up in your answer about {people[name][0].topic}, and nobody has introduced {name} yet.",
        )
    for rank, name in enumerate(introduced[:MOST_PEOPLE]):
        yield Candidate(
            5.4 - rank / 10,
            f"What does {name} know or want that {reading.hero} does not?",
            f"You named {name} among those who matter.",
        )


def _hidden(reading: InterviewReading) -> Iterator[Candidate]:
    for exchange in reading.exchanges:
        for sentence in sentences(plain(exchange.answer)):
            if _HIDDEN.search(sentence):
                yield Candidate(
                    7.0,
                    f"You say {quoted(quotable(sentence))}. Who finds that out, and what do they do then?",
                    f"Your answer about {exchange.topic} holds something back.",
                )
                return


def _story(reading: InterviewReading) -> Iterator[Candidate]:
    hero = reading.hero
    want, against = reading.phrase("want"), reading.phrase("opposition")
    if want and against:
        yield Candidate(
            7.2,
            f"{quoted(want)} is what {hero} wants, and {quoted(against)} is in the way. "
            f"What would {hero} give up to get it, and what never?",
            "What your main character wants and what is against it have not met yet.",
        )
    if turn := reading.phrase("turn"):
        yield Candidate(
            6.4,
            f"After this: {quoted(turn)}, which choice is left to {hero}, and who sees it being made?",
            "It is the moment that cannot be taken back.",
        )
    opening, ending = reading.phrase("beginning"), reading.phrase("ending")
    if opening and ending:
        yield Candidate(
            6.0,
            f"It begins with {quoted(opening)} and ends with {quoted(ending)}. "
            "Which thing is in both pictures, and how has it changed?",
            "Your beginning and your ending can answer each other.",
        )
    if blind := reading.phrase("need"):
        yield Candidate(
            4.6,
            f"Who in the film tells {hero} this to their face: {quoted(blind)}? When, and does {hero} believe it?",
            f"It is what {hero} does not see.",
        )


def _images(reading: InterviewReading) -> Iterator[Candidate]:
    for rank, word in enumerate(reading.motifs[:2]):
        yield Candidate(
            5.6 - rank,
            f"{quoted(word)} comes up again and again in your answers. "
            "When do we see it for the first time, and when for the last?",
            "A thing that returns wants to be an image.",
        )
    if feeling := reading.phrase("feeling"):
        yield Candidate(
            5.0,
            f"You want this to stay with the audience: {quoted(feeling)}. Which single image says it without a word?",
            "A feeling needs a picture that carries it.",
        )
    if place := reading.phrase("place"):
        yield Candidate(
            4.2,
            f"What happens in {quoted(place)} that could happen nowhere else?",
            "The place should be more than a backdrop.",
        )


def _work(reading: InterviewReading) -> Iterator[Candidate]:
    if means := reading.phrase("means"):
        yield Candidate(
            4.4,
            f"You have {quoted(means)}. If half of that fell away, which scene would you shoot first, and which never?",
            "It tells what the film cannot do without.",
        )
    audience = reading.phrase("audience")
    if audience and (look := reading.phrase("look")):
        yield Candidate(
            3.6,
            f"For {quoted(audience)}: which ten seconds, with {quoted(look)}, would make them want to see the rest?",
            "Whoever decides to watch it sees a trailer first.",
        )
