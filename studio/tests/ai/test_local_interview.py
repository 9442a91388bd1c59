"""The local model as an interviewer and planner: it asks because of the answers, and plans what they say."""

import json
import random
import string

import pytest

from studio.ai import Exchange, PlannedItem, SummaryModel, ask_question, choose_model, make_plan

ANSWERS = {
    "title": ("the title", "The Last Keeper"),
    "description": ("the film", "Maria keeps a lighthouse. Her son Tomas works for those who switch it off."),
    "protagonist": ("the main character", "Maria Lund, 61, oilskins."),
    "want": ("what the main character wants", "To keep the lamp lit until the Ardent is home."),
    "opposition": ("what stands in the way", "The harbour board, and Tomas, who signed the order in secret."),
    "others": ("who else matters", "Tomas, her son. Old Pell, the pilot."),
    "beginning": ("the beginning", "Hands wind the clockwork of the lamp."),
    "turn": ("the turning point", "maybe the letter, not sure"),
    "ending": ("the ending", "Greta rows to the mainland. The lamp is dark."),
    "means": ("the means", "Two boats, a drone and four days in March."),
}


def interview(**changes: str) -> list[Exchange]:
    told = {name: (topic, changes.get(name, text)) for name, (topic, text) in ANSWERS.items()}
    return [Exchange(name, topic, f"About {topic}?", text) for name, (topic, text) in told.items()]


async def asked(
    exchanges: list[Exchange], model: SummaryModel, count: int = 10, reply: str = "No."
) -> list[str]:
    """Let the model ask on, each question answered by `reply`; return the questions."""
    questions = []
    for number in range(count):
        question = await ask_question(exchanges, model=model)
        if question is None:
            break
        assert question.why
        questions.append(question.text)
        exchanges = [*exchanges, Exchange(f"f{number}", "more", question.text, reply, follow_up=True)]
    return questions


def flat(items: tuple[PlannedItem, ...]) -> list[PlannedItem]:
    return [one for item in items for one in (item, *flat(item.children))]


@pytest.fixture
def model() -> SummaryModel:
    return choose_model({})


async def test_it_asks_what_the_answers_leave_open(model: SummaryModel) -> None:
    """A vague answer, a name nobody introduced, a secret, a want and what is against it: each makes a question."""
    told = " ".join(await asked(interview(), model))
    assert "“maybe the letter, not sure”" in told
    assert "Who is Greta, and what is Greta to Maria?" in told
    assert "Who finds that out" in told
    assert "“To keep the lamp lit until the Ardent is home” is what Maria wants" in told


async def test_other_answers_make_other_questions(model: SummaryModel) -> None:
    """What is answered in full is not asked about; a new name is."""
    before = await asked(interview(), model)
    after = await asked(
        interview(turn="She opens the letter and burns the order.", ending="Ruth turns off the lamp."), model
    )
    assert not any("not sure" in question for question in after)
    assert any("Who is Ruth" in question for question in after)
    assert before != after


async def test_an_answer_to_a_question_leads_to_the_next(model: SummaryModel) -> None:
    """Whoever is named in an answer to the model is asked about."""
    questions = await asked(interview(), model, reply="It was seen by Ansgar, the doctor.")
    assert any("Ansgar" in question for question in questions)


async def test_no_question_twice_and_an_end(model: SummaryModel) -> None:
    """However long it may ask, it repeats nothing, and comes to an end."""
    questions = await asked(interview(), model, count=60)
    assert len(questions) == len(set(questions))
    assert 5 < len(questions) < 60


async def test_the_same_answers_make_the_same_questions_and_plan(model: SummaryModel) -> None:
    """Nothing is left to chance."""
    assert await asked(interview(), model) == await asked(interview(), model)
    assert await make_plan(interview(), model=model) == await make_plan(interview(), model=model)


async def test_the_plan_is_made_of_the_answers(model: SummaryModel) -> None:
    """People become stories, lists become steps, what was left open is to be decided, and no title stands alone."""
    plan = await make_plan(interview(), model=model)
    titles = [item.title for item in flat(plan.epics)]
    assert {"Tomas", "Old Pell", "Greta"} <= set(titles)
    assert any("“Two boats”" in title for title in titles)
    assert "Decide: the turning point" in titles
    assert all(story.children for epic in plan.epics for story in epic.children)
    assert "Ardent" not in titles
    assert any(task.children for epic in plan.epics for story in epic.children for task in story.children)


async def test_an_interview_of_skipped_questions_is_a_plan_of_decisions(model: SummaryModel) -> None:
    """With nothing answered the plan holds what is to be decided, and the model asks for first guesses."""
    empty = interview(**dict.fromkeys(ANSWERS, ""))
    plan = await make_plan(empty, model=model)
    assert [epic.title for epic in plan.epics] == ["Open questions"]
    assert len(plan.epics[0].children) == len(ANSWERS)
    assert "first guess" in (await asked(empty, model))[0]


async def test_any_text_can_be_answered(model: SummaryModel) -> None:
    """Markup, brackets, lone surrogates, control characters, endless words: a question and a plan come."""
    seed = random.SystemRandom().randrange(10**6)
    chance = random.Random(seed)
    alphabet = string.printable + "“”’–…ÄßÉ東京🗼\ud800\x00(.)[.]{.}"
    for _ in range(25):
        changes = {
            name: "".join(chance.choices(alphabet, k=chance.choice([0, 1, 40, 400]))) for name in ANSWERS
        }
        plan = await make_plan(interview(**changes), model=model)
        assert plan.epics, seed
        assert all(item.title and "\x00" not in item.title for item in flat(plan.epics)), seed
        json.dumps(await asked(interview(**changes), model, count=3))
    long = interview(want="word " * 50_000, ending="Aa" * 50_000, others="Ann, Ben. " * 5_000)
    assert (await make_plan(long, model=model)).epics
