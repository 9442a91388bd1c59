"""What Studio takes as text: what every database it runs on can hold, up to the size of an upload."""

from studio.problems import Invalid, TooLarge
from studio.settings import MAX_UPLOAD_BYTES

LONGEST_TITLE = 200
LONGEST_DESCRIPTION = 20_000


def check_text(text: str, what: str) -> str:
    """Return `text` when it can be stored.

    Raises Invalid for NUL characters (PostgreSQL holds none) and halves of surrogate pairs, TooLarge.
    """
    if "\0" in text:
        raise Invalid(f"{what} holds a NUL character, which is no text. Remove it and save again.")
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise Invalid(
            f"{what} holds half a character at position {error.start}. Type that character again and save."
        ) from error
    if size > MAX_UPLOAD_BYTES:
        raise TooLarge(
            f"{what} is {size // 1_000_000} MB; Studio takes {MAX_UPLOAD_BYTES >> 20} MB. Split it."
        )
    return text


def check_title(title: str) -> str:
    """Return `title` on one line, without blanks around it.  Raises Invalid when it is empty or too long."""
    title = " ".join(check_text(title, "The title").split())
    if not title:
        raise Invalid("A project needs a title. Type one and save again.")
    if len(title) > LONGEST_TITLE:
        raise Invalid(f"The title has {len(title)} characters; shorten it to {LONGEST_TITLE}.")
    return title


def check_description(description: str) -> str:
    """Return `description` when it can be stored.  Raises Invalid."""
    if len(check_text(description, "The description")) > LONGEST_DESCRIPTION:
        raise Invalid(
            f"The description has {len(description)} characters; shorten it to {LONGEST_DESCRIPTION}."
        )
    return description
