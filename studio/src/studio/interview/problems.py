"""What can go wrong with an interview, in words that say what to do next."""

from studio.interview.views import AnswerView, ItemView
from studio.problems import Problem, VersionConflict


class AnswerConflict(VersionConflict):
    """This question was answered in another window meanwhile. Compare both answers and save again."""

    def __init__(self, answer: AnswerView) -> None:
        super().__init__()
        self.answer = answer

    def members(self) -> dict[str, object]:
        return {"answer": self.answer.model_dump(mode="json")}


class ItemConflict(VersionConflict):
    """This item was changed in another window meanwhile. Compare both texts and save again."""

    def __init__(self, item: ItemView) -> None:
        super().__init__()
        self.item = item

    def members(self) -> dict[str, object]:
        return {"item": self.item.model_dump(mode="json")}


class NotAskedYet(Problem):
    """This question was not asked yet. Answer the ones before it first."""

    status = 409
    code = "not-asked-yet"
    title = "This question was not asked yet"


class NotFinished(Problem):
    """The interview is not through yet. Answer or skip the question that is open, then go on."""

    status = 409
    code = "not-finished"
    title = "The interview is not through yet"


class NoMoreQuestions(Problem):
    """The model has asked as many questions as it may. Change an answer, or make a plan."""

    status = 409
    code = "no-more-questions"
    title = "There are no more questions"
