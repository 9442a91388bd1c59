"""What can go wrong with jobs, in words that say what to do next."""

from studio.problems import Problem


class NothingToCancel(Problem):
    """This job has ended already. Reload the page to see how."""

    status = 409
    code = "nothing-to-cancel"
    title = "This job has ended"


class NothingToRetry(Problem):
    """This job runs at this moment. Wait for its end, or cancel it first."""

    status = 409
    code = "nothing-to-retry"
    title = "This job is running"
