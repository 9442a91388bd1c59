"""The eighteen questions that every interview begins with."""

from dataclasses import dataclass
from typing import Literal

Prefill = Literal["title", "description"]


@dataclass(frozen=True)
class FixedQuestion:
    """One question: `topic` says in a few words what it is about, `prefill` which field of the project answers it."""

    id: str
    topic: str
    text: str
    hint: str
    prefill: Prefill | None = None


FIXED_QUESTIONS = (
    FixedQuestion(
        "title",
        "the title",
        "What is the film called?",
        "A working title will do. It becomes the project's title.",
        prefill="title",
    ),
    FixedQuestion(
        "description",
        "the film in a few sentences",
        "What is it about, in a few sentences?",
        "As you would tell it to a friend. It becomes the project's description.",
        prefill="description",
    ),
    FixedQuestion(
        "logline",
        "the film in one sentence",
        "In one sentence: who wants what, and what stands in the way?",
        "A keeper must decide whether to guide one last ship home or to save her own house.",
    ),
    FixedQuestion(
        "genre",
        "the kind of film",
        "What kind of film is it, and which films is it related to?",
        "A comedy of manners with a ghost in it; like “The Apartment”, but by the sea.",
    ),
    FixedQuestion(
        "length",
        "length and form",
        "How long is it, and in what form?",
        "A short of twelve minutes, a feature, six episodes of half an hour …",
    ),
    FixedQuestion(
        "protagonist",
        "the main character",
        "Who is the main character?",
        "A name, an age, and what we notice first.",
    ),
    FixedQuestion(
        "want",
        "what the main character wants",
        "What does the main character want, and why just now?",
        "Something that we could see on screen when it is there.",
    ),
    FixedQuestion(
        "need",
        "what the main character does not see",
        "What does the main character not see about themselves?",
        "What everyone else could tell them.",
    ),
    FixedQuestion(
        "opposition",
        "what stands in the way",
        "Who or what stands in the way?",
        "A person, a rule, the weather, a promise …",
    ),
    FixedQuestion(
        "others",
        "who else matters",
        "Who else matters?",
        "Each with a name, and what they are to the main character.",
    ),
    FixedQuestion(
        "place",
        "where and when",
        "Where and when does it take place?",
        "The place, the year, the season, over how many days.",
    ),
    FixedQuestion(
        "beginning",
        "the beginning",
        "How does it begin? What is the first thing that we see?",
        "The first picture, and what is wrong with it.",
    ),
    FixedQuestion(
        "turn",
        "the turning point",
        "What happens that cannot be taken back?",
        "The moment after which everybody has to behave differently.",
    ),
    FixedQuestion(
        "ending",
        "the ending",
        "How does it end? What is the last thing that we see?",
        "If you hesitate between two endings, tell both.",
    ),
    FixedQuestion(
        "feeling",
        "what should stay",
        "What should stay with the audience when the lights come up?",
        "A feeling, a question, a picture.",
    ),
    FixedQuestion(
        "look",
        "look and sound",
        "How does it look, and how does it sound?",
        "Light, colours, pace, music, silence.",
    ),
    FixedQuestion(
        "audience",
        "the audience",
        "Who is it for, and where will they see it?",
        "Festivals, television, a school hall, a phone on the bus …",
    ),
    FixedQuestion(
        "means",
        "the means",
        "What do you have to make it with, and until when?",
        "People, places, equipment, days, money; and the day on which it should be done.",
    ),
)
MOST_FOLLOW_UPS = 10
FOLLOW_UP_TOPIC = "what your answers brought up"

BY_ID = {question.id: question for question in FIXED_QUESTIONS}


def question_after(question_id: str) -> FixedQuestion | None:
    """Return the fixed question that comes next, or None after the last."""
    place = FIXED_QUESTIONS.index(BY_ID[question_id]) + 1
    return FIXED_QUESTIONS[place] if place < len(FIXED_QUESTIONS) else None
