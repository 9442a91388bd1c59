"""The sample project: a short screenplay written for Studio."""

from importlib.resources import files

__all__ = ["sample_text"]


def sample_text() -> str:
    """Return the sample screenplay, `The Ninety-First Day`, as Fountain text."""
    return files(__name__).joinpath("the_ninety_first_day.fountain").read_bytes().decode("utf-8")
