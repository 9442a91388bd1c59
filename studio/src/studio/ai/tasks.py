"""What a model is asked to do, in the words that tell a person when it did not."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Task:
    """Hold the words for one kind of work: each is put into messages such as `Anthropic declined to …`."""

    verb: str
    result: str
    kept: str
    otherwise: str
    too_long: str
    local_instead: str


SUMMARY = Task(
    verb="summarise this scene",
    result="a summary",
    kept="Nothing was lost: the scene and its earlier summary are as they were.",
    otherwise="Write the summary yourself",
    too_long="The scene is longer than {model} can read at once{said}. {kept} Split the scene",
    local_instead="set STUDIO_MODEL=local and restart Studio to summarise on this machine",
)
QUESTION = Task(
    verb="ask about these answers",
    result="a question",
    kept="Nothing was lost: every answer is saved.",
    otherwise="Go on to the review without more questions",
    too_long="Your answers are longer than {model} can read at once{said}. {kept} Shorten the longest",
    local_instead="set STUDIO_MODEL=local and restart Studio to be asked by this machine",
)
PLAN = Task(
    verb="make a plan of these answers",
    result="a plan",
    kept="Nothing was lost: every answer is saved, and so is the plan before.",
    otherwise="Shorten or reword what it may object to",
    too_long="Your answers are longer than {model} can read at once{said}. {kept} Shorten the longest",
    local_instead="set STUDIO_MODEL=local and restart Studio to plan on this machine",
)
