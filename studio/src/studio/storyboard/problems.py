"""What can go wrong with a storyboard, in words that say what to do next."""

from studio.problems import Problem


class AlreadyMaking(Problem):
    """Images for all scenes are being made already. Wait for them, or stop that run first."""

    status = 409
    code = "already-making"
    title = "Images are being made already"


class NothingToMake(Problem):
    """The script has no scenes yet. Write one on the Script page, then make images of it."""

    status = 409
    code = "nothing-to-make"
    title = "There is nothing to make images of"


class NothingToResume(Problem):
    """Every image of this run is there. Start a new one to get more."""

    status = 409
    code = "nothing-to-resume"
    title = "There is nothing left to make"
