"""Plan the work on a film, on this machine, out of the answers of an interview and nothing else."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from studio.ai.interview_prompting import Exchange
from studio.ai.interview_reading import InterviewReading, is_vague, parts, quotable
from studio.ai.planning import PlannedEpic, PlannedStory, PlannedTask, PlannedWork
from studio.ai.wording import and_list, begun, clip, content_words, plain, quoted, sentences, words

TITLE_CHARACTERS = 110
MOST_TASKS = 6
MOST_SUBTASKS = 6
MOST_PEOPLE = 8


@dataclass(frozen=True)
class Part:
    """One epic: its title, the questions whose answers it is made of, and what one does with a sentence of them."""

    title: str
    questions: tuple[str, ...]
    verb: str
    step: str


_PARTS = (
    Part(
        "Story",
        ("description", "logline", "want", "need", "opposition", "beginning", "turn", "ending"),
        "Write",
        "Choose the scene that shows {thing}",
    ),
    Part("Look and sound", ("genre", "place", "look"), "Find", "Collect three pictures of {thing}"),
    Part("Production", ("length", "means"), "Arrange", "Write down who brings {thing}, and when"),
    Part("Audience", ("feeling", "audience"), "Reach", "Ask one person of it about {thing}"),
)


def draft_plan(exchanges: Sequence[Exchange]) -> PlannedWork:
    """Return a plan in which every item is made of an answer, or of a question that was left open."""
    reading = InterviewReading(exchanges)
    epics = [_epic(part, reading) for part in _PARTS]
    epics.insert(1, _characters(reading))
    epics.extend([_follow_ups(reading), _open_questions(reading)])
    return PlannedWork(epics=[epic for epic in epics if epic.stories])


def _epic(part: Part, reading: InterviewReading) -> PlannedEpic:
    told = [exchange for exchange in reading.exchanges if exchange.id in part.questions]
    told = [exchange for exchange in told if not is_left_open(exchange)]
    detail = f"From your answers about {and_list(exchange.topic for exchange in told)}." if told else ""
    return PlannedEpic(
        title=f"{part.title}: {reading.title}" if part.title == "Story" and reading.title else part.title,
        detail=detail,
        stories=[_story(exchange, part.verb, part.step, reading) for exchange in told],
    )


def _story(exchange: Exchange, verb: str, step: str, reading: InterviewReading) -> PlannedStory:
    told = plain(exchange.answer)
    return PlannedStory(
        title=f"{begun(exchange.topic)}: {clip(quotable(told), TITLE_CHARACTERS)}",
        detail=told,
        tasks=[_task(sentence, verb, step, reading) for sentence in sentences(told)[:MOST_TASKS]],
    )


def _task(sentence: str, verb: str, step: str, reading: InterviewReading) -> PlannedTask:
    title = f"{verb} {quoted(clip(sentence.rstrip('.'), TITLE_CHARACTERS))}"
    return PlannedTask(title=title, detail=sentence, subtasks=_subtasks(sentence, step, reading))


def _subtasks(sentence: str, step: str, reading: InterviewReading) -> list[str]:
    listed = [step.format(thing=quoted(part)) for part in parts(sentence)]
    named = [f"Give {name} something to do in it" for name in reading.people if name in sentence]
    places = [f"Settle where {place} is" for place in sorted(reading.places) if place in sentence]
    found = [*listed, *named, *places] or [step.format(thing=quoted(_core(sentence)))]
    return found[:MOST_SUBTASKS]


def _core(sentence: str) -> str:
    """Return the stretch of a sentence from its first telling word, a few words long."""
    telling = set(content_words(sentence))
    pieces = sentence.rstrip(".!?").split()
    start = next((at for at, piece in enumerate(pieces) if telling & set(content_words(piece))), 0)
    return " ".join(pieces[start : start + 6]).strip(" ,;:")


def _characters(reading: InterviewReading) -> PlannedEpic:
    people = list(reading.people)[:MOST_PEOPLE]
    return PlannedEpic(
        title="Characters",
        detail=f"{and_list(people)}, as your answers tell of them." if people else "",
        stories=[_character(name, reading) for name in people],
    )


def _character(name: str, reading: InterviewReading) -> PlannedStory:
    told = [
        (exchange, sentence)
        for exchange in reading.people[name]
        for sentence in sentences(plain(exchange.answer))
        if set(name.split()) & set(sentence.replace("’", "'").replace("'s", "").replace(",", " ").split())
    ]
    tasks = [
        PlannedTask(
            title=f"Show {quoted(clip(sentence.rstrip('.'), TITLE_CHARACTERS))}",
            detail=f"From your answer about {exchange.topic}.",
            subtasks=_scenes_with(name, sentence, reading),
        )
        for exchange, sentence in told[:MOST_TASKS]
    ]
    return PlannedStory(
        title=name,
        detail=" ".join(dict.fromkeys(sentence for _, sentence in told[:3])),
        tasks=tasks or [PlannedTask(title=f"Write down who {name} is")],
    )


def _scenes_with(name: str, sentence: str, reading: InterviewReading) -> list[str]:
    others = [other for other in reading.people if other != name and other in sentence]
    return [f"Write {name} a scene with {other}" for other in others] or [
        f"Write {name} one line or gesture for {quoted(_core(sentence))}"
    ]


def _follow_ups(reading: InterviewReading) -> PlannedEpic:
    told = [exchange for exchange in reading.exchanges if exchange.follow_up and not is_left_open(exchange)]
    return PlannedEpic(
        title="What the interview brought up",
        detail="Your answers to the questions that your answers raised.",
        stories=[
            PlannedStory(
                title=clip(quotable(exchange.answer), TITLE_CHARACTERS),
                detail=f"{exchange.question} {plain(exchange.answer)}",
                tasks=[
                    _task(sentence, "Work in", "Choose the scene that shows {thing}", reading)
                    for sentence in sentences(plain(exchange.answer))[:MOST_TASKS]
                ],
            )
            for exchange in told
        ],
    )


def _open_questions(reading: InterviewReading) -> PlannedEpic:
    left_open = [exchange for exchange in reading.exchanges if is_left_open(exchange)]
    return PlannedEpic(
        title="Open questions",
        detail="What you left open in the interview.",
        stories=[
            PlannedStory(
                title=f"Decide: {_subject(exchange)}",
                detail=exchange.question,
                tasks=[
                    PlannedTask(
                        title=clip(f"Answer: {exchange.question}", TITLE_CHARACTERS),
                        detail=plain(exchange.answer),
                        subtasks=list(_ways_to_decide(exchange, reading)),
                    )
                ],
            )
            for exchange in left_open
        ],
    )


def _ways_to_decide(exchange: Exchange, reading: InterviewReading) -> Iterable[str]:
    if told := plain(exchange.answer):
        yield f"Write two versions of {quoted(quotable(told))}"
    else:
        yield f"Write two versions of {_subject(exchange)}"
    if want := reading.phrase("want"):
        yield f"Keep the one that serves {quoted(want)}"


def _subject(exchange: Exchange) -> str:
    return clip(exchange.question, TITLE_CHARACTERS) if exchange.follow_up else exchange.topic


def is_left_open(exchange: Exchange) -> bool:
    """Tell whether a question has no answer that work can be made of."""
    return not words(exchange.answer) or is_vague(plain(exchange.answer))
